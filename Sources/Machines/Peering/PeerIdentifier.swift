// SPDX-License-Identifier: Apache-2.0

package import Bytes
internal import Cryptography

/// The name of a peer: a multihash of its public key.
///
/// Short keys (Ed25519, secp256k1) stand in it whole, under the identity function; longer ones as
/// their SHA-256. Source: libp2p/specs, peer-ids.
/// Specified in Protocol/09-peer-layer.md#peer-ids.
package struct PeerIdentifier: Hashable, Sendable {
    /// The multihash's bytes.
    package let bytes: [UInt8]

    /// The longest key message that stands in the name whole.
    package static let inlineKeyLimit = 42
    private static let libp2pKeyCodec: UInt64 = 0x72

    /// The name of the peer that has `key`.
    package init(of key: IdentityPublicKey) {
        let message = key.protobuf
        let hash =
            message.count <= Self.inlineKeyLimit
            ? Multihash(code: Multihash.identityCode, digest: message)
            : Multihash(code: Multihash.sha256Code, digest: SHA256.hash(message).array)
        bytes = hash.encode()
    }

    /// Reads the binary form.
    package init(decoding bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        let hash = try Multihash(decoding: bytes)
        switch hash.code {
        case Multihash.identityCode where (1...Self.inlineKeyLimit).contains(hash.digest.count):
            break
        case Multihash.sha256Code where hash.digest.count == 32:
            break
        default:
            throw .malformed("not a peer id: hash \(hash.code) of \(hash.digest.count) bytes")
        }
        self.bytes = hash.encode()
    }

    /// Reads the text form: base58, or a CID of version 1 in base32.
    package init(_ text: String) throws(DecodeFault) {
        if text.hasPrefix("1") || text.hasPrefix("Qm") {
            try self.init(decoding: try Base58.decode(text)[...])
            return
        }
        guard text.hasPrefix("b"), text.utf8.count <= 256 else {
            throw .malformed("not the text of a peer id")
        }
        var reader = ByteReader(try Base32.decode(text.dropFirst()))
        guard try reader.varint() == 1, try reader.varint() == Self.libp2pKeyCodec else {
            throw .malformed("not the content id of a peer's key")
        }
        try self.init(decoding: reader.rest())
    }

    /// Base58, as peers are shown.
    package var text: String { Base58.encode(bytes) }

    /// A content id of version 1 in base32.
    package var contentIdentifier: String {
        "b" + Base32.encode([1, UInt8(Self.libp2pKeyCodec)] + bytes)
    }
}

extension PeerIdentifier: Comparable, CustomStringConvertible {
    package var description: String { text }

    package static func < (lhs: PeerIdentifier, rhs: PeerIdentifier) -> Bool {
        lhs.bytes.lexicographicallyPrecedes(rhs.bytes)
    }
}

extension PeerIdentifier {
    /// The peer that `bytes` name, or nil when they name none.
    static func readable(_ bytes: ArraySlice<UInt8>) -> PeerIdentifier? {
        do throws(DecodeFault) {
            return try PeerIdentifier(decoding: bytes)
        } catch {
            return nil
        }
    }
}
