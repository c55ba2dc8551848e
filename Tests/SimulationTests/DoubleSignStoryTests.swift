// SPDX-License-Identifier: Apache-2.0

import Chain
import Cryptography
import Ledger
import Roles
import Simulation
import Staking
import Testing

/// One of several validators signs twice; the chain slashes it and nobody else.
@Suite struct DoubleSignStoryTests {
    @Test(arguments: [501, 502] as [UInt64])
    func oneIsSlashed(seed: UInt64) throws {
        let cast = StakedCommittee(count: 4, epochBlocks: 10)
        var story = try cast.story(seed: seed, lightCount: 0) { configuration, number in
            guard configuration.kind == .validator, number == 3 else { return }
            configuration.misbehavior = .doubleSigning(
                fromHeight: 5, seed: StakedCommittee.key(3).seed)
        }
        let honest = story.scenario.validators.dropLast()
        let isTold = story.run(60_000) { world in
            honest.allSatisfy { Story.head(of: $0, in: world) >= 14 }
        }
        #expect(isTold)
        let guilty = try StakedCommittee.operatorAddress(3)
        var reports: [SlashingReport] = []
        for node in honest {
            guard case .success(.slashings(let report)) = try story.ask(node, .slashings) else {
                Issue.record("no answer")
                continue
            }
            #expect(report.told.count == 1 && report.pending.isEmpty)
            reports.append(report)
        }
        let told = try #require(reports.first?.told.first)
        #expect(reports.allSatisfy { $0.told.first?.evidence.evidence == told.evidence.evidence })
        #expect(told.evidence.coins == StakedCommittee.stake / 200 && !told.isDone)
        let pair = try #require(told.evidence.pair)
        #expect(
            pair.address
                == ValidatorKey.ed25519(StakedCommittee.key(3).publicKey).address)
        for node in honest {
            let state = try cast.ledger(of: node, in: story.scenario.world)
            let staked = state.staking(cast.rules)
            for validator in try staked.validators() {
                let isGuilty = validator.operatorAddress == guilty
                let left = StakedCommittee.stake / 200 * (isGuilty ? 199 : 200)
                #expect(validator.tokens == left && validator.isJailed == isGuilty)
            }
            #expect(state.supply == (try staked.totals()).supply)
        }

        // What was told is remembered over a restart, and told no more.
        let first = story.scenario.validator
        story.scenario.world.crash(first)
        story.scenario.world.start(first)
        let head = Story.head(of: first, in: story.scenario.world)
        #expect(story.run(60_000) { Story.head(of: first, in: $0) >= head + 4 })
        guard case .success(.slashings(let again)) = try story.ask(first, .slashings) else {
            Issue.record("no answer")
            return
        }
        #expect(again.told.map(\.evidence) == [told.evidence] && again.pending.isEmpty)
    }
}
