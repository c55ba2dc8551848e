// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Ledger
import Roles
import Simulation
import Staking
import Testing

/// What may happen to an honest validator costs it rewards at most, and nothing that is staked.
@Suite struct HonestFailureStoryTests {
    static let cast = StakedCommittee(count: 4, epochBlocks: 5)

    private static func story(seed: UInt64, idle: UInt64 = 200) throws -> Story {
        try cast.story(seed: seed, lightCount: 0) { configuration, number in
            configuration.committeeIdleMilliseconds = idle
            guard configuration.kind == .validator else { return }
            configuration.accountKey = try? StakedCommittee.operatorKey(number)
        }
    }

    /// All that is staked is what it was, nothing burned, and there is no fault on record.
    private static func expectWhole(_ story: inout Story, at node: Int) throws {
        let state = try cast.ledger(of: node, in: story.scenario.world)
        let staked = state.staking(cast.rules)
        let totals = try staked.totals()
        #expect(totals.bonded == 4 * StakedCommittee.stake)
        #expect(totals.burned == 0 && totals.fund == 0 && state.supply == totals.supply)
        for validator in try staked.validators() {
            #expect(validator.tokens == StakedCommittee.stake && validator.openFaults == 0)
            #expect(!validator.isTombstoned)
        }
        guard case .success(.slashings(let report)) = try story.ask(node, .slashings) else {
            Issue.record("no answer")
            return
        }
        #expect(report.told.isEmpty && report.pending.isEmpty)
    }

    private static func expectBack(_ story: inout Story, _ node: Int) {
        let others = story.scenario.validators
        let head = others.map { Story.head(of: $0, in: story.scenario.world) }.max() ?? 0
        let isBack = story.run(120_000) { world in
            others.allSatisfy { Story.head(of: $0, in: world) >= head + 6 }
        }
        #expect(isBack, "it is back")
    }

    /// It is started anew in the middle of a view, three times.
    @Test func reboots() throws {
        var story = try Self.story(seed: 701)
        let node = story.scenario.validators[1]
        for round in 0..<3 as Range<UInt64> {
            _ = story.run(1_500 + 370 * round) { _ in false }
            story.scenario.world.crash(node)
            _ = story.run(2_000) { _ in false }
            story.scenario.world.start(node)
            Self.expectBack(&story, node)
        }
        try Self.expectWhole(&story, at: story.scenario.validator)
    }

    /// It is away for an hour.
    @Test func hourAway() throws {
        var story = try Self.story(seed: 702, idle: 15_000)
        let node = story.scenario.validators[2]
        story.scenario.world.crash(node)
        _ = story.run(3_600_000) { _ in false }
        story.scenario.world.start(node)
        let first = story.scenario.validator
        let head = Story.head(of: first, in: story.scenario.world)
        #expect(head > 60, "three of four go on")
        let isBack = story.run(600_000) { Story.head(of: node, in: $0) >= head + 6 }
        #expect(isBack)
        try Self.expectWhole(&story, at: first)
        let state = try Self.cast.ledger(of: first, in: story.scenario.world)
        let lazy = try StakedCommittee.operatorAddress(2)
        #expect(try state.staking(Self.cast.rules).duty(of: lazy).missed > 40)
    }

    /// Its operator says that it lost the data of some heights.
    @Test func reportedLoss() throws {
        var story = try Self.story(seed: 703)
        let node = story.scenario.validators[3]
        let message = StakingMessage.reportLoss(
            validator: try StakedCommittee.operatorAddress(3), first: 1, last: 2)
        let wish = StakeWish.messages([
            TypedMessage(
                typeURL: message.type.rawValue, value: message.protobuf(rules: Self.cast.rules))
        ])
        let answer = try story.ask(node, .stake(wish, SubmitOptions()))
        guard case .success(.included(let outcome)) = answer else {
            Issue.record("the loss is not told: \(answer)")
            return
        }
        let first = story.scenario.validator
        #expect(
            story.run(120_000) { Story.head(of: first, in: $0) >= outcome.height + 20 })
        try Self.expectWhole(&story, at: first)
    }

    /// It starts with a clock that is an hour off, and later with a true one.
    @Test(arguments: [3_600_000, -3_600_000] as [Int64])
    func clockJumps(aheadMilliseconds: Int64) throws {
        var story = try Self.story(seed: 704)
        let node = story.scenario.validators[1]
        let first = story.scenario.validator
        story.scenario.world.crash(node)
        story.scenario.world.setClock(of: node, aheadMilliseconds: aheadMilliseconds)
        story.scenario.world.start(node)
        let before = Story.head(of: first, in: story.scenario.world)
        let goesOn = story.run(200_000) { Story.head(of: first, in: $0) >= before + 12 }
        #expect(goesOn, "the others go on")
        story.scenario.world.crash(node)
        story.scenario.world.setClock(of: node, aheadMilliseconds: 0)
        story.scenario.world.start(node)
        Self.expectBack(&story, node)
        try Self.expectWhole(&story, at: first)
    }
}
