// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Foundation
import Storage
import Testing

/// The work that fault sweeps interrupt, and what must hold afterwards.
struct SweptWork {
    /// One request to the store.
    enum Step {
        case put([StoredBlock])
        case remove([Height])
        case record(String, [UInt8])
        /// A block with its header and a record, as a validator stores it.
        case block(ExtendedHeader, CommittedSquare, String, [UInt8])
        /// What namespaces have at a height, before its square goes.
        case pin(Height, [UInt8])
        /// A version of the state tree, with the record that opens it.
        case state(SweptState)
    }

    let steps: [Step]

    /// Small squares, padded ones, empty blocks, batches, removals and records.
    init(rounds: UInt64) throws {
        var steps: [Step] = []
        var tree = SweptTree()
        for round in 0..<rounds {
            let first = 1 + round * 8
            steps += [
                .put([try SampleSquares.block(first, width: 2, seed: "sweep \(first)")]),
                .put([
                    try SampleSquares.block(first + 1, width: 1, seed: "sweep \(first + 1)"),
                    try SampleSquares.emptyBlock(first + 2),
                    try SampleSquares.block(first + 3, width: 4, seed: "sweep \(first)", tail: 5),
                ]),
                .record("agreement/vote", [UInt8(truncatingIfNeeded: round)]),
                .state(try tree.next()),
                .put([try SampleSquares.emptyBlock(first + 4)]),
                .remove([Height(first), Height(first + 2)]),
                .put([try SampleSquares.block(first + 5, width: 2, seed: "sweep \(first)")]),
                try Self.block(first + 6, record: [UInt8(truncatingIfNeeded: round), 7]),
                .pin(Height(first + 1), [UInt8(truncatingIfNeeded: round), 5]),
                .pin(Height(first + 6), []),
                .state(try tree.next()),
                .remove([Height(first + 1), Height(first + 3), Height(first + 6)]),
            ]
        }
        self.steps = steps
    }

    private static func block(_ height: UInt64, record: [UInt8]) throws -> Step {
        let square = CommittedSquare(
            ExtendedDataSquare(
                extending: try SampleSquares.make(width: 2, seed: "whole \(height)", tail: 1)))
        return .block(
            try SampleHeaders.make(height, square.header), square, "ledger/0", record)
    }

    /// Does one step.
    static func perform(_ step: Step, on store: NodeStorage) throws {
        switch step {
        case .put(let blocks): try store.squares.put(blocks)
        case .remove(let heights): try store.squares.remove(heights: heights)
        case .record(let name, let record): try store.states.put(name, record)
        case .block(let header, let square, let name, let record):
            try store.put(header, square, records: [(name, record)])
        case .pin(let height, let data):
            try store.pins.put(pins.map { ($0, data) }, at: height)
        case .state(let state): try state.put(in: store)
        }
    }

    /// Two namespaces, whose records stand or fall together.
    static let pins = [Namespace.transactions, Namespace.payForBlobs]

    /// Opens a store and does every step, telling of each that is done.
    func run(_ path: String, fault: WriteFault, acknowledged: (Int) throws -> Void) throws {
        let store = try NodeStorage(path, fault: fault)
        for (index, step) in steps.enumerated() {
            try Self.perform(step, on: store)
            try acknowledged(index)
        }
    }

    /// Holds a reopened store to the steps that were acknowledged; the one after them may have
    /// happened or not, block by block, but not by halves.
    func check(_ store: NodeStorage, acknowledged: Int) throws {
        var blocks: [Height: StoredBlock] = [:]
        var records: [String: [UInt8]] = [:]
        for step in steps[..<acknowledged] { Self.apply(step, &blocks, &records) }
        var later = blocks
        var laterRecords = records
        if acknowledged < steps.count { Self.apply(steps[acknowledged], &later, &laterRecords) }
        let held = try store.squares.heights(from: Height(0), limit: 10_000)
        #expect(try store.squares.damaged(limit: 9) == [])
        for height in held {
            let block = try #require(blocks[height] ?? later[height], "height \(height) is held")
            #expect(try store.squares.square(.height(height)) == block.square)
            #expect(try store.squares.header(.height(height)) == block.header)
        }
        for height in blocks.keys where later[height] != nil { #expect(held.contains(height)) }
        try checkWhole(store, held: held, acknowledged: acknowledged)
        try checkPins(store, acknowledged: acknowledged)
        try checkState(store, acknowledged: acknowledged)
        for name in Set(records.keys).union(laterRecords.keys) {
            let found = try store.states.get(name)
            #expect(found == records[name] || found == laterRecords[name])
        }
    }

    /// A header that came with a square is there when, and only when, its record is.
    private func checkWhole(
        _ store: NodeStorage, held: [Height], acknowledged: Int
    ) throws {
        var newest: [UInt8]?
        // Its square may have been pruned since; its header never goes.
        let pruned = Set(steps[...min(acknowledged, steps.count - 1)].flatMap { $0.removed })
        for step in steps {
            guard case .block(let header, let square, _, let record) = step,
                let found = try store.headers.header(at: header.height)
            else { continue }
            #expect(found.extended == header)
            newest = record
            guard held.contains(header.height) else {
                #expect(pruned.contains(header.height))
                continue
            }
            #expect(try store.squares.header(.height(header.height)) == square.header)
        }
        #expect(try store.states.get("ledger/0") == newest)
    }

    /// What was pinned stays, whatever is removed; both namespaces or neither.
    private func checkPins(_ store: NodeStorage, acknowledged: Int) throws {
        for (place, step) in steps.enumerated() {
            guard case .pin(let height, let data) = step else { continue }
            let found = try Self.pins.map { try store.pins.get($0, at: height) }
            #expect(found[0] == found[1])
            if place < acknowledged { #expect(found[0] == data) }
            if place > acknowledged { #expect(found[0] == nil) }
        }
    }

    /// The tree opens at the version that was acknowledged last, or the next, with all its entries.
    private func checkState(_ store: NodeStorage, acknowledged: Int) throws {
        var expected: [SweptState] = []
        for step in steps[..<acknowledged] {
            if case .state(let state) = step { expected = [state] }
        }
        if acknowledged < steps.count, case .state(let next) = steps[acknowledged] {
            expected.append(next)
        }
        guard let head = try store.states.get(SweptState.record) else {
            return #expect(expected.count < 2 && acknowledged <= 3)
        }
        let state = try #require(expected.first { $0.head == head })
        try state.check(store)
    }

    private static func apply(
        _ step: Step, _ blocks: inout [Height: StoredBlock], _ records: inout [String: [UInt8]]
    ) {
        switch step {
        case .put(let added): for block in added { blocks[block.height] = block }
        case .remove(let heights): for height in heights { blocks[height] = nil }
        case .record(let name, let record): records[name] = record
        case .block(let header, let square, let name, let record):
            blocks[header.height] = StoredBlock(height: header.height, square)
            records[name] = record
        case .pin, .state: break
        }
    }
}

extension SweptWork.Step {
    /// The heights that it removes.
    fileprivate var removed: [Height] {
        if case .remove(let heights) = self { heights } else { [] }
    }
}

/// Every step that changes the disk fails, or kills the process, once each.
@Suite struct StorageFaultSweep {
    /// After any one step fails, reopening shows all that was acknowledged and nothing by halves.
    @Test(arguments: [EIO, ENOSPC])
    func everyStepFailsOnce(code: Int32) throws {
        let work = try SweptWork(rounds: 1)
        var number = 0
        while true {
            number += 1
            let scratch = try ScratchDirectory(inMemory: true)
            let fault = WriteFault(.failOnce(at: number, code: code))
            var acknowledged = 0
            do {
                try work.run(scratch.path, fault: fault) { acknowledged = $0 + 1 }
                break
            } catch let error as StorageFault {
                #expect(error.names(code: code), "step \(number): \(error)")
            }
            try verify(scratch, work, acknowledged)
        }
        print("fault sweep: \(number - 1) steps failed once with error \(code)")
        #expect(number > 40)
    }

    /// A disk that fills up and stays full loses nothing that was acknowledged.
    @Test func diskFillsUp() throws {
        let work = try SweptWork(rounds: 1)
        var number = 0
        while true {
            number += 1
            let scratch = try ScratchDirectory(inMemory: true)
            let fault = WriteFault(.failFrom(number, code: ENOSPC))
            var acknowledged = 0
            do {
                try work.run(scratch.path, fault: fault) { acknowledged = $0 + 1 }
                break
            } catch let error as StorageFault {
                #expect(error.names(code: ENOSPC), "step \(number): \(error)")
            }
            try verify(scratch, work, acknowledged)
        }
        print("fault sweep: disk full from each of \(number - 1) steps on")
    }

    /// The step that failed succeeds when it is asked for again, without reopening.
    @Test func everyFailedStepCanBeRepeated() throws {
        let work = try SweptWork(rounds: 1)
        var number = try stepsToOpen()
        while true {
            number += 1
            let scratch = try ScratchDirectory(inMemory: true)
            let fault = WriteFault(.failOnce(at: number, code: ENOSPC))
            do {
                let store = try NodeStorage(scratch.path, fault: fault)
                for step in work.steps {
                    do {
                        try SweptWork.perform(step, on: store)
                    } catch is StorageFault {
                        try SweptWork.perform(step, on: store)
                    }
                }
                try work.check(store, acknowledged: work.steps.count)
            }
            #expect(try NodeStorage(scratch.path).sweepReport.isClean)
            if fault.count < number { break }
        }
        print("fault sweep: \(number - 1) failed steps repeated")
    }

    /// Killed at any step over the ingest of many blocks, nothing acknowledged is lost.
    ///
    /// The child is killed by SIGKILL from inside, at the n-th step for every n; what it had
    /// acknowledged it had written down, outside of the store, before going on.
    @Test func everyStepKilled() async throws {
        let rounds: UInt64 = 5
        let work = try SweptWork(rounds: rounds)
        let total = WriteFault()
        do {
            let scratch = try ScratchDirectory(inMemory: true)
            try work.run(scratch.path, fault: total) { _ in }
        }
        #expect(total.count >= 200)
        for number in 1...total.count {
            let scratch = try ScratchDirectory(inMemory: true)
            let path = scratch.path
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [
                    path = path as String, number = number as Int, rounds = rounds as UInt64
                ] in
                let journal = path + ".acknowledged"
                let work = try SweptWork(rounds: rounds)
                try work.run(path, fault: WriteFault(.kill(at: number))) { index in
                    try Data("\(index + 1)".utf8).write(to: URL(filePath: journal))
                }
            }
            let journal = URL(filePath: path + ".acknowledged")
            var acknowledged = 0
            if FileManager.default.fileExists(atPath: journal.path) {
                let text = String(decoding: try Data(contentsOf: journal), as: UTF8.self)
                acknowledged = try #require(Int(text))
                try FileManager.default.removeItem(at: journal)
            }
            try verify(scratch, work, acknowledged)
        }
        print("kill sweep: killed at each of \(total.count) steps")
    }

    /// How many steps opening an empty directory takes.
    private func stepsToOpen() throws -> Int {
        let scratch = try ScratchDirectory(inMemory: true)
        let fault = WriteFault()
        _ = try NodeStorage(scratch.path, fault: fault)
        return fault.count
    }

    /// Reopens twice, checks, completes the work and checks again.
    private func verify(
        _ scratch: ScratchDirectory, _ work: SweptWork, _ acknowledged: Int
    ) throws {
        do {
            let store = try NodeStorage(scratch.path)
            try work.check(store, acknowledged: acknowledged)
        }
        #expect(try scratch.everyFile().filter { $0.hasSuffix(".temporary") } == [])
        let again = try NodeStorage(scratch.path)
        #expect(again.sweepReport.isClean)
        for step in work.steps[acknowledged...] { try SweptWork.perform(step, on: again) }
        try work.check(again, acknowledged: work.steps.count)
    }
}

extension StorageFault {
    /// Whether the fault tells of this error number.
    fileprivate func names(code: Int32) -> Bool {
        switch self {
        case .diskFull: code == ENOSPC
        case .system(_, _, let found): found == code
        default: false
        }
    }
}
