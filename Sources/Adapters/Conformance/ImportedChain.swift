// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Execution

/// Blocks with the state after each, for tests: every branch is kept.
package final class ImportedChain {
    /// A block that was imported.
    package struct Entry {
        /// Its header.
        package let header: ExecutionHeader
        /// The state after it.
        package let state: MemoryState
        let totalDifficulty: UInt256
        let uncles: [ExecutionHeader]
    }

    private var entries: [Bytes32: Entry] = [:]
    private let rules: HeaderRules
    private let chainID: UInt64
    /// The block that the rules prefer: the heaviest; since Paris the last.
    package private(set) var head: Entry

    /// A chain with its first block alone.
    package init(
        genesis: ExecutionHeader, state: MemoryState, schedule: ForkSchedule, chainID: UInt64 = 1
    ) {
        rules = HeaderRules(schedule)
        self.chainID = chainID
        head = Entry(
            header: genesis, state: state, totalDifficulty: genesis.difficulty, uncles: [])
        entries[genesis.hash] = head
    }

    /// Checks and runs a block; nothing changes when it is refused.
    package func insert(_ block: ExecutionBlock) throws(BlockFault) {
        let header = block.header
        guard let parent = entries[header.parentHash] else { throw .header("unknown parent") }
        try rules.check(
            header, after: parent.header, parentTotalDifficulty: parent.totalDifficulty)
        let fork = rules.fork(header, parentTotalDifficulty: parent.totalDifficulty)
        try checkBody(block, fork)
        if fork < .paris { try checkUncles(block, parent) }
        let state = try run(block, parent, fork)
        let entry = Entry(
            header: header, state: state,
            totalDifficulty: parent.totalDifficulty &+ header.difficulty, uncles: block.uncles)
        entries[header.hash] = entry
        if fork >= .paris || entry.totalDifficulty > head.totalDifficulty { head = entry }
    }

    private func checkBody(_ block: ExecutionBlock, _ fork: Hardfork) throws(BlockFault) {
        if fork >= .osaka, block.sizeBytes > ExecutionLimits.blockSizeBytes { throw .body("size") }
        guard (block.withdrawals != nil) == (fork >= .shanghai) else {
            throw .body("withdrawals")
        }
        if let withdrawals = block.withdrawals {
            let root = MerklePatriciaTrie.root(ofList: withdrawals.map(\.encoding))
            guard root == block.header.withdrawalsRoot else { throw .body("withdrawals root") }
        }
        let root = MerklePatriciaTrie.root(ofList: block.transactions.map(\.encoding))
        guard root == block.header.transactionsRoot else { throw .body("transactions root") }
        guard ExecutionHeader.unclesHash(block.uncles) == block.header.unclesHash else {
            throw .body("uncles hash")
        }
    }

    /// At most two, each new, and each the child of one of the last seven ancestors.
    private func checkUncles(_ block: ExecutionBlock, _ parent: Entry) throws(BlockFault) {
        guard block.uncles.count <= 2 else { throw .uncle("count") }
        var ancestors: [Bytes32: Entry] = [:]
        var used: Set<Bytes32> = [block.header.hash]
        var step: Entry? = parent
        for _ in 0..<7 {
            guard let entry = step else { break }
            ancestors[entry.header.hash] = entry
            for uncle in entry.uncles { used.insert(uncle.hash) }
            step = entries[entry.header.parentHash]
        }
        for uncle in block.uncles {
            let hash = uncle.hash
            guard used.insert(hash).inserted else { throw .uncle("named before") }
            guard ancestors[hash] == nil else { throw .uncle("an ancestor") }
            guard let above = ancestors[uncle.parentHash],
                uncle.parentHash != block.header.parentHash
            else { throw .uncle("parent") }
            try rules.check(
                uncle, after: above.header, parentTotalDifficulty: above.totalDifficulty)
        }
    }

    private func run(
        _ block: ExecutionBlock, _ parent: Entry, _ fork: Hardfork
    ) throws(BlockFault) -> MemoryState {
        let header = block.header
        let next = parent.state.copy()
        next.blockHashes[parent.header.number] = UInt256(header.parentHash)
        let state = BlockState(base: next)
        let blobs = rules.schedule.blobs(number: header.number, time: header.timestamp)
        let environment = BlockEnvironment(
            fork: fork, chainID: chainID, feeRecipient: header.feeRecipient,
            number: header.number, timestamp: header.timestamp, gasLimit: header.gasLimit,
            baseFee: header.baseFeePerGas ?? .zero,
            difficulty: fork >= .paris ? UInt256(header.mixHash) : header.difficulty,
            blobBaseFee: blobs.baseFee(excess: header.excessBlobGas ?? 0),
            blobsMax: fork >= .cancun ? blobs.max : 0)
        var senders: [RecoveredTransaction] = []
        for (index, transaction) in block.transactions.enumerated() {
            guard let recovered = RecoveredTransaction(transaction) else { throw .sender(index) }
            senders.append(recovered)
        }
        let executor = BlockExecutor(state: state, environment: environment)
        executor.intermediateRoot = { changes in
            next.apply(changes)
            return next.rootHash()
        }
        let outcome = try executor.run(
            block, senders: senders, movesDAO: rules.schedule.daoBlock == header.number)
        next.apply(state.takeChanges())
        try check(header, outcome, fork)
        guard next.rootHash() == header.stateRoot else { throw .outcome("state root") }
        return next
    }

    private func check(
        _ header: ExecutionHeader, _ outcome: BlockOutcome, _ fork: Hardfork
    ) throws(BlockFault) {
        guard outcome.gasUsed == header.gasUsed else { throw .outcome("gas used") }
        guard outcome.bloom == header.bloom else { throw .outcome("bloom") }
        guard outcome.receiptsRoot == header.receiptsRoot else { throw .outcome("receipts root") }
        if fork >= .cancun, outcome.blobGasUsed != header.blobGasUsed {
            throw .outcome("blob gas used")
        }
        if fork >= .prague, outcome.requests.hash != header.requestsHash {
            throw .outcome("requests")
        }
    }
}
