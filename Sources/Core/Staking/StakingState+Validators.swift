// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Cryptography

/// Becoming a validator, changing what it says, and coming back from jail.
///
/// Specified in Protocol/21-staking.md#validators.
extension StakingState {
    mutating func createValidator(_ new: NewValidator) throws(StakingFault) {
        let operatorAddress = new.operatorAddress
        guard try validator(operatorAddress) == nil else { throw .validatorExists }
        try checkUnused(new.key)
        guard try totals().validators < StakingRules.validatorsMax else {
            throw .invalidRequest("there are as many validators as there may be")
        }
        try check(new.rates)
        let least = max(try selfBondLeast(), new.selfMinimum)
        guard new.selfMinimum > 0, new.amount >= least else { throw .selfBondTooLow(least: least) }
        try checkBalance(of: operatorAddress, new.amount)
        enter(new)
        var totals = try totals()
        totals.validators += 1
        save(totals, StakingKey.totals)
        try delegate(new.amount, of: operatorAddress, to: operatorAddress)
    }

    /// Writes down a validator without stake.
    mutating func enter(_ new: NewValidator) {
        save(
            StakedValidator(
                operatorAddress: new.operatorAddress, key: new.key,
                selfMinimum: new.selfMinimum, rates: new.rates))
        save(new.description, StakingKey.description(new.operatorAddress))
        claim(new.key, for: new.operatorAddress)
    }

    mutating func editValidator(_ edit: ValidatorEdit) throws(StakingFault) {
        var validator = try required(edit.operatorAddress)
        let clock = try clock()
        if let rate = edit.rate, rate != validator.commissionRate {
            guard rate >= StakingRules.commissionMin else { throw .commissionTooLow }
            guard rate <= validator.commissionRateMax else { throw .commissionTooHigh }
            if rate > validator.commissionRate {
                guard clock.time >= validator.commissionRaised + StakingRules.day else {
                    throw .commissionTooSoon
                }
                let rise = try exact(try rate.subtracting(validator.commissionRate))
                guard rise <= validator.commissionRiseMax else { throw .commissionRise }
                validator.commissionRaised = clock.time
            }
            validator.commissionRate = rate
        }
        if let minimum = edit.selfMinimum {
            guard minimum > validator.selfMinimum else { throw .selfMinimumFell }
            let bond = try selfBond(of: validator)
            guard bond >= minimum else { throw .selfBondTooLow(least: minimum) }
            validator.selfMinimum = minimum
        }
        let before = try description(of: edit.operatorAddress) ?? ValidatorDescription()
        save(
            before.edited(by: edit.description), StakingKey.description(edit.operatorAddress))
        save(validator)
    }

    /// Names the key that the validator votes with from the next committee to be fixed on.
    mutating func rotateKey(of operatorAddress: Bytes20, to key: Bytes32) throws(StakingFault) {
        var validator = try required(operatorAddress)
        guard !validator.isTombstoned else { throw .tombstoned }
        guard validator.nextKey == validator.consensusKey else {
            throw .invalidRequest("a new key waits already")
        }
        try checkUnused(key)
        validator.nextKey = key
        validator.needsNewKey = false
        claim(key, for: operatorAddress)
        save(validator)
    }

    mutating func unjail(_ operatorAddress: Bytes20) throws(StakingFault) {
        var validator = try required(operatorAddress)
        guard !validator.isTombstoned else { throw .tombstoned }
        guard validator.isJailed else { throw .notJailed }
        guard try clock().time >= validator.jailedUntil, validator.openFaults == 0,
            !validator.needsNewKey
        else { throw .stillJailed }
        let least = max(try selfBondLeast(), validator.selfMinimum)
        guard try selfBond(of: validator) >= least else { throw .selfBondTooLow(least: least) }
        validator.isJailed = false
        save(validator)
    }

    mutating func withdrawCommission(of operatorAddress: Bytes20) throws(StakingFault) {
        var validator = try required(operatorAddress)
        guard validator.commission > 0 else { throw .noCommission }
        try pay(
            validator.commission, from: \.rewards, to: withdrawAddress(of: operatorAddress))
        validator.commission = 0
        save(validator)
    }

    mutating func setWithdrawAddress(of account: Bytes20, to address: Bytes20) {
        let key = StakingKey.withdrawAddress(account)
        if account == address { store.remove(key) } else { store.set(key, to: address.array) }
    }

    /// What the operator itself has staked.
    package func selfBond(of validator: StakedValidator) throws(StakingFault) -> UInt64 {
        let own = try delegation(of: validator.operatorAddress, to: validator.operatorAddress)
        return try exact(try validator.worth(of: own?.shares ?? 0))
    }

    /// Keeps a validator out of committees for a while; what it has missed is forgotten.
    mutating func jail(
        _ validator: inout StakedValidator, for milliseconds: UInt64
    ) throws(StakingFault) {
        validator.isJailed = true
        validator.jailedUntil = max(
            validator.jailedUntil, try clock().time + milliseconds)
        try forgetMisses(of: validator.operatorAddress)
    }

    private func check(_ rates: CommissionRates) throws(StakingFault) {
        guard rates.rate >= StakingRules.commissionMin else { throw .commissionTooLow }
        guard rates.rate <= rates.maximum, rates.maximum <= StakingRules.commissionMax else {
            throw .commissionTooHigh
        }
        guard rates.rise <= StakingRules.commissionRise else { throw .commissionRise }
    }

    /// Keys are never used twice, so that an old vote has one culprit.
    private func checkUnused(_ key: Bytes32) throws(StakingFault) {
        let address = ValidatorKey.ed25519(Ed25519PublicKey(key)).address
        guard store.value(of: StakingKey.consensusKey(address)) == nil else { throw .keyUsed }
    }

    private mutating func claim(_ key: Bytes32, for operatorAddress: Bytes20) {
        let address = ValidatorKey.ed25519(Ed25519PublicKey(key)).address
        save(
            KeyOwner(operatorAddress: operatorAddress, key: key),
            StakingKey.consensusKey(address))
    }
}
