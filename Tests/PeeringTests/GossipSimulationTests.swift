// SPDX-License-Identifier: Apache-2.0

import Machinery
import Peering
import Testing

/// Many nodes, a fifth of which attack.
@Suite struct GossipSimulationTests {
    /// A fifth of the nodes, in equal parts of each kind of attacker.
    private static func kinds(_ count: Int) -> [GossipNetwork.Kind] {
        let attackers: [GossipNetwork.Kind] = [.dropper, .forger, .flooder, .liar]
        return (0..<count).map { $0 % 5 == 4 ? attackers[($0 / 5) % 4] : .honest }
    }

    /// Every honest node hears what honest nodes publish, and liars are put out of the meshes.
    @Test func aFifthOfTheNodesAttack() {
        var network = GossipNetwork(
            seed: 1, kinds: Self.kinds(200), dials: 10, parameters: GossipParameters(),
            topicScoring: GossipTopicScoring())
        let honest = network.honest
        #expect(honest.count == 160)
        network.run(milliseconds: 3_000)
        for index in 0..<20 {
            network.publish("message \(index)", by: honest[(index * 37) % honest.count])
            network.run(milliseconds: 500)
        }
        network.run(milliseconds: 5_000)

        let arrived = (0..<20).reduce(0) { $0 + (network.arrivals["message \($1)"]?.count ?? 0) }
        let due = 20 * honest.count
        print("gossip: \(arrived) of \(due) arrived, \(network.sentCount) RPCs among the honest")
        #expect(arrived * 1_000 >= due * 999)

        for kind in [GossipNetwork.Kind.forger, .flooder, .liar] {
            #expect(network.countInMeshes(kind) == 0, "\(kind)")
        }
        #expect(network.lowestScore(of: .honest) >= 0)
        // Only those who sent a false message were asked to have it judged: none went further.
        let liars = network.kinds.indices.filter { network.kinds[$0] == .liar }
        let neighbours = liars.reduce(0) { $0 + network.links[$1].peers.count }
        #expect(network.falseCount <= neighbours * 10)
    }

    /// It is the scores that put liars out: without them they stay.
    @Test func withoutScoresLiarsStay() {
        for scoring in [nil, GossipTopicScoring()] {
            var network = GossipNetwork(
                seed: 5, kinds: (0..<40).map { $0 % 5 == 4 ? .liar : .honest }, dials: 6,
                parameters: GossipParameters(), topicScoring: scoring)
            network.run(milliseconds: 3_000)
            #expect((network.countInMeshes(.liar) > 0) == (scoring == nil))
        }
    }

    /// With deliveries in the mesh counted (P3), those who pass nothing on are put out as well.
    @Test func droppersArePutOutWhereDeliveriesCount() {
        var scoring = GossipTopicScoring()
        scoring.meshWeight = -10
        scoring.meshThreshold = 2
        scoring.meshCap = 20
        scoring.meshWindowMilliseconds = 500
        scoring.meshActivationMilliseconds = 8_000
        let kinds: [GossipNetwork.Kind] = (0..<50).map { $0 % 5 == 4 ? .dropper : .honest }
        var network = GossipNetwork(
            seed: 2, kinds: kinds, dials: 8, parameters: GossipParameters(), topicScoring: scoring)
        network.run(milliseconds: 2_000)
        let before = network.countInMeshes(.dropper)
        #expect(before > 0)
        for index in 0..<40 {
            network.publish("message \(index)", by: network.honest[index % 40])
            network.run(milliseconds: 400)
        }
        #expect(network.countInMeshes(.dropper) == 0)
        #expect(network.countInMeshes(.honest) > 40 * 4)
    }

    /// The same seed gives the same run.
    @Test func oneSeedOneRun() {
        func run(_ seed: UInt8) -> (Int, [String: Set<Int>], [[PeerIdentifier]]) {
            var network = GossipNetwork(
                seed: seed, kinds: Self.kinds(40), dials: 5, parameters: .light,
                topicScoring: GossipTopicScoring())
            network.run(milliseconds: 2_000)
            network.publish("once", by: 0)
            network.run(milliseconds: 3_000)
            return (
                network.sentCount, network.arrivals,
                network.honest.map { network.machines[$0].meshPeers(of: GossipNetwork.topic) }
            )
        }
        #expect(run(3) == run(3))
        #expect(run(3).2 != run(4).2)
    }
}
