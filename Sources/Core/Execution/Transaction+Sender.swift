// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography

/// Who signed.
extension Transaction {
    /// The account whose key signed it, or nil when the signature is nobody's.
    ///
    /// A high s is accepted here: which forks refuse it is a rule of theirs (EIP-2).
    func recoveredSender() -> Address? {
        signature.recover(signingHash)
    }
}

extension Transaction.Authorization {
    /// The account that signed, or nil: then the authorization is passed over.
    func recoveredAuthority() -> Address? {
        guard signature.parity <= 1, signature.s <= Transaction.Signature.halfOrder else {
            return nil
        }
        return signature.recover(signingHash)
    }
}

extension Transaction.Signature {
    /// Half the group's order: a low s is at most this.
    static let halfOrder = UInt256(
        0xdfe9_2f46_681b_20a0, 0x5d57_6e73_57a4_501d, 0xffff_ffff_ffff_ffff,
        0x7fff_ffff_ffff_ffff)

    /// The address of the key that signed `digest`, or nil.
    func recover(_ digest: Bytes32) -> Address? {
        guard parity <= 1,
            let bytes = Bytes64(r.bytes32.array + s.bytes32.array),
            let point = Secp256k1PublicKey.recoverPoint(bytes, recoveryID: parity, digest: digest)
        else { return nil }
        return Address(UInt256(Keccak256.hash(point)))
    }
}
