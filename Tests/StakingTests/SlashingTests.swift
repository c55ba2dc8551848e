// SPDX-License-Identifier: Apache-2.0

import Bytes
import Staking
import Testing

/// What contradicting votes cost.
@Suite struct SlashingTests {
    static func evidence(
        _ number: UInt8, epoch: UInt64 = 0, _ kind: EvidenceFinding.Kind = .notarizations,
        turn: UInt8 = 0
    ) -> StakingMessage {
        .submitEvidence(
            submitter: StakingExample.account(100),
            evidence: ExampleWitness.evidence(
                StakingExample.address(ofKey: StakingExample.key(number, turn)), kind, height: 1,
                epoch: epoch))
    }

    /// (share of the stake in hundredths, price in basis points): the examples of the chapter.
    @Test(arguments: [(1, 50), (5, 225), (10, 900), (20, 3600), (33, 9801), (34, 10_000)])
    func priceGrowsWithTheShare(_ share: Int, _ price: UInt64) throws {
        // A hundred validators of equal stake, so that each is a hundredth.
        var example = try StakingExample(
            stakes: [UInt64](repeating: 1_000_000_000, count: 100), epochBlocks: 4)
        try example.block()
        try example.open()
        for number in 1...UInt8(share) {
            #expect(example.refusal(of: Self.evidence(number)) == nil)
            #expect(try example.validator(number).tokens == 995_000_000)
        }
        try example.close()
        try example.epochs(StakingRules.correlationEpochs)
        #expect(try example.validator(1).tokens == 995_000_000)
        try example.epochs(1)
        for number in 1...UInt8(share) {
            let validator = try example.validator(number)
            let left = 1_000_000_000 / 10_000 * (10_000 - price)
            #expect(validator.tokens <= left && validator.tokens + 2 >= left)
            #expect(validator.isTombstoned == (price >= 500))
            #expect(validator.isJailed && validator.openFaults == 0)
        }
        #expect(try example.validator(UInt8(share) + 1).tokens == 1_000_000_000)
        #expect(try example.state.contradictions() == [])
    }

    /// Faults up to eight epochs apart make each other dearer; further apart they do not.
    @Test(arguments: [(8, true), (9, false)])
    func windowHasEightEpochs(_ distance: UInt64, _ isWithin: Bool) throws {
        var example = try StakingExample(
            stakes: [UInt64](repeating: 1_000_000_000, count: 10), epochBlocks: 2)
        try example.block([Self.evidence(1)])
        try example.epochs(distance)
        try example.block([Self.evidence(2, epoch: distance)])
        try example.epochs(20)
        // The second's seat is a ninth of what the jailed one left: (3/9)², or (3/9 + 3/10)².
        let fault = try #require(
            try example.state.fault(
                of: StakingExample.account(2), in: distance, .equivocation))
        let price: UInt128 = isWithin ? 401_111_111_111_111_111 : 111_111_111_111_111_111
        #expect(fault.taken == Decimal18(raw: price))
    }

    /// One slash for each validator, epoch and class; another epoch's fault is another.
    @Test func nothingIsSlashedTwice() throws {
        var example = try StakingExample(
            stakes: [UInt64](repeating: 1_000_000_000, count: 10), epochBlocks: 2)
        try example.open()
        #expect(example.refusal(of: Self.evidence(1)) == nil)
        for kind in EvidenceFinding.Kind.allCases {
            #expect(
                example.refusal(of: Self.evidence(1, kind))
                    == .evidence("it was slashed already"))
        }
        #expect(
            example.refusal(of: Self.evidence(99))
                == .evidence("it names nobody who voted in that epoch"))
        #expect(
            example.refusal(of: Self.evidence(2, epoch: 1))
                == .evidence("its epoch is not known"))
        try example.close()
        try example.epochs(1)
        try example.open()
        #expect(example.refusal(of: Self.evidence(1, epoch: 1)) == nil)
    }

    /// Evidence can be given for fourteen days, when all that stood behind the vote is still there.
    @Test func oldEvidenceIsRefused() throws {
        for (wait, isTaken) in [
            (StakingRules.evidenceMilliseconds, true),
            (StakingRules.evidenceMilliseconds + 1, false),
        ] {
            var example = try StakingExample(
                stakes: [UInt64](repeating: 1_000_000_000, count: 10), epochBlocks: 50)
            example.pace = wait
            try example.open()
            #expect((example.refusal(of: Self.evidence(1)) == nil) == isTaken)
        }
    }

    /// What the operator staked pays first: twice its part, its delegators the rest.
    @Test func operatorsPayFirst() throws {
        var example = try StakingExample(
            stakes: [UInt64](repeating: 1_000_000_000, count: 10), epochBlocks: 4)
        try example.block([.delegate(StakingExample.move(50, 1, 3_000_000_000))])
        try example.block([Self.evidence(1)])
        let validator = try example.validator(1)
        // 0.5 % of 4,000 are 20: the operator's part is 5, it pays 10.
        #expect(validator.tokens == 3_980_000_000)
        let own = try example.state.selfBond(of: validator)
        let other = try #require(
            try example.state.delegation(
                of: StakingExample.account(50), to: StakingExample.account(1)))
        #expect(own == 989_999_999 || own == 990_000_000)
        let left = try validator.worth(of: other.shares)
        #expect(left >= 2_990_000_000 && left <= 2_990_000_002)
    }

    /// Half is burned but for the reporter's twentieth; half goes to the fund.
    @Test func whatIsTakenIsShared() throws {
        var example = try StakingExample(
            stakes: [UInt64](repeating: 1_000_000_000, count: 10), epochBlocks: 4)
        let before = example.state.accounts.balance(of: StakingExample.account(100))
        try example.block([Self.evidence(1)])
        let totals = try example.state.totals()
        #expect(totals.fund == 2_500_000)
        #expect(totals.burned == 2_250_000)
        #expect(
            example.state.accounts.balance(of: StakingExample.account(100)) == before + 250_000)
    }

    /// Who left after the vote, or went elsewhere, pays like those who stayed.
    @Test func leavingDoesNotHelp() throws {
        var example = try StakingExample(
            stakes: [UInt64](repeating: 1_000_000_000, count: 3), epochBlocks: 4)
        try example.block([
            .delegate(StakingExample.move(50, 1, 100_000_000)),
            .delegate(StakingExample.move(51, 1, 100_000_000)),
        ])
        try example.epochs(2)
        let epoch = try example.state.clock().epoch
        try example.block([
            .undelegate(StakingExample.move(50, 1, 100_000_000)),
            .redelegate(
                StakingExample.move(51, 1, 100_000_000), destination: StakingExample.account(2)),
        ])
        let left = try example.state.clock().height
        try example.block([Self.evidence(1, epoch: epoch)])
        let entry: UnbondingEntry = try #require(
            try example.state.load(
                StakingKey.unbonding(
                    from: StakingExample.account(1), by: StakingExample.account(50),
                    height: left)))
        #expect(entry.balance == 99_500_000)
        let moved = try #require(
            try example.state.delegation(
                of: StakingExample.account(51), to: StakingExample.account(2)))
        #expect(moved.shares == 99_500_000)
        #expect(try example.validator(2).tokens == 1_099_500_000)
        try example.epochs(9)
        // A third and more: all of it.
        let after: UnbondingEntry = try #require(
            try example.state.load(
                StakingKey.unbonding(
                    from: StakingExample.account(1), by: StakingExample.account(50),
                    height: left)))
        #expect(after.balance == 0)
        #expect(
            try example.state.delegation(
                of: StakingExample.account(51), to: StakingExample.account(2)) == nil)
        #expect(try example.validator(1).tokens == 0)
        #expect(try example.validator(2).tokens == 1_000_000_000)
        #expect(try example.state.contradictions() == [])
    }

    /// What left before the committee was fixed does not answer for its votes.
    @Test func whoLeftBeforeIsSpared() throws {
        var example = try StakingExample(
            stakes: [UInt64](repeating: 1_000_000_000, count: 10), epochBlocks: 4)
        try example.block([.delegate(StakingExample.move(50, 1, 100_000_000))])
        try example.block([.undelegate(StakingExample.move(50, 1, 100_000_000))])
        try example.epochs(2)
        let epoch = try example.state.clock().epoch
        #expect(epoch == 2)
        try example.block([Self.evidence(1, epoch: epoch)])
        #expect(try example.state.totals().unbonding == 100_000_000)
    }

    /// Small faults end: jail, a new key, back; old keys stay answerable and are never taken again.
    @Test func smallFaultsEnd() throws {
        var example = try StakingExample(
            stakes: [UInt64](repeating: 1_000_000_000, count: 100), epochBlocks: 2)
        try example.block([Self.evidence(1, .proposals)])
        #expect(try example.validator(1).tokens == 997_500_000)
        try example.epochs(10)
        let back = StakingMessage.unjail(validator: StakingExample.account(1))
        #expect(example.refusal(of: back) == .stillJailed)
        example.pace = StakingRules.faultJail
        try example.block()
        example.pace = 1000
        #expect(example.refusal(of: back) == .stillJailed)
        let used = StakingMessage.rotateKey(
            validator: StakingExample.account(1), key: StakingExample.key(2))
        #expect(example.refusal(of: used) == .keyUsed)
        let rotate = StakingMessage.rotateKey(
            validator: StakingExample.account(1), key: StakingExample.key(1, 1))
        #expect(example.refusal(of: rotate) == nil)
        #expect(example.refusal(of: back) == nil)
        try example.epochs(3)
        let epoch = try example.state.clock().epoch
        let committee = try #require(try example.state.committee(of: epoch))
        let member = try #require(
            committee.members.first { $0.operatorAddress == StakingExample.account(1) })
        #expect(member.key == StakingExample.key(1, 1))
        #expect(example.refusal(of: Self.evidence(1, epoch: epoch)) != nil)
        #expect(example.refusal(of: Self.evidence(1, epoch: epoch, turn: 1)) == nil)
    }

    /// Nothing is freed while a fault may still cut it, and nothing new comes in between.
    @Test func openFaultsHold() throws {
        var example = try StakingExample(
            stakes: [UInt64](repeating: 1_000_000_000, count: 10), epochBlocks: 50)
        try example.block([.undelegate(StakingExample.move(1, 1, 100_000_000))])
        example.pace = StakingRules.evidenceMilliseconds - 1000
        try example.block([Self.evidence(1)])
        example.pace = 2 * StakingRules.hour
        try example.block()
        #expect(try example.state.totals().unbonding == 99_500_000)
        #expect(
            example.refusal(of: .delegate(StakingExample.move(50, 1, 5))) == .notAccepting)
        example.pace = 1000
        try example.epochs(9)
        // Nine hundredths of a hundred million, each step rounded up.
        #expect(try example.state.totals().unbonding == 90_999_999)
        example.pace = StakingRules.faultHold
        try example.block()
        #expect(try example.state.totals().unbonding == 0)
    }
}
