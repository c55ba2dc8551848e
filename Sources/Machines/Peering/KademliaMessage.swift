// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// A question or an answer of the Kademlia protocol; behind its length as a varint on a stream.
///
/// Source: libp2p/specs kad-dht r2. Records (field 3) are read over: no value is kept here.
/// Specified in Protocol/13-discovery.md#messages.
package struct KademliaMessage: Hashable, Sendable {
    /// What a message asks or answers.
    package enum Kind: UInt64, Sendable, CaseIterable {
        case putValue = 0
        case getValue = 1
        case addProvider = 2
        case getProviders = 3
        case findNode = 4
        case ping = 5
    }

    /// Whether the one who tells of a peer is connected to it.
    package enum Connection: UInt64, Sendable, CaseIterable {
        case notConnected = 0
        case connected = 1
        case canConnect = 2
        case cannotConnect = 3
    }

    /// A peer that a message tells of.
    package struct Peer: Hashable, Sendable {
        /// Its name.
        package let identifier: PeerIdentifier
        /// Where it may be reached, without its name at the end; at most `addressLimit`.
        package let addresses: [Multiaddress]
        /// Whether the sender is connected to it.
        package var connection: Connection

        /// Tells of a peer; addresses over the limit are left out, those that this node
        /// cannot dial first.
        package init(
            _ identifier: PeerIdentifier, _ addresses: [Multiaddress],
            connection: Connection = .notConnected
        ) {
            self.identifier = identifier
            self.addresses = Self.best(addresses)
            self.connection = connection
        }

        private static func best(_ addresses: [Multiaddress]) -> [Multiaddress] {
            guard addresses.count > addressLimit else { return addresses }
            let dialable = addresses.filter { $0.socketAddress != nil }
            let others = addresses.filter { $0.socketAddress == nil }
            return Array((dialable + others).prefix(addressLimit))
        }
    }

    /// The longest question that is read, in bytes.
    package static let questionLimit = 65_536
    /// The longest answer that is read, in bytes; others' servers give every provider they know.
    package static let answerLimit = 262_144
    /// The longest key, in bytes.
    package static let keyLimit = 80
    /// The most peers of each list that are read or written.
    package static let peerLimit = 20
    /// The most addresses of a peer that are kept.
    package static let addressLimit = 8
    /// The longest address that is kept, in bytes.
    package static let addressSizeLimit = 256
    /// The most addresses of a peer that are looked at.
    private static let addressReadLimit = 64

    /// What it asks or answers.
    package var kind: Kind
    /// A binary peer id for `findNode`, a multihash for providers.
    package var key: [UInt8] = []
    /// Peers nearer to the key.
    package var closerPeers: [Peer] = []
    /// Peers that provide what the key names.
    package var providerPeers: [Peer] = []

    /// A message with nothing in it yet.
    package init(_ kind: Kind, key: [UInt8] = []) {
        self.kind = kind
        self.key = key
    }

    /// Reads one length-prefixed message that fills `bytes`.
    ///
    /// Peers and addresses that cannot be read are left out, as are those over the limits.
    package init(
        decoding bytes: [UInt8], limit: Int = questionLimit
    ) throws(DecodeFault) {
        var whole = ByteReader(bytes)
        var reader = ProtobufReader(try whole.lengthPrefixed(limit: limit, field: "kad message"))
        try whole.finish()
        var kind: UInt64 = 0
        self.init(.putValue)
        while let field = try reader.next() {
            switch field.number {
            case 1: kind = try field.varint()
            case 2: key = try Self.key(try field.bytes(), at: field.offset)
            case 8: try Self.append(try field.bytes(), to: &closerPeers)
            case 9: try Self.append(try field.bytes(), to: &providerPeers)
            default: break
            }
        }
        guard let known = Kind(rawValue: kind) else {
            throw .malformed("no kind of kad message has the number \(kind)")
        }
        self.kind = known
    }

    /// The message with its length before it.
    package func encode() -> [UInt8] {
        var writer = ProtobufWriter()
        writer.varint(1, kind.rawValue)
        writer.bytes(2, key)
        for (field, peers) in [(8, closerPeers), (9, providerPeers)] {
            for peer in peers.prefix(Self.peerLimit) {
                writer.message(field) { writer in
                    writer.bytes(1, peer.identifier.bytes)
                    for address in peer.addresses { writer.presentBytes(2, address.encode()) }
                    writer.varint(3, peer.connection.rawValue)
                }
            }
        }
        var bytes: [UInt8] = []
        bytes.append(lengthPrefixed: writer.bytes)
        return bytes
    }

    private static func key(
        _ bytes: ArraySlice<UInt8>, at offset: Int
    ) throws(DecodeFault) -> [UInt8] {
        guard bytes.count <= keyLimit else {
            throw DecodeFault(
                .overLimit(field: "kad key", limit: keyLimit, actual: bytes.count), at: offset)
        }
        return [UInt8](bytes)
    }

    private static func append(
        _ bytes: ArraySlice<UInt8>, to peers: inout [Peer]
    ) throws(DecodeFault) {
        guard peers.count < peerLimit else { return }
        var reader = ProtobufReader(bytes)
        var identifier: PeerIdentifier?
        var addresses: [Multiaddress] = []
        var connection = Connection.notConnected
        var looked = 0
        while let field = try reader.next() {
            switch field.number {
            case 1: identifier = PeerIdentifier.readable(try field.bytes())
            case 2:
                looked += 1
                let bytes = try field.bytes()
                guard looked <= addressReadLimit, bytes.count <= addressSizeLimit,
                    let address = Multiaddress.readable(bytes)
                else { continue }
                addresses.append(address)
            case 3: connection = Connection(rawValue: try field.varint()) ?? .notConnected
            default: break
            }
        }
        guard let identifier else { return }
        let own = addresses.filter { $0.peer == nil || $0.peer == identifier }
        peers.append(Peer(identifier, own.map(\.withoutPeer), connection: connection))
    }
}

/// Names of the Kademlia protocol and what a server gives to those who ask.
package enum KademliaProtocol {
    /// How long a question may take, in milliseconds.
    package static let questionMilliseconds: UInt64 = 10_000
    /// Questions of one peer a second.
    package static let questionsPerSecond: UInt64 = 50
    /// Streams of one peer.
    package static let streamsPerPeer = 32

    /// The protocol's id under a prefix.
    package static func identifier(prefix: String) -> String { "\(prefix)/kad/1.0.0" }

    /// The protocol's id on a network of Celestia's.
    package static func identifier(network: String) -> String {
        identifier(prefix: "/celestia/\(network)")
    }

    /// What a server gives to those who ask.
    package static var serviceLimits: ServiceLimits {
        var limits = ServiceLimits(
            completion: .lengthPrefixed(limit: KademliaMessage.questionLimit))
        limits.isRepeated = true
        limits.readMilliseconds = questionMilliseconds
        limits.streamsPerPeer = streamsPerPeer
        limits.perPeer = RateLimit(perSecond: questionsPerSecond, burst: 4 * questionsPerSecond)
        return limits
    }
}
