// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import DataSquare
import Ledger
import Staking
import Testing

/// A chain whose validators have staked, block by block as a node executes it.
struct StakedLedger {
    static let balance: UInt64 = 1_000_000_000
    static let epochBlocks: UInt64 = 5

    let genesis: Genesis
    let transition: LedgerTransition
    let signers: [TransactionSigner]
    let validatorKeys: [Ed25519PrivateKey]
    var state: LedgerState
    var height: UInt64 = 0
    /// Milliseconds from block to block.
    var pace: UInt64 = 1000
    var parentHash = Bytes32()

    /// Accounts 0 up to `accounts`, of which the first have staked.
    init(stakes: [UInt64] = [400_000_000, 300_000_000, 5_000_000], accounts: Int = 8) throws {
        let time = try #require(Timestamp(seconds: 1_700_000_000))
        validatorKeys = (0..<stakes.count).map {
            Ed25519PrivateKey(seed: Bytes32(repeating: UInt8(100 + $0)))
        }
        let set = try ValidatorSet(
            zip(validatorKeys, stakes).map { key, stake in
                Validator(key: .ed25519(key.publicKey), votingPower: Int64(stake))
            })
        var genesis = Genesis(
            chainID: "staked", time: time, validatorSet: set,
            squareSizeMax: 16, minimumGasPrice: GasPrice(millionths: 1000))
        var keys: [Secp256k1PrivateKey] = []
        for number in 0..<accounts {
            let key = try #require(
                Secp256k1PrivateKey(bytes: Bytes32(repeating: UInt8(number + 1))))
            keys.append(key)
            genesis.accounts.append(
                GenesisAccount(
                    address: AccountAddress(of: key.publicKey).bytes, balance: Self.balance))
        }
        genesis.staking = GenesisStaking(
            epochBlocks: Self.epochBlocks,
            validators: zip(validatorKeys, stakes).enumerated().map { index, member in
                GenesisValidator(
                    operatorAddress: genesis.accounts[index].address,
                    key: member.0.publicKey.bytes, moniker: "v\(index)", stake: member.1,
                    selfMinimum: StakingRules.selfBondMin)
            })
        let rules = LedgerRules(genesis)
        self.genesis = genesis
        transition = LedgerTransition(rules: rules)
        signers = keys.enumerated().map { number, key in
            TransactionSigner(key: key, rules: rules, accountNumber: UInt64(number))
        }
        state = try LedgerState(genesis)
    }

    var rules: StakingRules { transition.rules.staking ?? StakingRules() }

    var nextBlock: StakingBlock {
        get throws {
            let clock = try state.staking(rules).clock()
            let committee = try #require(try state.staking(rules).committee(of: clock.epoch))
            let earlier = try state.staking(rules).block(at: height)
            let voters =
                try earlier.flatMap { try state.staking(rules).committee(of: $0.epoch) }?.members
                .count ?? 0
            return StakingBlock(
                height: height + 1, time: clock.time + pace,
                proposer: committee.members[Int(height) % committee.members.count].address,
                parentHash: parentHash, dataRoot: SHA256.hash([UInt8(truncatingIfNeeded: height)]),
                width: 32,
                votes: height == 0
                    ? [] : [StakingBlock.Votes(height: height, places: Array(0..<voters))])
        }
    }

    /// One block of transactions, which all must be allowed in it.
    mutating func block(_ transactions: [[UInt8]] = []) throws -> [TransactionResult] {
        var read: [ReadTransaction] = []
        for bytes in transactions { read.append(try transition.read(bytes)) }
        let hash = SHA256.hash(parentHash.array + [1])
        let results = try transition.apply(read, of: try nextBlock, hash: hash, to: &state)
        height += 1
        parentHash = hash
        return results
    }

    func sequence(_ index: Int) throws -> UInt64 {
        try #require(state.account(signers[index].address)).sequence
    }

    /// Messages of staking, signed.
    func signed(
        _ messages: [StakingMessage], by index: Int, sequence: UInt64? = nil,
        gasLimit: UInt64 = 2_000_000, fee: UInt64? = nil
    ) throws -> [UInt8] {
        signers[index].sign(
            messages.map {
                TypedMessage(typeURL: $0.type.rawValue, value: $0.protobuf(rules: rules))
            }, sequence: try sequence ?? self.sequence(index), gasLimit: gasLimit,
            fee: fee ?? GasPrice(millionths: 4000).fee(forGas: gasLimit)
        ).encode()
    }

    func move(_ delegator: Int, _ validator: Int, _ amount: UInt64) -> StakeMove {
        StakeMove(
            delegator: signers[delegator].address.bytes,
            validator: signers[validator].address.bytes, amount: amount)
    }
}
