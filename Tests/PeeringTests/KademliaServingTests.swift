// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// What a server answers, and what it refuses.
@Suite struct KademliaServingTests {
    private static let now = Instant(nanoseconds: 1_700_000_000_000_000_000)
    private static let asker = KademliaMessageTests.peer(900)
    private static let key: [UInt8] = DiscoveryTopic.full.key

    private static func server(isServer: Bool = true) throws -> KademliaMachine {
        var machine = KademliaMachine(
            local: KademliaMessageTests.peer(800), isServer: isServer,
            seed: Bytes32(repeating: 1))
        var unheard: [KademliaMachine.Effect] = []
        machine.handle(
            .listening([try Multiaddress("/ip4/192.0.2.8/tcp/2121")]), at: now, into: &unheard)
        for index in 0..<60 {
            let text = "/ip4/\(index == 0 ? "10.0.0.1" : "45.1.\(index).1")/tcp/2121"
            let address = try Multiaddress(text)
            machine.handle(
                .peerSeen(
                    KademliaMessageTests.peer(index), addresses: [address],
                    remote: address.socketAddress?.ip, isServer: true), at: now, into: &unheard)
        }
        machine.handle(
            .peerSeen(
                asker, addresses: [try Multiaddress("/ip4/45.9.9.9/tcp/1")], remote: nil,
                isServer: false), at: now, into: &unheard)
        return machine
    }

    private static func ask(
        _ machine: inout KademliaMachine, _ message: KademliaMessage,
        remote: String = "45.9.9.9"
    ) throws -> KademliaMessage? {
        let ip = try #require(IPAddress(remote), "an address")
        let bytes = try machine.answer(message.encode(), from: asker, remote: ip, at: now)
        return bytes.isEmpty ? nil : try KademliaMessage(decoding: bytes)
    }

    /// FIND_NODE names the twenty nearest servers, first the peer that is asked for if it is known.
    @Test func findNode() throws {
        var machine = try Self.server()
        let wanted = KademliaMessageTests.peer(7)
        let answer = try #require(
            try Self.ask(&machine, KademliaMessage(.findNode, key: wanted.bytes)))
        #expect(answer.kind == .findNode && answer.closerPeers.count == 20)
        #expect(answer.closerPeers[0].identifier == wanted)
        #expect(answer.closerPeers[0].connection == .connected)
        let own = try #require(
            try Self.ask(
                &machine, KademliaMessage(.findNode, key: KademliaMessageTests.peer(800).bytes)))
        #expect(own.closerPeers[0].addresses == [try Multiaddress("/ip4/192.0.2.8/tcp/2121")])
        // The asker, a client, is named because it is asked for; nobody else hears of it so.
        let asker = try #require(
            try Self.ask(&machine, KademliaMessage(.findNode, key: Self.asker.bytes)))
        #expect(asker.closerPeers[0].identifier == Self.asker)
        let other = try #require(try Self.ask(&machine, KademliaMessage(.findNode, key: [1, 2])))
        #expect(!other.closerPeers.contains { $0.identifier == Self.asker })
    }

    /// Addresses of a site are told within it only.
    @Test func localAddresses() throws {
        var machine = try Self.server()
        let question = KademliaMessage(.findNode, key: KademliaMessageTests.peer(0).bytes)
        let outside = try #require(try Self.ask(&machine, question))
        #expect(!outside.closerPeers.contains { $0.identifier == KademliaMessageTests.peer(0) })
        let inside = try #require(try Self.ask(&machine, question, remote: "192.168.1.1"))
        #expect(inside.closerPeers[0].identifier == KademliaMessageTests.peer(0))
    }

    /// Only the provider itself may say that it provides, with an address.
    @Test func addProvider() throws {
        var machine = try Self.server()
        var message = KademliaMessage(.addProvider, key: Self.key)
        #expect(throws: KademliaFault.notTheProvider) { try Self.ask(&machine, message) }
        message.providerPeers = [
            .init(KademliaMessageTests.peer(3), [KademliaMessageTests.address(3)])
        ]
        #expect(throws: KademliaFault.notTheProvider) { try Self.ask(&machine, message) }
        message.providerPeers.append(.init(Self.asker, []))
        #expect(throws: KademliaFault.notTheProvider) { try Self.ask(&machine, message) }
        message.providerPeers[1] = .init(Self.asker, [KademliaMessageTests.address(9)])
        #expect(try Self.ask(&machine, message) == nil)
        let answer = try #require(
            try Self.ask(
                &machine, KademliaMessage(.getProviders, key: Self.key), remote: "10.1.1.1"))
        #expect(
            answer.providerPeers == [
                .init(Self.asker, [KademliaMessageTests.address(9)], connection: .connected)
            ])
        #expect(answer.closerPeers.count == 20)
        message.key = []
        #expect(throws: KademliaFault.keyMissing) { try Self.ask(&machine, message) }
    }

    /// A server that provides names itself to whoever asks, also while it knows nobody whom it could
    /// tell, and without the addresses that are of no use to the one who asks.
    @Test func itself() throws {
        let local = KademliaMessageTests.peer(800)
        var machine = KademliaMachine(local: local, isServer: true, seed: Bytes32(repeating: 1))
        let question = KademliaMessage(.getProviders, key: Self.key)
        var effects: [KademliaMachine.Effect] = []
        #expect(try Self.ask(&machine, question)?.providerPeers == [])
        machine.handle(.provide(Self.key), at: Self.now, into: &effects)
        #expect(effects.contains(.provided(Self.key, told: 0)))
        #expect(try Self.ask(&machine, question)?.providerPeers == [.init(local, [])])
        let address = try Multiaddress("/ip4/10.0.0.8/tcp/2121")
        machine.handle(.listening([address]), at: Self.now, into: &effects)
        #expect(try Self.ask(&machine, question)?.providerPeers == [.init(local, [])])
        #expect(
            try Self.ask(&machine, question, remote: "10.0.0.9")?.providerPeers
                == [.init(local, [address])])
    }

    /// Values are not kept: asking for one gives nearer peers, giving one is refused.
    @Test func values() throws {
        var machine = try Self.server()
        let answer = try #require(
            try Self.ask(&machine, KademliaMessage(.getValue, key: Array("/pk/x".utf8))))
        #expect(answer.kind == .getValue && answer.closerPeers.count == 20)
        #expect(throws: KademliaFault.valueRefused) {
            try Self.ask(&machine, KademliaMessage(.putValue, key: [1]))
        }
        #expect(try Self.ask(&machine, KademliaMessage(.ping))?.kind == .ping)
    }

    /// A client answers nobody.
    @Test func clients() throws {
        var machine = try Self.server(isServer: false)
        #expect(throws: KademliaFault.client) {
            try Self.ask(&machine, KademliaMessage(.ping))
        }
    }

    /// Of many providers twenty are named, not always the same.
    @Test func manyProviders() throws {
        var machine = try Self.server()
        var message = KademliaMessage(.addProvider, key: Self.key)
        for index in 0..<50 {
            let peer = KademliaMessageTests.peer(index)
            message.providerPeers = [.init(peer, [KademliaMessageTests.address(index)])]
            _ = try machine.answer(message.encode(), from: peer, remote: nil, at: Self.now)
        }
        var named: Set<PeerIdentifier> = []
        for _ in 0..<20 {
            let answer = try #require(
                try Self.ask(
                    &machine, KademliaMessage(.getProviders, key: Self.key), remote: "10.1.1.1"))
            #expect(Set(answer.providerPeers.map(\.identifier)).count == 20)
            named.formUnion(answer.providerPeers.map(\.identifier))
        }
        #expect(named.count == 50)
    }
}
