// SPDX-License-Identifier: Apache-2.0

import Bytes
import Staking
import Testing

/// Staking, leaving and moving, and what is paid for it.
@Suite struct DelegationTests {
    static let stakes = [UInt64](repeating: 1_000_000_000, count: 4)

    /// What leaves is free after fourteen days and an hour, not a block sooner, and for nobody else.
    @Test func unbondingTakesItsTime() throws {
        var example = try StakingExample(stakes: Self.stakes)
        let account = StakingExample.account(50)
        let before = example.state.accounts.balance(of: account)
        try example.block([.delegate(StakingExample.move(50, 1, 5_000_000))])
        try example.block([.undelegate(StakingExample.move(50, 1, 4_000_000))])
        #expect(example.state.accounts.balance(of: account) == before - 5_000_000)
        example.pace = StakingRules.unbondingMilliseconds - 1
        try example.block()
        #expect(example.state.accounts.balance(of: account) == before - 5_000_000)
        example.pace = 1
        try example.block()
        #expect(example.state.accounts.balance(of: account) == before - 1_000_000)
        #expect(try example.state.contradictions() == [])
    }

    /// The entries of one delegation are limited; those of one block are one.
    @Test func entriesAreLimited() throws {
        var example = try StakingExample(stakes: Self.stakes)
        try example.block([.delegate(StakingExample.move(50, 1, 100))])
        for _ in 0..<StakingRules.unbondingEntriesMax {
            let move = StakingExample.move(50, 1, 1)
            try example.block([.undelegate(move), .undelegate(move)])
        }
        try example.open()
        let refusal = example.refusal(of: .undelegate(StakingExample.move(50, 1, 1)))
        #expect(refusal == .tooManyEntries)
        #expect(try example.validator(1).unbondingEntries == 7)
    }

    /// Coins that changed validators stay where they are until they no longer answer for the first.
    @Test func redelegationIsOnceInAWindow() throws {
        var example = try StakingExample(stakes: Self.stakes)
        let (one, two, three) = (
            StakingExample.account(1), StakingExample.account(2), StakingExample.account(3)
        )
        try example.block([.delegate(StakingExample.move(50, 1, 100))])
        try example.open()
        #expect(
            example.refusal(of: .redelegate(StakingExample.move(50, 1, 9), destination: one))
                == .selfRedelegation)
        #expect(
            example.refusal(of: .redelegate(StakingExample.move(50, 1, 60), destination: two))
                == nil)
        // Not a second time from the first, nor on from the second.
        #expect(
            example.refusal(of: .redelegate(StakingExample.move(50, 1, 9), destination: three))
                == .redelegationOpen)
        #expect(
            example.refusal(of: .redelegate(StakingExample.move(50, 2, 9), destination: three))
                == .redelegationOpen)
        try example.close()
        example.pace = StakingRules.unbondingMilliseconds
        try example.block()
        try example.open()
        #expect(
            example.refusal(of: .redelegate(StakingExample.move(50, 2, 9), destination: three))
                == nil)
    }

    /// Coins that were on their way out are staked again.
    @Test func unbondingIsCancelled() throws {
        var example = try StakingExample(stakes: Self.stakes)
        try example.block([.delegate(StakingExample.move(50, 1, 100))])
        try example.block([.undelegate(StakingExample.move(50, 1, 80))])
        let height = try example.state.clock().height
        try example.open()
        let move = StakingExample.move(50, 1, 30)
        #expect(example.refusal(of: .cancelUnbonding(move, height: height - 1)) == .noUnbonding)
        #expect(example.refusal(of: .cancelUnbonding(move, height: height)) == nil)
        let all = StakingExample.move(50, 1, 51)
        #expect(
            example.refusal(of: .cancelUnbonding(all, height: height)) == .notEnough(available: 50))
        let rest = StakingExample.move(50, 1, 50)
        #expect(example.refusal(of: .cancelUnbonding(rest, height: height)) == nil)
        let delegation = try example.state.delegation(
            of: StakingExample.account(50), to: StakingExample.account(1))
        #expect(delegation?.shares == 100)
        #expect(try example.validator(1).unbondingEntries == 0)
        #expect(try example.state.totals().unbonding == 0)
    }

    /// An epoch's coins reach operators and delegators by commission and stake, and the account that
    /// they named.
    @Test func rewardsAreByStake() throws {
        var example = try StakingExample(stakes: Self.stakes)
        let purse = StakingExample.account(190)
        try example.block([
            .delegate(StakingExample.move(50, 1, 1_000_000_000)),
            .setWithdrawAddress(account: StakingExample.account(50), to: purse),
        ])
        try example.state.collect(fee: 0)
        try example.epochs(2)
        let validator = try example.validator(1)
        #expect(validator.rewards > 0)
        let own = try #require(
            try example.state.delegation(
                of: StakingExample.account(1), to: StakingExample.account(1)))
        let other = try #require(
            try example.state.delegation(
                of: StakingExample.account(50), to: StakingExample.account(1)))
        let earned = try example.state.reward(of: other, with: validator)
        #expect(earned == (try example.state.reward(of: own, with: validator)))
        // A tenth is the operator's, up to the rounding of each reward.
        let ninth = validator.rewards / 9
        #expect(validator.commission <= ninth && validator.commission + 8 >= ninth)
        let before = example.state.accounts.balance(of: purse)
        try example.block([
            .withdrawReward(
                delegator: StakingExample.account(50), validator: StakingExample.account(1)),
            .withdrawCommission(validator: StakingExample.account(1)),
        ])
        #expect(example.state.accounts.balance(of: purse) == before + earned)
        #expect(try example.validator(1).commission == 0)
        #expect(try example.state.contradictions() == [])
    }

    /// Commission rises by a point a day and falls at once.
    @Test func commissionRisesSlowly() throws {
        var example = try StakingExample(stakes: Self.stakes)
        func edit(_ basisPoints: UInt64) -> StakingMessage {
            .editValidator(
                ValidatorEdit(
                    operatorAddress: StakingExample.account(1),
                    description: ValidatorDescription(
                        moniker: ValidatorDescription.unchanged),
                    rate: Decimal18(basisPoints: basisPoints), selfMinimum: nil))
        }
        try example.open()
        #expect(example.refusal(of: edit(1101)) == .commissionRise)
        #expect(example.refusal(of: edit(1100)) == nil)
        #expect(example.refusal(of: edit(1200)) == .commissionTooSoon)
        #expect(example.refusal(of: edit(600)) == nil)
        #expect(example.refusal(of: edit(700)) == .commissionTooSoon)
        #expect(example.refusal(of: edit(499)) == .commissionTooLow)
        #expect(example.refusal(of: edit(6001)) == .commissionTooHigh)
        try example.close()
        example.pace = StakingRules.day
        try example.block()
        try example.open()
        #expect(example.refusal(of: edit(700)) == nil)
        let description = try example.state.description(of: StakingExample.account(1))
        #expect(description?.fields[0] == "v1")
    }

    /// Who begins to validate needs a key that nobody had, and enough of its own.
    @Test func validatorsAreChecked() throws {
        var example = try StakingExample(stakes: Self.stakes)
        try example.open()
        var new = StakingExample.newValidator(60, amount: 4_000_000)
        #expect(
            example.refusal(of: .createValidator(new)) == .selfBondTooLow(least: 5_000_000))
        new.amount = 5_000_000
        new.key = StakingExample.key(1)
        #expect(example.refusal(of: .createValidator(new)) == .keyUsed)
        new.key = StakingExample.key(60)
        new.rates.rise = Decimal18(basisPoints: 101)
        #expect(example.refusal(of: .createValidator(new)) == .commissionRise)
        new.rates = StakingExample.rates
        #expect(example.refusal(of: .createValidator(new)) == nil)
        #expect(example.refusal(of: .createValidator(new)) == .validatorExists)
    }

    /// Issuance follows the curve: known values, and no more than all coins there can be.
    @Test func halvingsAreExactAtWholes() throws {
        for whole in 0..<64 as Range<UInt64> {
            #expect(
                try Issuance.halved(Decimal18(whole)).raw == Decimal18.scale >> UInt128(whole))
        }
        var last = Decimal18.one
        for step in 1...2000 as ClosedRange<UInt128> {
            let next = try Issuance.halved(Decimal18(raw: step * Decimal18.scale / 200))
            #expect(next < last)
            last = next
        }
        let limit = StakingRules.supplyMax
        #expect(
            try Issuance.coins(
                supply: limit - 5, staked: limit / 2, milliseconds: 3_600_000, years: 0) == 5)
        #expect(try Issuance.coins(supply: 0, staked: 0, milliseconds: 1, years: 0) == 0)
    }
}
