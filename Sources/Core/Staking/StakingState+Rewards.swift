// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Issuance and fees, and who gets them.
///
/// Specified in Protocol/21-staking.md#rewards.
extension StakingState {
    /// What the blocks of the epoch that ends say of everybody.
    func tally() throws(StakingFault) -> EpochTally {
        let clock = try clock()
        var tally = EpochTally()
        var committees: [UInt64: CommitteeRecord] = [:]
        let closing = StakingRules.inclusionBlocks + 1
        let first = clock.epochStart - min(clock.epochStart, closing)
        guard clock.height >= clock.epochStart else { return tally }
        for height in max(1, first)...clock.height {
            guard let block = try block(at: height) else { continue }
            if committees[block.epoch] == nil {
                committees[block.epoch] = try committee(of: block.epoch)
            }
            guard let committee = committees[block.epoch] else { continue }
            if height + closing <= clock.height { tally.close(block, committee) }
            if height >= clock.epochStart { tally.propose(block, committee) }
        }
        return tally
    }

    /// Issues the coins of the epoch and gives them, with its fees, to those who did their duties;
    /// what nobody earned goes to the pool.
    mutating func reward(_ tally: EpochTally) throws(StakingFault) -> UInt64 {
        let clock = try clock()
        let totals = try totals()
        let years = (clock.time - min(clock.time, clock.genesisTime)) / StakingRules.year
        let coins = try exact(
            try Issuance.coins(
                supply: totals.supply, staked: totals.bonded,
                milliseconds: clock.time - min(clock.time, clock.epochStartTime),
                years: years))
        let pot = try exact(try coins.adding(totals.fees))
        try move(coins, from: nil, to: \.issued)
        try move(coins, from: nil, to: \.supply)
        try move(coins, from: nil, to: \.pool)
        try move(totals.fees, from: \.fees, to: \.pool)
        guard let committee = try committee(of: clock.epoch) else { return coins }
        let votes = try exact(try StakingRules.attestationPart.of(pot, .down))
        let audits = try exact(try StakingRules.auditPart.of(pot, .down))
        let proposals = try exact(try StakingRules.proposerPart.of(pot, .down))
        for line in tally.lines {
            let duty = try duty(of: line.operatorAddress)
            let forVotes = part(votes, line.points, of: tally.pointsMax)
            let inactive = UInt64(min(duty.inactivity, StakingRules.inactivityMax))
            let earned = try exact(
                try Proportion.of(
                    forVotes, UInt64(StakingRules.inactivityMax) - inactive,
                    over: UInt64(StakingRules.inactivityMax), .down))
            let including = proposals / StakingRules.inclusionParts
            let proposed =
                part(proposals - including, UInt128(line.proposed), of: UInt128(tally.blocks))
                + part(including, line.included, of: included(tally))
            try reward(line.operatorAddress, earned + proposed)
        }
        let powers = committee.powers
        let all = UInt64(StakingRules.auditsPerEpoch)
        for (member, power) in zip(committee.members, powers) {
            let share = part(audits, UInt128(power), of: powers.reduce(0) { $0 + UInt128($1) })
            let score = try duty(of: member.operatorAddress).auditScore
            let scored = try exact(try score.of(share, .down))
            let reported = try reportedAudits(of: member.operatorAddress)
            try reward(
                member.operatorAddress,
                try exact(
                    try Proportion.of(scored, all - min(all, reported), over: all, .down)))
        }
        return coins
    }

    /// Votes of heights at an epoch's edges count where they were included, so more may have been
    /// than could have been.
    private func included(_ tally: EpochTally) -> UInt128 {
        max(tally.includable, tally.lines.reduce(0) { $0 + $1.included })
    }

    /// A part of an amount, rounded down; nothing of nothing.
    private func part(_ amount: UInt64, _ part: UInt128, of whole: UInt128) -> UInt64 {
        guard whole > 0, part <= whole else { return 0 }
        let wide = UInt128(amount).multipliedFullWidth(by: part)
        return UInt64(truncatingIfNeeded: whole.dividingFullWidth((wide.high, wide.low)).quotient)
    }

    /// Gives a validator its commission and those who staked with it the rest, out of the pool.
    private mutating func reward(
        _ operatorAddress: Bytes20, _ amount: UInt64
    ) throws(StakingFault) {
        guard amount > 0, var validator = try validator(operatorAddress), validator.shares > 0
        else { return }
        let commission = try exact(try validator.commissionRate.of(amount, .down))
        let rest = amount - commission
        let grown = try exact(
            try validator.rewardPerShare.adding(
                try Decimal18(rest, over: validator.shares, .down)))
        validator.rewardPerShare = grown
        validator.commission = try exact(try validator.commission.adding(commission))
        validator.rewards = try exact(try validator.rewards.adding(rest))
        save(validator)
        try move(amount, from: \.pool, to: \.rewards)
    }
}
