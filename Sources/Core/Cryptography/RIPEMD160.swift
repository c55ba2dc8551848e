// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import CCrypto

/// RIPEMD-160, which account addresses are made with.
public enum RIPEMD160 {
    /// The digest of `bytes`.
    ///
    /// OpenSSL has it in its default provider since 3.0.7, which the build requires.
    public static func hash(_ bytes: [UInt8]) -> Bytes20 {
        var digest = [UInt8](repeating: 0, count: 20)
        guard EVP_Digest(bytes, bytes.count, &digest, nil, EVP_ripemd160(), nil) == 1,
            let value = Bytes20(digest)
        else { preconditionFailure("OpenSSL has RIPEMD-160") }
        return value
    }
}
