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

/// Scenarios whose several validators have staked, each from an account of its own.
struct StakedCommittee {
    static let stake: UInt64 = 400_000_000_000
    static let balance: UInt64 = 1_000_000_000_000

    /// How many of the scenario's validators have staked at the beginning.
    let count: Int
    let epochBlocks: UInt64

    static func secret(_ name: String) -> Bytes32 { SHA256.hash(Array("simulation: \(name)".utf8)) }

    /// The key that a validator votes with, as scenarios make it.
    static func key(_ index: Int) -> Ed25519PrivateKey {
        Ed25519PrivateKey(seed: secret(index == 0 ? "validator" : "validator \(index)"))
    }

    /// The key of the account that runs a validator.
    static func operatorKey(_ index: Int) throws -> Secp256k1PrivateKey {
        try #require(Secp256k1PrivateKey(bytes: secret("operator \(index)")))
    }

    static func operatorAddress(_ index: Int) throws -> Bytes20 {
        AccountAddress(of: try operatorKey(index).publicKey).bytes
    }

    /// The chain's rules of staking.
    var rules: StakingRules { StakingRules(epochBlocks: epochBlocks) }

    /// A genesis with staking in the place of a scenario's own; accounts of operators that have not
    /// staked yet are there, too.
    func genesis(_ plain: Genesis, operators: Int) throws -> Genesis {
        var genesis = plain
        for index in 0..<operators {
            genesis.accounts.append(
                GenesisAccount(address: try Self.operatorAddress(index), balance: Self.balance))
        }
        let staking = GenesisStaking(
            epochBlocks: epochBlocks,
            validators: try (0..<count).map {
                GenesisValidator(
                    operatorAddress: try Self.operatorAddress($0),
                    key: Self.key($0).publicKey.bytes, moniker: "v\($0)", stake: Self.stake,
                    selfMinimum: 1_000_000)
            })
        genesis.staking = staking
        genesis.validatorSet = try staking.committee()
        return genesis
    }

    /// A network that is up, of `validators` nodes with a validator's key and some that follow.
    func story(
        seed: UInt64, validators: Int? = nil, storageCount: Int = 1, lightCount: Int = 1,
        change: (inout NodeConfiguration, Int) -> Void = { _, _ in }
    ) throws -> Story {
        var genesis: Genesis?
        return try Story(
            seed: seed, storageCount: storageCount, lightCount: lightCount,
            validatorCount: validators ?? count
        ) { configuration, number in
            if genesis == nil, let plain = configuration.genesis {
                genesis = try? self.genesis(plain, operators: validators ?? count)
            }
            guard let genesis else { return }
            configuration.genesis = genesis
            configuration.rules = LedgerRules(genesis)
            configuration.trust = .genesis(validatorsHash: genesis.validatorSet.hash)
            configuration.committeeIdleMilliseconds = 200
            if configuration.kind == .validator {
                configuration.operatorKey = try? Self.operatorKey(number)
            }
            change(&configuration, number)
        }
    }

    /// What a validator's disk has of its ledger.
    func ledger(of node: Int, in world: World) throws -> LedgerState {
        try StakingStoryTests.ledger(on: world.disk(of: node))
    }
}
