// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// Who goes first when memory is short.
@Suite struct SheddingTests {
    private static func victims(
        _ count: Int
    ) throws -> (Attacker.Victim, [Attacker]) {
        var victim = Attacker.Victim {
            $0.limits.memoryBytes = 1 << 20
            $0.limits.connectionBytes = 200_000
        }
        var attackers: [Attacker] = []
        for index in 0..<count {
            var attacker = Attacker(&victim, seed: UInt8(60 + index))
            try attacker.open(&victim)
            attackers.append(attacker)
        }
        return (victim, attackers)
    }

    private static func value(
        _ attacker: Attacker, score: Int, isProtected: Bool = false,
        in victim: inout Attacker.Victim
    ) {
        var standing = ConnectionManager.Standing()
        standing.score = score
        standing.isProtected = isProtected
        let peer = attacker.key.peer
        victim.change { host, _ in host.value(peer, as: standing) }
    }

    /// Points against a peer weigh most, then how useful it is; protected peers go last, and who
    /// goes is told why.
    @Test func order() throws {
        var (victim, attackers) = try Self.victims(4)
        let scores = [-50, -1, -2, 100]
        for (attacker, score) in zip(attackers, scores) {
            Self.value(attacker, score: score, isProtected: score == -50, in: &victim)
        }
        let lied = attackers[3].key.peer
        victim.change { host, now in host.penalize(lied, points: 5, at: now) }
        var gone: [ConnectionNumber] = []
        for index in 0..<4 {
            var next = Attacker(&victim, seed: UInt8(90 + index))
            if index < 3 { try next.open(&victim) }
            Self.value(next, score: 1_000, in: &victim)
            gone += victim.hungUp.subtracting(gone)
        }
        #expect(
            gone
                == [3, 2, 1].map { attackers[$0].number } + [ConnectionNumber.accepted(7)])
        attackers[3].read(&victim)
        #expect(attackers[3].goAwayCode == .resourceLimit)
        #expect(!attackers[0].isHungUp(victim))
    }

    /// A stranger goes before protected peers; when only these are left they go too: the budget is
    /// hard.
    @Test func protectedPeersGoLast() throws {
        var (victim, attackers) = try Self.victims(4)
        for attacker in attackers {
            Self.value(attacker, score: 0, isProtected: true, in: &victim)
        }
        let stranger = Attacker(&victim, seed: 99)
        #expect(victim.hungUp == [stranger.number])

        victim.change { host, _ in host.serve("/ask/1", ServiceLimits(completion: .exactly(1))) }
        try attackers[2].openStream(1, "/ask/1", [7], to: &victim)
        let question = try #require(victim.questions.last?.0)
        victim.change { host, _ in
            host.answer(question, [UInt8](repeating: 1, count: 400_000), isLast: false)
        }
        #expect(victim.hungUp == [stranger.number, attackers[2].number])
        #expect(victim.host.memoryUsedBytes == 600_000)
    }
}
