// SPDX-License-Identifier: Apache-2.0

import Machinery
import Syncing
import TestSupport
import Testing

/// How squares are kept, told as scripts; moments in milliseconds.
@Suite struct RetentionMachinesTests {
    /// The window's end is found by halves, and followed.
    @Test(arguments: ["window-search", "window-follows", "window-gap"])
    func window(name: String) throws {
        var machine = WindowMachine(lengthMilliseconds: 10_000)
        try Self.run(name) { words, now, effects in
            var asked: [WindowMachine.Effect] = []
            let event: WindowMachine.Event =
                switch words[0] {
                case "headers": .headers(try Self.number(words, 1)...(try Self.number(words, 2)))
                case "times":
                    .times(
                        try words[2...].map { try Self.moment($0) },
                        from: try Self.number(words, 1))
                case "unread": .unread(try Self.number(words, 1))
                default: .woke
                }
            machine.handle(event, at: now, into: &asked)
            effects = asked.map(\.description)
        }
    }

    /// What leaves the window goes, when pins have their own of it.
    @Test(arguments: ["pruning", "pruning-pins", "pruning-archive"])
    func pruning(name: String) throws {
        var machine = PruningMachine(
            isArchival: name.hasSuffix("archive"), hasPins: !name.hasSuffix("pruning"))
        try Self.run(name) { words, now, effects in
            var asked: [PruningMachine.Effect] = []
            let event: PruningMachine.Event =
                switch words[0] {
                case "begin":
                    .began(
                        held: try Self.heights(words[1]),
                        pinned: words.count > 2 ? try Self.heights(words[2]) : HeightRanges())
                case "stored": .stored(try Self.number(words, 1))
                case "lost": .lost(try Self.number(words, 1))
                case "horizon": .horizon(try Self.number(words, 1))
                case "pinned": .pinned(try Self.number(words, 1))
                case "not-pinned": .notPinned(try Self.number(words, 1))
                case "pruned": .pruned
                case "not-pruned": .notPruned
                default: .woke
                }
            machine.handle(event, at: now, into: &asked)
            effects = asked.map(\.description)
        }
    }

    /// A square is admitted when it fits, and no more are fetched until it does.
    @Test(arguments: ["space-budget", "space-disk"])
    func space(name: String) throws {
        var machine = SpaceMachine(budgetBytes: name.hasSuffix("budget") ? 1_000 : nil)
        try Self.run(name) { words, now, effects in
            var asked: [SpaceMachine.Effect] = []
            switch words[0] {
            case "admit":
                let isAdmitted = machine.admit(
                    try Self.number(words, 1), at: now, into: &asked)
                effects = [isAdmitted ? "admitted" : "refused"]
            case "usage":
                let free = words.count > 2 ? try Self.number(words, 2) : .max
                machine.handle(
                    .usage(used: try Self.number(words, 1), free: free), at: now, into: &asked)
            case "stored": machine.handle(.stored, at: now, into: &asked)
            case "removed": machine.handle(.removed, at: now, into: &asked)
            case "refused-by-disk": machine.handle(.refusedByDisk, at: now, into: &asked)
            default: machine.handle(.woke, at: now, into: &asked)
            }
            effects += asked.map(\.description)
        }
    }

    /// Stored squares are read again, one by one, at a pace.
    @Test(arguments: ["scrub"])
    func scrub(name: String) throws {
        var machine = ScrubMachine(bytesPerSecond: 1_000)
        var held = HeightRanges()
        try Self.run(name) { words, now, effects in
            var asked: [ScrubMachine.Effect] = []
            switch words[0] {
            case "held":
                held = try Self.heights(words[1])
                machine.handle(.woke(held: held), at: now, into: &asked)
            case "intact":
                machine.handle(
                    .intact(try Self.number(words, 1), bytes: try Self.number(words, 2)), at: now,
                    into: &asked)
            case "damaged":
                machine.handle(.damaged(try Self.number(words, 1)), at: now, into: &asked)
            case "gone": machine.handle(.gone(try Self.number(words, 1)), at: now, into: &asked)
            default: machine.handle(.woke(held: held), at: now, into: &asked)
            }
            effects = asked.map(\.description)
        }
    }

    /// A position survives as its bytes, and no other bytes are one.
    @Test func scrubPosition() throws {
        var position = ScrubPosition(beganMilliseconds: 5)
        position.height = 7
        position.checked = 3
        position.damaged = 1
        #expect(position.encoded.count == 32)
        #expect(try ScrubPosition(decoding: position.encoded) == position)
        for count in 0..<32 {
            #expect(throws: (any Error).self) {
                try ScrubPosition(decoding: Array(position.encoded[..<count]))
            }
        }
        #expect(throws: (any Error).self) { try ScrubPosition(decoding: position.encoded + [0]) }
    }

    /// Squares are fetched newest first, each of the next peer that may have it.
    @Test(arguments: ["squares-refused", "squares-unavailable", "squares-paused", "squares-liar"])
    func squares(name: String) throws {
        var machine = SquareSyncMachine()
        try Self.run(name) { words, now, effects in
            var asked: [SquareSyncMachine.Effect] = []
            let event: SquareSyncMachine.Event =
                switch words[0] {
                case "want": .wanted(try Self.number(words, 1))
                case "peers": .peersChanged(words.dropFirst().map { Peer($0) })
                case "stored": .stored(try Self.number(words, 1))
                case "refused": .refused(try Self.number(words, 1), by: Peer(words[2]))
                case "lied": .lied(try Self.number(words, 1), by: Peer(words[2]))
                case "not-stored": .notStored(try Self.number(words, 1))
                case "not-repaired": .notRepaired(try Self.number(words, 1))
                case "horizon": .horizon(try Self.number(words, 1))
                case "pause": .paused(true)
                case "resume": .paused(false)
                default: .woke
                }
            machine.handle(event, at: now, into: &asked)
            effects = asked.map(\.description)
        }
    }

    /// A backfill is told of when it begins, now and then, and when it is done.
    @Test func backfillMeter() {
        var meter = BackfillMeter()
        let start = Instant(nanoseconds: 0)
        func after(_ milliseconds: UInt64) -> Instant {
            start.advanced(byMilliseconds: milliseconds)
        }
        #expect(meter.update(held: 9, total: 10, at: start) == nil)
        let first = meter.update(held: 0, total: 100, at: start)
        #expect(first?.percent == 0 && first?.leftMilliseconds == nil)
        #expect(meter.update(held: 10, total: 100, at: after(500)) == nil)
        let second = meter.update(held: 20, total: 100, at: after(2_000))
        #expect(second?.percent == 20 && second?.leftMilliseconds == 8_000)
        let last = meter.update(held: 100, total: 100, at: after(9_000))
        #expect(last?.isDone == true)
        #expect(meter.update(held: 100, total: 101, at: after(19_000)) == nil)
    }

    // MARK: Scripts

    /// Runs a script whose commands may begin with a moment: `@2000 woke`.
    private static func run(
        _ name: String, _ perform: ([String], Instant, inout [String]) throws -> Void
    ) throws {
        var now = Instant(nanoseconds: 0)
        try GoldenScript(name).run { command in
            var words = command.split(separator: " ").map(String.init)
            if words[0].hasPrefix("@") {
                now = try moment(String(words.removeFirst().dropFirst()))
            }
            var effects: [String] = []
            try perform(words, now, &effects)
            return effects
        }
    }

    private static func number(_ words: [String], _ place: Int) throws -> UInt64 {
        try #require(UInt64(words[place]))
    }

    private static func moment(_ text: String) throws -> Instant {
        Instant(nanoseconds: try #require(UInt64(text)) * 1_000_000)
    }

    /// Heights as in `1-5,9`.
    private static func heights(_ text: String) throws -> HeightRanges {
        var heights = HeightRanges()
        for part in text.split(separator: ",") {
            let bounds = try part.split(separator: "-").map { try #require(UInt64($0)) }
            heights.insert(bounds[0]...bounds[bounds.count - 1])
        }
        return heights
    }
}
