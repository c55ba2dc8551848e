// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import CSodium

/// A key that checks Ed25519 signatures (RFC 8032).
///
/// Two rules of acceptance are in use. The strict one is for signatures that our own software made:
/// canonical encodings, no point of small order, the equation without the cofactor. The other is
/// ZIP 215, which CometBFT verifies by; headers of other chains are judged by it, since a verifier
/// that differs on a single signature splits from its chain.
public struct Ed25519PublicKey: Hashable, Sendable {
    /// The encoded point.
    public let bytes: Bytes32

    /// Takes any 32 bytes; whether they are a point shows at verification.
    public init(_ bytes: Bytes32) {
        self.bytes = bytes
    }

    /// Whether `signature` is one of `message`, by ZIP 215.
    ///
    /// What the strict rule accepts holds under ZIP 215 too, and it is several times faster.
    public func isValid(_ signature: Bytes64, for message: [UInt8]) -> Bool {
        isStrictlyValid(signature, for: message)
            || CofactoredVerification.accepts(signature, for: message, by: bytes)
    }

    /// Whether `signature` is one of `message`, by the strict rule of libsodium.
    public func isStrictlyValid(_ signature: Bytes64, for message: [UInt8]) -> Bool {
        crypto_sign_verify_detached(
            signature.array, message, UInt64(message.count), bytes.array) == 0
    }
}

/// A key that makes Ed25519 signatures.
public struct Ed25519PrivateKey: Sendable {
    /// The 32 secret bytes that everything else comes from (RFC 8032 §5.1.5).
    public let seed: Bytes32
    /// The key that checks what this one signs.
    public let publicKey: Ed25519PublicKey
    private let expanded: [UInt8]

    /// The key of a seed.
    public init(seed: Bytes32) {
        var point = [UInt8](repeating: 0, count: 32)
        var expanded = [UInt8](repeating: 0, count: 64)
        guard crypto_sign_seed_keypair(&point, &expanded, seed.array) == 0,
            let point = Bytes32(point)
        else { preconditionFailure("every seed has a key pair") }
        self.seed = seed
        self.expanded = expanded
        publicKey = Ed25519PublicKey(point)
    }

    /// The signature of `message`; the same one every time.
    public func sign(_ message: [UInt8]) -> Bytes64 {
        var signature = [UInt8](repeating: 0, count: 64)
        guard
            crypto_sign_detached(&signature, nil, message, UInt64(message.count), expanded) == 0,
            let signature = Bytes64(signature)
        else { preconditionFailure("every message can be signed") }
        return signature
    }
}
