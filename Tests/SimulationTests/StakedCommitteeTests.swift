// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Ledger
import Roles
import Simulation
import Staking
import Testing

/// Several validators with stake: what they vote for is counted, over many epochs.
@Suite struct StakedCommitteeTests {
    /// All nodes have the same headers up to a height, each with the committee that the ledger says.
    static func expectOneChain(_ story: Story, upTo height: UInt64) {
        let world = story.scenario.world
        let all = story.scenario.validators + story.scenario.storage + story.scenario.light
        for at in 1...height {
            let hashes = Set(all.compactMap { world.disk(of: $0).header(at)?.hash.hex })
            #expect(hashes.count == 1, "height \(at): \(hashes)")
        }
    }

    /// Epochs pass; everybody's votes are in the chain, nobody misses, and coins are conserved.
    @Test func epochsPass() throws {
        let cast = StakedCommittee(count: 4, epochBlocks: 5)
        var story = try cast.story(seed: 401)
        let blob = try Scenario.blob("staked", sizeBytes: 5_000)
        _ = try story.post(blob, at: story.scenario.storage[0])
        let all = story.scenario.validators + story.scenario.storage + story.scenario.light
        let isLong = story.run(60_000) { world in
            all.allSatisfy { Story.head(of: $0, in: world) >= 33 }
        }
        #expect(isLong)
        Self.expectOneChain(story, upTo: 33)
        let world = story.scenario.world
        var hashes: Set<Bytes32> = []
        for node in story.scenario.validators {
            let state = try cast.ledger(of: node, in: world)
            let staked = state.staking(cast.rules)
            let clock = try staked.clock()
            #expect(clock.height >= 30 && clock.epoch == clock.height / 5)
            let totals = try staked.totals()
            #expect(state.supply == totals.supply)
            #expect(totals.bonded == 4 * StakedCommittee.stake && totals.burned == 0)
            #expect(totals.issued > 0)
            for validator in try staked.validators() {
                #expect(validator.tokens == StakedCommittee.stake)
                #expect(!validator.isJailed)
                // Who is slow at the last block of an epoch cannot vote for it any more.
                let missed = try staked.duty(of: validator.operatorAddress).missed
                #expect(missed <= UInt16(clock.epoch))
            }
            // All four of every other block that can get no further votes; at the first one not all
            // members were connected.
            for height in 2...clock.height - 9 where height % 5 != 0 {
                let record = try #require(try staked.block(at: height))
                #expect((0..<4).allSatisfy { record.hasVoted($0) }, "height \(height)")
            }
            hashes.insert(state.hash)
        }
        #expect(!hashes.isEmpty)
    }

    /// A validator that is away for some epochs and comes back follows and votes again; its misses are
    /// counted, and cost no stake.
    @Test func oneIsAway() throws {
        let cast = StakedCommittee(count: 4, epochBlocks: 4)
        var story = try cast.story(seed: 402, lightCount: 0)
        let all = story.scenario.validators
        let away = all[2]
        let first = story.scenario.validator
        #expect(story.run(60_000) { Story.head(of: first, in: $0) >= 6 })
        story.scenario.world.crash(away)
        #expect(story.run(120_000) { Story.head(of: first, in: $0) >= 40 })
        story.scenario.world.start(away)
        let isBack = story.run(60_000) { world in
            all.allSatisfy { Story.head(of: $0, in: world) >= 50 }
        }
        #expect(isBack)
        let back = Story.head(of: first, in: story.scenario.world)
        #expect(story.run(60_000) { Story.head(of: first, in: $0) >= back + 16 })
        Self.expectOneChain(story, upTo: 50)
        let state = try cast.ledger(of: first, in: story.scenario.world)
        let staked = state.staking(cast.rules)
        let lazy = try StakedCommittee.operatorAddress(2)
        #expect(try staked.duty(of: lazy).missed > 10)
        for validator in try staked.validators() {
            #expect(validator.tokens == StakedCommittee.stake)
        }
        let clock = try staked.clock()
        let record = try #require(try staked.block(at: clock.height - 8))
        #expect((0..<4).allSatisfy { record.hasVoted($0) }, "it votes again")
    }
}
