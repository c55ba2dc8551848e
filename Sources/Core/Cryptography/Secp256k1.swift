// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import CSecp256k1

/// A key that checks ECDSA signatures on secp256k1: accounts and bridge signers have one.
public struct Secp256k1PublicKey: Hashable, Sendable {
    /// The compressed point.
    public let bytes: FixedBytes<33>

    /// Takes any 33 bytes; whether they are a point shows at verification.
    public init(_ bytes: FixedBytes<33>) {
        self.bytes = bytes
    }

    /// Whether `signature` (r ‖ s, 32 bytes each) is one of the message with this digest.
    ///
    /// A high s is refused, so that nobody can turn one valid signature into another.
    public func isValid(_ signature: Bytes64, digest: Bytes32) -> Bool {
        let context = Secp256k1Context.shared.pointer
        var key = secp256k1_pubkey()
        var parsed = secp256k1_ecdsa_signature()
        guard secp256k1_ec_pubkey_parse(context, &key, bytes.array, 33) == 1,
            secp256k1_ecdsa_signature_parse_compact(context, &parsed, signature.array) == 1
        else { return false }
        return secp256k1_ecdsa_verify(context, &parsed, digest.array, &key) == 1
    }

    /// The key whose signature this is; `recoveryID` from 0 to 3 tells which of the candidates.
    public static func recover(
        _ signature: Bytes64, recoveryID: UInt8, digest: Bytes32
    ) -> Secp256k1PublicKey? {
        let context = Secp256k1Context.shared.pointer
        var parsed = secp256k1_ecdsa_recoverable_signature()
        var key = secp256k1_pubkey()
        guard recoveryID < 4,
            secp256k1_ecdsa_recoverable_signature_parse_compact(
                context, &parsed, signature.array, Int32(recoveryID)) == 1,
            secp256k1_ecdsa_recover(context, &key, &parsed, digest.array) == 1
        else { return nil }
        return Secp256k1PublicKey(Secp256k1Context.shared.compressed(&key))
    }

    /// The same as x ‖ y, without the detour over the compressed form: what Ethereum hashes.
    public static func recoverPoint(
        _ signature: Bytes64, recoveryID: UInt8, digest: Bytes32
    ) -> [UInt8]? {
        let context = Secp256k1Context.shared.pointer
        var parsed = secp256k1_ecdsa_recoverable_signature()
        var key = secp256k1_pubkey()
        guard recoveryID < 4,
            secp256k1_ecdsa_recoverable_signature_parse_compact(
                context, &parsed, signature.array, Int32(recoveryID)) == 1,
            secp256k1_ecdsa_recover(context, &key, &parsed, digest.array) == 1
        else { return nil }
        var output = [UInt8](repeating: 0, count: 65)
        var length = 65
        secp256k1_ec_pubkey_serialize(
            context, &output, &length, &key, UInt32(SECP256K1_EC_UNCOMPRESSED))
        return Array(output.dropFirst())
    }

    /// The point as x ‖ y without a prefix byte, or nil when the key is no point.
    public var uncompressed: Bytes64? {
        let context = Secp256k1Context.shared.pointer
        var key = secp256k1_pubkey()
        guard secp256k1_ec_pubkey_parse(context, &key, bytes.array, 33) == 1 else { return nil }
        var output = [UInt8](repeating: 0, count: 65)
        var length = 65
        secp256k1_ec_pubkey_serialize(
            context, &output, &length, &key, UInt32(SECP256K1_EC_UNCOMPRESSED))
        return Bytes64(output.dropFirst())
    }
}

/// A key that makes ECDSA signatures on secp256k1.
public struct Secp256k1PrivateKey: Sendable {
    /// The secret number, most significant byte first.
    public let bytes: Bytes32
    /// The key that checks what this one signs.
    public let publicKey: Secp256k1PublicKey

    /// Nil unless the number is from 1 to the group's order less one.
    public init?(bytes: Bytes32) {
        let context = Secp256k1Context.shared
        var key = secp256k1_pubkey()
        guard secp256k1_ec_pubkey_create(context.pointer, &key, bytes.array) == 1 else {
            return nil
        }
        self.bytes = bytes
        publicKey = Secp256k1PublicKey(context.compressed(&key))
    }

    /// The signature r ‖ s with a low s and the nonce of RFC 6979; the same one every time.
    public func sign(digest: Bytes32) -> Bytes64 {
        signRecoverably(digest: digest).signature
    }

    /// The same signature with the number that `recover` needs.
    public func signRecoverably(digest: Bytes32) -> (signature: Bytes64, recoveryID: UInt8) {
        let context = Secp256k1Context.shared.pointer
        var signed = secp256k1_ecdsa_recoverable_signature()
        var output = [UInt8](repeating: 0, count: 64)
        var recoveryID: Int32 = 0
        guard
            secp256k1_ecdsa_sign_recoverable(
                context, &signed, digest.array, bytes.array, nil, nil) == 1,
            secp256k1_ecdsa_recoverable_signature_serialize_compact(
                context, &output, &recoveryID, &signed) == 1,
            let signature = Bytes64(output)
        else { preconditionFailure("a valid key signs every digest") }
        return (signature, UInt8(recoveryID))
    }
}

/// libsecp256k1's tables, made once.
///
/// Unchecked because a pointer is never Sendable; the context is written to only at its creation.
private struct Secp256k1Context: @unchecked Sendable {
    static let shared = Secp256k1Context()
    let pointer: OpaquePointer

    private init() {
        guard let pointer = secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE)) else {
            preconditionFailure("libsecp256k1 makes a context")
        }
        self.pointer = pointer
    }

    func compressed(_ key: inout secp256k1_pubkey) -> FixedBytes<33> {
        var output = [UInt8](repeating: 0, count: 33)
        var length = 33
        secp256k1_ec_pubkey_serialize(
            pointer, &output, &length, &key, UInt32(SECP256K1_EC_COMPRESSED))
        guard let bytes = FixedBytes<33>(output) else {
            preconditionFailure("a compressed point has 33 bytes")
        }
        return bytes
    }
}
