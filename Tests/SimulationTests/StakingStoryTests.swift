// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import Ledger
import Roles
import Simulation
import Staking
import Syncing
import Testing

/// A chain whose validator has staked, as whole nodes make and follow it.
@Suite struct StakingStoryTests {
    static let stake: UInt64 = 600_000_000_000

    /// The same node on a chain with staking: epochs of four blocks, the first account operating.
    static func staked(_ configuration: inout NodeConfiguration) {
        guard var genesis = configuration.genesis,
            case .ed25519(let key) = genesis.validatorSet.validators[0].key,
            let set = try? ValidatorSet([
                Validator(key: .ed25519(key), votingPower: Int64(stake))
            ])
        else { return }
        genesis.validatorSet = set
        genesis.staking = GenesisStaking(
            epochBlocks: 4,
            validators: [
                GenesisValidator(
                    operatorAddress: genesis.accounts[0].address, key: key.bytes, stake: stake,
                    selfMinimum: 1_000_000)
            ])
        configuration.genesis = genesis
        configuration.rules = LedgerRules(genesis)
        configuration.trust = .genesis(validatorsHash: set.hash)
    }

    /// What a validator's disk has of its ledger.
    static func ledger(on disk: SimulatedDisk) throws -> LedgerState {
        try #require(try LedgerRecord.newest(disk.restored)).state
    }

    /// Blocks are made over many epochs, with blobs and a restart amid them; fees and issuance reach
    /// the validator, every follower follows, and each app hash is that of the disk's entries.
    @Test func epochsPass() throws {
        var story = try Story(seed: 71, storageCount: 2, lightCount: 1) { configuration, _ in
            Self.staked(&configuration)
        }
        let validator = story.scenario.validator
        let blob = try Scenario.blob("staked", sizeBytes: 5_000)
        _ = try story.post(blob, at: story.scenario.storage[0])
        #expect(story.run(30_000) { Story.head(of: validator, in: $0) >= 14 })
        story.scenario.world.crash(validator)
        let stopped = Story.head(of: validator, in: story.scenario.world)
        story.scenario.world.start(validator)
        _ = try story.post(
            try Scenario.blob("again", sizeBytes: 100), at: story.scenario.storage[0])
        let followers = story.scenario.storage + story.scenario.light
        #expect(
            story.run(40_000) { world in
                followers.allSatisfy { Story.head(of: $0, in: world) >= stopped + 12 }
            })

        let disk = story.scenario.world.disk(of: validator)
        let head = try #require(disk.restored.head)
        let rules = StakingRules(epochBlocks: 4)
        let state = try Self.ledger(on: disk)
        let staking = state.staking(rules)
        let totals = try staking.totals()
        #expect(state.supply == totals.supply && totals.issued > 0)
        #expect(totals.supply == 3_000_000_000_000 + totals.issued)
        #expect(try staking.clock().height == head.height.value)
        #expect(try staking.clock().epoch == head.height.value / 4)
        let operatorAddress = try #require(try staking.validators().first).operatorAddress
        let earned = try #require(try staking.validator(operatorAddress))
        #expect(earned.tokens == Self.stake && earned.rewards > 0 && earned.commission > 0)
        #expect(try staking.duty(of: operatorAddress).missed == 0)

        // The next header has the app hash of what lies there now.
        let isNext = story.run(10_000) {
            Story.head(of: validator, in: $0) > head.height.value
        }
        #expect(isNext)
        let next = try #require(
            story.scenario.world.disk(of: validator).header(head.height.value + 1))
        #expect(next.header.appHash == state.hash.array)
    }
}
