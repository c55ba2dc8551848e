// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// What a node shows in every handshake: a static key and the proof that it is the node's own.
///
/// The static key is made anew for each process and never stored; the signature by the identity key
/// binds it to the peer's name. Source: libp2p/specs, noise, "static key authentication".
package struct NoiseIdentity: Sendable {
    /// What the signature stands over, before the static key.
    static let signaturePrefix = Array("noise-libp2p-static-key:".utf8)

    /// Who the node is.
    package let peer: PeerIdentifier
    let staticPrivateKey: [UInt8]
    let staticPublicKey: [UInt8]
    /// The handshake payload: identity key, signature, muxers.
    let payload: [UInt8]
    let muxers: [String]

    /// Signs `staticPrivateKey`, which is 32 secret bytes, as the holder of `key`.
    package init(key: IdentityPrivateKey, staticPrivateKey: Bytes32, muxers: [String]) {
        peer = key.peer
        self.staticPrivateKey = staticPrivateKey.array
        self.muxers = muxers
        staticPublicKey = Sodium.publicKey(ofX25519: self.staticPrivateKey)
        payload =
            NoisePayload(
                identityKey: key.publicKey,
                signature: key.sign(Self.signaturePrefix + staticPublicKey), muxers: muxers
            ).protobuf
    }
}

/// The content of the second and third handshake messages.
struct NoisePayload: Hashable, Sendable {
    /// The longest payload that is read, in bytes.
    static let sizeLimit = 4096
    /// The most muxers that are read.
    static let muxerLimit = 16

    let identityKey: IdentityPublicKey
    let signature: [UInt8]
    /// The muxers offered early, best first; empty when the peer offers none.
    let muxers: [String]

    init(identityKey: IdentityPublicKey, signature: [UInt8], muxers: [String]) {
        self.identityKey = identityKey
        self.signature = signature
        self.muxers = muxers
    }

    /// Reads `{ identity_key = 1, identity_sig = 2, extensions = 4 { stream_muxers = 2 } }`.
    init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        guard bytes.count <= Self.sizeLimit else {
            throw DecodeFault(
                .overLimit(field: "noise payload", limit: Self.sizeLimit, actual: bytes.count))
        }
        var key: IdentityPublicKey?
        var signature: [UInt8] = []
        var muxers: [String] = []
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: key = try IdentityPublicKey(protobuf: try field.bytes())
            case 2: signature = [UInt8](try field.bytes())
            case 4: muxers = try Self.readMuxers(try field.message())
            default: break
            }
        }
        guard let key else { throw .malformed("a handshake without an identity") }
        identityKey = key
        self.signature = signature
        self.muxers = muxers
    }

    var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.bytes(1, identityKey.protobuf)
        writer.bytes(2, signature)
        if !muxers.isEmpty {
            writer.message(4) { extensions in
                for muxer in muxers { extensions.presentBytes(2, Array(muxer.utf8)) }
            }
        }
        return writer.bytes
    }

    /// Whether the signature binds `staticKey` to the identity.
    func isValid(for staticKey: [UInt8]) -> Bool {
        identityKey.isValid(signature[...], for: NoiseIdentity.signaturePrefix + staticKey)
    }

    private static func readMuxers(_ message: ProtobufReader) throws(DecodeFault) -> [String] {
        var muxers: [String] = []
        var reader = message
        while let field = try reader.next() {
            guard field.number == 2 else { continue }
            guard muxers.count < muxerLimit else {
                throw DecodeFault(
                    .overLimit(field: "muxers", limit: muxerLimit, actual: muxers.count + 1))
            }
            muxers.append(try field.string(limit: MultistreamMachine.nameLimit))
        }
        return muxers
    }
}
