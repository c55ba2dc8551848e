// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// Several questions on one stream, as go-libp2p asks on Kademlia's; one attack for each limit.
@Suite struct RepeatedQuestionTests {
    private static let name = "/test/kad/1.0.0"

    private static func open(
        _ change: (inout ServiceLimits) -> Void = { _ in }
    ) throws -> (Attacker.Victim, Attacker) {
        var limits = ServiceLimits(completion: .lengthPrefixed(limit: 200))
        limits.isRepeated = true
        change(&limits)
        var victim = Attacker.Victim()
        victim.change { host, _ in host.serve(name, limits) }
        var attacker = Attacker(&victim)
        try attacker.open(&victim)
        return (victim, attacker)
    }

    private static func questions(_ victim: Attacker.Victim) -> [(InboundNumber, [UInt8])] {
        victim.notices.compactMap {
            if case .asked(let number, name, _, let bytes) = $0 { (number, bytes) } else { nil }
        }
    }

    private static func answer(_ victim: inout Attacker.Victim, _ bytes: [UInt8]) throws {
        let number = try #require(questions(victim).last?.0)
        victim.change { host, now in host.answerAndGoOn(number, bytes, at: now) }
    }

    /// Questions come one at a time, also when they arrive together; after the last the stream ends.
    @Test func questionsInARow() throws {
        var (victim, attacker) = try Self.open()
        try attacker.openStream(1, Self.name, [2, 7, 7, 3, 8, 8], to: &victim)
        #expect(Self.questions(victim).map(\.1) == [[2, 7, 7]])
        try attacker.send(.data, [], 1, length: 2, [8, 1], to: &victim)
        #expect(Self.questions(victim).count == 1)
        try Self.answer(&victim, [1])
        #expect(Self.questions(victim).map(\.1) == [[2, 7, 7], [3, 8, 8, 8]])
        // One that has no answer.
        try Self.answer(&victim, [])
        #expect(Self.questions(victim).count == 2)
        try attacker.send(.data, .fin, 1, length: 1, [9], to: &victim)
        #expect(Self.questions(victim).last?.1 == [1, 9])
        try Self.answer(&victim, [2])
        attacker.read(&victim)
        #expect(attacker.count { $0.stream == 1 && $0.flags.contains(.fin) } == 1)
        #expect(attacker.resetCode(of: 1) == nil)
        #expect(victim.host.memoryUsedBytes == 4096)
    }

    /// A question that is cut off, empty of a prefix, or over its limit resets the stream.
    @Test func questionsThatAreNone() throws {
        for (first, second) in [
            ([1, 7], [5, 1] as [UInt8]), ([1, 7], [0xff, 0x7f]), ([0xff, 0xff, 0xff, 0xff], []),
        ] as [([UInt8], [UInt8])] {
            var (victim, attacker) = try Self.open()
            try attacker.openStream(1, Self.name, first, to: &victim)
            if !second.isEmpty {
                try Self.answer(&victim, [1])
                try attacker.send(
                    .data, .fin, 1, length: second.count, second, to: &victim)
            }
            attacker.read(&victim)
            #expect(attacker.resetCode(of: 1) != nil, "\(first) \(second)")
            #expect(Self.questions(victim).count == (second.isEmpty ? 0 : 1))
        }
    }

    /// What comes during an answer is kept up to one question, not more.
    @Test func floodDuringAnAnswer() throws {
        var (victim, attacker) = try Self.open()
        try attacker.openStream(1, Self.name, [1, 7], to: &victim)
        let flood = [UInt8](repeating: 1, count: 150)
        try attacker.send(.data, [], 1, length: 150, flood, to: &victim)
        attacker.read(&victim)
        #expect(attacker.resetCode(of: 1) == nil)
        try attacker.send(.data, [], 1, length: 150, flood, to: &victim)
        attacker.read(&victim)
        #expect(attacker.resetCode(of: 1) != nil)
        #expect(victim.host.memoryUsedBytes == 4096)
    }

    /// Questions of one stream count against the peer's rate like those of many.
    @Test func rate() throws {
        var (victim, attacker) = try Self.open {
            $0.perPeer = RateLimit(perSecond: 1, burst: 3)
        }
        try attacker.openStream(1, Self.name, [1, 0], to: &victim)
        for _ in 0..<2 {
            try Self.answer(&victim, [])
            try attacker.send(.data, [], 1, length: 2, [1, 0], to: &victim)
        }
        #expect(Self.questions(victim).count == 3)
        try Self.answer(&victim, [])
        try attacker.send(.data, [], 1, length: 2, [1, 0], to: &victim)
        attacker.read(&victim)
        #expect(Self.questions(victim).count == 3)
        #expect(attacker.resetCode(of: 1) == .rateLimited)
    }

    /// A stream that asks nothing more is reset when its time is over.
    @Test func quietStreams() throws {
        var (victim, attacker) = try Self.open()
        try attacker.openStream(1, Self.name, [1, 7], to: &victim)
        victim.pass(milliseconds: 1_000)
        try Self.answer(&victim, [1])
        victim.pass(milliseconds: 4_999)
        attacker.read(&victim)
        #expect(attacker.resetCode(of: 1) == nil)
        victim.pass(milliseconds: 1)
        attacker.read(&victim)
        #expect(attacker.resetCode(of: 1) != nil)
    }
}
