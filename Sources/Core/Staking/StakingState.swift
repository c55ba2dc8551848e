// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Chain
internal import Cryptography

/// Everything that is staked, with the accounts that coins come from and go to.
///
/// Blocks and messages change it: `beginBlock`, then `execute` for each message, `endBlock`, and
/// after the last block of an epoch `endEpoch`. A message that throws has changed nothing. What these
/// do throw as `state` is a contradiction that no message causes, so that the block cannot be valid.
/// Specified in Protocol/21-staking.md.
public struct StakingState<Store: StakingStore, Accounts: StakingAccounts> {
    /// The chain's constants.
    public let rules: StakingRules
    /// Where the entities lie.
    public var store: Store
    /// The accounts.
    public var accounts: Accounts

    /// Joins the parts of a state.
    public init(rules: StakingRules, store: Store, accounts: Accounts) {
        self.rules = rules
        self.store = store
        self.accounts = accounts
    }
}

/// What can be looked up.
extension StakingState {
    /// Where all coins are.
    public func totals() throws(StakingFault) -> StakingTotals {
        try load(StakingKey.totals) ?? StakingTotals()
    }

    /// The chain's place in time.
    public func clock() throws(StakingFault) -> StakingClock {
        try load(StakingKey.clock) ?? StakingClock()
    }

    /// A validator.
    public func validator(_ operatorAddress: Bytes20) throws(StakingFault) -> StakedValidator? {
        try load(StakingKey.validator(operatorAddress))
    }

    /// All validators, by operator.
    public func validators() throws(StakingFault) -> [StakedValidator] {
        try all(StakingKey.validators)
    }

    /// What a validator says of itself.
    public func description(
        of operatorAddress: Bytes20
    ) throws(StakingFault) -> ValidatorDescription? {
        try load(StakingKey.description(operatorAddress))
    }

    /// Somebody's shares in a validator's stake.
    public func delegation(
        of delegator: Bytes20, to operatorAddress: Bytes20
    ) throws(StakingFault) -> Delegation? {
        try load(StakingKey.delegation(to: operatorAddress, by: delegator))
    }

    /// The committee of an epoch; it is known two epochs ahead.
    public func committee(of epoch: UInt64) throws(StakingFault) -> CommitteeRecord? {
        try load(StakingKey.committee(epoch))
    }

    /// What is remembered of a block.
    public func block(at height: UInt64) throws(StakingFault) -> BlockRecord? {
        try load(StakingKey.block(height))
    }

    /// The hash of the block before one that is remembered; zero where nothing is.
    public func parentHash(of height: UInt64) -> Bytes32 {
        store.value(of: StakingKey.parent(height)).flatMap { Bytes32($0) } ?? Bytes32()
    }

    /// The hash of a block that is remembered and has another on it; nil where nothing is.
    public func blockHash(of height: UInt64) -> Bytes32? {
        guard height > 0, height < .max else { return nil }
        return store.value(of: StakingKey.parent(height + 1)).flatMap { Bytes32($0) }
    }

    /// How well a validator does its duties.
    public func duty(of operatorAddress: Bytes20) throws(StakingFault) -> DutyRecord {
        try load(StakingKey.duty(operatorAddress)) ?? DutyRecord()
    }

    /// Where somebody's rewards are paid to.
    public func withdrawAddress(of account: Bytes20) -> Bytes20 {
        store.value(of: StakingKey.withdrawAddress(account)).flatMap { Bytes20($0) } ?? account
    }

    /// A challenge that is open.
    public func challenge(_ id: UInt64) throws(StakingFault) -> Challenge? {
        try load(StakingKey.challenge(id))
    }

    /// A fault that was slashed.
    public func fault(
        of operatorAddress: Bytes20, in epoch: UInt64, _ kind: SlashClass
    ) throws(StakingFault) -> FaultRecord? {
        try load(StakingKey.fault(epoch, operatorAddress, kind.rawValue))
    }

    /// The least that an operator must stake itself: a fixed part, or one of the median's.
    public func selfBondLeast() throws(StakingFault) -> UInt64 {
        guard let committee = try committee(of: try clock().epoch), !committee.members.isEmpty
        else { return StakingRules.selfBondMin }
        let median = committee.members[committee.members.count / 2].weight
        return max(
            StakingRules.selfBondMin,
            try exact(try StakingRules.selfBondOfMedian.of(median, .up)))
    }
}

/// How entities are read and written, and coins moved.
extension StakingState {
    /// A place that coins can be in when no account holds them.
    typealias Pot = WritableKeyPath<StakingTotals, UInt64>

    package func load<Entity: StakingEntity>(_ key: [UInt8]) throws(StakingFault) -> Entity? {
        guard let bytes = store.value(of: key) else { return nil }
        return try read(bytes)
    }

    package func read<Entity: StakingEntity>(_ bytes: [UInt8]) throws(StakingFault) -> Entity {
        do throws(DecodeFault) {
            return try Entity.decode(bytes)
        } catch {
            throw .state("\(Entity.self): \(error)")
        }
    }

    func all<Entity: StakingEntity>(_ prefix: [UInt8]) throws(StakingFault) -> [Entity] {
        var values: [Entity] = []
        for entry in store.entries(prefix: prefix) { values.append(try read(entry.value)) }
        return values
    }

    package mutating func save(_ entity: some StakingEntity, _ key: [UInt8]) {
        store.set(key, to: entity.encode())
    }

    mutating func save(_ validator: StakedValidator) {
        save(validator, StakingKey.validator(validator.operatorAddress))
    }

    /// A validator that must be there.
    func required(_ operatorAddress: Bytes20) throws(StakingFault) -> StakedValidator {
        guard let validator = try validator(operatorAddress) else { throw .noValidator }
        return validator
    }

    /// Arithmetic whose failure refuses the message.
    func exact<Value>(
        _ value: @autoclosure () throws(ArithmeticFault) -> Value
    ) throws(StakingFault) -> Value {
        do throws(ArithmeticFault) { return try value() } catch { throw .arithmetic }
    }

    /// Moves coins from one pot to another; nil stands for the accounts.
    mutating func move(
        _ amount: UInt64, from source: Pot?, to destination: Pot?
    ) throws(StakingFault) {
        guard amount > 0 else { return }
        var totals = try totals()
        if let source {
            guard totals[keyPath: source] >= amount else { throw .state("a pot is too small") }
            totals[keyPath: source] -= amount
        }
        if let destination {
            totals[keyPath: destination] = try exact(
                try totals[keyPath: destination].adding(amount))
        }
        save(totals, StakingKey.totals)
    }

    /// Pays an account out of a pot.
    mutating func pay(
        _ amount: UInt64, from source: Pot, to account: Bytes20
    ) throws(StakingFault) {
        guard amount > 0 else { return }
        try move(amount, from: source, to: nil)
        accounts.credit(amount, to: account)
    }

    /// Takes coins of an account into a pot; the balance was checked.
    mutating func take(
        _ amount: UInt64, from account: Bytes20, to destination: Pot
    ) throws(StakingFault) {
        try checkBalance(of: account, amount)
        accounts.debit(amount, from: account)
        try move(amount, from: nil, to: destination)
    }

    func checkBalance(of account: Bytes20, _ amount: UInt64) throws(StakingFault) {
        let available = accounts.balance(of: account)
        guard available >= amount else {
            throw .insufficientFunds(available: available, needed: amount)
        }
    }

    /// Takes coins out of the world.
    mutating func burn(_ amount: UInt64, from source: Pot) throws(StakingFault) {
        try move(amount, from: source, to: \.burned)
        try move(amount, from: \.supply, to: nil)
    }
}
