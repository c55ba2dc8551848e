// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// What a header must be, given the one before it.
public struct HeaderRules: Sendable {
    /// The chain's forks.
    public let schedule: ForkSchedule
    /// Gas that a block must let in at least.
    static let gasLimitMin: UInt64 = 5000
    /// Work that a block takes at least.
    static let difficultyMin = UInt256(131_072)
    /// The base fee of London's first block, in wei.
    static let baseFeeFirst = UInt256(1_000_000_000)

    /// For a chain with these forks.
    public init(_ schedule: ForkSchedule) { self.schedule = schedule }

    /// The rules of a block after `parent`, whose total difficulty is given.
    public func fork(
        _ header: ExecutionHeader, parentTotalDifficulty: UInt256
    ) -> Hardfork {
        schedule.fork(
            number: header.number, time: header.timestamp, difficulty: parentTotalDifficulty)
    }

    /// Checks a header against the one before it.
    public func check(
        _ header: ExecutionHeader, after parent: ExecutionHeader, parentTotalDifficulty: UInt256
    ) throws(BlockFault) {
        let fork = fork(header, parentTotalDifficulty: parentTotalDifficulty)
        guard header.parentHash == parent.hash else { throw .header("parent") }
        guard header.number == parent.number &+ 1 else { throw .header("number") }
        guard header.timestamp > parent.timestamp else { throw .header("timestamp") }
        guard header.extraData.count <= 32 else { throw .header("extra data") }
        guard header.gasUsed <= header.gasLimit else { throw .header("gas used") }
        try checkFields(header, fork)
        try checkGasLimit(header, parent, fork)
        if fork >= .london {
            guard header.baseFeePerGas == baseFee(after: parent) else {
                throw .header("base fee")
            }
        }
        if fork >= .paris {
            guard header.difficulty.isZero, header.nonce.isZero,
                header.unclesHash == ExecutionHeader.emptyUnclesHash
            else { throw .header("work since Paris") }
        } else {
            guard header.difficulty == difficulty(header, parent, fork) else {
                throw .header("difficulty")
            }
        }
        if fork >= .cancun { try checkBlobs(header, parent, fork) }
        if let dao = schedule.daoBlock, header.number >= dao,
            header.number < dao + DAOFork.markedBlocks, header.extraData != DAOFork.extraData
        {
            throw .header("extra data of the DAO fork")
        }
    }

    private func checkFields(_ header: ExecutionHeader, _ fork: Hardfork) throws(BlockFault) {
        guard (header.baseFeePerGas != nil) == (fork >= .london),
            (header.withdrawalsRoot != nil) == (fork >= .shanghai),
            (header.excessBlobGas != nil) == (fork >= .cancun),
            (header.requestsHash != nil) == (fork >= .prague)
        else { throw .header("fields of another fork") }
    }

    private func checkGasLimit(
        _ header: ExecutionHeader, _ parent: ExecutionHeader, _ fork: Hardfork
    ) throws(BlockFault) {
        guard header.gasLimit >= Self.gasLimitMin, header.gasLimit <= UInt64(Int64.max) else {
            throw .header("gas limit")
        }
        var before = parent.gasLimit
        if fork >= .london, parent.baseFeePerGas == nil { before = before &* 2 }
        let change =
            header.gasLimit > before ? header.gasLimit - before : before - header.gasLimit
        guard change < before / 1024 else { throw .header("gas limit") }
    }

    private func checkBlobs(
        _ header: ExecutionHeader, _ parent: ExecutionHeader, _ fork: Hardfork
    ) throws(BlockFault) {
        let blobs = schedule.blobs(number: header.number, time: header.timestamp)
        guard let used = header.blobGasUsed, used % Transaction.gasPerBlob == 0,
            used <= blobs.max * Transaction.gasPerBlob
        else { throw .header("blob gas used") }
        let excess = blobs.excess(
            after: (
                parent.excessBlobGas ?? 0, parent.blobGasUsed ?? 0, parent.baseFeePerGas ?? .zero
            ), fork: fork)
        guard header.excessBlobGas == excess else { throw .header("excess blob gas") }
    }

    /// What a unit of gas costs at least after a block (EIP-1559).
    public func baseFee(after parent: ExecutionHeader) -> UInt256 {
        guard let fee = parent.baseFeePerGas else { return Self.baseFeeFirst }
        let target = parent.gasLimit / 2
        guard parent.gasUsed != target, target > 0 else { return fee }
        let isUp = parent.gasUsed > target
        let distance = isUp ? parent.gasUsed - target : target - parent.gasUsed
        let change = fee &* UInt256(distance) / UInt256(target) / UInt256(8)
        return isUp ? fee &+ (change.isZero ? .one : change) : fee &- change
    }

    /// The work that a block takes (EIP-2, EIP-100, and the bomb).
    func difficulty(
        _ header: ExecutionHeader, _ parent: ExecutionHeader, _ fork: Hardfork
    ) -> UInt256 {
        let step = parent.difficulty >> 11
        let elapsed = header.timestamp - parent.timestamp
        var factor: Int64
        if fork >= .byzantium {
            let hasUncles = parent.unclesHash != ExecutionHeader.emptyUnclesHash
            factor = max(-99, (hasUncles ? 2 : 1) - Int64(clamping: elapsed / 9))
        } else if fork >= .homestead {
            factor = max(-99, 1 - Int64(clamping: elapsed / 10))
        } else {
            factor = elapsed < 13 ? 1 : -1
        }
        let change = step &* UInt256(UInt64(abs(factor)))
        var result =
            factor < 0
            ? parent.difficulty.subtracting(change) ?? .zero : parent.difficulty &+ change
        if result < Self.difficultyMin { result = Self.difficultyMin }
        let delay = schedule.bombDelay(number: header.number)
        let period = (header.number > delay ? header.number - delay : 0) / 100_000
        return period > 1 ? result &+ UInt256.one << (period - 2) : result
    }
}
