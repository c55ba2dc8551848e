// SPDX-License-Identifier: Apache-2.0

import Availability
import Bytes
import DataSquare
import Machinery
import Testing

/// When rows are held to a block's sidecar, and what becomes of those that disagree.
@Suite struct RowAlarmMachineTests {
    private static let square: CommittedSquare = {
        do {
            let bytes = (0..<4).flatMap { index in
                [UInt8](repeating: 0, count: 27) + [1, UInt8(index)]
                    + [UInt8](repeating: UInt8(index), count: 483)
            }
            return CommittedSquare(
                ExtendedDataSquare(extending: try OriginalDataSquare(width: 2, bytes: bytes)))
        } catch {
            preconditionFailure("four shares are a square: \(error)")
        }
    }()

    private static let sidecar = EncodingSidecar(
        of: square.square, dataRoot: square.header.dataRoot)

    private static func row(_ index: Int) throws -> Row {
        let half = try stride(from: 0, to: 1_024, by: 512).map {
            try Share(decoding: square.square.axisBytes(.row, index)[$0..<$0 + 512])
        }
        return try UnverifiedRow(half: half, side: .left).verify(
            row: index, against: square.header)
    }

    /// A machine and what it asked for, as words.
    private struct Bench {
        var machine = RowAlarmMachine()
        var log: [String] = []

        mutating func tell(_ event: RowAlarmMachine.Event, at milliseconds: UInt64 = 0) {
            var effects: [RowAlarmMachine.Effect] = []
            machine.handle(
                event, at: Instant(nanoseconds: milliseconds * 1_000_000), into: &effects)
            log += effects.map { effect in
                switch effect {
                case .fetchSidecar(let height): "fetch \(height)"
                case .check(let height, _, _, let rows):
                    "check \(height): \(rows.map(\.index))"
                case .alarm(let height, _, let row): "alarm \(height): \(row)"
                case .agreed(let height, let rows): "agreed \(height): \(rows)"
                case .giveUp(let height): "give up \(height)"
                case .wake(let moment): "wake at \(moment.nanoseconds / 1_000_000)"
                }
            }
        }

        mutating func hold(_ row: Int, of height: UInt64 = 5) throws {
            tell(
                .held(
                    height: height, RowAlarmMachineTests.square.header,
                    try RowAlarmMachineTests.row(row)))
        }

        mutating func takeLog() -> [String] {
            defer { log = [] }
            return log
        }
    }

    /// Rows wait for the sidecar, which is fetched once; then they are compared, one job at a time.
    @Test func rowsAreComparedOnce() throws {
        var bench = Bench()
        try bench.hold(0)
        try bench.hold(3)
        #expect(bench.takeLog() == ["fetch 5"])
        bench.tell(.sidecar(height: 5, Self.sidecar))
        try bench.hold(1)
        #expect(bench.takeLog() == ["check 5: [0, 3]"])
        bench.tell(.checked(height: 5, disagreeing: nil))
        #expect(bench.takeLog() == ["agreed 5: 2", "check 5: [1]"])
        bench.tell(.checked(height: 5, disagreeing: nil))
        #expect(bench.takeLog() == ["agreed 5: 1"])
    }

    /// A row that disagrees raises one alarm, and nothing of the block is compared after it.
    @Test func oneAlarmForABlock() throws {
        var bench = Bench()
        try bench.hold(2)
        bench.tell(.sidecar(height: 5, Self.sidecar))
        try bench.hold(1)
        bench.log = []
        bench.tell(.checked(height: 5, disagreeing: 2))
        #expect(bench.takeLog() == ["alarm 5: 2"])
        try bench.hold(0)
        bench.tell(.checked(height: 5, disagreeing: 1))
        #expect(bench.takeLog() == [])
    }

    /// A sidecar that nobody has is looked for again after a pause, and not for ever.
    @Test func sidecarIsLookedForAgain() throws {
        var bench = Bench()
        try bench.hold(0)
        var now: UInt64 = 0
        for _ in 1..<RowAlarmMachine.sidecarTries {
            bench.log = []
            bench.tell(.noSidecar(height: 5), at: now)
            bench.tell(.woke, at: now + RowAlarmMachine.pauseMilliseconds - 1)
            let due = now + RowAlarmMachine.pauseMilliseconds
            #expect(bench.takeLog() == ["wake at \(due)"])
            now = due
            bench.tell(.woke, at: now)
            #expect(bench.takeLog() == ["fetch 5"])
        }
        bench.tell(.noSidecar(height: 5), at: now)
        #expect(bench.takeLog() == ["give up 5"])
        bench.tell(.sidecar(height: 5, Self.sidecar))
        #expect(bench.takeLog() == [])
    }

    /// Only so many blocks and rows are held: what is through gives way first, then the oldest.
    @Test func memoryIsBounded() throws {
        var bench = Bench()
        let last = UInt64(RowAlarmMachine.blocksMax)
        for height in 1...last { try bench.hold(0, of: height) }
        bench.tell(.sidecar(height: 3, Self.sidecar))
        bench.tell(.checked(height: 3, disagreeing: nil))
        bench.log = []
        try bench.hold(0, of: last + 1)
        #expect(bench.takeLog() == ["fetch \(last + 1)"])
        try bench.hold(0, of: last + 2)
        #expect(bench.takeLog() == ["give up 1", "fetch \(last + 2)"])
        for _ in 0..<RowAlarmMachine.waitingMax + 9 { try bench.hold(1, of: 2) }
        bench.tell(.sidecar(height: 2, Self.sidecar))
        bench.log = []
        bench.tell(.checked(height: 2, disagreeing: nil))
        #expect(bench.takeLog() == ["agreed 2: \(RowAlarmMachine.waitingMax)"])
    }

    /// Nothing of a refused block, or of one above it, is compared any more.
    @Test func refusedBlocksAreForgotten() throws {
        var bench = Bench()
        for height in [4, 5, 6] as [UInt64] { try bench.hold(0, of: height) }
        bench.tell(.refused(from: 5))
        bench.log = []
        for height in [4, 5, 6] as [UInt64] { bench.tell(.sidecar(height: height, Self.sidecar)) }
        #expect(bench.takeLog() == ["check 4: [0]"])
    }
}
