// SPDX-License-Identifier: Apache-2.0

/// Why shards cannot be encoded or restored.
public enum ErasureFault: Error, Hashable, Sendable {
    /// No code has these counts: either is zero, or there are more points than the field has.
    case code(dataCount: Int, parityCount: Int)
    /// Another number of shards than the code has.
    case shardCount(expected: Int, actual: Int)
    /// Shards are of unequal size, empty, or no multiple of 64 bytes.
    case shardSize(Int)
    /// Fewer shards than any codeword needs.
    case tooFewShards(needed: Int, available: Int)
}
