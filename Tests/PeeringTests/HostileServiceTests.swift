// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// Attacks on the services of a node with the limits that they really have.
@Suite struct HostileServiceTests {
    private struct Attack {
        let name: String
        let limits: ServiceLimits
        /// A question of the right form.
        let question: [UInt8]
    }

    private static let network = "private"

    private static var attacks: [Attack] {
        let sizes = ShareRequest.Kind.allCases
        let shares = sizes.map { kind in
            Attack(
                name: ShareExchange.protocolID(kind, network: network),
                limits: ShareExchange.serviceLimits(kind),
                question: [UInt8](repeating: 1, count: kind.requestSize))
        }
        return shares + [
            Attack(
                name: HeaderExchange.protocolID(network: network),
                limits: HeaderExchange.serviceLimits, question: [4, 0x08, 1, 0x18, 1]),
            Attack(
                name: SamplingHeaderExchange.protocolID(network: network),
                limits: SamplingHeaderExchange.serviceLimits, question: [0]),
            Attack(
                name: SampleManyExchange.protocolID(network: network),
                limits: SampleManyExchange.serviceLimits,
                question: [UInt8](repeating: 1, count: 13)),
        ]
    }

    private static func open(
        _ attack: Attack, from remote: SocketAddress?
    ) throws -> (Attacker.Victim, Attacker) {
        var victim = Attacker.Victim()
        victim.change { host, _ in host.serve(attack.name, attack.limits) }
        var attacker = Attacker(&victim, from: remote)
        try attacker.open(&victim)
        return (victim, attacker)
    }

    /// Opens a stream with a whole question, and perhaps answers it.
    private static func ask(
        _ number: Int, _ attack: Attack, isAnswered: Bool, _ attacker: inout Attacker,
        _ victim: inout Attacker.Victim
    ) throws -> ResetCode? {
        let stream = UInt32(2 * number + 1)
        let before = victim.questions.count
        try attacker.openStream(
            stream, attack.name, attack.question, isLast: true, to: &victim)
        if isAnswered, victim.questions.count > before, let asked = victim.questions.last {
            victim.change { host, _ in host.answer(asked.0, [0], isLast: true) }
            attacker.read(&victim)
        }
        return attacker.resetCode(of: stream)
    }

    /// One peer gets as many streams of each protocol as its limit says, and not one more.
    @Test func streamsOfAPeer() throws {
        for attack in Self.attacks {
            var (victim, attacker) = try Self.open(attack, from: Attacker.address)
            let limit = attack.limits.streamsPerPeer
            var codes: [ResetCode?] = []
            for number in 0...limit {
                codes.append(
                    try Self.ask(number, attack, isAnswered: false, &attacker, &victim))
                // The rate of a peer is another matter.
                if attack.limits.perPeer != nil { victim.pass(milliseconds: 20) }
            }
            let isRated = attack.limits.perPeer.map { Int($0.burst) < limit } ?? false
            if !isRated { #expect(codes.dropLast().allSatisfy { $0 == nil }, "\(attack.name)") }
            #expect(codes.last == .some(.some(.resourceLimit)), "\(attack.name)")
        }
    }

    /// Questions of one peer, or from one address, come as often as their limit says at once, and
    /// then as often as it says a second.
    @Test func ratesOfAPeerAndAnAddress() throws {
        for attack in Self.attacks {
            guard let rate = attack.limits.perPeer ?? attack.limits.perAddress else { continue }
            var (victim, attacker) = try Self.open(attack, from: SocketAddress("10.1.2.3:4000"))
            var taken = 0
            for number in 0..<Int(rate.burst) + 5 {
                let code = try Self.ask(number, attack, isAnswered: true, &attacker, &victim)
                if code == nil { taken += 1 } else { #expect(code == .rateLimited) }
            }
            #expect(taken == Int(rate.burst), "\(attack.name)")
            victim.pass(milliseconds: 100)
            var more = 0
            for number in 0..<20 {
                let code = try Self.ask(
                    Int(rate.burst) + 5 + number, attack, isAnswered: true, &attacker, &victim)
                if code == nil { more += 1 }
            }
            // A tenth of a second, and what the asking itself takes; twenty are asked.
            let allowed = min(20, Int(rate.perSecond) / 10 + 5)
            #expect((1...allowed).contains(more), "\(attack.name)")
        }
    }

    /// Questions of another size than their protocol's are reset and asked of nobody.
    @Test func questionsOfAnotherSize() throws {
        for attack in Self.attacks {
            let size =
                switch attack.limits.completion {
                case .exactly(let count): count
                case .atEnd(let limit), .lengthPrefixed(let limit): limit
                }
            var (victim, attacker) = try Self.open(attack, from: Attacker.address)
            var bytes = [UInt8](repeating: 0xff, count: size + 6)
            if case .lengthPrefixed = attack.limits.completion {
                bytes = []
                bytes.append(varint: UInt64(size) + 1)
            }
            try attacker.openStream(1, attack.name, bytes, to: &victim)
            #expect(attacker.resetCode(of: 1) != nil, "\(attack.name)")
            #expect(victim.questions.isEmpty, "\(attack.name)")
            #expect(victim.host.memoryUsedBytes < 8_192)
        }
    }

    /// A question that does not come to its end in time is reset.
    @Test func questionsThatDoNotEnd() throws {
        for attack in Self.attacks {
            var (victim, attacker) = try Self.open(attack, from: Attacker.address)
            try attacker.openStream(
                1, attack.name, Array(attack.question.dropLast()), to: &victim)
            victim.pass(milliseconds: attack.limits.readMilliseconds)
            attacker.read(&victim)
            #expect(attacker.resetCode(of: 1) != nil, "\(attack.name)")
            #expect(victim.questions.isEmpty)
        }
    }
}
