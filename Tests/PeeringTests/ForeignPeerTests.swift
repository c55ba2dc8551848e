// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// What peers that others wrote need of us beyond the letter of the protocols.
@Suite struct ForeignPeerTests {
    static let ask = "/test/ask/1"

    private static func open(
        _ name: String, _ limits: ServiceLimits
    ) throws -> (Attacker.Victim, Attacker) {
        var victim = Attacker.Victim()
        victim.change { host, _ in host.serve(name, limits) }
        var attacker = Attacker(&victim, from: SocketAddress("192.0.2.1:4000"))
        try attacker.open(&victim)
        return (victim, attacker)
    }

    /// The end of an answer and of a question stands in a frame of its own, after the data:
    /// go-yamux ends a stream before it takes the data that is in the same frame, and whoever reads
    /// in between finds the stream ended and empty.
    @Test func theEndComesAfterTheData() throws {
        var (victim, attacker) = try Self.open(
            Self.ask, ServiceLimits(completion: .exactly(1)))
        try attacker.openStream(1, Self.ask, [7], isLast: true, to: &victim)
        let number = try #require(victim.questions.first?.0)
        victim.change { host, _ in host.answer(number, [1, 2, 3], isLast: true) }
        victim.change { host, now in
            _ = host.request(
                Self.ask, to: attacker.key.peer, [9], answerLimit: 10,
                deadline: now.advanced(byMilliseconds: 1_000), at: now)
        }
        attacker.read(&victim)
        let asked = try #require(
            attacker.frames.last { $0.frame.flags.contains(.syn) }?.frame.stream)
        for (stream, last) in [(1, [1, 2, 3]), (asked, [9])] as [(UInt32, [UInt8])] {
            let frames = attacker.frames.filter { $0.frame.stream == stream }
            #expect(frames.last?.frame == YamuxFrame(.data, .fin, stream: stream, length: 0))
            #expect(frames.count { $0.frame.flags.contains(.fin) } == 1)
            #expect(frames.flatMap(\.data).suffix(last.count) == last[...])
        }
    }

    /// A peer may ask for headers as fast as a go-header that verifies them: one that is refused a
    /// question of a range never asks that peer again.
    @Test func headersAreGivenAsFastAsTheyAreVerified() throws {
        let name = HeaderExchange.protocolID(network: "test")
        var (victim, attacker) = try Self.open(name, HeaderExchange.serviceLimits)
        let question = HeaderExchangeRequest(.origin(1), amount: 64).encode()
        for index in 0..<1_000 {
            let stream = UInt32(2 * index + 1)
            try attacker.openStream(stream, name, question, isLast: true, to: &victim)
            let number = try #require(victim.questions.last?.0)
            victim.change { host, _ in host.answer(number, [2, 16, 2], isLast: true) }
            attacker.read(&victim)
            victim.pass(milliseconds: 5)
        }
        #expect(victim.questions.count == 1_000)
        #expect(attacker.count { $0.flags.contains(.rst) } == 0)
    }
}
