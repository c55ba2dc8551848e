// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// Shares that the chain asks a validator to show.
package struct DutyTask: Hashable, Comparable, Sendable {
    /// Who asks.
    package enum Kind: Hashable, Sendable {
        /// The epoch, by its number; and which of its audits.
        case audit(epoch: UInt64, index: UInt8)
        /// A challenge, by its number.
        case challenge(UInt64)
    }

    /// Who asks.
    package let kind: Kind
    /// The block's height.
    package let height: UInt64
    /// The row of its extended square.
    package let row: Int
    /// The shares' places in the row, rising.
    package let columns: [Int]

    /// Names what is to be shown.
    package init(_ kind: Kind, height: UInt64, row: Int, columns: [Int]) {
        self.kind = kind
        self.height = height
        self.row = row
        self.columns = columns
    }

    /// Challenges first, since they cost stake; then audits; each by number.
    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.order < rhs.order }

    private var order: (UInt8, UInt64, UInt8) {
        switch kind {
        case .challenge(let id): (0, id, 0)
        case .audit(let epoch, let index): (1, epoch, index)
        }
    }
}

/// Answers, for a validator, what the chain asks of it, and says what it has lost.
///
/// After each block it is told what waits for an answer. It has the shares read, answers all audits
/// of an epoch at once and each challenge by itself, and answers again when the chain still waits
/// some blocks later. Heights whose data cannot be read or had back for an hour are reported lost.
/// Specified in Protocol/22-slashing.md#answering.
package struct DutyMachine: Machine {
    /// What can happen.
    package enum Event: Equatable, Sendable {
        /// A block was executed; what the chain waits for now, and heights reported lost before.
        case executed(height: UInt64, [DutyTask], reported: [ClosedRange<UInt64>])
        /// What came of `read`: whether the shares are at hand.
        case read(DutyTask, isHeld: Bool)
        /// A square that has to be kept is damaged or cannot be repaired.
        case lost(UInt64)
        /// A square is kept: it came, or it came again.
        case kept(UInt64)
        /// A moment asked for earlier has come.
        case woke
    }

    /// What the host must do.
    package enum Effect: Equatable, Sendable {
        /// Read a task's shares; answer by `read`, and keep them until it is answered.
        case read(DutyTask)
        /// Send an answer to these tasks: audits of one epoch, or one challenge.
        case answer([DutyTask])
        /// Tell the chain that these heights are lost.
        case reportLoss(ClosedRange<UInt64>)
        /// Send `Event.woke` at this moment.
        case wake(at: Instant)
    }

    /// Blocks after which an answer or a report that had no effect is sent again.
    package static let repeatBlocks: UInt64 = 12
    /// The pause before a share that was not at hand is looked for again.
    package static let rereadMilliseconds: UInt64 = 60_000
    /// How long data may be gone before it is reported lost.
    package static let lossMilliseconds: UInt64 = 3_600_000
    /// The most heights whose loss is noted one by one; beyond it operators report by hand.
    package static let lostMax = 4_096
    /// The most tasks at once: four audits, and all challenges there can be.
    package static let tasksMax = 128

    private enum Stage: Equatable {
        case reading
        case held
        case missing(again: Instant)
        case answered(at: UInt64)
    }

    private var tasks: [DutyTask: Stage] = [:]
    private var height: UInt64 = 0
    private var reported: [ClosedRange<UInt64>] = []
    /// Heights whose data is gone, since when.
    private var lost: [UInt64: Instant] = [:]
    private var lastReport: UInt64?

    /// A machine that knows of nothing to do.
    package init() {}

    /// Heights whose data is gone, rising.
    package var lostHeights: [UInt64] { lost.keys.sorted() }

    package mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
        switch event {
        case .executed(let height, let asked, let reported):
            self.height = height
            self.reported = reported
            take(asked, into: &effects)
            answerAgain(into: &effects)
        case .read(let task, let isHeld):
            guard tasks[task] == .reading else { return }
            if isHeld {
                tasks[task] = .held
            } else {
                let again = now.advanced(byMilliseconds: Self.rereadMilliseconds)
                tasks[task] = .missing(again: again)
                note(task.height, at: now)
                effects.append(.wake(at: again))
            }
        case .lost(let height): note(height, at: now)
        case .kept(let height):
            lost[height] = nil
            readAgain(at: now, orOf: height, into: &effects)
        case .woke: break
        }
        readAgain(at: now, into: &effects)
        answerWhatIsHeld(into: &effects)
        report(at: now, into: &effects)
    }

    /// Forgets what is not asked any more, and begins what is new.
    private mutating func take(_ asked: [DutyTask], into effects: inout [Effect]) {
        let wanted = Set(asked)
        for task in tasks.keys where !wanted.contains(task) { tasks[task] = nil }
        for task in asked.sorted().prefix(Self.tasksMax) where tasks[task] == nil {
            tasks[task] = .reading
            effects.append(.read(task))
        }
    }

    /// What was answered and is still asked some blocks later did not get there.
    private mutating func answerAgain(into effects: inout [Effect]) {
        for task in tasks.keys.sorted() {
            guard case .answered(let then) = tasks[task], height >= then + Self.repeatBlocks else {
                continue
            }
            tasks[task] = .reading
            effects.append(.read(task))
        }
    }

    /// Looks once more for what was not at hand, when its time has come or its square.
    private mutating func readAgain(
        at now: Instant, orOf height: UInt64? = nil, into effects: inout [Effect]
    ) {
        for task in tasks.keys.sorted() {
            guard case .missing(let again) = tasks[task], again <= now || task.height == height
            else { continue }
            tasks[task] = .reading
            effects.append(.read(task))
        }
    }

    /// Challenges one by one; audits together, once none of their epoch is being read.
    private mutating func answerWhatIsHeld(into effects: inout [Effect]) {
        let isReading = tasks.contains { task, stage in
            if case .audit = task.kind { stage == .reading } else { false }
        }
        var audits: [DutyTask] = []
        for task in tasks.keys.sorted() where tasks[task] == .held {
            switch task.kind {
            case .challenge:
                tasks[task] = .answered(at: height)
                effects.append(.answer([task]))
            case .audit:
                if isReading { continue }
                tasks[task] = .answered(at: height)
                audits.append(task)
            }
        }
        if !audits.isEmpty { effects.append(.answer(audits)) }
    }

    // MARK: Losses

    private mutating func note(_ height: UInt64, at now: Instant) {
        guard lost[height] == nil, lost.count < Self.lostMax else { return }
        lost[height] = now
    }

    /// Reports what has been gone for an hour: from the lowest such height to the highest before one
    /// that was reported already, since reports are few and must not overlap.
    private mutating func report(at now: Instant, into effects: inout [Effect]) {
        if let lastReport, height < lastReport + Self.repeatBlocks { return }
        let due = lost.filter { $0.value.advanced(byMilliseconds: Self.lossMilliseconds) <= now }
            .keys.sorted()
        func isReported(_ height: UInt64) -> Bool { reported.contains { $0.contains(height) } }
        guard let first = due.first(where: { !isReported($0) }) else {
            if let next = lost.values.min() {
                let moment = next.advanced(byMilliseconds: Self.lossMilliseconds)
                if moment > now { effects.append(.wake(at: moment)) }
            }
            return
        }
        let end = reported.map(\.lowerBound).filter { $0 > first }.min() ?? .max
        let last = due.last { $0 < end } ?? first
        lastReport = height
        effects.append(.reportLoss(first...last))
    }
}
