// SPDX-License-Identifier: Apache-2.0

internal import Bytes
public import Chain
public import Staking

/// How staking begins.
///
/// Specified in Protocol/10-chain-and-ledger.md#genesis-staking.
extension LedgerState {
    /// Stakes what the genesis says; its committee must be the one that this gives.
    mutating func begin(
        _ staking: GenesisStaking, of genesis: Genesis
    ) throws(LedgerFault) {
        if let fault = genesis.fault { throw .undecodable(fault) }
        guard let rules = LedgerRules(genesis).staking, let supply = genesis.supply else { return }
        var stakes: [GenesisStake] = []
        for validator in staking.validators {
            stakes.append(GenesisStake(try Self.newValidator(validator)))
        }
        let time = genesis.time.millisecondsSince1970
        let set = try stake(rules) { state throws(StakingFault) in
            try state.begin(stakes, supply: supply, time: time, seed: genesis.hash)
            state.begin(
                BasePrices(
                    floor: Decimal18(genesis.minimumGasPrice),
                    target: BlobFee.gas(
                        forShares: genesis.squareSizeMax * genesis.squareSizeMax) / 2))
            return try state.committee(of: 0)?.set
        }
        guard set == genesis.validatorSet else {
            throw .invalidRequest("genesis: powers of validators are not what they have staked")
        }
    }

    private static func newValidator(
        _ validator: GenesisValidator
    ) throws(LedgerFault) -> NewValidator {
        let rates = CommissionRates(
            rate: Decimal18(basisPoints: validator.commissionRate),
            maximum: Decimal18(basisPoints: validator.commissionMax),
            rise: Decimal18(basisPoints: validator.commissionRise))
        guard rates.rate >= StakingRules.commissionMin else { throw .staking(.commissionTooLow) }
        guard rates.maximum <= StakingRules.commissionMax else {
            throw .staking(.commissionTooHigh)
        }
        guard rates.rise <= StakingRules.commissionRise else { throw .staking(.commissionRise) }
        guard validator.stake >= StakingRules.selfBondMin else {
            throw .staking(.selfBondTooLow(least: StakingRules.selfBondMin))
        }
        return NewValidator(
            operatorAddress: validator.operatorAddress, key: validator.key,
            description: ValidatorDescription(moniker: validator.moniker), rates: rates,
            selfMinimum: validator.selfMinimum, amount: validator.stake)
    }
}

extension GenesisStaking {
    /// The committee that the stakes give, which the genesis must name.
    ///
    /// - Throws: for nobody, and for a key that stands twice.
    public func committee() throws(ValidatorSetFault) -> ValidatorSet {
        try CommitteeRecord(
            epoch: 0,
            members: validators.map {
                CommitteeMember(
                    operatorAddress: $0.operatorAddress, key: $0.key, weight: $0.stake)
            }
        ).validatorSet()
    }
}

/// The committees that headers name.
extension LedgerState {
    /// The committee of the block after this state, and that of the block after it.
    ///
    /// - Throws: `state` when there is none, which no transaction causes.
    public func committees(
        _ rules: StakingRules
    ) throws(LedgerFault) -> (next: ValidatorSet, afterNext: ValidatorSet) {
        let state = staking(rules)
        do throws(StakingFault) {
            let clock = try state.clock()
            // The epoch of the next block is the one that runs; that block may be its last.
            let isLast = clock.height + 2 >= clock.epochStart + rules.epochBlocks
            guard let next = try state.committee(of: clock.epoch)?.set,
                let after = try state.committee(of: clock.epoch + (isLast ? 1 : 0))?.set
            else { throw .state("an epoch without a committee") }
            return (next, after)
        } catch {
            throw .staking(error)
        }
    }
}

extension CommitteeRecord {
    /// The set that headers name; nil where it could not be one, which no election gives.
    var set: ValidatorSet? {
        do throws(ValidatorSetFault) { return try validatorSet() } catch { return nil }
    }
}

extension Decimal18 {
    init(_ price: GasPrice) {
        self.init(raw: UInt128(price.millionths) * (Decimal18.scale / 1_000_000))
    }
}

extension GasPrice {
    /// The least price in millionths that is not below a decimal.
    public init(atLeast price: Decimal18) {
        let part = Decimal18.scale / 1_000_000
        let (millionths, rest) = price.raw.quotientAndRemainder(dividingBy: part)
        self.init(millionths: UInt64(clamping: rest == 0 ? millionths : millionths + 1))
    }
}

extension Timestamp {
    /// Whole milliseconds since 1970; none before.
    var millisecondsSince1970: UInt64 {
        guard let seconds = UInt64(exactly: seconds) else { return 0 }
        return seconds * 1000 + UInt64(nanoseconds) / 1_000_000
    }
}
