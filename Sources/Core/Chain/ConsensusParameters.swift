// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// The consensus parameters that headers commit to.
public struct ConsensusParameters: Hashable, Sendable {
    /// The most bytes that a block's transactions may have; -1 for no limit of its own.
    public var blockMaxBytes: Int64
    /// The most gas that a block may use; -1 for no limit.
    public var blockMaxGas: Int64

    /// Takes the parameters.
    public init(blockMaxBytes: Int64, blockMaxGas: Int64) {
        self.blockMaxBytes = blockMaxBytes
        self.blockMaxGas = blockMaxGas
    }

    /// SHA-256 of CometBFT's `HashedParams {int64 block_max_bytes=1; int64 block_max_gas=2}`.
    public var hash: Bytes32 {
        var writer = ProtobufWriter(capacity: 22)
        writer.signed(1, blockMaxBytes)
        writer.signed(2, blockMaxGas)
        return SHA256.hash(writer.bytes)
    }
}
