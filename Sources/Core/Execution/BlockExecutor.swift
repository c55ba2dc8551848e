// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// What came of a block's transactions.
public struct BlockOutcome: Sendable {
    /// One for each transaction.
    public var receipts: [Receipt] = []
    /// Gas that they used.
    public var gasUsed: UInt64 = 0
    /// Blob gas that they used.
    public var blobGasUsed: UInt64 = 0
    /// The bits of all logs.
    public var bloom = Bloom()
    /// What the beacon chain is asked.
    public var requests = BlockRequests()

    /// The root that the header has.
    public var receiptsRoot: Bytes32 {
        MerklePatriciaTrie.root(ofList: receipts.map(\.encoding))
    }
}

/// Runs blocks, one transaction after another: the definition of a block's outcome.
///
/// Every other way to run a block must give the same.
public final class BlockExecutor {
    let state: BlockState
    let environment: BlockEnvironment
    let executor: TransactionExecutor
    var fork: Hardfork { environment.fork }
    /// The contract whose logs are deposits.
    public var depositContract = BlockRequests.depositContract
    /// Before Byzantium receipts have the state's root; this computes it from what is new.
    public var intermediateRoot: (([BlockState.Change]) -> Bytes32)?

    /// For one block on a state.
    public init(state: BlockState, environment: BlockEnvironment) {
        self.state = state
        self.environment = environment
        executor = TransactionExecutor(state: state, environment: environment)
    }

    /// Runs all that is in a block, from its system calls to its rewards.
    public func run(
        _ block: ExecutionBlock, senders: [RecoveredTransaction], movesDAO: Bool = false
    ) throws(BlockFault) -> BlockOutcome {
        if movesDAO { DAOFork.apply(state) }
        begin(block.header)
        var outcome = try runTransactions(senders)
        for withdrawal in block.withdrawals ?? [] {
            let wei = UInt256(withdrawal.amount) &* UInt256(1_000_000_000)
            state.pay(withdrawal.address, wei, deletingEmpty: true)
        }
        if fork >= .prague { outcome.requests = try requests(outcome) }
        try reward(block)
        return outcome
    }

    /// Runs the transactions alone.
    public func runTransactions(
        _ transactions: [RecoveredTransaction]
    ) throws(BlockFault) -> BlockOutcome {
        var outcome = BlockOutcome()
        outcome.receipts.reserveCapacity(transactions.count)
        let blobGas = environment.blobsMax * Transaction.gasPerBlob
        for (index, transaction) in transactions.enumerated() {
            let result: TransactionOutcome
            do throws(TransactionFault) {
                result = try executor.execute(
                    transaction, gasLeft: environment.gasLimit - outcome.gasUsed,
                    blobGasLeft: blobGas - outcome.blobGasUsed)
            } catch {
                throw .transaction(index, error)
            }
            outcome.gasUsed += result.gasUsed
            outcome.blobGasUsed += transaction.transaction.blobGas
            var end = Receipt.Outcome.status(result.succeeded)
            if fork < .byzantium, let intermediateRoot {
                end = .stateRoot(intermediateRoot(state.takeChanges()))
            }
            let receipt = Receipt(
                kind: transaction.transaction.kind, outcome: end,
                cumulativeGasUsed: outcome.gasUsed, logs: result.logs)
            outcome.bloom.formUnion(receipt.bloom)
            outcome.receipts.append(receipt)
        }
        return outcome
    }

    /// System calls at the beginning (EIP-4788, EIP-2935).
    private func begin(_ header: ExecutionHeader) {
        if fork >= .cancun, let root = header.parentBeaconBlockRoot {
            callIfThere(SystemContract.beaconRoots, root.array)
        }
        if fork >= .prague { callIfThere(SystemContract.history, header.parentHash.array) }
    }

    private func callIfThere(_ address: Address, _ input: [UInt8]) {
        guard let account = state.account(address), account.codeHash != ContractCode.emptyHash
        else { return }
        _ = executor.callSystem(address, input)
    }

    /// Deposits, withdrawals and consolidations (EIP-6110, 7002, 7251).
    private func requests(_ outcome: BlockOutcome) throws(BlockFault) -> BlockRequests {
        var requests = BlockRequests()
        let logs = outcome.receipts.flatMap(\.logs)
        requests.append(
            type: 0, try BlockRequests.deposits(logs, contract: depositContract))
        for (type, address) in [
            (1 as UInt8, SystemContract.withdrawals), (2, SystemContract.consolidations),
        ] {
            guard let account = state.account(address), account.codeHash != ContractCode.emptyHash,
                let output = executor.callSystem(address, [])
            else { throw .systemCall(address) }
            requests.append(type: type, output)
        }
        return requests
    }

    /// Coins for whoever found the block and those it names beside the chain; none since Paris.
    private func reward(_ block: ExecutionBlock) throws(BlockFault) {
        guard fork < .paris else { return }
        let ether: UInt64 = fork >= .constantinople ? 2 : fork >= .byzantium ? 3 : 5
        let reward = UInt256(ether) &* UInt256(1_000_000_000_000_000_000)
        var own = reward
        for uncle in block.uncles {
            own = own &+ (reward >> 5)
            let distance = block.header.number &- uncle.number
            guard 1...7 ~= distance else { throw .uncle("number") }
            let share = reward &* UInt256(8 - distance) / UInt256(8)
            state.pay(uncle.feeRecipient, share, deletingEmpty: fork >= .spuriousDragon)
        }
        state.pay(block.header.feeRecipient, own, deletingEmpty: fork >= .spuriousDragon)
    }
}

/// Contracts that the rules of a block call.
enum SystemContract {
    /// Roots of beacon blocks (EIP-4788).
    static let beaconRoots = Address(
        UInt256(0xb8bb_8522_d0be_ac02, 0xd732_807e_f131_9fb7, 0x000f_3df6, 0))
    /// Digests of blocks (EIP-2935).
    static let history = Address(
        UInt256(0x335b_1753_2000_2935, 0x27f1_c53a_10cb_7a02, 0x0000_f908, 0))
    /// Withdrawals that the execution layer asks for (EIP-7002).
    static let withdrawals = Address(
        UInt256(0xd835_79a6_4c00_7002, 0xef48_0eb5_5e80_d19a, 0x0000_0961, 0))
    /// Consolidations of validators (EIP-7251).
    static let consolidations = Address(
        UInt256(0x8b00_f3a5_9000_7251, 0xc7ce_4886_42fb_579f, 0x0000_bbdd, 0))
}
