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
        state = next
        return results
    }

    var witness: LedgerWitness { LedgerWitness(chainID: rules.chainID) }
}

extension StakingBlock {
    /// What staking must know of a block whose square may not be known yet.
    public init(
        height: Height, time: Timestamp, proposer: Bytes20, parent: SignedHeader?,
        dataRoot: Bytes32 = Bytes32(), width: Int = 0
    ) {
        self.init(
            height: height, time: time, proposer: proposer, parentHash: parent?.header.hash,
            parentVotes: parent?.commit, dataRoot: dataRoot, width: width)
    }

    /// What staking must know of a block: its header, the width of its extended square, and the votes
    /// for its parent that it includes.
    public init(_ header: BlockHeader, width: Int, parent: Commit?) {
        self.init(
            height: header.height, time: header.time,
            proposer: header.proposerAddress ?? Bytes20(), parentHash: header.lastBlockID.hash,
            parentVotes: parent, dataRoot: header.dataHash ?? Bytes32(), width: width)
    }

    private init(
        height: Height, time: Timestamp, proposer: Bytes20, parentHash: Bytes32?,
        parentVotes: Commit?, dataRoot: Bytes32, width: Int
    ) {
        var votes: [Votes] = []
        if let parentVotes, height.value > 1 {
            let places = parentVotes.signatures.indices.filter {
                parentVotes.signatures[$0].flag == .commit
            }
            votes.append(Votes(height: height.value - 1, places: Array(places)))
        }
        self.init(
            height: height.value, time: time.millisecondsSince1970, proposer: proposer,
            parentHash: parentHash ?? Bytes32(), dataRoot: dataRoot,
            width: UInt16(clamping: width), votes: votes)
    }
}
