// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// How searches end, what they cost, and what this node tells of itself.
@Suite struct KademliaLookupTests {
    /// A machine whose questions are answered by hand.
    private final class Bench {
        var machine: KademliaMachine
        var now = Instant(nanoseconds: 1_700_000_000_000_000_000)
        var asked: [(question: KademliaQuestion, peer: PeerIdentifier, message: KademliaMessage)] =
            []
        var results: [KademliaMachine.Effect] = []
        var wakes: [Instant] = []

        /// Knows `count` servers; its first look around is answered by nobody naming anybody.
        init(_ count: Int, _ change: (inout KademliaLimits) -> Void = { _ in }) throws {
            var limits = KademliaLimits()
            change(&limits)
            machine = KademliaMachine(
                local: KademliaMessageTests.peer(5_000), isServer: false,
                seed: Bytes32(repeating: 4), limits: limits)
            for index in 0..<count {
                try tell(
                    .peerSeen(
                        KademliaMessageTests.peer(index),
                        addresses: [KademliaMessageTests.address(index)],
                        remote: IPAddress("45.0.\(index).1"), isServer: true))
                try answerAll()
            }
        }

        func tell(_ event: KademliaMachine.Event) throws {
            var effects: [KademliaMachine.Effect] = []
            machine.handle(event, at: now, into: &effects)
            for effect in effects {
                switch effect {
                case .ask(let question, let peer, _, let bytes):
                    asked.append((question, peer, try KademliaMessage(decoding: bytes)))
                case .wake(let moment): wakes.append(moment)
                default: results.append(effect)
                }
            }
        }

        func pass(_ milliseconds: UInt64) throws {
            now = now.advanced(byMilliseconds: milliseconds)
            try tell(.woke)
        }

        /// Answers every question with nothing in particular.
        func answerAll() throws {
            while !asked.isEmpty {
                let (question, _, message) = asked.removeFirst()
                let answer = KademliaMessage(message.kind, key: message.key)
                try tell(
                    .answered(question, message.kind == .addProvider ? [] : answer.encode()))
            }
        }
    }

    /// Ten are asked at once; when the three nearest have answered, the rest has two seconds.
    @Test func slowPeersAreNotWaitedFor() throws {
        let bench = try Bench(20)
        let wanted = KademliaMessageTests.peer(600)
        let target = KademliaKey(of: wanted)
        try bench.tell(.findPeer(wanted))
        #expect(bench.asked.count == 10)
        let nearest = bench.asked.sorted {
            KademliaKey(of: $0.peer).distance(to: target)
                < KademliaKey(of: $1.peer).distance(to: target)
        }
        let answer = KademliaMessage(.findNode, key: wanted.bytes).encode()
        for (question, _, _) in nearest.prefix(3) { try bench.tell(.answered(question, answer)) }
        #expect(bench.results.isEmpty)
        #expect(bench.wakes.contains(bench.now.advanced(byMilliseconds: 2_000)))
        try bench.pass(1_999)
        #expect(bench.results.isEmpty)
        try bench.pass(1)
        #expect(bench.results == [.foundPeer(wanted, [])])
        // What comes later is no longer of use, and harms nothing.
        try bench.tell(.answered(nearest[5].question, answer))
        #expect(bench.results.count == 1)
    }

    /// A peer that is named with an address is found at once; one named without is not.
    @Test func found() throws {
        let bench = try Bench(3)
        let wanted = KademliaMessageTests.peer(600)
        try bench.tell(.findPeer(wanted))
        var answer = KademliaMessage(.findNode, key: wanted.bytes)
        answer.closerPeers = [.init(wanted, [])]
        try bench.tell(.answered(bench.asked[0].question, answer.encode()))
        #expect(bench.results.isEmpty)
        answer.closerPeers = [.init(wanted, [KademliaMessageTests.address(1)])]
        try bench.tell(.answered(bench.asked[1].question, answer.encode()))
        #expect(bench.results == [.foundPeer(wanted, [KademliaMessageTests.address(1)])])
    }

    /// Peers that are named without end, each nearer than the last, end a search all the same; of
    /// one answer's inventions six are asked.
    @Test func inventedPeers() throws {
        let bench = try Bench(1)
        let key = DiscoveryTopic.full.key
        var random = SeededGenerator(seed: Bytes32(repeating: 8))
        try bench.tell(.findProviders(key, wanted: 5))
        func invention() throws -> [UInt8] {
            var answer = KademliaMessage(.getProviders, key: key)
            answer.closerPeers = try (0..<20).map { index in
                let name = KademliaMessageTests.peer(
                    named: try #require(Bytes32(random.bytes(32)), "32 bytes"))
                return .init(
                    name, [try Multiaddress("/ip4/46.\(index).\(random.next(below: 250)).1/tcp/1")])
            }
            return answer.encode()
        }
        try bench.tell(.answered(bench.asked.removeFirst().question, try invention()))
        var questions = 0
        while !bench.asked.isEmpty {
            questions += 1
            try bench.tell(.answered(bench.asked.removeFirst().question, nil))
        }
        #expect(questions == 6)
        #expect(bench.results == [.foundProviders(key, [])])

        // When the inventions answer, too, and invent more.
        try bench.tell(
            .peerSeen(
                KademliaMessageTests.peer(0), addresses: [KademliaMessageTests.address(0)],
                remote: nil, isServer: true))
        bench.asked = []
        try bench.tell(.findProviders(key, wanted: 5))
        questions = 0
        while !bench.asked.isEmpty {
            questions += 1
            try bench.tell(.answered(bench.asked.removeFirst().question, try invention()))
        }
        #expect(questions <= 160)
        #expect(bench.results.count == 2)
    }

    /// Searches beyond the thirty-second end at once with nothing.
    @Test func manySearches() throws {
        let bench = try Bench(3)
        for index in 0..<40 { try bench.tell(.findPeer(KademliaMessageTests.peer(700 + index))) }
        #expect(bench.results.count == 8)
        try bench.answerAll()
        #expect(bench.results.count == 40)
    }

    /// What cannot be read is held against its sender, an answer of another kind is none.
    @Test func answersThatAreNone() throws {
        let bench = try Bench(2)
        try bench.tell(.findPeer(KademliaMessageTests.peer(600)))
        let first = bench.asked[0]
        try bench.tell(.answered(first.question, [3, 1]))
        guard case .misbehaved(first.peer, _) = bench.results[0] else {
            Issue.record("\(bench.results)")
            return
        }
        try bench.tell(.answered(bench.asked[1].question, KademliaMessage(.ping).encode()))
        #expect(bench.results.last == .foundPeer(KademliaMessageTests.peer(600), []))
        #expect(bench.machine.table.count == 0)
    }

    /// What this node provides is told to the nearest at once and every 22 hours, with its address;
    /// without one nobody is told.
    @Test func providing() throws {
        let bench = try Bench(5) {
            $0.refreshMilliseconds = 1 << 40; $0.sparseRefreshMilliseconds = 1 << 40
        }
        let key = DiscoveryTopic.full.key
        try bench.tell(.provide(key))
        try bench.answerAll()
        #expect(bench.results == [.provided(key, told: 0)])
        try bench.tell(.listening([KademliaMessageTests.address(77)]))
        for round in 1...2 {
            if round == 1 { try bench.tell(.provide(key)) } else { try bench.pass(79_200_000) }
            while bench.asked.contains(where: { $0.message.kind == .findNode }) {
                let (question, _, message) = bench.asked.removeFirst()
                try bench.tell(
                    .answered(question, KademliaMessage(.findNode, key: message.key).encode()))
            }
            #expect(bench.asked.count == 5)
            for (_, _, message) in bench.asked {
                #expect(message.kind == .addProvider && message.key == key)
                #expect(
                    message.providerPeers.map(\.addresses) == [[KademliaMessageTests.address(77)]])
            }
            try bench.answerAll()
            #expect(bench.results.last == .provided(key, told: 5))
        }
    }
}
