// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Cryptography

/// The key a peer proves its name with.
///
/// Only Ed25519, which every libp2p peer must accept.
///
/// Source: libp2p/specs, peer-ids. The other key types would be read by nobody whom we meet:
/// Celestia's bootstrappers all show Ed25519 names.
/// Specified in Protocol/09-peer-layer.md#keys.
package struct IdentityPublicKey: Hashable, Sendable {
    /// Ed25519 in the `Type` field.
    package static let ed25519Type: UInt64 = 1

    /// The key.
    package let key: Ed25519PublicKey

    /// Names a key.
    package init(_ key: Ed25519PublicKey) {
        self.key = key
    }

    /// Reads `PublicKey { Type = 1, Data = 2 }`.
    package init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var type: UInt64?
        var data: Bytes32?
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1:
                type = try field.varint()
                guard type == Self.ed25519Type else {
                    throw .malformed("key type \(type ?? 0) is not spoken here", at: field.offset)
                }
            case 2 where type == Self.ed25519Type:
                data = try field.fixed()
            default:
                throw .malformed("field \(field.number) in a key", at: field.offset)
            }
        }
        guard let data else { throw .malformed("a key lacks its type or its data") }
        key = Ed25519PublicKey(data)
    }

    /// `PublicKey { Type = 1, Data = 2 }`: 36 bytes.
    package var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 36)
        writer.presentVarint(1, Self.ed25519Type)
        writer.bytes(2, key.bytes)
        return writer.bytes
    }

    /// Whether `signature` is one of `message` by this key.
    package func isValid(_ signature: ArraySlice<UInt8>, for message: [UInt8]) -> Bool {
        guard let signature = Bytes64(signature) else { return false }
        return key.isStrictlyValid(signature, for: message)
    }
}

/// The key that a node signs as itself with.
package struct IdentityPrivateKey: Sendable {
    private let key: Ed25519PrivateKey
    /// The public half.
    package let publicKey: IdentityPublicKey
    /// The name of whoever holds this key.
    package let peer: PeerIdentifier

    /// The key of 32 secret bytes.
    package init(seed: Bytes32) {
        key = Ed25519PrivateKey(seed: seed)
        publicKey = IdentityPublicKey(key.publicKey)
        peer = PeerIdentifier(of: publicKey)
    }

    /// Reads `PrivateKey { Type = 1, Data = 2 }`, the data being seed ‖ public key.
    ///
    /// The old form, with the public key twice, is read when both copies agree.
    package init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        var type: UInt64?
        var data: ArraySlice<UInt8> = []
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: type = try field.varint()
            case 2: data = try field.bytes()
            default: throw .malformed("field \(field.number) in a key", at: field.offset)
            }
        }
        guard type == IdentityPublicKey.ed25519Type else {
            throw .malformed("key type \(type ?? 0) is not spoken here")
        }
        if data.count == 96 {
            guard data.suffix(32) == data.dropFirst(32).prefix(32) else {
                throw .malformed("the two public halves of a key differ")
            }
            data = data.dropLast(32)
        }
        guard data.count == 64 else {
            throw DecodeFault(.wrongSize(field: "private key", expected: 64, actual: data.count))
        }
        try self.init(seed: Bytes32(decoding: data.prefix(32)))
        guard publicKey.key.bytes.array[...] == data.suffix(32) else {
            throw .malformed("the public half does not belong to the seed")
        }
    }

    /// `PrivateKey { Type = 1, Data = 2 }`.
    package var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 68)
        writer.presentVarint(1, IdentityPublicKey.ed25519Type)
        writer.presentBytes(2, key.seed.array + publicKey.key.bytes.array)
        return writer.bytes
    }

    /// The signature of `message`.
    package func sign(_ message: [UInt8]) -> [UInt8] {
        key.sign(message).array
    }
}
