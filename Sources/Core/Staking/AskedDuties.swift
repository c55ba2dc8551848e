// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// An audit of the epoch that runs.
public struct AskedAudit: Hashable, Sendable {
    /// Which of the epoch's audits, from 0.
    public let index: UInt8
    /// The share.
    public let task: AuditTask
}

/// A challenge that waits for a validator's answer.
public struct AskedChallenge: Hashable, Sendable {
    /// Its number.
    public let id: UInt64
    /// The block's height.
    public let height: UInt64
    /// The row of its extended square.
    public let row: Int
    /// The shares' places in the row, rising.
    public let columns: [Int]
}

/// What a validator has to show now.
public struct AskedDuties: Hashable, Sendable {
    /// The epoch that runs.
    public let epoch: UInt64
    /// Audits without an answer, but for those of heights that were reported lost.
    public let audits: [AskedAudit]
    /// Challenges without an answer, but for those that a report excuses.
    public let challenges: [AskedChallenge]
    /// Heights that the validator has reported lost, as long as they cannot be reported again.
    public let reported: [ClosedRange<UInt64>]
}

/// What the chain wants of one validator.
///
/// Specified in Protocol/22-slashing.md#answering.
extension StakingState {
    /// All audits of the epoch that runs, answered or not: the same from its first block to its last.
    ///
    /// Drawing them hashes the committee many times over, so it is done once an epoch.
    public func audits(
        of operatorAddress: Bytes20, _ witness: some StakingWitness
    ) throws(StakingFault) -> [AskedAudit] {
        var audits: [AskedAudit] = []
        for index in 0..<UInt8(StakingRules.auditsPerEpoch) {
            guard let task = try auditTask(index, of: operatorAddress, witness) else { continue }
            audits.append(AskedAudit(index: index, task: task))
        }
        return audits
    }

    /// What waits for an answer, of the epoch's audits and of all challenges.
    public func asked(
        of operatorAddress: Bytes20, audits: [AskedAudit]
    ) throws(StakingFault) -> AskedDuties {
        let clock = try clock()
        let record: AuditRecord? = try load(StakingKey.audit(operatorAddress))
        let passed = record?.epoch == clock.epoch ? record?.passed ?? 0 : 0
        var open: [AskedAudit] = []
        for audit in audits where passed & 1 << audit.index == 0 {
            if try isReported(audit.task.height, by: operatorAddress, clock) { continue }
            open.append(audit)
        }
        return AskedDuties(
            epoch: clock.epoch, audits: open, challenges: try challenges(to: operatorAddress),
            reported: try reports(of: operatorAddress))
    }

    private func challenges(
        to operatorAddress: Bytes20
    ) throws(StakingFault) -> [AskedChallenge] {
        var open: [AskedChallenge] = []
        for entry in store.entries(prefix: StakingKey.challenges) {
            let challenge: Challenge = try read(entry.value)
            let isAsked = challenge.targets.contains {
                $0.operatorAddress == operatorAddress && !$0.hasAnswered && !$0.isExcused
            }
            guard isAsked else { continue }
            let id = entry.key.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            open.append(
                AskedChallenge(
                    id: id, height: challenge.height, row: Int(challenge.row),
                    columns: challenge.columns.map { Int($0) }))
        }
        return open
    }

    private func reports(
        of operatorAddress: Bytes20
    ) throws(StakingFault) -> [ClosedRange<UInt64>] {
        let now = try clock().time
        var ranges: [ClosedRange<UInt64>] = []
        for entry in store.entries(prefix: StakingKey.losses(operatorAddress)) {
            let report: LossReport = try read(entry.value)
            let first = entry.key.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard first <= report.last, report.time + StakingRules.lossMemory > now else {
                continue
            }
            ranges.append(first...report.last)
        }
        return ranges
    }
}
