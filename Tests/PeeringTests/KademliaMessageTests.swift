// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import Machinery
import Peering
import Testing

/// The messages of Kademlia and what is refused in them.
@Suite struct KademliaMessageTests {
    static func peer(_ index: Int) -> PeerIdentifier {
        var seed = Bytes32()
        seed[0] = UInt8(truncatingIfNeeded: index)
        seed[1] = UInt8(truncatingIfNeeded: index >> 8)
        seed[2] = 77
        // The names of keys, without the cost of making keys: the digest of a seed.
        return peer(named: SHA256.hash(seed))
    }

    static func peer(named digest: Bytes32) -> PeerIdentifier {
        do {
            return try PeerIdentifier(decoding: ([0x12, 0x20] + digest.array)[...])
        } catch {
            preconditionFailure("32 bytes behind a prefix are a peer id")
        }
    }

    static func address(_ index: Int) -> Multiaddress {
        let bytes = [10, UInt8(index >> 8 & 255), UInt8(index & 255), 1] as [UInt8]
        guard let ip = IPAddress(bytes: bytes) else { preconditionFailure("four bytes") }
        return Multiaddress(SocketAddress(ip: ip, port: 2121))
    }

    /// The bytes of a question, drawn by hand.
    @Test func bytesOfAQuestion() throws {
        let name = Self.peer(1)
        let bytes = KademliaMessage(.findNode, key: name.bytes).encode()
        #expect(bytes == [38, 0x08, 4, 0x12, 34] + name.bytes)
        #expect(try KademliaMessage(decoding: bytes).key == name.bytes)
        #expect(KademliaMessage(.ping).encode() == [2, 0x08, 5])
    }

    /// The key of a topic is the multihash of its SHA-256, as go-libp2p's routing discovery has it.
    @Test func keysOfTopics() {
        for topic in DiscoveryTopic.allCases {
            let digest = SHA256.hash(Array(topic.rawValue.utf8)).array
            #expect(topic.key == [0x12, 0x20] + digest)
        }
    }

    /// Lists, addresses and keys are held to their limits; what cannot be read is left out.
    @Test func limits() throws {
        var message = KademliaMessage(.getProviders, key: [1])
        message.closerPeers = (0..<40).map { .init(Self.peer($0), [Self.address($0)]) }
        #expect(try KademliaMessage(decoding: message.encode()).closerPeers.count == 20)
        let many = (0..<30).map { Self.address($0) }
        #expect(KademliaMessage.Peer(Self.peer(0), many).addresses.count == 8)

        var writer = ProtobufWriter()
        writer.varint(1, 4)
        writer.bytes(2, [UInt8](repeating: 1, count: 81))
        #expect(throws: DecodeFault.self) { try Self.decode(writer) }
        var unknown = ProtobufWriter()
        unknown.varint(1, 6)
        #expect(throws: DecodeFault.self) { try Self.decode(unknown) }

        var odd = ProtobufWriter()
        odd.varint(1, 4)
        odd.message(8) { $0.bytes(1, [1, 2, 3]) }
        odd.message(8) { writer in
            writer.bytes(1, Self.peer(5).bytes)
            writer.presentBytes(2, [0xff, 0xff, 1])
            writer.presentBytes(2, Self.address(5).appending(Self.peer(6)).encode())
            writer.presentBytes(2, Self.address(5).appending(Self.peer(5)).encode())
        }
        let read = try Self.decode(odd)
        #expect(read.closerPeers == [.init(Self.peer(5), [Self.address(5)])])

        var long: [UInt8] = []
        long.append(varint: UInt64(KademliaMessage.questionLimit + 1))
        #expect(throws: DecodeFault.self) { try KademliaMessage(decoding: long) }
    }

    /// Every cut of a message is refused or is another message, and none traps.
    @Test func cuts() throws {
        var message = KademliaMessage(.getProviders, key: [1, 2, 3])
        message.closerPeers = [.init(Self.peer(1), [Self.address(1)], connection: .connected)]
        message.providerPeers = [.init(Self.peer(2), [Self.address(2), Self.address(3)])]
        let bytes = message.encode()
        #expect(try KademliaMessage(decoding: bytes) == message)
        for count in 0..<bytes.count {
            #expect(throws: DecodeFault.self) {
                try KademliaMessage(decoding: Array(bytes.prefix(count)))
            }
        }
    }

    private static func decode(_ writer: ProtobufWriter) throws -> KademliaMessage {
        var bytes: [UInt8] = []
        bytes.append(lengthPrefixed: writer.bytes)
        return try KademliaMessage(decoding: bytes)
    }
}
