// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Machinery
import Peering
import Roles
import Simulation
import Testing

/// Attacks with words that a node keeps or acts on later: announcements, and names of others.
@Suite struct HostileAnnouncementTests {
    private static func first() throws -> (ExtendedHeader, Scenario) {
        var story = try Story(seed: 12, storageCount: 1, lightCount: 0)
        _ = story.run(2_000) { _ in false }
        for (_, observation) in story.scenario.world.observations {
            if case .head(let header) = observation, let whole = header.extended {
                return (whole, story.scenario)
            }
        }
        throw StoryFault("no header")
    }

    private static func root(_ peer: Int, _ number: Int) -> Bytes32 {
        var root = Bytes32(repeating: 9)
        root[0] = UInt8(peer)
        root[1] = UInt8(number)
        return root
    }

    /// However many peers announce however many squares of blocks to come, so many are remembered,
    /// and of one peer no more than its part.
    @Test func announcementsHaveALimit() throws {
        let (header, scenario) = try Self.first()
        let count = NodeLimits.announcementsMax / NodeLimits.announcementsPerPeer + 3
        var strangers = Strangers(
            count, genesis: scenario.genesis, first: header, now: scenario.world.now)
        for index in 0..<count {
            let announced = (0..<NodeLimits.announcementsPerPeer + 9).map { number in
                SquareAnnouncement(
                    height: header.height.value + 1 + UInt64(number % 16),
                    dataRoot: Self.root(index, number)
                ).protobuf
            }
            strangers.publish(Strangers.squareTopic, all: announced, by: index)
            #expect(
                strangers.announcementsWaiting
                    == min(
                        (index + 1) * NodeLimits.announcementsPerPeer, NodeLimits.announcementsMax))
        }
    }

    /// Peers that a trusted peer names are dialled while few are connected, and not beyond.
    @Test(arguments: [-1, 0]) func namedPeersAreFew(difference: Int) throws {
        let (header, scenario) = try Self.first()
        let count = NodeLimits.namedPeersBelow + difference
        var strangers = Strangers(
            count, genesis: scenario.genesis, first: header, now: scenario.world.now,
            isFirstTrusted: true)
        try #require(strangers.peerCount == count)
        var named: [SocketAddress] = []
        var prune = GossipRPC()
        prune.control.prunes = [.init(topic: Strangers.headerTopic, backoffSeconds: 60)]
        for number in 0..<GossipLimits.exchangePeers {
            let key = IdentityPrivateKey(seed: Bytes32(repeating: UInt8(200 + number)))
            let address = try #require(SocketAddress("10.9.0.\(number + 1):2121"))
            named.append(address)
            let record = SignedPeerRecord(
                sequence: 1, addresses: [Multiaddress(address)], by: key)
            prune.control.prunes[0].peers.append(
                .init(peer: key.peer.bytes, record: record.envelope.protobuf))
        }
        try strangers.write(prune, by: 0)
        let dialled = strangers.dialled.filter { named.contains($0) }
        #expect(Set(dialled).count == (difference < 0 ? named.count : 0))
        // Who is not trusted names in vain.
        for index in prune.control.prunes[0].peers.indices {
            let key = IdentityPrivateKey(seed: Bytes32(repeating: UInt8(220 + index)))
            let address = try #require(SocketAddress("10.9.1.\(index + 1):2121"))
            named.append(address)
            let record = SignedPeerRecord(
                sequence: 1, addresses: [Multiaddress(address)], by: key)
            prune.control.prunes[0].peers[index] = .init(
                peer: key.peer.bytes, record: record.envelope.protobuf)
        }
        try strangers.write(prune, by: 1)
        #expect(strangers.dialled.filter { named.contains($0) }.count == dialled.count)
    }
}
