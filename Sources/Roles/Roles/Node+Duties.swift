// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Bytes
internal import Chain
internal import DataSquare
internal import Ledger
internal import Machinery
internal import Pooling
internal import Staking

/// The conversation that answers audits and challenges from this validator's store, and says what is
/// lost.
///
/// Specified in Protocol/22-slashing.md#answering.
extension Node {
    /// A block was executed: what the chain asks of this validator may have changed.
    ///
    /// While it catches up, questions are those of the past, and nothing is answered.
    mutating func askForDuties(at now: Instant, into effects: inout [RoleEffect]) {
        guard let duties, let ledger = producer?.ledger else { return }
        let rules = configuration.rules
        let name = duties.operatorAddress
        do throws(StakingFault) {
            guard let clock = try ledger.stakingClock(rules),
                clock.height + NodeLimits.lagMax >= chain.height
            else { return }
            if clock.epoch != duties.epoch {
                self.duties?.epoch = clock.epoch
                self.duties?.audits = try ledger.audits(of: name, rules)
            }
            guard
                let asked = try ledger.asked(
                    of: name, audits: self.duties?.audits ?? [], rules)
            else { return }
            let tasks = Self.tasks(asked)
            for task in duties.cells.keys where !tasks.contains(task) {
                self.duties?.cells[task] = nil
            }
            tellDuties(
                .executed(height: clock.height, tasks, reported: asked.reported), now, &effects)
        } catch {
            effects.append(.report(.incident("what is asked of this validator: \(error)")))
        }
    }

    private static func tasks(_ asked: AskedDuties) -> [DutyTask] {
        asked.challenges.map {
            DutyTask(.challenge($0.id), height: $0.height, row: $0.row, columns: $0.columns)
        }
            + asked.audits.map {
                DutyTask(
                    .audit(epoch: asked.epoch, index: $0.index), height: $0.task.height,
                    row: $0.task.row, columns: [$0.task.column])
            }
    }

    mutating func tellDuties(
        _ event: DutyMachine.Event, _ now: Instant, _ effects: inout [RoleEffect]
    ) {
        guard duties != nil else { return }
        var asked: [DutyMachine.Effect] = []
        duties?.machine.handle(event, at: now, into: &asked)
        for effect in asked {
            switch effect {
            case .read(let task): readDuty(task, at: now, into: &effects)
            case .answer(let tasks): answer(tasks, at: now, into: &effects)
            case .reportLoss(let heights):
                effects.append(
                    .report(
                        .incident(
                            "the data of heights \(heights.lowerBound) to \(heights.upperBound) "
                                + "is gone and is reported lost")))
                guard let name = duties?.operatorAddress else { continue }
                sendDuty(
                    .reportLoss(
                        validator: name, first: heights.lowerBound, last: heights.upperBound),
                    at: now, into: &effects)
            case .wake(let moment): effects.append(.wake(at: moment))
            }
        }
    }

    // MARK: Reading

    private mutating func readDuty(
        _ task: DutyTask, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard chain.squares.contains(task.height) else {
            return tellDuties(.read(task, isHeld: false), now, &effects)
        }
        let ticket = ticket()
        loads[ticket] = .duty(task)
        effects.append(.load(ticket, .square(task.height)))
    }

    mutating func dutyLoaded(
        _ task: DutyTask, _ value: LoadedValue, at now: Instant, into effects: inout [RoleEffect]
    ) {
        if case .damaged(let reason) = value {
            lostSquare(task.height, reason, at: now, into: &effects)
        }
        guard case .square(let square) = value, task.row < square.header.width,
            let root = square.header.axisRoots(of: [AxisLine(.row, task.row)]).first
        else { return tellDuties(.read(task, isHeld: false), now, &effects) }
        duties?.cells[task] = task.columns.map { column in
            AuditedCell(
                row: root.container,
                sample: square.sample(at: Coordinate(row: task.row, column: column)).container)
        }
        tellDuties(.read(task, isHeld: true), now, &effects)
    }

    // MARK: Answering

    private mutating func answer(
        _ tasks: [DutyTask], at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let duties else { return }
        var answers: [AuditAnswer] = []
        var answeredEpoch: UInt64 = 0
        for task in tasks {
            guard let cells = duties.cells[task] else { continue }
            switch task.kind {
            case .challenge(let id):
                sendDuty(
                    .answerChallenge(
                        validator: duties.operatorAddress, id: id, cells: cells),
                    at: now, into: &effects)
            case .audit(let epoch, let index):
                guard let cell = cells.first else { continue }
                answeredEpoch = epoch
                answers.append(AuditAnswer(index: index, cell: cell))
            }
        }
        guard !answers.isEmpty else { return }
        sendDuty(
            .answerAudits(
                validator: duties.operatorAddress, epoch: answeredEpoch, answers: answers),
            at: now, into: &effects)
    }

    // MARK: Sending

    /// Puts a message behind those that wait: each needs the sequence after the one before it.
    private mutating func sendDuty(
        _ message: StakingMessage, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard (duties?.outbox.count ?? 0) < NodeLimits.dutiesWaitingMax else { return }
        duties?.outbox.append(message)
        sendNextDuty(at: now, into: &effects)
    }

    private mutating func sendNextDuty(at now: Instant, into effects: inout [RoleEffect]) {
        guard let duties, !duties.isSending, let message = duties.outbox.first, let producer else {
            return
        }
        self.duties?.outbox.removeFirst()
        let account = accountRecord(AccountAddress(duties.operatorAddress))
        guard account.exists else {
            return effects.append(
                .report(.incident("the operator has no account to answer from")))
        }
        let signer = TransactionSigner(
            key: duties.key, rules: configuration.rules, accountNumber: account.number)
        do throws(LedgerFault) {
            let bytes = try signer.sign(
                message, sequence: account.sequence, on: producer.pool.pending)
            self.duties?.isSending = true
            takeSubmission(.submit(bytes), reply: .duty, at: now, into: &effects)
        } catch {
            effects.append(.report(.incident("an answer cannot be paid for: \(error)")))
        }
    }

    /// The pool has taken an answer in, or says why not; the machine sends it again if need be.
    mutating func dutyTaken(
        _ response: SubmissionResponse, at now: Instant, into effects: inout [RoleEffect]
    ) {
        duties?.isSending = false
        if case .refused(_, _, let log) = response {
            effects.append(.report(.note("an answer to the chain was refused: \(log)")))
        }
        sendNextDuty(at: now, into: &effects)
    }
}
