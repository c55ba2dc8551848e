// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// What a fault costs.
///
/// Specified in Protocol/22-slashing.md#fraction.
extension StakingState {
    /// Slashes and jails whom evidence names; the rest of the price follows eight epochs later.
    ///
    /// - Throws: `evidence` for somebody who did not vote in that epoch, for what is too old, and
    ///   for what was slashed already.
    public mutating func punish(
        _ finding: EvidenceFinding, reporter: Bytes20
    ) throws(StakingFault) {
        let clock = try clock()
        guard finding.epoch <= clock.epoch, let committee = try committee(of: finding.epoch) else {
            throw .evidence("its epoch is not known")
        }
        guard clock.time <= committee.start + StakingRules.evidenceMilliseconds else {
            throw .evidence("it is too old")
        }
        guard
            let member = committee.members.first(where: { $0.address == finding.validator }),
            var validator = try validator(member.operatorAddress)
        else { throw .evidence("it names nobody who voted in that epoch") }
        let name = member.operatorAddress
        let key = StakingKey.fault(
            finding.epoch, name, SlashClass.equivocation.rawValue)
        guard store.value(of: key) == nil else { throw .evidence("it was slashed already") }
        let isHalved = finding.kind == .proposals
        let first = try price(StakingRules.slashFloor, isHalved: isHalved)
        let share = try exact(
            try Decimal18(member.weight, over: committee.weight, .down))
        let due = clock.epoch + StakingRules.correlationEpochs
        try jail(&validator, for: StakingRules.faultJail)
        validator.needsNewKey = validator.nextKey == member.key || validator.needsNewKey
        validator.openFaults += 1
        save(validator)
        save(
            FaultRecord(
                height: finding.height, share: share, isHalved: isHalved, taken: first,
                isDone: false, reporter: reporter, evidence: finding.id, time: clock.time), key)
        store.set(
            StakingKey.secondStep(
                due: due, epoch: finding.epoch, name, SlashClass.equivocation.rawValue), to: [])
        try slash(name, first, since: finding.epoch, reporter: reporter)
    }

    /// Takes the rest of what faults cost whose window of correlation ends with this epoch.
    mutating func takeSecondSteps() throws(StakingFault) {
        let epoch = try clock().epoch
        for entry in store.entries(prefix: StakingKey.secondSteps) {
            let step = try secondStep(entry.key)
            guard step.due <= epoch else { break }
            store.remove(entry.key)
            guard var fault: FaultRecord = try load(step.fault),
                var validator = try validator(step.name)
            else { throw .state("a second step without its fault") }
            let fraction = try price(try correlated(around: step.epoch), isHalved: fault.isHalved)
            let rest = try exact(
                try fraction.subtracting(fault.taken).divided(
                    by: try Decimal18.one.subtracting(fault.taken), .up)
            ).clampedToOne
            validator.openFaults -= 1
            if fraction >= StakingRules.tombstoneFrom { validator.isTombstoned = true }
            save(validator)
            try slash(step.name, rest, since: step.epoch, reporter: fault.reporter)
            fault.taken = fraction
            fault.isDone = true
            save(fault, step.fault)
        }
    }

    /// What one fault costs when so much of the stake broke rules around the same time: three times
    /// the share, squared, at least a half percent, at most all.
    package func correlated(around epoch: UInt64) throws(StakingFault) -> Decimal18 {
        let low = epoch - min(epoch, StakingRules.correlationEpochs)
        var seen: Set<Bytes20> = []
        var share = Decimal18.zero
        for epoch in low...epoch + StakingRules.correlationEpochs {
            for entry in store.entries(prefix: StakingKey.faults + StakingKey.bytes(epoch)) {
                guard entry.key.last == SlashClass.equivocation.rawValue,
                    let name = Bytes20(entry.key[9..<29]), seen.insert(name).inserted
                else { continue }
                let fault: FaultRecord = try read(entry.value)
                share = try exact(try share.adding(fault.share))
            }
        }
        let tripled = try exact(
            try share.adding(share).adding(share)
        ).clampedToOne
        return max(
            StakingRules.slashFloor, try exact(try tripled.multiplied(by: tripled, .up)))
    }

    package func price(
        _ fraction: Decimal18, isHalved: Bool
    ) throws(StakingFault) -> Decimal18 {
        isHalved ? try exact(try fraction.divided(by: Decimal18(2), .up)) : fraction
    }

    /// The parts of a key of the queue of second steps.
    private func secondStep(
        _ key: [UInt8]
    ) throws(StakingFault) -> (due: UInt64, epoch: UInt64, name: Bytes20, fault: [UInt8]) {
        do throws(DecodeFault) {
            var reader = ByteReader(key.dropFirst())
            let due: UInt64 = try reader.bigEndian()
            let epoch: UInt64 = try reader.bigEndian()
            let name: Bytes20 = try reader.fixed()
            let kind = try reader.byte()
            return (due, epoch, name, StakingKey.fault(epoch, name, kind))
        } catch {
            throw .state("a key of a second step: \(error)")
        }
    }
}

/// Taking coins.
extension StakingState {
    /// Takes a fraction of all that stood behind a validator in an epoch: its stake, what has left it
    /// since, and what went on to others.
    ///
    /// What the operator staked pays first.
    @discardableResult
    mutating func slash(
        _ operatorAddress: Bytes20, _ fraction: Decimal18, since epoch: UInt64, reporter: Bytes20
    ) throws(StakingFault) -> UInt64 {
        guard fraction > .zero else { return 0 }
        var validator = try required(operatorAddress)
        let staked = try slashStake(of: &validator, fraction)
        save(validator)
        try move(staked, from: \.bonded, to: \.fund)
        var total = staked
        for entry in store.entries(prefix: StakingKey.unbonding(from: operatorAddress)) {
            var left: UnbondingEntry = try read(entry.value)
            guard left.epoch + 1 >= epoch else { continue }
            let cut = try exact(try fraction.of(left.balance, .up))
            left.balance -= cut
            save(left, entry.key)
            try move(cut, from: \.unbonding, to: \.fund)
            total += cut
        }
        for entry in store.entries(prefix: StakingKey.redelegations(from: operatorAddress)) {
            var moved: Redelegation = try read(entry.value)
            guard moved.epoch + 1 >= epoch, let delegator = Bytes20(entry.key.suffix(20)) else {
                continue
            }
            let cut = try exact(try fraction.of(moved.coins, .up))
            moved.coins -= cut
            save(moved, entry.key)
            total += try slashMoved(cut, of: delegator, moved)
        }
        try share(total, reporter: reporter)
        return total
    }

    /// Takes a fraction of a validator's stake, rounded up; the operator's own part pays up to twice
    /// its share first, by giving up shares.
    private mutating func slashStake(
        of validator: inout StakedValidator, _ fraction: Decimal18
    ) throws(StakingFault) -> UInt64 {
        let amount = try exact(try fraction.of(validator.tokens, .up))
        let name = validator.operatorAddress
        let key = StakingKey.delegation(to: name, by: name)
        if var own: Delegation = try load(key), own.shares < validator.shares {
            let bond = try exact(try validator.worth(of: own.shares))
            let others = validator.tokens - bond
            let share = try exact(try fraction.of(bond, .up))
            let factor = StakingRules.selfBondFactor
            let wanted = min(bond, amount, try exact(try share.multiplied(by: factor)))
            let paid = max(wanted, amount - min(amount, others))
            let othersLeft = others - (amount - paid)
            if othersLeft > 0 {
                let rest = validator.shares - own.shares
                let kept = min(
                    own.shares,
                    try exact(try Proportion.of(bond - paid, rest, over: othersLeft, .down)))
                try settle(&own, of: name, with: &validator)
                validator.shares -= own.shares - kept
                own.shares = kept
                if kept == 0 { store.remove(key) } else { save(own, key) }
            }
        }
        validator.tokens -= amount
        return amount
    }

    /// Takes coins from where they went: the delegation there, then what has left it since.
    private mutating func slashMoved(
        _ amount: UInt64, of delegator: Bytes20, _ moved: Redelegation
    ) throws(StakingFault) -> UInt64 {
        guard amount > 0, var validator = try validator(moved.destination) else { return 0 }
        var taken: UInt64 = 0
        if let delegation = try delegation(of: delegator, to: moved.destination) {
            taken = min(amount, try exact(try validator.worth(of: delegation.shares)))
            if taken > 0 {
                try remove(taken, of: delegator, from: &validator)
                save(validator)
                try move(taken, from: \.bonded, to: \.fund)
            }
        }
        let entries = store.entries(
            prefix: StakingKey.unbonding(from: moved.destination, by: delegator))
        for entry in entries where taken < amount {
            var left: UnbondingEntry = try read(entry.value)
            guard left.epoch >= moved.epoch else { continue }
            let cut = min(amount - taken, left.balance)
            left.balance -= cut
            taken += cut
            save(left, entry.key)
            try move(cut, from: \.unbonding, to: \.fund)
        }
        return taken
    }

    /// What was taken lies in the fund: the reporter's part is paid, and what is left over half burns.
    private mutating func share(_ total: UInt64, reporter: Bytes20) throws(StakingFault) {
        let kept = try exact(try StakingRules.fundPart.of(total, .down))
        var paid: UInt64 = 0
        if !reporter.isZero {
            paid = min(
                StakingRules.reporterMax,
                try exact(try StakingRules.reporterPart.of(total, .down)))
            try pay(paid, from: \.fund, to: reporter)
        }
        try burn(total - kept - paid, from: \.fund)
    }
}
