// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Machinery
import Peering
import Testing

/// One machine among scripted peers: the mesh, messages on their way, what peers ask and say.
@Suite struct GossipMachineTests {
    /// The first words on a stream say all that is wanted; later changes are told to everybody.
    @Test func subscriptionsAreTold() {
        var probe = GossipProbe()
        probe.connect(0..<2)
        #expect(
            probe.sent(to: 0).first?.subscriptions
                == [.init(GossipProbe.topic, isWanted: true)])
        probe.forgetEffects()
        probe.tell(.left(GossipProbe.topic))
        let farewell = probe.sent(to: 1)
        #expect(farewell.first?.subscriptions == [.init(GossipProbe.topic, isWanted: false)])
        #expect(farewell.prunes.map(\.backoffSeconds) == [10])
        #expect(probe.machine.topics == [])
        probe.tell(.joined("nobody knows this"))
        #expect(probe.machine.topics == [])
    }

    /// The mesh grows to its lower bound at once, to its degree at a heartbeat, and never beyond
    /// its upper bound for those who come by themselves.
    @Test func theMeshKeepsItsSize() {
        var probe = GossipProbe()
        probe.connect(0..<5)
        #expect(probe.mesh(below: 30).count == 5)
        probe.connect(5..<30)
        #expect(probe.mesh(below: 30).count == 6)
        for index in 0..<30 { probe.send(index) { $0.control.grafts = [GossipProbe.topic] } }
        #expect(probe.mesh(below: 30).count == 12)
        let refused = (0..<30).filter { !probe.sent(to: $0).prunes.isEmpty }
        #expect(refused.count == 18)
        // One more that this node dialled comes in, and the heartbeat makes the mesh small again.
        probe.connect(30..<31, isOutbound: true)
        probe.send(30) { $0.control.grafts = [GossipProbe.topic] }
        #expect(probe.mesh(below: 31).count == 13)
        probe.run(milliseconds: 1_000)
        #expect(probe.mesh(below: 31).count == 8)
        #expect(probe.mesh(below: 31).contains(30))
    }

    /// Enough of the mesh are peers that this node chose to dial.
    @Test func someOfTheMeshAreDialled() {
        var probe = GossipProbe()
        probe.connect(0..<12)
        for index in 0..<12 { probe.send(index) { $0.control.grafts = [GossipProbe.topic] } }
        probe.connect(12..<20, isOutbound: true)
        probe.run(milliseconds: 1_000)
        #expect(probe.mesh(below: 20).filter { $0 >= 12 }.count >= 3)
    }

    /// A message waits for its verdict, then goes to the mesh but not back, and only once.
    @Test func aMessageGoesOn() {
        var probe = GossipProbe()
        probe.connect(0..<6)
        probe.forgetEffects()
        let message = probe.message(by: 100)
        probe.send(0) { $0.messages = [message] }
        probe.send(1) { $0.messages = [message] }
        let deliveries = probe.deliveries()
        #expect(deliveries.map(\.data) == [[1]])
        #expect(deliveries.map(\.author) == [GossipProbe.peer(100)])
        #expect(probe.sent(to: 2).messages.isEmpty)
        probe.tell(.judged(deliveries[0].number, .accept))
        #expect(probe.sent(to: 0).messages.isEmpty)
        #expect(probe.sent(to: 1).messages.isEmpty)
        for index in 2..<6 { #expect(probe.sent(to: index).messages == [message]) }
        probe.send(3) { $0.messages = [message] }
        #expect(probe.deliveries().isEmpty)
        #expect(probe.score(0) > probe.score(1))
    }

    /// What is ignored or rejected goes nowhere; what is rejected counts for all who brought it.
    @Test func verdictsDecide() {
        var probe = GossipProbe()
        probe.connect(0..<6)
        for verdict in [GossipVerdict.ignore, .reject] {
            let before = probe.score(1)
            let message = probe.message(by: 100)
            probe.send(0) { $0.messages = [message] }
            probe.send(1) { $0.messages = [message] }
            probe.forgetDeliveriesAndJudge(verdict)
            #expect((0..<6).allSatisfy { probe.sent(to: $0).messages.isEmpty })
            #expect((probe.score(1) < before) == (verdict == .reject))
            #expect(probe.score(0) == probe.score(1))
        }
        probe.run(milliseconds: 1_000)
        #expect(probe.mesh(below: 6) == [2, 3, 4, 5])
    }

    /// Nonsense under the name of a true block does not keep the block away.
    @Test func aFalseHeaderDoesNotHideTheTrueOne() throws {
        let header = try #require(try RecordedChain("k2").decoded.first)
        var other = header
        other.dataAvailabilityHeader = try RecordedChain("k4").decoded[0].dataAvailabilityHeader
        #expect(other.protobuf != header.protobuf)
        var probe = GossipProbe {
            $0.topics[0].naming = .committedBlock
        }
        probe.connect(0..<6)
        probe.forgetEffects()
        let lie = probe.message(by: 0, other.protobuf)
        let truth = probe.message(by: 100, header.protobuf)
        let rules = GossipTopicRules(GossipProbe.topic, naming: .committedBlock)
        #expect(rules.id(of: lie) == rules.id(of: truth))
        probe.send(0) { $0.messages = [lie] }
        probe.send(1) { $0.messages = [truth] }
        let deliveries = probe.deliveries()
        #expect(deliveries.count == 2)
        probe.tell(.judged(deliveries[0].number, .reject))
        probe.tell(.judged(deliveries[1].number, .accept))
        #expect(probe.sent(to: 2).messages == [truth])
        #expect(probe.score(0) < 0)
        #expect(probe.score(1) > 0)
        // The block is known now: its name settles it, whatever else comes under it.
        let another = probe.message(by: 5, other.protobuf + [0x78, 0])
        probe.send(2) { $0.messages = [another] }
        #expect(probe.deliveries().isEmpty)
    }

    /// An own message goes to all who want the topic, and comes back unheard.
    @Test func ownMessagesGoToEverybody() throws {
        var probe = GossipProbe()
        probe.connect(0..<20)
        probe.forgetEffects()
        probe.tell(.published(topic: GossipProbe.topic, [7]))
        var seen: [GossipMessage] = []
        for index in 0..<20 { seen += probe.sent(to: index).messages }
        #expect(seen.count == 20)
        let message = try #require(seen.first)
        #expect(try message.check(.strict) == GossipProbe.peer(999))
        probe.send(0) { $0.messages = [message] }
        #expect(probe.deliveries().isEmpty)
        probe.tell(
            .published(
                topic: GossipProbe.topic, [UInt8](repeating: 0, count: GossipLimits.dataBytes + 1)
            ))
        #expect((0..<20).allSatisfy { probe.sent(to: $0).messages.isEmpty })
        // Where there are many, they go to the mesh and to so many more.
        probe.connect(20..<100)
        probe.forgetEffects()
        let inMesh = probe.mesh(below: 100)
        probe.tell(.published(topic: GossipProbe.topic, [8]))
        let receivers = (0..<100).filter { !probe.sent(to: $0).messages.isEmpty }
        #expect(receivers.count == inMesh.count + GossipLimits.floodPeers)
        #expect(Set(inMesh).isSubset(of: receivers))
    }

    /// A topic that is only written to has peers of its own for a minute.
    @Test func fanout() {
        var probe = GossipProbe { $0.parameters.isFloodPublishing = false }
        probe.connect(0..<20)
        probe.tell(.left(GossipProbe.topic))
        probe.forgetEffects()
        probe.tell(.published(topic: GossipProbe.topic, [7]))
        let chosen = (0..<20).filter { !probe.sent(to: $0).messages.isEmpty }
        #expect(chosen.count == 8)
        probe.tell(.published(topic: GossipProbe.topic, [8]))
        #expect((0..<20).filter { !probe.sent(to: $0).messages.isEmpty } == chosen)
        // Whoever was written to begins the mesh, but for those told to keep away.
        probe.run(milliseconds: 61_000)
        probe.forgetEffects()
        probe.tell(.joined(GossipProbe.topic))
        #expect(probe.mesh(below: 20).count == 8)
    }

    /// Peers outside the mesh are told of what came, and get it when they ask, three times at most.
    @Test func haveAndWant() throws {
        var probe = GossipProbe { $0.parameters = .light }
        probe.connect(0..<12)
        probe.run(milliseconds: 1_000)
        let inMesh = probe.mesh(below: 12)
        #expect(inMesh.count == 4 || inMesh.count == 3)
        let message = probe.message(by: 100)
        probe.send(inMesh[0]) { $0.messages = [message] }
        probe.forgetDeliveriesAndJudge(.accept)
        probe.forgetEffects()
        probe.run(milliseconds: 1_000)
        let told = (0..<12).filter { !probe.sent(to: $0).haves.isEmpty }
        #expect(told.count >= 6)
        #expect(Set(told).isDisjoint(with: probe.mesh(below: 12)))
        let asker = try #require(told.first)
        let id = probe.rules.id(of: message)
        for round in 1...5 {
            probe.send(asker) { $0.control.wants = [id, [1, 2, 3]] }
            #expect(probe.sent(to: asker).messages.count == (round <= 3 ? 1 : 0))
        }
        // It is told of for three heartbeats and kept for ten.
        probe.run(milliseconds: 3_000)
        probe.forgetEffects()
        probe.run(milliseconds: 1_000)
        #expect((0..<12).allSatisfy { probe.sent(to: $0).haves.isEmpty })
        let late = try #require(told.last)
        probe.send(late) { $0.control.wants = [id] }
        #expect(probe.sent(to: late).messages.count == 1)
        probe.run(milliseconds: 6_000)
        probe.send(late) { $0.control.wants = [id] }
        #expect(probe.sent(to: late).messages.isEmpty)
    }

    /// What a peer has and this node has not is asked for; what does not come counts against it.
    @Test func promisesAreKept() {
        var probe = GossipProbe()
        probe.connect(0..<2)
        probe.forgetEffects()
        let message = probe.message(by: 100)
        let id = probe.rules.id(of: message)
        for index in 0..<2 {
            probe.send(index) { $0.control.haves = [.init(topic: GossipProbe.topic, ids: [id])] }
            #expect(probe.sent(to: index).wants == [id])
        }
        probe.send(0) { $0.messages = [message] }
        probe.forgetDeliveriesAndJudge(.accept)
        // A whole message later nobody owes it any more.
        probe.run(milliseconds: 5_000)
        #expect(probe.score(1) >= 0)
        for round in 0..<8 {
            probe.send(1) {
                $0.control.haves = [.init(topic: GossipProbe.topic, ids: [[UInt8(round)]])]
            }
            probe.run(milliseconds: 4_000)
        }
        #expect(probe.score(0) >= 0)
        #expect(probe.score(1) < 0)
    }

    /// IDONTWANT is said and heard among those who speak it, for large messages.
    @Test func dontWant() {
        var probe = GossipProbe()
        probe.connect(0..<3)
        probe.connect(3..<5, speaking: .mesh)
        probe.forgetEffects()
        let large = probe.message(by: 100, [UInt8](repeating: 1, count: 1_024))
        let small = probe.message(by: 100, [UInt8](repeating: 2, count: 1_023))
        probe.send(0) { $0.messages = [large, small] }
        let id = probe.rules.id(of: large)
        #expect(probe.sent(to: 0).dontWants.isEmpty)
        #expect(probe.sent(to: 1).dontWants == [[id]])
        #expect(probe.sent(to: 4).dontWants.isEmpty)
        probe.send(2) { $0.control.dontWants = [[id]] }
        probe.send(3) { $0.control.dontWants = [[id]] }
        for delivery in probe.deliveries() { probe.tell(.judged(delivery.number, .accept)) }
        #expect(probe.sent(to: 1).messages == [large, small])
        #expect(probe.sent(to: 2).messages == [small])
        #expect(probe.sent(to: 3).messages == [large, small])
    }

    /// Among peers that only flood, everything goes to everybody and nothing else is said.
    @Test func floodsub() {
        var probe = GossipProbe()
        probe.connect(0..<15, speaking: .flood)
        probe.forgetEffects()
        let message = probe.message(by: 3)
        probe.send(0) { $0.messages = [message] }
        probe.forgetDeliveriesAndJudge(.accept)
        probe.send(5) {
            $0.control.grafts = [GossipProbe.topic]
            $0.control.haves = [.init(topic: GossipProbe.topic, ids: [[1]])]
        }
        probe.run(milliseconds: 2_000)
        for index in 0..<15 {
            let sent = probe.sent(to: index)
            #expect(sent.messages == (index == 0 || index == 3 ? [] : [message]), "\(index)")
            #expect(sent.controls.allSatisfy { $0.isEmpty })
        }
    }

    /// A topic whose messages nobody signs: the data is the message, and a signature is an offence.
    @Test func unsignedTopics() throws {
        var probe = GossipProbe {
            $0.topics[0].signing = .none
            $0.topics[0].naming = .contentHash
        }
        probe.connect(0..<3)
        probe.forgetEffects()
        probe.tell(.published(topic: GossipProbe.topic, [7]))
        #expect(probe.sent(to: 1).messages == [GossipMessage(topic: GossipProbe.topic, data: [7])])
        probe.forgetEffects()
        let plain = GossipMessage(topic: GossipProbe.topic, data: [8])
        for index in 0..<2 { probe.send(index) { $0.messages = [plain] } }
        let deliveries = probe.deliveries()
        #expect(deliveries.map(\.data) == [[8]])
        #expect(deliveries.map(\.author) == [nil])
        probe.tell(.judged(deliveries[0].number, .accept))
        #expect(probe.sent(to: 2).messages == [plain])
        let signed = probe.message(by: 100)
        probe.send(2) { $0.messages = [signed] }
        #expect(probe.deliveries().isEmpty)
        #expect(probe.score(2) < 0)
    }

    /// Explicit peers are outside mesh and scores, get everything, and are dialled again.
    @Test func explicitPeers() {
        var probe = GossipProbe {
            $0.direct = [GossipProbe.peer(0), GossipProbe.peer(50)]
            $0.parameters.directHeartbeats = 5
        }
        probe.connect(0..<9)
        probe.run(milliseconds: 6_000)
        #expect(!probe.mesh(below: 9).contains(0))
        #expect(probe.connections() == [GossipProbe.peer(50), GossipProbe.peer(50)])
        probe.send(0) { $0.control.grafts = [GossipProbe.topic] }
        #expect(probe.sent(to: 0).prunes.count == 1)
        for index in 0..<40 {
            let forged = probe.message(by: 100)
            probe.send(0) {
                $0.messages = [forged]
                $0.messages[0].signature?[0] ^= UInt8(index + 1)
            }
        }
        #expect(probe.score(0) < -8_000)
        let message = probe.message(by: 100)
        probe.send(0) { $0.messages = [message] }
        #expect(probe.deliveries().count == 1)
    }

    /// A mesh of peers that bring nothing takes in some that have brought something.
    @Test func betterPeersAreTakenIn() {
        var probe = GossipProbe { $0.parameters.opportunisticHeartbeats = 4 }
        probe.connect(0..<8)
        probe.run(milliseconds: 1_000)
        #expect(probe.mesh(below: 8).count == 6)
        probe.connect(8..<12)
        for index in 8..<12 {
            for _ in 0..<3 {
                let message = probe.message(by: 100)
                probe.send(index) { $0.messages = [message] }
                probe.forgetDeliveriesAndJudge(.accept)
            }
        }
        probe.run(milliseconds: 4_000)
        #expect(probe.mesh(below: 12).filter { $0 >= 8 }.count == 2)
    }
}

extension GossipProbe {
    var rules: GossipTopicRules { GossipTopicRules(Self.topic, naming: .authorAndSequence) }

    /// Gives every message that waits the same verdict.
    mutating func forgetDeliveriesAndJudge(_ verdict: GossipVerdict) {
        for delivery in deliveries() { tell(.judged(delivery.number, verdict)) }
    }
}
