// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// HMAC with SHA-256 (RFC 2104): tokens and derived keys.
public enum HMACSHA256 {
    /// The code of `message` under a key of any length.
    public static func authenticate(key: [UInt8], _ message: [UInt8]) -> Bytes32 {
        var block = key.count > 64 ? SHA256.hash(key).array : key
        block += [UInt8](repeating: 0, count: 64 - block.count)
        var inner = SHA256.Stream()
        inner.update(block.map { $0 ^ 0x36 })
        inner.update(message)
        var outer = SHA256.Stream()
        outer.update(block.map { $0 ^ 0x5c })
        outer.update(inner.finish())
        return outer.finish()
    }
}
