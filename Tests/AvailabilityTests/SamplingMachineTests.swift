// SPDX-License-Identifier: Apache-2.0

import Availability
import Bytes
import DataSquare
import Machinery
import TestSupport
import Testing

/// How one block's sampling goes, told as scripts.
@Suite struct SamplingMachineTests {
    /// Each story's effects are exactly those of its script.
    @Test(
        arguments: [
            "sampling-available", "sampling-liar", "sampling-withheld", "sampling-nobody",
            "sampling-slow-peer", "sampling-busy", "sampling-giver", "sampling-giver-alone",
            "sampling-together", "sampling-hedge", "sampling-late", "sampling-strangers",
            "sampling-too-few",
        ])
    func script(name: String) throws {
        var machine = SamplingMachine()
        var now = Instant(nanoseconds: 0)
        try GoldenScript(name).run { command in
            let words = command.split(separator: " ").map(String.init)
            if words[0] == "at" {
                now = Instant(nanoseconds: try #require(UInt64(words[1])) * 1_000_000)
            }
            var effects: [SamplingMachine.Effect] = []
            machine.handle(try Self.event(words), at: now, into: &effects)
            return effects.map(\.description)
        }
    }

    private static func event(_ words: [String]) throws -> SamplingMachine.Event {
        switch words[0] {
        case "begin":
            let parts = words.dropFirst().split(omittingEmptySubsequences: false) {
                ["from", "late", "giver"].contains($0)
            }
            func peers(after word: String) -> [Peer] {
                guard let index = words.firstIndex(of: word) else { return [] }
                return words[(index + 1)...].prefix { !["late", "giver"].contains($0) }
                    .map { Peer($0) }
            }
            return .began(
                coordinates: try parts[0].map(coordinate), peers: peers(after: "from"),
                late: peers(after: "late"), giver: peers(after: "giver").first)
        case "answer":
            return .answered(try coordinate(words[1]), by: Peer(words[2]), digest: Bytes32())
        case "refuse", "busy", "lie":
            let places = try words[1..<(words.count - 1)].map(coordinate)
            let peer = Peer(words[words.count - 1])
            return switch words[0] {
            case "refuse": .refused(places, by: peer)
            case "busy": .busy(places, by: peer)
            default: .lied(places, by: peer)
            }
        case "peers": return .peersChanged(words.dropFirst().map { Peer($0) })
        case "searched": return .searched
        case "at": return .woke
        default: throw JSONTreeFault(description: "unknown command \(words[0])")
        }
    }

    private static func coordinate(_ text: String) throws -> Coordinate {
        let parts = text.split(separator: ",").compactMap { Int($0) }
        return Coordinate(row: try #require(parts.first), column: try #require(parts.last))
    }
}

/// Where samples are taken.
@Suite struct CoordinateChoiceTests {
    /// A square of at most 16 shares is taken whole; a larger one at 16 distinct places inside.
    @Test func drawsDistinctPlacesInside() throws {
        for width in [2, 4, 8, 64, 512] {
            for seed in 0..<50 {
                var generator = SeededGenerator(seed: Bytes32(repeating: UInt8(seed)))
                let drawn = CoordinateChoice.draw(width: width, with: &generator)
                #expect(drawn.count == min(16, width * width))
                #expect(Set(drawn).count == drawn.count)
                #expect(
                    drawn.allSatisfy {
                        (0..<width).contains($0.row) && (0..<width).contains($0.column)
                    })
            }
        }
    }

    /// A block's places hang on the secret and the block alone: a retry draws the same again.
    @Test func drawsOnceForABlock() throws {
        func draw(_ secret: UInt8, _ height: UInt64, _ root: UInt8) -> [Coordinate] {
            var generator = CoordinateChoice.generator(
                secret: Bytes32(repeating: secret), height: height,
                dataRoot: Bytes32(repeating: root))
            return CoordinateChoice.draw(width: 512, with: &generator)
        }
        let first = draw(1, 7, 3)
        #expect(draw(1, 7, 3) == first)
        #expect(draw(2, 7, 3) != first)
        #expect(draw(1, 8, 3) != first)
        #expect(draw(1, 7, 4) != first)
    }

    /// Over many draws each share of a small square is chosen about equally often.
    @Test func drawsEachPlaceEquallyOften() throws {
        var counts = [Int](repeating: 0, count: 64)
        var generator = SeededGenerator(seed: Bytes32(repeating: 7))
        for _ in 0..<4_000 {
            for place in CoordinateChoice.draw(width: 8, with: &generator) {
                counts[place.row * 8 + place.column] += 1
            }
        }
        #expect(counts.allSatisfy { (850...1_150).contains($0) })
    }
}

/// Which block is sampled next.
@Suite struct SamplingScheduleTests {
    private let start = Instant(nanoseconds: 0)

    /// The newest block goes first, then downwards, never more than allowed at once.
    @Test func newestFirst() {
        var schedule = SamplingSchedule(tail: 1)
        schedule.headIs(14)
        let begun = (0..<14).compactMap { _ in schedule.next(at: start) }
        #expect(begun == [14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3])
        #expect(
            schedule.running.map(\.job) == Array(repeating: .recent, count: 8)
                + Array(repeating: .catchup, count: 4))
        schedule.succeeded(14)
        #expect(schedule.next(at: start) == nil, "a place for new ones is not one for old ones")
        schedule.succeeded(6)
        #expect(schedule.next(at: start) == 2)
        schedule.headIs(15)
        #expect(schedule.next(at: start) == 15)
        for height in (2...13 as ClosedRange<UInt64>) where height != 6 {
            schedule.succeeded(height)
        }
        #expect(schedule.next(at: start) == 1)
        #expect(!schedule.isCaughtUp)
        for height in [1, 15] as [UInt64] { schedule.succeeded(height) }
        #expect(schedule.isCaughtUp)
        #expect(schedule.headOfSampledChain == 15)
        #expect(schedule.next(at: start) == nil)
    }

    /// A failed height is tried again after its rest, and holds back the sampled chain until then.
    @Test func failuresComeBack() throws {
        var schedule = SamplingSchedule(tail: 1)
        schedule.headIs(2)
        #expect(schedule.next(at: start) == 2)
        #expect(schedule.next(at: start) == 1)
        schedule.succeeded(2)
        schedule.failed(1, at: start)
        #expect(schedule.headOfSampledChain == 0)
        #expect(schedule.next(at: start) == nil)
        let due = try #require(schedule.nextDue)
        #expect(schedule.next(at: due) == 1)
        schedule.failed(1, at: due)
        #expect(schedule.failed.first?.tries == 2)
        let later = due.advanced(byMilliseconds: SamplingSchedule.retryMilliseconds)
        #expect(schedule.next(at: later) == 1)
        schedule.succeeded(1)
        #expect(schedule.isCaughtUp)
    }

    /// However many blocks are withheld, trying them again leaves room for new ones.
    @Test func retriesLeaveRoom() throws {
        var schedule = SamplingSchedule(tail: 1)
        schedule.headIs(4)
        for _ in 0..<4 { _ = schedule.next(at: start) }
        for height in 1...4 as ClosedRange<UInt64> { schedule.failed(height, at: start) }
        let due = try #require(schedule.nextDue)
        #expect(schedule.next(at: due) == 1)
        #expect(schedule.next(at: due) == nil)
        schedule.headIs(7)
        #expect((0..<4).compactMap { _ in schedule.next(at: due) } == [7, 6, 5])
        schedule.failed(1, at: due)
        #expect(schedule.next(at: due) == 2)
    }

    /// Who comes back to a chain with many withheld blocks begins the next block when it comes, and
    /// so does who is offered one withheld block after another.
    @Test func newBlocksWaitForNothing() {
        var schedule = SamplingSchedule(tail: 1)
        schedule.headIs(40)
        while schedule.next(at: start) != nil {}
        #expect(schedule.running.count == 12)
        // Every third of them ends; the others are withheld and take their time.
        for height in [40, 37, 34, 31] as [UInt64] { schedule.succeeded(height) }
        for height in 41...43 as ClosedRange<UInt64> {
            schedule.headIs(height)
            #expect(schedule.next(at: start) == height)
            #expect(schedule.running.last?.job == .recent)
            while schedule.next(at: start) != nil {}
        }
        // One without end: never more than there are places.
        for height in 44...400 as ClosedRange<UInt64> {
            schedule.headIs(height)
            while schedule.next(at: start) != nil {}
            #expect(schedule.running.count <= 12)
        }
    }

    /// What an earlier run sampled is not sampled again.
    @Test func resumes() throws {
        var done = HeightRanges()
        done.insert(1...8)
        var schedule = SamplingSchedule(
            tail: 1, sampled: try HeightRanges(decoding: done.encoded))
        schedule.headIs(10)
        #expect(schedule.next(at: start) == 10)
        #expect(schedule.next(at: start) == 9)
        #expect(schedule.next(at: start) == nil)
    }
}
