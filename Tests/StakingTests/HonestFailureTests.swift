// SPDX-License-Identifier: Apache-2.0

import Bytes
import Staking
import Testing

/// Failures of the honest cost rewards, never what is staked.
@Suite struct HonestFailureTests {
    /// Ten equal validators; the coins staked before and after are the same.
    private static func principalLost(
        _ story: (inout StakingExample) throws -> Void
    ) throws -> (lost: UInt64, example: StakingExample) {
        var example = try StakingExample(
            stakes: [UInt64](repeating: 1_000_000_000, count: 10), epochBlocks: 600)
        try example.blocks(20)
        let before = try example.state.totals().bonded
        try story(&example)
        #expect(try example.state.contradictions() == [])
        let totals = try example.state.totals()
        #expect(totals.burned == 0 && totals.fund == 0)
        return (before - totals.bonded, example)
    }

    /// A reboot of two minutes: not even jail.
    @Test func rebootCostsNothing() throws {
        let (lost, example) = try Self.principalLost { example in
            example.absent = [StakingExample.account(3)]
            try example.blocks(120)
            example.absent = []
            try example.epochs(2)
        }
        #expect(lost == 0)
        #expect(try !example.validator(3).isJailed)
    }

    /// An hour away: jailed, back by one message, nothing lost but what was not earned.
    @Test func hourAwayCostsRewardsOnly() throws {
        let (lost, example) = try Self.principalLost { example in
            example.absent = [StakingExample.account(3)]
            try example.epochs(6)
            #expect(try example.validator(3).isJailed)
            let back = StakingMessage.unjail(validator: StakingExample.account(3))
            #expect(example.refusal(of: back) == nil)
            example.absent = []
            try example.epochs(3)
        }
        #expect(lost == 0)
        #expect(try !example.validator(3).isJailed)
        let isSeated = try example.state.committee(of: try example.state.clock().epoch + 1)?
            .members.contains { $0.operatorAddress == StakingExample.account(3) }
        #expect(isSeated == true)
        #expect(try example.validator(3).rewards < example.validator(4).rewards)
    }

    /// A region with more than a sixth of the weight goes dark: nobody is jailed.
    @Test func regionOutageIsBraked() throws {
        let (lost, example) = try Self.principalLost { example in
            example.absent = Set([3, 4, 5].map { StakingExample.account($0) })
            try example.epochs(4)
        }
        #expect(lost == 0)
        #expect(example.outcomes.last?.isBraked == true)
        for number in [3, 4, 5] as [UInt8] { #expect(try !example.validator(number).isJailed) }
    }

    /// A lost disk that its operator reports: challenged, and nothing lost.
    @Test func reportedLossIsExcused() throws {
        let (lost, example) = try Self.principalLost { example in
            try example.block([
                .reportLoss(validator: StakingExample.account(3), first: 1, last: 15)
            ])
            let answers = try Self.challenge(&example, height: 10)
            #expect(answers == 10)
            try example.epochs(StakingRules.challengeEpochs + 1)
        }
        // The nine others did not answer either, and were slashed in the other test's way; here all
        // had reported.
        #expect(lost == 0)
        #expect(try !example.validator(3).isJailed)
    }

    /// Opens a challenge that everybody has an excuse for.
    private static func challenge(
        _ example: inout StakingExample, height: UInt64
    ) throws -> Int {
        for number in 1...10 as ClosedRange<UInt8> where number != 3 {
            try example.state.execute(
                .reportLoss(validator: StakingExample.account(number), first: 1, last: 15),
                example.witness)
        }
        try example.state.execute(
            .challenge(
                ChallengeRequest(
                    challenger: StakingExample.account(60), height: height, row: 0,
                    columns: [0], bond: StakingRules.challengeBond)), example.witness)
        return try #require(try example.state.challenge(0)).targets.count { $0.isExcused }
    }

    /// A clock that is wrong, a leader under attack, votes that come late: half of the reward of the
    /// late votes at most, and nothing else.
    @Test func lateVotesEarnHalf() throws {
        var example = try StakingExample(
            stakes: [UInt64](repeating: 1_000_000_000, count: 4), epochBlocks: 40)
        let late = StakingExample.account(2)
        for _ in 0..<80 {
            let clock = try example.state.clock()
            var votes: [StakingBlock.Votes] = []
            for (distance, isLate) in [(1, false), (8, true)] as [(UInt64, Bool)]
            where clock.height + 1 > distance {
                let height = clock.height + 1 - distance
                let block = try #require(try example.state.block(at: height))
                let committee = try #require(try example.state.committee(of: block.epoch))
                let places = committee.members.indices.filter {
                    (committee.members[$0].operatorAddress == late) == isLate
                }
                votes.append(StakingBlock.Votes(height: height, places: places))
            }
            try example.state.beginBlock(
                StakingBlock(
                    height: clock.height + 1, time: clock.time + 1000, proposer: Bytes20(),
                    parentHash: Bytes32(), dataRoot: Bytes32(), width: 4, votes: votes))
            try example.close()
        }
        #expect(try !example.validator(2).isJailed)
        #expect(try example.state.totals().burned == 0)
        let slow = try example.validator(2)
        let quick = try example.validator(3)
        #expect(slow.rewards < quick.rewards)
        #expect(slow.rewards * 10 > quick.rewards * 5)
        let duty = try example.state.duty(of: late)
        #expect(duty.missed == 0 && duty.inactivity == 0)
    }

    /// Inactivity rises by four an epoch, and heals faster than it came.
    @Test func inactivityHeals() throws {
        var example = try StakingExample(
            stakes: [UInt64](repeating: 1_000_000_000, count: 10), epochBlocks: 20)
        let name = StakingExample.account(3)
        example.absent = [name]
        for epoch in 1...5 as ClosedRange<UInt32> {
            try example.epochs(1)
            #expect(try example.state.duty(of: name).inactivity == 4 * epoch)
        }
        example.absent = []
        try example.epochs(1)
        #expect(try example.state.duty(of: name).inactivity <= 24)
        try example.epochs(2)
        #expect(try example.state.duty(of: name).inactivity == 0)
    }
}
