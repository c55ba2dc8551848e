// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering
import Testing

/// Whole connections between two sessions, cut at random.
@Suite struct SessionTests {
    static let early = ["/yamux/1.0.0"]

    /// The session opens with the muxer chosen inside the handshake, and without it.
    @Test(arguments: [
        [early, early], [[], early], [early, []], [[], []], [["/mplex/6.7.0"], early],
    ])
    func sessionsOpen(muxers: [[String]]) {
        for seed in 0..<8 as Range<UInt8> {
            var pair = SessionPair(seed: seed, muxers: muxers)
            pair.settle()
            #expect(pair.take(.dialer) == [.secured(pair.keys[1].peer)])
            #expect(pair.take(.listener) == [.secured(pair.keys[0].peer)])
        }
    }

    /// Data of many streams arrives whole and in order, whatever the cuts, and ends are seen.
    @Test(arguments: 0..<12 as Range<UInt8>)
    func streamsCarryData(seed: UInt8) throws {
        var pair = SessionPair(seed: seed)
        pair.served[1] = ["/a", "/b"]
        pair.settle()
        _ = pair.take(.dialer)
        _ = pair.take(.listener)
        var sent: [UInt32: [UInt8]] = [:]
        for index in 0..<10 {
            let name = index % 2 == 0 ? "/a" : "/b"
            let stream = try pair.open(name)
            let bytes = pair.random.bytes(pair.random.next(below: 4000))
            let long = bytes + [UInt8](repeating: UInt8(index), count: index * 20_000)
            sent[stream] = long
            pair[.dialer].write(Array(long.prefix(100)), on: stream)
            pair[.dialer].write(Array(long.dropFirst(100)), on: stream)
            pair[.dialer].finish(stream)
        }
        pair.settle()
        let events = pair.take(.listener)
        for (stream, bytes) in sent {
            #expect(events.bytes(of: stream) == bytes)
            #expect(events.contains(.finished(stream)))
        }
        let answers = pair.take(.dialer)
        #expect(answers.count == 10)
        for stream in sent.keys { #expect(answers.contains(.agreed(stream))) }
        for stream in sent.keys { pair[.listener].finish(stream) }
        pair.settle()
        #expect(pair.take(.dialer).count == 10)
        #expect(pair[.dialer].bufferedBytes == 0)
    }

    /// A writer stops at the window and goes on when the reader has used what came.
    @Test func theWindowHoldsTheWriter() throws {
        var pair = SessionPair(seed: 3)
        pair.served[1] = ["/a"]
        pair.settle()
        _ = pair.take(.listener)
        let stream = try pair.open("/a")
        let bytes = pair.random.bytes(1_000_000)
        pair[.dialer].write(bytes, on: stream)
        var received: [UInt8] = []
        for round in 0..<40 {
            pair.settle()
            let piece = pair.take(.listener).bytes(of: stream)
            if round == 0 { #expect(piece.count < YamuxLimits.initialWindowBytes) }
            if piece.isEmpty { break }
            received += piece
            pair.now = pair.now.advanced(byMilliseconds: 10)
            pair[.listener].consume(piece.count, of: stream, at: pair.now)
        }
        #expect(received == bytes)
    }

    /// A protocol that nobody serves is refused, and the session lives on.
    @Test func unknownProtocolsAreRefused() throws {
        var pair = SessionPair(seed: 4)
        pair.served[1] = ["/a"]
        pair.settle()
        _ = pair.take(.dialer)
        let stream = try pair.open("/none")
        pair[.dialer].write([1, 2, 3], on: stream)
        pair.settle()
        #expect(pair.take(.dialer) == [.ended(stream, .refused)])
        let second = try pair.open("/a")
        pair.settle()
        #expect(pair.take(.dialer) == [.agreed(second)])
    }

    /// Resets reach the other side with their code, in both directions.
    @Test func resetsCarryTheirCode() throws {
        var pair = SessionPair(seed: 5)
        pair.served[1] = ["/a"]
        pair.settle()
        let first = try pair.open("/a")
        let second = try pair.open("/a")
        pair.settle()
        _ = pair.take(.dialer)
        _ = pair.take(.listener)
        pair[.dialer].reset(first, code: .rateLimited)
        pair[.listener].reset(second, code: .resourceLimit)
        pair.settle()
        #expect(pair.take(.listener) == [.ended(first, .reset(.rateLimited))])
        #expect(pair.take(.dialer) == [.ended(second, .reset(.resourceLimit))])
    }

    /// A quiet session asks for a sign of life; one that stays silent ends.
    @Test func silenceEndsTheSession() {
        var pair = SessionPair(seed: 6)
        pair.settle()
        _ = pair.take(.dialer)
        pair.now = pair.now.advanced(byMilliseconds: 30_000)
        #expect(pair[.dialer].nextDeadline == pair.now)
        var events: [SessionMachine.Event] = []
        pair[.dialer].tick(at: pair.now, into: &events)
        pair.now = pair.now.advanced(byMilliseconds: 7)
        pair.settle()
        #expect(pair.take(.dialer) == [.measured(roundTripNanoseconds: 7_000_000)])
        pair.now = pair.now.advanced(byMilliseconds: 30_000)
        pair[.dialer].tick(at: pair.now, into: &events)
        pair.now = pair.now.advanced(byMilliseconds: 10_000)
        pair[.dialer].tick(at: pair.now, into: &events)
        #expect(events == [.closed(.silent)])
        #expect(pair[.dialer].nextDeadline == nil)
    }

    /// Another peer than the one dialled is refused before anything is said to it.
    @Test func theDialledPeerIsTheOneThatAnswers() {
        let other = IdentityPrivateKey(seed: Bytes32(repeating: 99)).peer
        var pair = SessionPair(seed: 7, expecting: other)
        pair.settle()
        #expect(pair.take(.dialer) == [.closed(.wrongPeer(pair.keys[1].peer))])
        var right = SessionPair(seed: 7, expecting: pair.keys[1].peer)
        right.settle()
        #expect(right.take(.dialer) == [.secured(pair.keys[1].peer)])
    }

    /// The end of a session is told to the other side with its reason.
    @Test func theEndIsTold() {
        var pair = SessionPair(seed: 8)
        pair.settle()
        _ = pair.take(.listener)
        var events: [SessionMachine.Event] = []
        pair[.dialer].end(.shutdown, into: &events)
        #expect(events == [.closed(.endedHere(.shutdown))])
        pair.settle()
        #expect(pair.take(.listener) == [.wentAway(.shutdown)])
    }
}
