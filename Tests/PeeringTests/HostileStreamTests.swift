// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// Attacks on the muxer, on agreements about streams and on questions; one test for each limit.
@Suite struct HostileStreamTests {
    static let ask = "/test/ask/1"
    static let raw = "/test/raw/1"

    /// A victim that serves a protocol of 12-byte questions and one of streams, and an attacker.
    private static func open(
        from remote: SocketAddress? = Attacker.address,
        _ change: (inout ServiceLimits) -> Void = { _ in }
    ) throws -> (Attacker.Victim, Attacker) {
        var limits = ServiceLimits(completion: .exactly(12))
        change(&limits)
        var victim = Attacker.Victim()
        victim.change { host, _ in
            host.serve(ask, limits)
            host.serveStreams(raw, streamsPerPeer: 4096)
        }
        var attacker = Attacker(&victim, from: remote)
        try attacker.open(&victim)
        return (victim, attacker)
    }

    /// Frames that break the muxer's rules end the session with the protocol's code.
    @Test func brokenMuxerFrames() throws {
        let frames: [([UInt8], YamuxFault)] = [
            ([1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0], .frame),
            ([0, 4, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0], .frame),
            ([0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0], .streamIdentifier),
            ([0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], .streamIdentifier),
            ([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9], .streamIdentifier),
            ([0, 0, 0, 1, 0, 0, 0, 1, 0, 4, 0, 1], .window),
        ]
        for (bytes, fault) in frames {
            var (victim, attacker) = try Self.open()
            try attacker.sendPlain(bytes, to: &victim)
            #expect(victim.sessionEnds == [.yamux(fault)])
            #expect(attacker.goAwayCode == .protocolError)
        }
    }

    /// A stream opened twice, or data after its end, ends the session.
    @Test func streamsUsedTwice() throws {
        var (victim, attacker) = try Self.open()
        try attacker.openStream(1, Self.raw, to: &victim)
        try attacker.openStream(1, Self.raw, to: &victim)
        #expect(victim.sessionEnds == [.yamux(.streamIdentifier)])
        var (second, other) = try Self.open()
        try other.openStream(1, Self.raw, isLast: true, to: &second)
        try other.send(.data, [], 1, length: 1, [0], to: &second)
        #expect(second.sessionEnds == [.yamux(.dataAfterEnd)])
    }

    /// A window is held to even when the data comes in many frames; what is not used is not given.
    @Test func dataPastTheWindow() throws {
        var (victim, attacker) = try Self.open()
        try attacker.openStream(1, Self.raw, to: &victim)
        let head = Attacker.hello.count + Attacker.token(Self.raw).count
        let block = [UInt8](repeating: 0, count: 65_536)
        for _ in 0..<3 { try attacker.send(.data, [], 1, length: 65_536, block, to: &victim) }
        let rest = 65_536 - head
        try attacker.send(
            .data, [], 1, length: rest, Array(block.prefix(rest)), to: &victim)
        #expect(victim.sessionEnds.isEmpty)
        #expect(attacker.count { $0.kind == .windowUpdate && $0.length > 0 } == 0)
        try attacker.send(.data, [], 1, length: 1, [0], to: &victim)
        #expect(victim.sessionEnds == [.yamux(.window)])
    }

    /// Of streams whose protocol is not agreed on 256 are taken, the next are reset.
    @Test func unansweredStreams() throws {
        var (victim, attacker) = try Self.open()
        for index in 0..<300 {
            try attacker.send(.windowUpdate, .syn, UInt32(2 * index + 1), length: 0, to: &victim)
        }
        #expect(victim.sessionEnds.isEmpty)
        #expect(attacker.count { $0.flags.contains(.rst) } == 44)
        #expect(attacker.resetCode(of: 2 * 256 + 1) == .resourceLimit)
        #expect(attacker.resetCode(of: 2 * 255 + 1) == nil)
    }

    /// Of open streams 1,024 are taken, the next are reset, and the session lives on.
    @Test func openStreams() throws {
        var (victim, attacker) = try Self.open()
        for index in 0..<1030 {
            try attacker.openStream(UInt32(2 * index + 1), Self.raw, to: &victim)
        }
        #expect(victim.sessionEnds.isEmpty)
        #expect(attacker.count { $0.flags.contains(.rst) } == 6)
        #expect(attacker.resetCode(of: 2 * 1024 + 1) == .resourceLimit)
    }

    /// Of pings in one turn thirty-two are answered; a flood of them ends the session.
    @Test func pings() throws {
        var (victim, attacker) = try Self.open()
        let ping = (YamuxFrame(.ping, .syn, length: 7), [UInt8]())
        try attacker.send([(YamuxFrame, [UInt8])](repeating: ping, count: 100), to: &victim)
        #expect(attacker.count { $0.kind == .ping && $0.flags == .ack } == 32)
        #expect(victim.sessionEnds.isEmpty)
        try attacker.send([(YamuxFrame, [UInt8])](repeating: ping, count: 2000), to: &victim)
        #expect(victim.sessionEnds == [.yamux(.controlRate)])
        #expect(attacker.goAwayCode == .rateLimited)
    }

    /// A thousand control frames a second are borne for ever.
    @Test func pingsAtTheLimit() throws {
        var (victim, attacker) = try Self.open()
        let ping = (YamuxFrame(.ping, .syn, length: 7), [UInt8]())
        for _ in 0..<20 {
            try attacker.send([(YamuxFrame, [UInt8])](repeating: ping, count: 1000), to: &victim)
            victim.pass(milliseconds: 1000)
        }
        #expect(victim.sessionEnds.isEmpty)
    }

    /// Floods of empty frames, of frames for no stream and of credit that nothing explains end the
    /// session; a single credit past all bounds does not.
    @Test func floods() throws {
        let floods = [
            YamuxFrame(.data, stream: 1, length: 0),
            YamuxFrame(.windowUpdate, stream: 99, length: 1),
            YamuxFrame(.windowUpdate, stream: 1, length: 1),
            YamuxFrame(.goAway, length: 0),
        ]
        for frame in floods {
            var (victim, attacker) = try Self.open()
            try attacker.openStream(1, Self.raw, to: &victim)
            for _ in 0..<2 {
                try attacker.send(.windowUpdate, [], 1, length: Int(UInt32.max), to: &victim)
            }
            #expect(victim.sessionEnds.isEmpty)
            try attacker.send(
                [(YamuxFrame, [UInt8])](repeating: (frame, []), count: 2200), to: &victim)
            #expect(victim.sessionEnds == [.yamux(.controlRate)], "\(frame)")
        }
    }

    /// Streams opened and reset at once: four hundred in two seconds are borne, no more.
    @Test func rapidResets() throws {
        var (victim, attacker) = try Self.open()
        var identifier: UInt32 = 1
        func burst(_ count: Int) throws {
            for _ in 0..<count {
                try attacker.openStream(identifier, Self.raw, to: &victim)
                try attacker.send(.windowUpdate, .rst, identifier, length: 0, to: &victim)
                identifier += 2
            }
        }
        try burst(400)
        #expect(victim.sessionEnds.isEmpty)
        victim.pass(milliseconds: 1000)
        try burst(200)
        #expect(victim.sessionEnds.isEmpty)
        try burst(1)
        #expect(victim.sessionEnds == [.yamux(.resetRate)])
        #expect(attacker.goAwayCode == .rateLimited)
    }

    /// A peer that makes us answer and does not read is let go before the answers pile up.
    @Test func answersThatNobodyReads() throws {
        var (victim, attacker) = try Self.open()
        var wanted: [UInt8] = []
        wanted.append(bigEndian: UInt64(1 << 20))
        try attacker.openStream(1, "/perf/1.0.0", wanted, isLast: true, to: &victim)
        victim.isReading = false
        try attacker.send(.windowUpdate, [], 1, length: 1 << 20, to: &victim)
        #expect(victim.awaited.contains(attacker.number))
        var identifier: UInt32 = 3
        while victim.sessionEnds.isEmpty, identifier < 40_000 {
            try attacker.send(.windowUpdate, .syn, identifier, length: 0, to: &victim)
            identifier += 2
            if identifier % 1000 == 1 { victim.now = victim.now.advanced(byMilliseconds: 1000) }
        }
        #expect(victim.sessionEnds == [.yamux(.unread)])
    }

    /// An agreement about a stream has ten seconds and eight proposals.
    @Test func streamAgreements() throws {
        var (victim, attacker) = try Self.open()
        try attacker.send(.windowUpdate, .syn, 1, length: 0, to: &victim)
        let proposals = (0..<9).flatMap { Attacker.token("/none/\($0)") }
        let data = Attacker.hello + proposals
        try attacker.send(.data, .syn, 3, length: data.count, data, to: &victim)
        #expect(attacker.resetCode(of: 3) == .negotiation)
        #expect(attacker.resetCode(of: 1) == nil)
        victim.pass(milliseconds: 10_000)
        attacker.read(&victim)
        #expect(attacker.resetCode(of: 1) == .negotiation)
        #expect(victim.sessionEnds.isEmpty)
    }

    /// Questions have an exact size: shorter and longer ones are reset, nobody hears of them.
    @Test func questionsOfAnotherSize() throws {
        for count in [0, 11, 13] {
            var (victim, attacker) = try Self.open()
            let bytes = [UInt8](repeating: 5, count: count)
            try attacker.openStream(1, Self.ask, bytes, isLast: true, to: &victim)
            #expect(attacker.resetCode(of: 1) == ResetCode.none, "\(count)")
            #expect(victim.questions.isEmpty)
        }
        var (victim, attacker) = try Self.open()
        try attacker.openStream(1, Self.ask, [UInt8](repeating: 5, count: 12), to: &victim)
        #expect(victim.questions.count == 1)
        try attacker.send(.data, [], 1, length: 1, [1], to: &victim)
        #expect(attacker.resetCode(of: 1) == ResetCode.none)
    }

    /// A question has five seconds to come, an answer sixty to be taken up.
    @Test func slowQuestionsAndAnswers() throws {
        var (victim, attacker) = try Self.open()
        try attacker.openStream(1, Self.ask, [1], to: &victim)
        victim.pass(milliseconds: 4_999)
        attacker.read(&victim)
        #expect(attacker.resetCode(of: 1) == nil)
        victim.pass(milliseconds: 1)
        attacker.read(&victim)
        #expect(attacker.resetCode(of: 1) == ResetCode.none)
        try attacker.openStream(
            3, Self.ask, [UInt8](repeating: 5, count: 12), isLast: true, to: &victim)
        let question = try #require(victim.questions.first).0
        victim.change { host, _ in
            host.answer(question, [UInt8](repeating: 1, count: 700_000), isLast: false)
        }
        attacker.read(&victim)
        #expect(attacker.data(of: 3).count == YamuxLimits.initialWindowBytes)
        // Signs of life, but no credit for the stream.
        for _ in 0..<6 {
            victim.pass(milliseconds: 10_000)
            try attacker.send(.ping, .ack, 0, length: 1, to: &victim)
        }
        #expect(attacker.resetCode(of: 3) == .garbageCollected)
        #expect(victim.sessionEnds.isEmpty)
    }

    /// A protocol gives each peer so many streams, and each address but our own so many questions.
    @Test func questionsOfAPeerAndOfAnAddress() throws {
        var (victim, attacker) = try Self.open(from: SocketAddress("10.1.2.3:4000")) {
            $0.streamsPerPeer = 3
            $0.perAddress = RateLimit(perSecond: 10, burst: 5)
        }
        let question = [UInt8](repeating: 5, count: 12)
        for index in 0..<4 {
            let stream = UInt32(2 * index + 1)
            try attacker.openStream(stream, Self.ask, question, isLast: true, to: &victim)
        }
        #expect(attacker.resetCode(of: 7) == .resourceLimit)
        for (number, _) in victim.questions {
            victim.change { host, _ in host.answer(number, [1], isLast: true) }
        }
        attacker.read(&victim)
        for index in 4..<7 {
            let stream = UInt32(2 * index + 1)
            try attacker.openStream(stream, Self.ask, question, isLast: true, to: &victim)
        }
        #expect(attacker.resetCode(of: 11) == nil && attacker.resetCode(of: 13) == .rateLimited)
        victim.pass(milliseconds: 100)
        try attacker.openStream(15, Self.ask, question, isLast: true, to: &victim)
        #expect(attacker.resetCode(of: 15) == nil)
    }

    /// Length-prefixed questions over their limit, or with bytes after them, are reset.
    @Test func lengthPrefixedQuestions() throws {
        for bytes in [[0x81, 8], [0xff, 0xff, 0xff, 0xff, 1], [2, 1, 2, 3]] as [[UInt8]] {
            var (victim, attacker) = try Self.open {
                $0.completion = .lengthPrefixed(limit: 1024)
            }
            try attacker.openStream(1, Self.ask, bytes, isLast: true, to: &victim)
            #expect(attacker.resetCode(of: 1) == ResetCode.none)
            #expect(victim.questions.isEmpty)
        }
        var (victim, attacker) = try Self.open { $0.completion = .lengthPrefixed(limit: 1024) }
        try attacker.openStream(1, Self.ask, [3, 1, 2, 3], to: &victim)
        #expect(victim.questions.map { $0.1 } == [[3, 1, 2, 3]])
    }

    /// Ping streams of a peer are two, and an idle one ends.
    @Test func pingStreams() throws {
        var (victim, attacker) = try Self.open()
        for stream in [1, 3, 5] as [UInt32] {
            try attacker.openStream(stream, "/ipfs/ping/1.0.0", to: &victim)
        }
        #expect(attacker.resetCode(of: 5) == .resourceLimit)
        let bytes = [UInt8](repeating: 8, count: 32)
        try attacker.send(.data, [], 1, length: 32, bytes, to: &victim)
        #expect(attacker.data(of: 1).suffix(32) == bytes[...])
        victim.pass(milliseconds: 29_000)
        try attacker.send(.data, [], 1, length: 32, bytes, to: &victim)
        victim.pass(milliseconds: 1_000)
        attacker.read(&victim)
        #expect(attacker.resetCode(of: 3) == ResetCode.none)
        #expect(attacker.resetCode(of: 1) == nil)
    }

    /// News about a peer that are too long, malformed or of another peer are reset.
    @Test func identities() throws {
        var other = IdentifyMessage()
        other.publicKey = IdentityPrivateKey(seed: Bytes32(repeating: 99)).publicKey
        let part: [UInt8] = [0x83, 0x40] + [UInt8](repeating: 0, count: 8195)
        let empty: [UInt8] = [0]
        let broken: [[UInt8]] = [
            other.encode(), part, [UInt8](repeating: 0, count: 11), [5, 1], [1, 0xff],
        ]
        for bytes in broken {
            var (victim, attacker) = try Self.open()
            try attacker.openStream(1, "/ipfs/id/push/1.0.0", bytes, isLast: true, to: &victim)
            #expect(attacker.resetCode(of: 1) == .violation, "\(bytes.prefix(9))")
            #expect(!victim.notices.contains { if case .identified = $0 { true } else { false } })
        }
        var (victim, attacker) = try Self.open()
        try attacker.openStream(1, "/ipfs/id/push/1.0.0", empty, isLast: true, to: &victim)
        #expect(attacker.resetCode(of: 1) == nil)
        let long = [UInt8](repeating: 0xff, count: 60_000)
        try attacker.openStream(3, "/ipfs/id/push/1.0.0", long, to: &victim)
        try attacker.send(.data, [], 3, length: 60_000, long, to: &victim)
        #expect(attacker.resetCode(of: 3) == .resourceLimit)
    }

    /// Questions who we are: ten at once of a /24, then one every five seconds.
    @Test func questionsAboutOurselves() throws {
        var victim = Attacker.Victim()
        var attackers: [Attacker] = []
        for index in 0..<2 {
            let remote = try #require(SocketAddress("10.0.0.\(index + 1):5"))
            var attacker = Attacker(&victim, from: remote, seed: UInt8(70 + index))
            try attacker.open(&victim)
            attackers.append(attacker)
        }
        for index in 0..<12 {
            try attackers[index % 2].openStream(
                UInt32(2 * index + 1), "/ipfs/id/1.0.0", isLast: true, to: &victim)
        }
        let refused = attackers.map { $0.count { $0.flags.contains(.rst) } }
        #expect(refused.reduce(0, +) == 2)
        #expect(attackers[0].resetCode(of: 21) == .rateLimited)
        victim.pass(milliseconds: 5_000)
        try attackers[0].openStream(101, "/ipfs/id/1.0.0", isLast: true, to: &victim)
        #expect(attackers[0].resetCode(of: 101) == nil)
        #expect(!attackers[0].data(of: 101).isEmpty)
    }

    /// A slow reader of an answer costs what was given, and no more is asked for until it reads.
    @Test func slowReaders() throws {
        var (victim, attacker) = try Self.open()
        try attacker.openStream(
            1, Self.ask, [UInt8](repeating: 5, count: 12), isLast: true, to: &victim)
        let question = try #require(victim.questions.first).0
        let part = [UInt8](repeating: 1, count: 256 * 1024)
        victim.change { host, _ in host.answer(question, part, isLast: false) }
        victim.change { host, _ in host.answer(question, part, isLast: false) }
        attacker.read(&victim)
        func wants() -> Int {
            victim.notices.count { if case .wantsMore = $0 { true } else { false } }
        }
        #expect(wants() == 0)
        #expect(victim.host.memoryUsedBytes < 300 * 1024)
        try attacker.send(.windowUpdate, [], 1, length: 200_000, to: &victim)
        #expect(wants() == 1)
    }

    /// Any cut of any frame, at any layer, leads to an end or to nothing, never to a trap.
    @Test(arguments: 0..<16 as Range<UInt8>)
    func noise(seed: UInt8) throws {
        var random = SeededGenerator(seed: Bytes32(repeating: seed))
        for _ in 0..<40 {
            var (victim, attacker) = try Self.open()
            for _ in 0..<30 where !attacker.isHungUp(victim) {
                let kind = YamuxFrame.Kind(rawValue: UInt8(random.next(below: 4))) ?? .data
                let flags = YamuxFrame.Flags(rawValue: UInt16(random.next(below: 16)))
                let stream = UInt32(random.next(below: 8))
                let count = random.next(below: 64)
                let tokens = [Attacker.hello, Attacker.token(Self.ask), Attacker.token(Self.raw)]
                let data =
                    kind == .data
                    ? Array((tokens.shuffled(by: &random) + [random.bytes(64)]).joined()) : []
                let bytes = Array(data.prefix(count))
                try attacker.send(
                    kind, flags, stream, length: kind == .data ? bytes.count : count, bytes,
                    to: &victim)
            }
            victim.pass(milliseconds: 100_000)
            #expect(victim.host.connectionCount == 0)
            #expect(victim.host.memoryUsedBytes == 0)
        }
    }
}

extension Array {
    fileprivate func shuffled(by random: inout SeededGenerator) -> [Element] {
        random.shuffled(self)
    }
}
