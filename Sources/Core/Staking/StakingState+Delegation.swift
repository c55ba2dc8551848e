// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Staking with a validator, leaving it, and going from one to another.
///
/// Specified in Protocol/21-staking.md#shares.
extension StakingState {
    /// Stakes coins of an account with a validator.
    mutating func delegate(
        _ amount: UInt64, of delegator: Bytes20, to operatorAddress: Bytes20
    ) throws(StakingFault) {
        var validator = try required(operatorAddress)
        let bought = try sharesBought(by: amount, of: validator)
        try checkBalance(of: delegator, amount)
        try take(amount, from: delegator, to: \.bonded)
        try add(bought, worth: amount, of: delegator, to: &validator)
        save(validator)
    }

    /// Takes coins out of a validator's stake; they are free when unbonding is over.
    mutating func undelegate(
        _ amount: UInt64, of delegator: Bytes20, from operatorAddress: Bytes20
    ) throws(StakingFault) {
        var validator = try required(operatorAddress)
        try checkHolding(amount, of: delegator, with: validator)
        let clock = try clock()
        let key = StakingKey.unbonding(
            from: operatorAddress, by: delegator, height: clock.height)
        var entry: UnbondingEntry
        if let found: UnbondingEntry = try load(key) {
            entry = found
        } else {
            let open = store.entries(
                prefix: StakingKey.unbonding(from: operatorAddress, by: delegator))
            guard open.count < StakingRules.unbondingEntriesMax else { throw .tooManyEntries }
            entry = UnbondingEntry(
                epoch: clock.epoch, due: clock.time + StakingRules.unbondingMilliseconds,
                balance: 0)
            validator.unbondingEntries += 1
            store.set(
                StakingKey.unbondingDue(
                    entry.due, operator: operatorAddress, delegator: delegator,
                    height: clock.height), to: [])
        }
        entry.balance = try exact(try entry.balance.adding(amount))
        try remove(amount, of: delegator, from: &validator)
        try move(amount, from: \.bonded, to: \.unbonding)
        save(entry, key)
        save(validator)
    }

    /// Takes coins from one validator's stake to another's, for which they answer at once; for the
    /// first they answer as long as unbonding takes.
    mutating func redelegate(
        _ amount: UInt64, of delegator: Bytes20, from source: Bytes20, to destination: Bytes20
    ) throws(StakingFault) {
        guard source != destination else { throw .selfRedelegation }
        var from = try required(source)
        guard var to = try validator(destination) else { throw .noDestination }
        try checkHolding(amount, of: delegator, with: from)
        let key = StakingKey.redelegation(from: source, by: delegator)
        let arrivals = store.entries(
            prefix: StakingKey.arrivals(at: source, of: delegator), from: [], limit: 1)
        guard store.value(of: key) == nil, arrivals.isEmpty else { throw .redelegationOpen }
        let bought = try sharesBought(by: amount, of: to)
        let clock = try clock()
        let due = clock.time + StakingRules.unbondingMilliseconds
        try remove(amount, of: delegator, from: &from)
        try add(bought, worth: amount, of: delegator, to: &to)
        save(from)
        save(to)
        save(
            Redelegation(
                destination: destination, epoch: clock.epoch, height: clock.height, due: due,
                coins: amount), key)
        store.set(
            StakingKey.arrivals(at: destination, of: delegator) + source.array, to: [])
        store.set(
            StakingKey.redelegationDue(due, source: source, delegator: delegator), to: [])
    }

    /// Puts coins that are unbonding back into the stake that they came from.
    mutating func cancelUnbonding(
        _ amount: UInt64, of delegator: Bytes20, from operatorAddress: Bytes20, height: UInt64
    ) throws(StakingFault) {
        var validator = try required(operatorAddress)
        let key = StakingKey.unbonding(from: operatorAddress, by: delegator, height: height)
        guard var entry: UnbondingEntry = try load(key) else { throw .noUnbonding }
        guard entry.balance >= amount else { throw .notEnough(available: entry.balance) }
        let bought = try sharesBought(by: amount, of: validator)
        try add(bought, worth: amount, of: delegator, to: &validator)
        try move(amount, from: \.unbonding, to: \.bonded)
        entry.balance -= amount
        if entry.balance > 0 {
            save(entry, key)
        } else {
            drop(key, entry, of: delegator, height: height, from: &validator)
        }
        save(validator)
    }

    /// Pays what a delegation has earned.
    mutating func withdrawReward(
        of delegator: Bytes20, from operatorAddress: Bytes20
    ) throws(StakingFault) {
        var validator = try required(operatorAddress)
        guard var delegation = try delegation(of: delegator, to: operatorAddress) else {
            throw .noDelegation
        }
        try settle(&delegation, of: delegator, with: &validator)
        save(delegation, StakingKey.delegation(to: operatorAddress, by: delegator))
        save(validator)
    }

    /// What a delegation has earned and was not yet paid, rounded down.
    public func reward(
        of delegation: Delegation, with validator: StakedValidator
    ) throws(StakingFault) -> UInt64 {
        let grown = try exact(
            try validator.rewardPerShare.subtracting(delegation.settledAt))
        return try exact(try grown.of(delegation.shares, .down))
    }
}

/// The steps of which these are made.
extension StakingState {
    /// The shares that coins buy; those of a validator that takes no stake are refused.
    func sharesBought(
        by amount: UInt64, of validator: StakedValidator
    ) throws(StakingFault) -> UInt64 {
        guard !validator.isTombstoned, validator.openFaults == 0,
            validator.shares == 0 || validator.tokens > 0
        else { throw .notAccepting }
        let bought = try exact(try validator.sharesBought(by: amount))
        guard bought > 0 else { throw .tooLittle }
        _ = try exact(try validator.shares.adding(bought))
        return bought
    }

    /// That a delegation holds so many coins.
    func checkHolding(
        _ amount: UInt64, of delegator: Bytes20, with validator: StakedValidator
    ) throws(StakingFault) {
        guard let delegation = try delegation(of: delegator, to: validator.operatorAddress) else {
            throw .noDelegation
        }
        let worth = try exact(try validator.worth(of: delegation.shares))
        guard worth >= amount, amount > 0 else { throw .notEnough(available: worth) }
    }

    /// Pays what a delegation has earned, so that its shares may change.
    mutating func settle(
        _ delegation: inout Delegation, of delegator: Bytes20,
        with validator: inout StakedValidator
    ) throws(StakingFault) {
        let reward = try reward(of: delegation, with: validator)
        delegation.settledAt = validator.rewardPerShare
        guard reward <= validator.rewards else { throw .state("rewards that are not there") }
        validator.rewards -= reward
        try pay(reward, from: \.rewards, to: withdrawAddress(of: delegator))
    }

    /// Adds shares and the coins that they cost.
    mutating func add(
        _ shares: UInt64, worth amount: UInt64, of delegator: Bytes20,
        to validator: inout StakedValidator
    ) throws(StakingFault) {
        let key = StakingKey.delegation(to: validator.operatorAddress, by: delegator)
        var delegation: Delegation =
            try load(key) ?? Delegation(shares: 0, settledAt: validator.rewardPerShare)
        try settle(&delegation, of: delegator, with: &validator)
        delegation.shares += shares
        validator.shares += shares
        validator.tokens = try exact(try validator.tokens.adding(amount))
        save(delegation, key)
    }

    /// Removes coins and the shares that they cost, rounded up; a rest that is worth nothing goes too.
    mutating func remove(
        _ amount: UInt64, of delegator: Bytes20, from validator: inout StakedValidator
    ) throws(StakingFault) {
        let key = StakingKey.delegation(to: validator.operatorAddress, by: delegator)
        guard var delegation: Delegation = try load(key) else {
            throw .state("a delegation that is not there")
        }
        try settle(&delegation, of: delegator, with: &validator)
        var sold = min(
            try exact(try validator.sharesSold(for: amount)), delegation.shares)
        validator.tokens -= amount
        validator.shares -= sold
        delegation.shares -= sold
        if try exact(try validator.worth(of: delegation.shares)) == 0 {
            sold = delegation.shares
            validator.shares -= sold
            delegation.shares = 0
        }
        if delegation.shares == 0 { store.remove(key) } else { save(delegation, key) }
        if validator.shares == 0, validator.tokens > 0 {
            try move(validator.tokens, from: \.bonded, to: \.pool)
            validator.tokens = 0
        }
    }

    /// Removes an entry that nothing is left of.
    mutating func drop(
        _ key: [UInt8], _ entry: UnbondingEntry, of delegator: Bytes20, height: UInt64,
        from validator: inout StakedValidator
    ) {
        store.remove(key)
        store.remove(
            StakingKey.unbondingDue(
                entry.due, operator: validator.operatorAddress, delegator: delegator,
                height: height))
        validator.unbondingEntries -= 1
    }
}
