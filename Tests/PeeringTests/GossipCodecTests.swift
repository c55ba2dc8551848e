// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import Machinery
import Peering
import Testing

/// RPCs as bytes, against py-libp2p's and against bytes that break the rules.
@Suite struct GossipCodecTests {
    /// py-libp2p 0.8.1 wrote and signed this, with the key whose seed is 32 bytes of 1.
    private static let foreign = """
        0a0508011201741297010a260024080112208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf374\
        8801b40f6f5c120c68656c6c6f20676f737369701a08010203040506070822132f717561647261742f746573\
        742f746f7069632a4028555d750e898afbc7aa6dcd21658a15cce6038f0fe1c89243dd7db8f0a32168ca8b8c\
        30f7ac2f0c0e2c78adef3f0b3c2839a995b4f0eac4661b39f4ea60c2031a2b0a0a0a01741201611202626312\
        030a01641a030a0174220e0a017412070a020102120103183c2a030a0165
        """

    private static let key = IdentityPrivateKey(seed: Bytes32(repeating: 1))

    /// The same RPC, of our own making.
    private static var own: GossipRPC {
        var rpc = GossipRPC()
        rpc.subscriptions = [.init("t", isWanted: true)]
        rpc.messages = [
            GossipMessage(
                topic: "/quadrat/test/topic", data: Array("hello gossip".utf8),
                sequence: 0x0102_0304_0506_0708, signedBy: key)
        ]
        rpc.control.haves = [.init(topic: "t", ids: [Array("a".utf8), Array("bc".utf8)])]
        rpc.control.wants = [Array("d".utf8)]
        rpc.control.grafts = ["t"]
        rpc.control.prunes = [
            .init(topic: "t", peers: [.init(peer: [1, 2], record: [3])], backoffSeconds: 60)
        ]
        rpc.control.dontWants = [[Array("e".utf8)]]
        return rpc
    }

    /// Ours and theirs are the same bytes, signature included, and mean the same.
    @Test func bytesOfAnotherImplementation() throws {
        let bytes = try Hex.decode(Self.foreign)
        #expect(Self.own.encode() == bytes)
        let read = try GossipRPC(decoding: bytes[...])
        #expect(read == Self.own)
        #expect(try read.messages[0].check(.strict) == Self.key.peer)
    }

    /// Whatever of a signed message is changed, the signature holds no more.
    @Test func signaturesCoverEverything() throws {
        let message = Self.own.messages[0]
        var changed: [GossipMessage] = []
        for index in 0..<(message.data?.count ?? 0) {
            var copy = message
            copy.data?[index] ^= 1
            changed.append(copy)
        }
        var copy = message
        copy.sequence?[7] ^= 1
        changed.append(copy)
        copy = message
        copy.topic += "x"
        changed.append(copy)
        copy = message
        copy.author = GossipNetwork.key(3).peer.bytes
        changed.append(copy)
        for index in 0..<64 {
            copy = message
            copy.signature?[index] ^= 0x10
            changed.append(copy)
        }
        copy = message
        copy.key = GossipNetwork.key(3).publicKey.protobuf
        changed.append(copy)
        for message in changed {
            #expect(throws: GossipMessageFault.signature) { try message.check(.strict) }
        }
        copy = message
        copy.key = Self.key.publicKey.protobuf
        #expect(try copy.check(.strict) == Self.key.peer)
    }

    /// Strict signing needs author, sequence and signature; the other kind forbids each of them.
    @Test func theTwoKindsOfSigning() throws {
        let signed = Self.own.messages[0]
        for remove: (inout GossipMessage) -> Void in [
            { $0.author = nil }, { $0.sequence = nil }, { $0.signature = nil },
            { $0.sequence = [1] },
        ] {
            var copy = signed
            remove(&copy)
            #expect(throws: GossipMessageFault.unsigned) { try copy.check(.strict) }
        }
        var copy = signed
        copy.author = [1, 2, 3]
        #expect(throws: GossipMessageFault.author) { try copy.check(.strict) }

        let plain = GossipMessage(topic: "t", data: [1])
        #expect(try plain.check(.none) == nil)
        for add: (inout GossipMessage) -> Void in [
            { $0.author = [] }, { $0.sequence = [] }, { $0.signature = [] }, { $0.key = [] },
        ] {
            var copy = plain
            add(&copy)
            #expect(throws: GossipMessageFault.signed) { try copy.check(.none) }
        }
    }

    /// Names of messages: author and sequence, BLAKE2b of the data, a header's committed block.
    @Test func namesOfMessages() throws {
        let message = Self.own.messages[0]
        let plain = GossipTopicRules("t", naming: .authorAndSequence)
        #expect(plain.id(of: message) == Self.key.peer.bytes + [1, 2, 3, 4, 5, 6, 7, 8])
        // RFC 7693's algorithm with 32 bytes of output, of "abc".
        let content = GossipTopicRules("t", naming: .contentHash)
        let abc = GossipMessage(topic: "t", data: Array("abc".utf8))
        #expect(
            Hex.encode(content.id(of: abc))
                == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319")
        let headers = GossipTopicRules("t", naming: .committedBlock)
        #expect(headers.id(of: abc) == content.id(of: abc))
        let chain = try RecordedChain("k2")
        for header in chain.decoded {
            let block = header.commit.blockID
            let expected =
                "\(try #require(block.hash).hex.uppercased()):\(block.partSetTotal):"
                + "\(try #require(block.partSetHash).hex.prefix(12).uppercased())"
            let id = headers.id(of: GossipMessage(topic: "t", data: header.protobuf))
            #expect(String(decoding: id, as: UTF8.self) == expected)
        }
    }

    /// Counts over their limits are refused; at their limits they are taken.
    @Test func countsHaveLimits() throws {
        func field(_ number: UInt8, _ body: [UInt8]) -> [UInt8] {
            var bytes: [UInt8] = [number << 3 | 2]
            bytes.append(lengthPrefixed: body)
            return bytes
        }
        func times(_ count: Int, _ piece: [UInt8]) -> [UInt8] {
            Array((0..<count).map { _ in piece }.joined())
        }
        let entries = GossipLimits.entriesPerRPC
        let ids = GossipLimits.idsPerRPC
        let topic = field(1, Array("t".utf8))
        let id = field(1, [9])
        let cases: [(String, (Int) -> [UInt8], Int)] = [
            ("subscriptions", { times($0, field(1, [8, 1])) }, entries),
            ("messages", { times($0, field(2, field(4, [116]))) }, entries),
            ("IHAVEs", { field(3, times($0, field(1, topic))) }, entries),
            ("GRAFTs", { field(3, times($0, field(3, topic))) }, entries),
            ("PRUNEs", { field(3, times($0, field(4, topic))) }, entries),
            ("IDONTWANTs", { field(3, times($0, field(5, id))) }, entries),
            ("ids of IHAVE", { field(3, field(1, times($0, field(2, [9])))) }, ids),
            ("ids of IWANT", { field(3, times($0, field(2, id))) }, ids),
            ("ids of IDONTWANT", { field(3, field(5, times($0, id))) }, ids),
        ]
        for (name, make, limit) in cases {
            #expect(throws: Never.self, "\(name)") {
                try GossipRPC(decoding: make(limit)[...])
            }
            #expect(throws: DecodeFault.self, "\(name)") {
                try GossipRPC(decoding: make(limit + 1)[...])
            }
        }
        let large = [UInt8](repeating: 0, count: GossipLimits.rpcBytes + 1)
        #expect(throws: DecodeFault.self) { try GossipRPC(decoding: large[...]) }
    }

    /// Long ids and peers too many are passed over; a message needs a topic, topics are short text.
    @Test func whatIsPassedOverAndWhatIsRefused() throws {
        var rpc = GossipRPC()
        let longest = [UInt8](repeating: 1, count: GossipLimits.idBytes)
        rpc.control.haves = [.init(topic: "t", ids: [longest + [1], longest])]
        rpc.control.prunes = [.init(topic: "t", peers: (0..<40).map { .init(peer: [$0]) })]
        let read = try GossipRPC(decoding: rpc.encode()[...])
        #expect(read.control.haves[0].ids == [longest])
        #expect(read.control.prunes[0].peers.count == GossipLimits.exchangePeers)
        #expect(read.control.prunes[0].backoffSeconds == nil)

        for bytes: [UInt8] in [
            [0x12, 0x02, 0x12, 0x00], [0x0a, 0x03, 0x12, 0x01, 0xff], [0x12, 5],
        ] {
            #expect(throws: DecodeFault.self) { try GossipRPC(decoding: bytes[...]) }
        }
        rpc = GossipRPC()
        rpc.subscriptions = [
            .init(String(repeating: "t", count: GossipLimits.topicBytes + 1), isWanted: true)
        ]
        #expect(throws: DecodeFault.self) { try GossipRPC(decoding: rpc.encode()[...]) }
    }

    /// An announcement needs both its fields, the root in 32 bytes.
    @Test func announcements() throws {
        let announced = SquareAnnouncement(height: 300, dataRoot: Bytes32(repeating: 5))
        #expect(
            Hex.encode(announced.protobuf)
                == "08ac021220" + String(repeating: "05", count: 32))
        #expect(try SquareAnnouncement(protobuf: announced.protobuf) == announced)
        for bytes: [UInt8] in [
            [], [8, 1], Array(announced.protobuf.dropFirst(3)), [8, 1, 18, 1, 5],
        ] {
            #expect(throws: DecodeFault.self) { try SquareAnnouncement(protobuf: bytes) }
        }
    }

    /// A count falls to a hundredth in the time it is given.
    @Test func decaysReachTheirEnd() {
        for seconds: UInt64 in [1, 10, 100, 3_600] {
            let factor = GossipScoring.decay(overMilliseconds: seconds * 1_000, every: 1_000)
            var count = 1.0
            for _ in 0..<seconds { count *= factor }
            #expect(abs(count - 0.01) < 1e-9, "\(seconds)")
        }
    }
}
