// SPDX-License-Identifier: Apache-2.0

/// Where the symbols of a codeword stand: the point of each is the index that the code's polynomial
/// is evaluated at, as a symbol of the field.
///
/// Parity comes first, from point 0; data starts at the next power of two. Points between them and
/// after the data belong to no shard: those after the data are zero, those between are unknown.
/// Specified for squares in Protocol/03-erasure-coding.md#points, in general in catid/leopard.
public struct CodePoints: Hashable, Sendable {
    /// Data shards.
    public let dataCount: Int
    /// Parity shards.
    public let parityCount: Int

    /// Names the counts; a code of them checks that a field has the points.
    public init(dataCount: Int, parityCount: Int) {
        self.dataCount = dataCount
        self.parityCount = parityCount
    }

    /// The point of the first data shard.
    public var dataStart: Int { nextPowerOfTwo(parityCount) }
    /// Points of the transform that holds them all, a power of two.
    public var transformSize: Int { nextPowerOfTwo(dataStart + dataCount) }

    /// The point of a shard; data shards are numbered first, then parity.
    public func point(ofShard shard: Int) -> Int {
        shard < dataCount ? dataStart + shard : shard - dataCount
    }
}

/// The smallest power of two that is not below `value`.
func nextPowerOfTwo(_ value: Int) -> Int {
    value <= 1 ? 1 : 1 << (Int.bitWidth - (value - 1).leadingZeroBitCount)
}
