// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Who sits in the committee two epochs ahead.
///
/// Specified in Protocol/21-staking.md#committee.
extension StakingState {
    /// A validator whose weight is not what its stake would give it.
    private struct Change {
        var validator: StakedValidator
        var weight: UInt64
        let wanted: UInt64
    }

    /// The committee of `epoch`, made from the stakes as they are and the committee before it.
    mutating func elect(
        epoch: UInt64, after prior: CommitteeRecord
    ) throws(StakingFault) -> CommitteeRecord {
        var validators = try validators()
        for index in validators.indices
        where validators[index].nextKey != validators[index].consensusKey {
            validators[index].consensusKey = validators[index].nextKey
            save(validators[index])
        }
        let wanted = try wanted(among: validators)
        var keys: [Bytes20: Bytes32] = [:]
        var before: [Bytes20: UInt64] = [:]
        for validator in validators { keys[validator.operatorAddress] = validator.consensusKey }
        for member in prior.members { before[member.operatorAddress] = member.weight }
        var members: [(Bytes20, UInt64)] = []
        var changes: [Change] = []
        for validator in validators {
            let name = validator.operatorAddress
            let weight = before[name] ?? 0
            // With nobody to put in their place, all stay.
            let goal = wanted.isEmpty ? weight : wanted[name] ?? 0
            if goal != weight || validator.waitingSince != 0 {
                changes.append(Change(validator: validator, weight: weight, wanted: goal))
            } else if weight > 0 {
                members.append((name, weight))
            }
        }
        settle(&changes, seated: members.count, cap: max(1, prior.weight / StakingRules.churnParts))
        for change in changes {
            var validator = change.validator
            if change.weight == change.wanted {
                validator.waitingSince = 0
            } else if validator.waitingSince == 0 {
                validator.waitingSince = epoch + 1
            }
            if validator != change.validator { save(validator) }
            if change.weight > 0 { members.append((validator.operatorAddress, change.weight)) }
        }
        var seated: [CommitteeMember] = []
        for (name, weight) in members {
            guard var validator = try validator(name), let key = keys[name] else {
                throw .state("a member that is no validator")
            }
            validator.lastSeat = epoch + 1
            save(validator)
            seated.append(CommitteeMember(operatorAddress: name, key: key, weight: weight))
        }
        return CommitteeRecord(epoch: epoch, members: seated)
    }

    /// Falls first, then rises, each within the cap; jailed ones first, then who waits longest.
    private func settle(_ changes: inout [Change], seated: Int, cap: UInt64) {
        // Those that have only begun to wait have no epoch yet, and come last.
        func rank(_ change: Change) -> (Int, UInt64, Bytes20) {
            let since = change.validator.waitingSince
            return (
                change.validator.isJailed ? 0 : 1, since == 0 ? .max : since,
                change.validator.operatorAddress
            )
        }
        changes.sort { rank($0) < rank($1) }
        var falls = cap
        for index in changes.indices where changes[index].weight > changes[index].wanted {
            let fall = min(falls, changes[index].weight - changes[index].wanted)
            changes[index].weight -= fall
            falls -= fall
        }
        var seats = seated + changes.count { $0.weight > 0 }
        var rises = cap
        for index in changes.indices where changes[index].weight < changes[index].wanted {
            if changes[index].weight == 0 {
                guard seats < CommitteeRecord.membersMax, rises > 0 else { continue }
                seats += 1
            }
            let rise = min(rises, changes[index].wanted - changes[index].weight)
            changes[index].weight += rise
            rises -= rise
        }
    }

    /// The weights of the heaviest hundred that may sit.
    private func wanted(
        among validators: [StakedValidator]
    ) throws(StakingFault) -> [Bytes20: UInt64] {
        let least = try selfBondLeast()
        var able: [StakedValidator] = []
        for validator in validators where !validator.isJailed && validator.tokens > 0 {
            guard try selfBond(of: validator) >= max(least, validator.selfMinimum) else {
                continue
            }
            able.append(validator)
        }
        able.sort { ($1.tokens, $0.operatorAddress) < ($0.tokens, $1.operatorAddress) }
        var wanted: [Bytes20: UInt64] = [:]
        for validator in able.prefix(CommitteeRecord.membersMax) {
            wanted[validator.operatorAddress] = validator.tokens
        }
        return wanted
    }

    /// Removes validators that nothing and nobody hangs on any more.
    mutating func removeEmptyValidators() throws(StakingFault) {
        for validator in try validators()
        where validator.shares == 0 && validator.commission == 0
            && validator.unbondingEntries == 0 && validator.openFaults == 0
        {
            let name = validator.operatorAddress
            if validator.lastSeat > 0, try committee(of: validator.lastSeat - 1) != nil {
                continue
            }
            guard
                store.entries(
                    prefix: StakingKey.redelegations(from: name), from: [], limit: 1
                ).isEmpty
            else { continue }
            try move(validator.rewards, from: \.rewards, to: \.pool)
            try forgetMisses(of: name)
            for key in [
                StakingKey.validator(name), StakingKey.description(name), StakingKey.duty(name),
                StakingKey.audit(name),
            ] {
                store.remove(key)
            }
            for entry in store.entries(prefix: StakingKey.losses(name)) {
                store.remove(entry.key)
            }
            var totals = try totals()
            totals.validators -= 1
            save(totals, StakingKey.totals)
        }
    }
}
