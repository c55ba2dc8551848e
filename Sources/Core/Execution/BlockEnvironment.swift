// SPDX-License-Identifier: Apache-2.0

/// What instructions can learn of the block they run in.
public struct BlockEnvironment: Sendable {
    /// The rules.
    public var fork: Hardfork
    /// The chain.
    public var chainID: UInt64
    /// Who gets the fees.
    public var feeRecipient: Address
    /// The block's height.
    public var number: UInt64
    /// Seconds since 1970.
    public var timestamp: UInt64
    /// Gas that the block may use.
    public var gasLimit: UInt64
    /// What a unit of gas costs at least, in wei; 0 before London.
    public var baseFee: UInt256
    /// The difficulty; since Paris the beacon chain's randomness.
    public var difficulty: UInt256
    /// What a unit of blob gas costs, in wei.
    public var blobBaseFee: UInt256
    /// Blobs that a block may carry.
    public var blobsMax: UInt64

    /// Joins its parts.
    public init(
        fork: Hardfork, chainID: UInt64 = 1, feeRecipient: Address, number: UInt64,
        timestamp: UInt64, gasLimit: UInt64, baseFee: UInt256 = .zero, difficulty: UInt256,
        blobBaseFee: UInt256 = .one, blobsMax: UInt64 = 0
    ) {
        self.fork = fork
        self.chainID = chainID
        self.feeRecipient = feeRecipient
        self.number = number
        self.timestamp = timestamp
        self.gasLimit = gasLimit
        self.baseFee = baseFee
        self.difficulty = difficulty
        self.blobBaseFee = blobBaseFee
        self.blobsMax = blobsMax
    }
}
