// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Staking
import Testing

/// Who sits when, and how fast that changes.
@Suite struct CommitteeTests {
    /// What the epoch's last block fixes sits two epochs later.
    @Test func stakeCountsTwoEpochsLater() throws {
        var example = try StakingExample(
            stakes: [UInt64](repeating: 1_000_000_000, count: 10), epochBlocks: 5)
        try example.block([.delegate(StakingExample.move(50, 1, 100_000_000))])
        try example.epochs(1)
        for (epoch, weight): (UInt64, UInt64) in [
            (0, 1_000_000_000), (1, 1_000_000_000), (2, 1_100_000_000),
        ] {
            let committee = try #require(try example.state.committee(of: epoch))
            let member = committee.members.first {
                $0.operatorAddress == StakingExample.account(1)
            }
            #expect(member?.weight == weight)
        }
        #expect(try example.state.committee(of: 3) == nil)
    }

    /// From each committee to the next, five sixths of the old weight stay, and make up five sixths
    /// of the new one, whatever is staked and left.
    @Test func churnIsCapped() throws {
        var reached = 0
        for seed in 0..<12 as Range<UInt64> {
            var numbers = SeededNumbers(seed)
            var example = try StakingExample(
                stakes: (0..<5).map { _ in 1_000_000 + numbers.below(2_000_000_000) },
                epochBlocks: 2)
            for round in 0..<30 as Range<UInt8> {
                try example.open()
                for _ in 0..<3 {
                    let delegator = UInt8(20 + numbers.below(5))
                    let validator = UInt8(1 + numbers.below(5))
                    let amount = 1 + numbers.below(5_000_000_000)
                    _ = example.refusal(
                        of: .delegate(StakingExample.move(delegator, validator, amount)))
                    _ = example.refusal(
                        of: .undelegate(StakingExample.move(delegator, validator, amount)))
                }
                if round < 6 {
                    _ = example.refusal(
                        of: .createValidator(
                            StakingExample.newValidator(
                                10 + round, amount: 1_000_000_000 + numbers.below(5_000_000_000)))
                    )
                }
                try example.close()
                try example.epochs(1)
                if try Self.check(example) { reached += 1 }
            }
        }
        #expect(reached > 30)
    }

    /// That the last two committees overlap enough; whether the cap was reached.
    private static func check(_ example: StakingExample) throws -> Bool {
        let epoch = try example.state.clock().epoch
        let prior = try #require(try example.state.committee(of: epoch))
        let next = try #require(try example.state.committee(of: epoch + 1))
        var common: UInt64 = 0
        for member in next.members {
            let before = prior.members.first { $0.operatorAddress == member.operatorAddress }
            common += min(member.weight, before?.weight ?? 0)
        }
        #expect(UInt128(common) * 6 >= UInt128(prior.weight) * 5)
        #expect(UInt128(common) * 6 >= UInt128(next.weight) * 5)
        let set = try next.validatorSet()
        #expect(set.totalVotingPower <= 1 << 40)
        #expect(
            set.validators.map { $0.address } == next.members.map { $0.address },
            "places are those of the set")
        return prior.weight - common == prior.weight / 6
            || next.weight - common == prior.weight / 6
    }

    /// A newcomer with more than the cap comes in parts, and is in within a few epochs.
    @Test func newcomersWaitTheirTurn() throws {
        var example = try StakingExample(
            stakes: [UInt64](repeating: 1_000_000_000, count: 6), epochBlocks: 2)
        try example.block([
            .createValidator(StakingExample.newValidator(20, amount: 2_500_000_000)),
            .createValidator(StakingExample.newValidator(21, amount: 1_000_000_000)),
        ])
        var seen: [[UInt64]] = []
        for _ in 0..<6 {
            try example.epochs(1)
            let committee = try #require(example.outcomes.last?.committee)
            seen.append(
                [20, 21].map { number in
                    committee.members.first {
                        $0.operatorAddress == StakingExample.account(number)
                    }?.weight ?? 0
                })
        }
        #expect(
            seen == [
                [1_000_000_000, 0], [2_166_666_666, 0], [2_500_000_000, 1_000_000_000],
                [2_500_000_000, 1_000_000_000], [2_500_000_000, 1_000_000_000],
                [2_500_000_000, 1_000_000_000],
            ])
        #expect(try example.validator(20).waitingSince == 0)
    }

    /// The heaviest hundred sit; somebody heavier takes a seat only when it is free.
    @Test func seatsAreLimited() throws {
        var example = try StakingExample(
            stakes: (1...100).map { 1_000_000_000 + $0 }, epochBlocks: 2)
        try example.block([
            .createValidator(StakingExample.newValidator(150, amount: 1_500_000_000))
        ])
        try example.epochs(1)
        let committee = try #require(try example.state.committee(of: 2))
        #expect(committee.members.count == 100)
        #expect(committee.members[0].operatorAddress == StakingExample.account(150))
        let isThere = committee.members.contains {
            $0.operatorAddress == StakingExample.account(1)
        }
        #expect(!isThere)
    }

    /// Powers keep the order of the weights, are at least one, and at most 2⁴⁰ together.
    @Test func powersAreBounded() {
        for total in [1, 1000, 1 << 40, 1 << 41, 1 << 60] as [UInt64] {
            for parts in 1...100 as ClosedRange<UInt64> where parts <= total {
                let members = (0..<parts).map { index in
                    CommitteeMember(
                        operatorAddress: Bytes20(repeating: UInt8(index)),
                        key: StakingExample.key(UInt8(index)),
                        weight: index == 0 ? total - (parts - 1) : 1)
                }
                let committee = CommitteeRecord(epoch: 0, members: members)
                #expect(committee.powers.reduce(0, +) <= CommitteeRecord.powerMax)
                #expect(committee.powers.allSatisfy { $0 > 0 })
                #expect(committee.powers == committee.powers.sorted(by: >))
            }
        }
    }

    /// Validators that nothing hangs on are forgotten, once their votes can no longer be faults.
    @Test func emptyValidatorsGo() throws {
        var example = try StakingExample(
            stakes: [UInt64](repeating: 1_000_000_000, count: 6), epochBlocks: 2)
        try example.block([
            .undelegate(StakingExample.move(1, 1, 1_000_000_000)),
            .withdrawReward(
                delegator: StakingExample.account(2), validator: StakingExample.account(2)),
        ])
        try example.epochs(4)
        if try example.validator(1).commission > 0 {
            try example.block([.withdrawCommission(validator: StakingExample.account(1))])
        }
        #expect(try example.state.validator(StakingExample.account(1)) != nil)
        example.pace = StakingRules.unbondingMilliseconds + StakingRules.day
        try example.epochs(1)
        example.pace = 1000
        try example.epochs(8)
        #expect(try example.state.validator(StakingExample.account(1)) == nil)
        #expect(try example.state.totals().validators == 5)
        #expect(try example.state.contradictions() == [])
    }
}
