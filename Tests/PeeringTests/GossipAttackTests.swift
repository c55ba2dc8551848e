// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// One attack on each limit of the gossip machine.
@Suite struct GossipAttackTests {
    /// Topics that this node does not know are not remembered, and of those it knows at most 64.
    @Test func subscriptions() {
        let known = (0..<80).map { GossipTopicRules("/t/\($0)", naming: .contentHash) }
        var probe = GossipProbe { $0.topics += known }
        probe.connect(0..<1)
        probe.send(0) {
            $0.subscriptions = (0..<500).map { .init("/unknown/\($0)", isWanted: true) }
        }
        probe.send(0) {
            $0.subscriptions = known.map { .init($0.name, isWanted: true) }
        }
        let wanted = known.filter { !probe.machine.subscribers(of: $0.name).isEmpty }
        #expect(wanted.count == GossipLimits.subscriptionsPerPeer - 1)
        #expect(probe.machine.subscribers(of: "/unknown/1") == [])
    }

    /// Of ten IHAVEs between two heartbeats, and of 5,000 ids, more are not asked for.
    @Test func haves() {
        var probe = GossipProbe()
        probe.connect(0..<2)
        probe.forgetEffects()
        for round in 0..<20 {
            probe.send(0) {
                $0.control.haves = [
                    .init(topic: GossipProbe.topic, ids: [[0, UInt8(round)], [1, UInt8(round)]])
                ]
            }
        }
        #expect(probe.sent(to: 0).wants.count == 2 * GossipLimits.haveMessages)
        for round in 0..<2 {
            probe.send(1) {
                $0.control.haves = [
                    .init(
                        topic: GossipProbe.topic,
                        ids: (0..<4_000).map { [UInt8(round), UInt8($0 >> 8), UInt8($0 & 255)] })
                ]
            }
        }
        #expect(probe.sent(to: 1).wants.count == GossipLimits.idsPerRPC)
        probe.run(milliseconds: 1_000)
        probe.send(1) { $0.control.haves = [.init(topic: GossipProbe.topic, ids: [[9]])] }
        #expect(probe.sent(to: 1).wants == [[9]])
        // Below its threshold a peer is asked for nothing and given nothing.
        for _ in 0..<60 { probe.tell(.malformed(GossipProbe.peer(1))) }
        #expect(probe.score(1) < -1_000)
        probe.send(1) { $0.control.haves = [.init(topic: GossipProbe.topic, ids: [[8]])] }
        #expect(probe.sent(to: 1).wants.isEmpty)
    }

    /// A GRAFT before its time is refused and counted, twice when it comes at once.
    @Test func graftsBeforeTheirTime() {
        func points(afterMilliseconds milliseconds: UInt64, _ count: Int) -> Double {
            var probe = GossipProbe()
            probe.connect(0..<1)
            probe.send(0) { $0.control.prunes = [.init(topic: GossipProbe.topic)] }
            #expect(probe.mesh(below: 1) == [])
            probe.run(milliseconds: milliseconds)
            #expect(probe.mesh(below: 1) == [])
            for _ in 0..<count {
                probe.send(0) {
                    $0.control.grafts = [GossipProbe.topic, GossipProbe.topic, "/unknown"]
                }
                #expect(probe.sent(to: 0).prunes.map(\.backoffSeconds).last == 60)
            }
            #expect(probe.mesh(below: 1) == [])
            return probe.score(0)
        }
        // Four at once count as eight: two over the free six, squared, by ten.
        #expect(points(afterMilliseconds: 0, 4) == -40)
        // The first came late; the PRUNE that answered it was new.
        #expect(abs(points(afterMilliseconds: 20_000, 4) + 10) < 1)
        var probe = GossipProbe()
        probe.connect(0..<1)
        probe.send(0) { $0.control.prunes = [.init(topic: GossipProbe.topic)] }
        probe.run(milliseconds: 61_000)
        #expect(probe.mesh(below: 1) == [0])
    }

    /// Nobody can keep this node away for more than an hour.
    @Test func endlessBackoffs() {
        var probe = GossipProbe { $0.parameters.heartbeatMilliseconds = 60_000 }
        probe.connect(0..<1)
        probe.send(0) {
            $0.control.prunes = [.init(topic: GossipProbe.topic, backoffSeconds: .max)]
        }
        for minute in 1...61 {
            probe.run(milliseconds: 60_000)
            #expect(probe.mesh(below: 1).isEmpty == (minute < 60), "\(minute)")
        }
    }

    /// Peers that a PRUNE names are believed only of somebody with a very good name.
    @Test func namedPeers() {
        var probe = GossipProbe { $0.favoured = [GossipProbe.peer(1)] }
        probe.connect(0..<2)
        for index in 0..<2 {
            probe.send(index) {
                $0.control.prunes = [
                    .init(
                        topic: GossipProbe.topic,
                        peers: (10..<14).map {
                            .init(peer: GossipProbe.peer($0).bytes, record: [1])
                        } + [.init(peer: [9, 9], record: [1])])
                ]
            }
            let named = Set(probe.connections())
            #expect(named == (index == 0 ? [] : Set((10..<14).map(GossipProbe.peer))))
        }
    }

    /// A pruned peer is told of others where this is on, but not one with a bad name.
    @Test func whoIsNamed() {
        var probe = GossipProbe { $0.parameters.isExchangingPeers = true }
        probe.connect(0..<40)
        for index in 0..<40 { probe.send(index) { $0.control.grafts = [GossipProbe.topic] } }
        let named = (0..<40).compactMap { probe.sent(to: $0).prunes.first?.peers.count }
        #expect(named.count == 28)
        #expect(named.allSatisfy { $0 == GossipLimits.exchangePeers })
    }

    /// A peer has at most 32 messages waiting, all together 1,024; the rest is as if never sent.
    @Test func messagesThatWait() {
        var probe = GossipProbe()
        probe.connect(0..<40)
        var last: GossipMessage?
        for index in 0..<40 {
            for _ in 0..<GossipLimits.validationsPerPeer + 1 {
                let message = probe.message(by: 100)
                last = message
                probe.send(index) { $0.messages = [message] }
            }
            let expected = min((index + 1) * 32, GossipLimits.validations)
            #expect(probe.machine.waitingCount == expected)
        }
        probe.forgetDeliveriesAndJudge(.ignore)
        #expect(probe.machine.waitingCount == 0)
        #expect((0..<40).allSatisfy { probe.score($0) >= 0 })
        if let last { probe.send(39) { $0.messages = [last] } }
        #expect(probe.deliveries().count == 1)
    }

    /// Forged messages are never delivered, and their sender ends where nothing of it is read.
    @Test func forgedMessages() {
        var probe = GossipProbe()
        probe.connect(0..<6)
        for index in 0..<10 {
            let message = probe.message(by: 100)
            probe.send(0) {
                $0.messages = [message]
                $0.messages[0].data = [UInt8(index), 7]
            }
        }
        #expect(probe.deliveries().isEmpty)
        #expect(probe.score(0) < -8_000)
        let message = probe.message(by: 100)
        probe.send(0) { $0.messages = [message] }
        #expect(probe.deliveries().isEmpty)
        probe.run(milliseconds: 1_000)
        #expect(probe.mesh(below: 6) == [1, 2, 3, 4, 5])
        // To leave and come back mends nothing; hours do.
        probe.tell(.disconnected(GossipProbe.peer(0)))
        probe.connect(0..<1)
        #expect(probe.score(0) < -8_000)
        #expect(!probe.mesh(below: 6).contains(0))
    }

    /// Of the IDONTWANTs between two heartbeats a thousand are read, ten ids of each.
    @Test func dontWants() {
        var probe = GossipProbe()
        probe.connect(0..<2)
        var messages: [GossipMessage] = []
        for _ in 0..<12 { messages.append(probe.message(by: 100)) }
        let ids = messages.map { probe.rules.id(of: $0) }
        probe.send(1) { $0.control.dontWants = [ids] }
        probe.send(0) { $0.messages = messages }
        probe.forgetDeliveriesAndJudge(.accept)
        #expect(probe.sent(to: 1).messages == Array(messages.suffix(2)))
        probe.send(1) {
            $0.control.dontWants = (0..<GossipLimits.dontWantMessages).map {
                [[5, UInt8($0 >> 8), UInt8($0 & 255)]]
            }
        }
        let message = probe.message(by: 100)
        let id = probe.rules.id(of: message)
        probe.send(1) { $0.control.dontWants = [[id]] }
        probe.send(0) { $0.messages = [message] }
        probe.forgetDeliveriesAndJudge(.accept)
        #expect(probe.sent(to: 1).messages == [message])
    }

    /// More than ten peers behind one address cost each of them; loopback is free.
    @Test func manyBehindOneAddress() throws {
        for (text, expected) in [([10, 9, 9, 9], -900.0), ([127, 0, 0, 1], 0.0)] {
            let address = try #require(IPAddress(bytes: text.map { UInt8($0) }))
            var probe = GossipProbe()
            probe.connect(0..<13, address: address)
            #expect((0..<13).allSatisfy { probe.score($0) == expected })
            probe.run(milliseconds: 1_000)
            #expect(probe.mesh(below: 13).isEmpty == (expected < 0))
            for index in 10..<13 { probe.tell(.disconnected(GossipProbe.peer(index))) }
            #expect(probe.score(0) >= 0)
        }
    }

    /// No more scores of absent peers are kept than their limit, however many come and go.
    @Test func scoresOfTheAbsent() {
        var probe = GossipProbe()
        let first = 1_000
        let end = first + GossipLimits.retainedScores + 10
        for index in first..<end {
            probe.connect(index..<index + 1)
            for _ in 0..<10 { probe.tell(.malformed(GossipProbe.peer(index))) }
            probe.tell(.disconnected(GossipProbe.peer(index)))
        }
        #expect(probe.score(first) == 0)
        #expect(probe.score(first + 9) == 0)
        #expect(probe.score(first + 10) < 0)
        #expect(probe.score(end - 1) < 0)
    }

    /// What was seen is remembered up to a number: a flood makes the oldest come in again, no more.
    @Test func seenMessages() {
        var probe = GossipProbe {
            $0.topics[0].signing = .none
            $0.topics[0].naming = .contentHash
        }
        probe.connect(0..<1)
        func message(_ index: Int) -> GossipMessage {
            GossipMessage(
                topic: GossipProbe.topic,
                data: [UInt8(index >> 16), UInt8(index >> 8 & 255), UInt8(index & 255)])
        }
        for index in 0..<GossipLimits.seen + 1 {
            probe.send(0) { $0.messages = [message(index)] }
            probe.forgetDeliveriesAndJudge(.ignore)
        }
        probe.send(0) { $0.messages = [message(1), message(GossipLimits.seen)] }
        #expect(probe.deliveries().isEmpty)
        probe.send(0) { $0.messages = [message(0)] }
        #expect(probe.deliveries().count == 1)
    }

    /// Kept messages have an end in bytes: the oldest go first.
    @Test func keptMessages() throws {
        var probe = GossipProbe()
        probe.connect(0..<2)
        let count = GossipLimits.cacheBytes / 1_000_000 + 2
        var ids: [GossipID] = []
        for index in 0..<count {
            let data = [UInt8](repeating: UInt8(index), count: 1_000_000)
            let message = probe.message(by: 100, data)
            ids.append(probe.rules.id(of: message))
            probe.send(0) { $0.messages = [message] }
            probe.forgetDeliveriesAndJudge(.accept)
        }
        probe.forgetEffects()
        probe.send(1) { $0.control.wants = [ids[0]] }
        #expect(probe.sent(to: 1).messages.isEmpty)
        let newest = try #require(ids.last)
        probe.send(1) { $0.control.wants = [newest] }
        #expect(probe.sent(to: 1).messages.count == 1)
    }

    /// A peer that is not connected, or is this node, is not listened to.
    @Test func strangers() {
        var probe = GossipProbe()
        let message = probe.message(by: 100)
        probe.send(5) { $0.messages = [message] }
        probe.tell(.judged(77, .accept))
        probe.tell(.unwritable(GossipProbe.peer(5)))
        probe.tell(.disconnected(GossipProbe.peer(5)))
        probe.connect(999..<1_000)
        #expect(probe.deliveries().isEmpty)
        #expect(probe.machine.subscribers(of: GossipProbe.topic).isEmpty)
    }
}
