// SPDX-License-Identifier: Apache-2.0

import Availability
import Machinery
import Testing

/// What a validator answers, when it does so again, and what it says of data that is gone.
@Suite struct DutyMachineTests {
    private static let start = Instant(nanoseconds: 1_000_000_000)

    private static func audit(_ index: UInt8, height: UInt64, epoch: UInt64 = 3) -> DutyTask {
        DutyTask(.audit(epoch: epoch, index: index), height: height, row: 1, columns: [2])
    }

    private static func challenge(_ id: UInt64, height: UInt64) -> DutyTask {
        DutyTask(.challenge(id), height: height, row: 4, columns: [0, 7])
    }

    /// A machine with what it was told and said; wakes are left out.
    private struct Bench {
        var machine = DutyMachine()
        var now = DutyMachineTests.start

        mutating func tell(_ event: DutyMachine.Event) -> [DutyMachine.Effect] {
            var effects: [DutyMachine.Effect] = []
            machine.handle(event, at: now, into: &effects)
            return effects.filter { if case .wake = $0 { false } else { true } }
        }

        mutating func executed(
            _ height: UInt64, _ tasks: [DutyTask], reported: [ClosedRange<UInt64>] = []
        ) -> [DutyMachine.Effect] {
            tell(.executed(height: height, tasks, reported: reported))
        }

        mutating func pass(milliseconds: UInt64) {
            now = now.advanced(byMilliseconds: milliseconds)
        }
    }

    /// Audits are answered together, when the last of them was read; a challenge at once.
    @Test func answers() {
        var bench = Bench()
        let tasks = [
            Self.audit(0, height: 10), Self.audit(2, height: 12), Self.challenge(7, height: 9),
        ]
        #expect(bench.executed(20, tasks) == [.read(tasks[2]), .read(tasks[0]), .read(tasks[1])])
        #expect(bench.tell(.read(tasks[0], isHeld: true)) == [])
        #expect(bench.tell(.read(tasks[2], isHeld: true)) == [.answer([tasks[2]])])
        #expect(
            bench.tell(.read(tasks[1], isHeld: true)) == [.answer([tasks[0], tasks[1]])])
        #expect(bench.executed(21, tasks) == [], "it waits for what was sent")
        #expect(bench.tell(.read(tasks[1], isHeld: true)) == [], "nobody asked for that")
    }

    /// An answer that the chain does not show some blocks later is read and sent again; one that it
    /// shows is forgotten.
    @Test func answersAgain() {
        var bench = Bench()
        let tasks = [Self.audit(0, height: 10), Self.challenge(1, height: 10)]
        _ = bench.executed(20, tasks)
        for task in tasks { _ = bench.tell(.read(task, isHeld: true)) }
        #expect(bench.executed(20 + DutyMachine.repeatBlocks - 1, tasks) == [])
        let late = 20 + DutyMachine.repeatBlocks
        #expect(bench.executed(late, [tasks[0]]) == [.read(tasks[0])])
        #expect(bench.tell(.read(tasks[0], isHeld: true)) == [.answer([tasks[0]])])
        #expect(bench.executed(late + DutyMachine.repeatBlocks, []) == [])
        #expect(bench.executed(100, [tasks[1]]) == [.read(tasks[1])], "asked for anew")
    }

    /// What is not at hand is looked for each minute and when its square comes; the others are
    /// answered meanwhile.
    @Test func looksAgain() {
        var bench = Bench()
        let tasks = [Self.audit(0, height: 10), Self.audit(1, height: 11)]
        _ = bench.executed(20, tasks)
        #expect(bench.tell(.read(tasks[0], isHeld: false)) == [])
        #expect(bench.tell(.read(tasks[1], isHeld: true)) == [.answer([tasks[1]])])
        #expect(bench.tell(.woke) == [])
        bench.pass(milliseconds: DutyMachine.rereadMilliseconds)
        #expect(bench.tell(.woke) == [.read(tasks[0])])
        #expect(bench.tell(.read(tasks[0], isHeld: false)) == [])
        #expect(bench.tell(.kept(11)) == [])
        #expect(bench.tell(.kept(10)) == [.read(tasks[0])])
        #expect(bench.tell(.read(tasks[0], isHeld: true)) == [.answer([tasks[0]])])
        #expect(bench.machine.lostHeights == [])
    }

    /// A height is reported an hour after it was found gone and not before, and not if it comes back.
    @Test func losses() {
        var bench = Bench()
        _ = bench.executed(50, [])
        #expect(bench.tell(.lost(30)) == [])
        bench.pass(milliseconds: 600_000)
        for height in [31, 32, 40] as [UInt64] { #expect(bench.tell(.lost(height)) == []) }
        #expect(bench.tell(.kept(40)) == [])
        bench.pass(milliseconds: DutyMachine.lossMilliseconds - 600_001)
        #expect(bench.tell(.woke) == [])
        bench.pass(milliseconds: 1)
        #expect(bench.tell(.woke) == [.reportLoss(30...30)])
        #expect(bench.tell(.woke) == [], "one report at a time")
        bench.pass(milliseconds: 600_000)
        #expect(bench.executed(51, [], reported: [30...30]) == [])
        let next = 50 + DutyMachine.repeatBlocks
        #expect(bench.executed(next, [], reported: [30...30]) == [.reportLoss(31...32)])
        let last = next + DutyMachine.repeatBlocks
        #expect(bench.executed(last, [], reported: [30...30]) == [.reportLoss(31...32)])
        #expect(
            bench.executed(last + DutyMachine.repeatBlocks, [], reported: [30...32]) == [])
    }

    /// Holes on both sides of a report that was made before are told in two, which do not overlap it.
    @Test func reportsDoNotOverlap() {
        var bench = Bench()
        _ = bench.executed(50, [])
        for height in [3, 8, 25, 44] as [UInt64] { _ = bench.tell(.lost(height)) }
        bench.pass(milliseconds: DutyMachine.lossMilliseconds)
        let before: [ClosedRange<UInt64>] = [10...30]
        #expect(bench.executed(51, [], reported: before) == [.reportLoss(3...8)])
        #expect(
            bench.executed(51 + DutyMachine.repeatBlocks, [], reported: [3...8, 10...30])
                == [.reportLoss(44...44)])
    }

    /// A share that an audit asks for in vain counts as lost from then on; and nothing grows without
    /// bounds.
    @Test func bounds() {
        var bench = Bench()
        let task = Self.audit(0, height: 10)
        _ = bench.executed(20, [task])
        _ = bench.tell(.read(task, isHeld: false))
        #expect(bench.machine.lostHeights == [10])
        for height in 0..<UInt64(DutyMachine.lostMax) + 100 { _ = bench.tell(.lost(height)) }
        #expect(bench.machine.lostHeights.count == DutyMachine.lostMax)
        let many = (0..<200).map { Self.challenge($0, height: 5) }
        #expect(bench.executed(21, many).count == DutyMachine.tasksMax)
    }
}
