// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography
internal import DataSquare

/// A share that a validator is asked to show.
public struct AuditTask: Hashable, Sendable {
    /// The block.
    public let height: UInt64
    /// The row of its extended square.
    public let row: Int
    /// The place in the row.
    public let column: Int
}

/// Audits: a few shares each epoch that every member must show.
///
/// Specified in Protocol/22-slashing.md#audits.
extension StakingState {
    /// Rows that are tried until one is found that a member holds.
    static var auditTries: UInt8 { 64 }

    /// An audit of a validator in this epoch; nil where it held nothing.
    public func auditTask(
        _ index: UInt8, of operatorAddress: Bytes20, _ witness: some StakingWitness
    ) throws(StakingFault) -> AuditTask? {
        let clock = try clock()
        guard let height = drawHeight(index, of: operatorAddress, clock),
            let block = try block(at: height), block.width > 0,
            let committee = try committee(of: block.epoch),
            let place = committee.place(of: operatorAddress)
        else { return nil }
        for attempt in 1...Self.auditTries {
            let draw = draw(index, attempt, of: operatorAddress, clock)
            let row = Int(draw.0 % UInt64(block.width))
            let holders = witness.holders(
                ofRow: row, width: Int(block.width), height: height,
                parentHash: parentHash(of: height), committee: committee)
            guard holders.contains(place) else { continue }
            return AuditTask(
                height: height, row: row, column: Int(draw.1 % UInt64(block.width)))
        }
        return nil
    }

    private func drawHeight(
        _ index: UInt8, of operatorAddress: Bytes20, _ clock: StakingClock
    ) -> UInt64? {
        guard clock.auditLow < clock.auditHigh else { return nil }
        let range = clock.auditHigh - clock.auditLow
        return clock.auditLow + draw(index, 0, of: operatorAddress, clock).0 % range
    }

    /// Two numbers of SHA-256("QDR1/audit" ‖ 00 ‖ seed ‖ operator ‖ index ‖ attempt).
    package func draw(
        _ index: UInt8, _ attempt: UInt8, of operatorAddress: Bytes20, _ clock: StakingClock
    ) -> (UInt64, UInt64) {
        let digest = SHA256.hash(
            Array("QDR1/audit\0".utf8) + clock.seed.array + operatorAddress.array
                + [index, attempt])
        func number(_ range: Range<Int>) -> UInt64 {
            range.reduce(0) { $0 << 8 | UInt64(digest[$1]) }
        }
        return (number(0..<8), number(8..<16))
    }

    /// Takes in shares that answer audits of this epoch; one that is false refuses all.
    mutating func answerAudits(
        of operatorAddress: Bytes20, epoch: UInt64, _ answers: [AuditAnswer],
        _ witness: some StakingWitness
    ) throws(StakingFault) {
        guard try clock().epoch == epoch, !answers.isEmpty else {
            throw .challenge("audits of an epoch that does not run, or no answer")
        }
        var record: AuditRecord =
            try load(StakingKey.audit(operatorAddress)) ?? AuditRecord(epoch: epoch, passed: 0)
        if record.epoch != epoch { record = AuditRecord(epoch: epoch, passed: 0) }
        for answer in answers {
            guard answer.index < StakingRules.auditsPerEpoch,
                record.passed & 1 << answer.index == 0,
                let task = try auditTask(answer.index, of: operatorAddress, witness),
                let block = try block(at: task.height)
            else { throw .challenge("there is no such audit") }
            guard answer.cell.stands(in: block, row: task.row, column: task.column) else {
                throw .challenge("audit \(answer.index): not the share that was asked for")
            }
            record.passed |= 1 << answer.index
        }
        save(record, StakingKey.audit(operatorAddress))
    }

    /// How many audits of the epoch a validator passed, and of how many; those of heights that it
    /// reported lost, and those for which it held nothing, do not count.
    func auditResult(
        of name: Bytes20, _ witness: some StakingWitness
    ) throws(StakingFault) -> (passed: UInt64, drawn: UInt64) {
        let clock = try clock()
        let record: AuditRecord? = try load(StakingKey.audit(name))
        let bits = record?.epoch == clock.epoch ? record?.passed ?? 0 : 0
        var passed: UInt64 = 0
        var drawn: UInt64 = 0
        for index in 0..<UInt8(StakingRules.auditsPerEpoch) {
            if bits & 1 << index != 0 {
                passed += 1
                drawn += 1
                continue
            }
            guard let task = try auditTask(index, of: name, witness) else { continue }
            if try isReported(task.height, by: name, clock) { continue }
            drawn += 1
        }
        return (passed, drawn)
    }

    /// How many audits of the epoch are for heights that a validator reported lost.
    func reportedAudits(of name: Bytes20) throws(StakingFault) -> UInt64 {
        let clock = try clock()
        var count: UInt64 = 0
        for index in 0..<UInt8(StakingRules.auditsPerEpoch) {
            guard let height = drawHeight(index, of: name, clock) else { continue }
            if try isReported(height, by: name, clock) { count += 1 }
        }
        return count
    }

    /// The heights of the last seven days, from which audits are drawn.
    func auditedHeights(_ clock: StakingClock) throws(StakingFault) -> (UInt64, UInt64) {
        let oldest = store.entries(prefix: StakingKey.blocks, from: [], limit: 1)
        guard let key = oldest.first?.key else { return (0, 0) }
        var low = key.dropFirst().reduce(0) { $0 << 8 | UInt64($1) }
        var high = clock.height
        let horizon = clock.time - min(clock.time, StakingRules.auditWindow)
        while low < high {
            let middle = low + (high - low) / 2
            if let block = try block(at: middle), block.time >= horizon {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return (low, clock.height + 1)
    }
}

/// Data that a validator says it lost.
extension StakingState {
    mutating func reportLoss(
        of name: Bytes20, from first: UInt64, through last: UInt64
    ) throws(StakingFault) {
        _ = try required(name)
        let clock = try clock()
        guard first > 0, first <= last, last <= clock.height else {
            throw .invalidRequest("a range of heights that there is not")
        }
        var kept = 0
        var stale: [[UInt8]] = []
        for entry in store.entries(prefix: StakingKey.losses(name)) {
            let report: LossReport = try read(entry.value)
            if report.time + StakingRules.lossMemory <= clock.time {
                stale.append(entry.key)
                continue
            }
            kept += 1
            guard start(entry.key) > last || report.last < first else {
                throw .invalidRequest("these heights were reported already")
            }
        }
        guard kept < StakingRules.lossReportsMax else {
            throw .invalidRequest("there are as many reports as there may be")
        }
        for key in stale { store.remove(key) }
        save(
            LossReport(last: last, time: clock.time), StakingKey.loss(name, from: first))
    }

    /// Whether a validator has reported a height's data lost, not longer ago than excuses.
    func isReported(
        _ height: UInt64, by name: Bytes20, _ clock: StakingClock
    ) throws(StakingFault) -> Bool {
        for entry in store.entries(prefix: StakingKey.losses(name)) {
            let report: LossReport = try read(entry.value)
            if start(entry.key) <= height, height <= report.last,
                report.time + StakingRules.lossMilliseconds > clock.time
            {
                return true
            }
        }
        return false
    }

    private func start(_ key: [UInt8]) -> UInt64 {
        key.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
