// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import CSodium

/// SHA-256 (FIPS 180-4).
public enum SHA256 {
    /// The digest of `bytes`.
    public static func hash(_ bytes: [UInt8]) -> Bytes32 {
        var digest = [UInt8](repeating: 0, count: 32)
        crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
        guard let value = Bytes32(digest) else { preconditionFailure("SHA-256 gives 32 bytes") }
        return value
    }
}
