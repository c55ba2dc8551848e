// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// One message of a topic, as nodes pass it on.
///
/// What may be missing is missing in messages of nodes that do not sign. Source: libp2p/specs,
/// pubsub. Specified in Protocol/12-gossip.md#messages.
package struct GossipMessage: Hashable, Sendable {
    /// The peer id of whoever wrote it.
    package var author: [UInt8]?
    /// What it says.
    package var data: [UInt8]?
    /// The author's count of its messages: eight bytes, the most significant first.
    package var sequence: [UInt8]?
    /// What it is about.
    package var topic: String
    /// The author's signature.
    package var signature: [UInt8]?
    /// The author's key message, where the peer id does not hold it.
    package var key: [UInt8]?

    /// A message without an author.
    package init(topic: String, data: [UInt8]) {
        self.topic = topic
        self.data = data
    }

    /// A message that its author signs.
    package init(topic: String, data: [UInt8], sequence: UInt64, signedBy key: IdentityPrivateKey) {
        self.init(topic: topic, data: data)
        author = key.peer.bytes
        var number: [UInt8] = []
        number.append(bigEndian: sequence)
        self.sequence = number
        signature = key.sign(signedBytes)
    }

    /// Reads the fields of a message, in any order; unknown ones are passed over.
    init(_ fields: ProtobufReader) throws(DecodeFault) {
        var reader = fields
        var topic: String?
        while let field = try reader.next() {
            switch field.number {
            case 1: author = [UInt8](try field.bytes())
            case 2: data = [UInt8](try field.bytes())
            case 3: sequence = [UInt8](try field.bytes())
            case 4: topic = try field.string(limit: GossipLimits.topicBytes)
            case 5: signature = [UInt8](try field.bytes())
            case 6: key = [UInt8](try field.bytes())
            default: break
            }
        }
        guard let topic else { throw .malformed("a message without a topic") }
        self.topic = topic
    }

    /// Writes the message's fields.
    func write(to writer: inout ProtobufWriter) {
        writeSigned(to: &writer)
        if let signature { writer.presentBytes(5, signature) }
        if let key { writer.presentBytes(6, key) }
    }

    private func writeSigned(to writer: inout ProtobufWriter) {
        if let author { writer.presentBytes(1, author) }
        if let data { writer.presentBytes(2, data) }
        if let sequence { writer.presentBytes(3, sequence) }
        writer.presentBytes(4, Array(topic.utf8))
    }

    /// What the signature is over.
    private var signedBytes: [UInt8] {
        var writer = ProtobufWriter(capacity: (data?.count ?? 0) + topic.utf8.count + 80)
        writeSigned(to: &writer)
        return Array("libp2p-pubsub:".utf8) + writer.bytes
    }

    /// Holds the message to what its topic asks of signatures.
    ///
    /// Returns the author; nil where messages have none.
    package func check(_ signing: GossipSigning) throws(GossipMessageFault) -> PeerIdentifier? {
        switch signing {
        case .none:
            guard author == nil, sequence == nil, signature == nil, key == nil else {
                throw .signed
            }
            return nil
        case .strict:
            guard let author, let signature, sequence?.count == 8 else { throw .unsigned }
            guard let peer = PeerIdentifier.readable(author[...]), peer.bytes == author else {
                throw .author
            }
            guard let publicKey = Self.key(of: peer, beside: key),
                publicKey.isValid(signature[...], for: signedBytes)
            else { throw .signature }
            return peer
        }
    }

    /// The author's key: from the message where it is there, else from the peer id.
    private static func key(
        of peer: PeerIdentifier, beside message: [UInt8]?
    ) -> IdentityPublicKey? {
        do throws(DecodeFault) {
            guard let message else {
                let hash = try Multihash(decoding: peer.bytes[...])
                guard hash.code == Multihash.identityCode else { return nil }
                return try IdentityPublicKey(protobuf: hash.digest[...])
            }
            let key = try IdentityPublicKey(protobuf: message[...])
            return PeerIdentifier(of: key) == peer ? key : nil
        } catch {
            return nil
        }
    }
}

/// What a topic asks of the signatures of its messages.
package enum GossipSigning: Hashable, Sendable {
    /// Author, sequence and signature must be there and hold ("StrictSign").
    case strict
    /// None of them may be there ("StrictNoSign"); the data speaks for itself.
    case none
}

/// Why a message is refused before anybody looks at what it says.
package enum GossipMessageFault: Error, Hashable, Sendable {
    /// It has no author, sequence or signature.
    case unsigned
    /// It has one of them although the topic forbids it.
    case signed
    /// Its author is no peer id.
    case author
    /// Its signature is not the author's.
    case signature
}
