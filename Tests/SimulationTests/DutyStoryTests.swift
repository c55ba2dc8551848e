// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import Ledger
import Roles
import Simulation
import Staking
import Testing

/// Validators that answer audits from their stores, as whole nodes.
@Suite struct DutyStoryTests {
    /// The key of the account that runs the validator of `StakingStoryTests`.
    private static func operatorKey() throws -> Secp256k1PrivateKey {
        try #require(
            Secp256k1PrivateKey(bytes: SHA256.hash(Array("simulation: account 0".utf8))))
    }

    /// What a lone validator's ledger says after some epochs.
    private static func validator(
        seed: UInt64, isAnswering: Bool
    ) throws -> (duty: DutyRecord, validator: StakedValidator, world: World) {
        let key = try operatorKey()
        var story = try Story(seed: seed, storageCount: 1, lightCount: 0) { configuration, _ in
            StakingStoryTests.staked(&configuration)
            if configuration.kind == .validator, isAnswering { configuration.operatorKey = key }
        }
        let node = story.scenario.validator
        #expect(story.run(60_000) { Story.head(of: node, in: $0) >= 41 })
        let state = try StakingStoryTests.ledger(on: story.scenario.world.disk(of: node))
        let staking = state.staking(StakingRules(epochBlocks: 4))
        let name = AccountAddress(of: key.publicKey).bytes
        return (
            try staking.duty(of: name), try #require(try staking.validator(name)),
            story.scenario.world
        )
    }

    /// Who answers keeps its score; who does not loses score, and no stake.
    @Test func auditsAreAnswered() throws {
        let diligent = try Self.validator(seed: 81, isAnswering: true)
        #expect(diligent.duty.auditScore == .one)
        #expect(diligent.duty.lowEpochs == 0)
        let silent = try Self.validator(seed: 81, isAnswering: false)
        #expect(silent.duty.auditScore < Decimal18(basisPoints: 5_000))
        #expect(diligent.validator.tokens == silent.validator.tokens)
        for (_, observation) in diligent.world.observations {
            if case .note(let text) = observation, text.hasPrefix("an answer") {
                Issue.record("\(text)")
            }
        }
    }

    /// The same world twice gives the same trace: which audits are answered when follows from the seed.
    @Test func answersAreDeterministic() throws {
        let first = try Self.validator(seed: 82, isAnswering: true)
        let second = try Self.validator(seed: 82, isAnswering: true)
        #expect(first.world.trace == second.world.trace)
    }
}
