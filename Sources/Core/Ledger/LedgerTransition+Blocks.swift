// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import Chain
public import Staking

/// A whole block: what comes before its transactions and behind them.
///
/// On a chain without staking there is nothing of either. Specified in
/// Protocol/21-staking.md#block-order.
extension LedgerTransition {
    /// Takes in a block's header, before its transactions.
    ///
    /// - Throws: for a block that does not follow the last one, or with votes that it may not include;
    ///   the state is then unchanged.
    public func begin(
        _ block: StakingBlock, on state: inout LedgerState
    ) throws(LedgerFault) {
        guard let staking = rules.staking else { return }
        try state.stake(staking) { staked throws(StakingFault) in try staked.beginBlock(block) }
        state.punishments = []
    }

    /// Ends a block behind its transactions, and its epoch when it is the last one of it.
    ///
    /// `blobGas` is what the block's blobs used, `hash` that of its header; the answer is what the end
    /// of the epoch has brought, if there was one.
    ///
    /// - Throws: when the state contradicts itself, which no transaction causes.
    @discardableResult
    public func end(
        blobGas: UInt64, hash: Bytes32, on state: inout LedgerState
    ) throws(LedgerFault) -> EpochOutcome? {
        guard let staking = rules.staking else { return nil }
        return try state.stake(staking) { staked throws(StakingFault) in
            try staked.endBlock(gasUsed: blobGas)
            guard try staked.isEpochEnd() else { return nil }
            return try staked.endEpoch(blockHash: hash, witness)
        }
    }

    /// Puts a whole block into effect and settles the state.
    ///
    /// Nothing is needed but the header, the width of the extended square and what stands in it. On a
    /// chain without staking only the transactions count.
    ///
    /// - Throws: at the first thing that must not be in a block; the state is then unchanged.
    public func apply(
        _ block: ReadBlock, of header: BlockHeader, width: Int, to state: inout LedgerState
    ) throws(LedgerFault) -> [TransactionResult] {
        guard rules.staking != nil else {
            return try apply(block: block.transactions, to: &state, height: header.height)
        }
        var next = state
        let votes = try verified(block, of: header, on: next)
        try begin(StakingBlock(header, width: width, votes: votes.places), on: &next)
        try report(block.reports, by: header.proposerAddress, in: &next)
        var results = block.openingHashes.map { TransactionResult(opening: $0) }
        results.reserveCapacity(block.count)
        var blobGas: UInt64 = 0
        for transaction in block.transactions {
            results.append(try apply(transaction, to: &next, height: header.height))
            blobGas &+= transaction.blobGas
        }
        try end(blobGas: blobGas, hash: header.hash, on: &next)
        next.settle()
        state = next
        return results
    }

    /// Puts a whole block into effect whose votes were verified before, and settles the state.
    ///
    /// - Throws: at the first thing that must not be in a block; the state is then unchanged.
    public func apply(
        _ transactions: [ReadTransaction], of block: StakingBlock, hash: Bytes32,
        to state: inout LedgerState
    ) throws(LedgerFault) -> [TransactionResult] {
        var next = state
        try begin(block, on: &next)
        var results: [TransactionResult] = []
        results.reserveCapacity(transactions.count)
        var blobGas: UInt64 = 0
        for transaction in transactions {
            results.append(
                try apply(transaction, to: &next, height: Height(block.height)))
            blobGas &+= transaction.blobGas
        }
        try end(blobGas: blobGas, hash: hash, on: &next)
        next.settle()
        try next.checkStore()
        state = next
        return results
    }

    var witness: LedgerWitness {
        LedgerWitness(
            chainID: rules.chainID, epochBlocks: max(1, rules.staking?.epochBlocks ?? 1))
    }
}

extension StakingBlock {
    /// What staking must know of a block: its header, the width of its extended square, and who gave
    /// the votes that it includes.
    public init(_ header: BlockHeader, width: Int, votes: [Votes]) {
        self.init(
            height: header.height.value, time: header.time.millisecondsSince1970,
            proposer: header.proposerAddress ?? Bytes20(),
            parentHash: header.lastBlockID.hash ?? Bytes32(),
            dataRoot: header.dataHash ?? Bytes32(), width: UInt16(clamping: width), votes: votes)
    }
}

extension TransactionResult {
    /// What becomes of a transaction that only the proposer makes: it has its effect, at no cost.
    init(opening hash: Bytes32) {
        self.init(
            hash: hash, fault: nil, gasWanted: 0, gasUsed: 0, signer: AccountAddress(Bytes20()),
            fee: 0)
    }
}
