// SPDX-License-Identifier: Apache-2.0

/// The Leopard code on shards of bytes, for any counts: K shards of data, P of parity, any K of the
/// K + P restore all.
///
/// Squares use `AxisCode`, which is the same code where K = P is a power of two. Here any counts
/// work, a butterfly at a time on whole shards.
public struct ErasureCode: Sendable {
    /// Where the shards stand.
    public let points: CodePoints
    /// Whether symbols are of 16 bits.
    public let isWide: Bool

    /// A code over GF(2^8) where its points fit, else over GF(2^16), which `isWide` forces, as other
    /// protocols than squares do.
    ///
    /// - Throws: `code` for counts that no field has points for.
    public init(
        dataCount: Int, parityCount: Int, isWide: Bool = false
    ) throws(ErasureFault) {
        let fault = ErasureFault.code(dataCount: dataCount, parityCount: parityCount)
        guard dataCount >= 1, parityCount >= 1, dataCount <= 65_536, parityCount <= 65_536 else {
            throw fault
        }
        points = CodePoints(dataCount: dataCount, parityCount: parityCount)
        guard points.transformSize <= 65_536 else { throw fault }
        self.isWide = isWide || points.transformSize > 256
    }

    /// The parity of K shards.
    ///
    /// - Throws: `shardCount`, or `shardSize` unless all are of one size, a multiple of 64.
    public func parity(
        of data: [[UInt8]], level: KernelLevel = .best
    ) throws(ErasureFault) -> [[UInt8]] {
        guard data.count == points.dataCount else {
            throw .shardCount(expected: points.dataCount, actual: data.count)
        }
        let size = try Self.size(of: data.map(Optional.some))
        let groupSize = points.dataStart
        var sum = ShardWork(count: groupSize, size: size, isWide: isWide, level: level)
        for start in stride(from: 0, to: data.count, by: groupSize) {
            var group = ShardWork(count: groupSize, size: size, isWide: isWide, level: level)
            for index in start..<min(start + groupSize, data.count) {
                group.write(data[index], at: index - start)
            }
            group.invert(offset: groupSize + start)
            sum.add(group)
        }
        sum.evaluate(offset: 0)
        return (0..<points.parityCount).map { sum.shard($0) }
    }

    /// All shards, data first, from any K of them.
    ///
    /// - Throws: `shardCount`, `shardSize`, or `tooFewShards`.
    public func restored(
        _ shards: [[UInt8]?], level: KernelLevel = .best
    ) throws(ErasureFault) -> [[UInt8]] {
        let count = points.dataCount + points.parityCount
        guard shards.count == count else {
            throw .shardCount(expected: count, actual: shards.count)
        }
        let available = shards.count { $0 != nil }
        guard available >= points.dataCount else {
            throw .tooFewShards(needed: points.dataCount, available: available)
        }
        let size = try Self.size(of: shards)
        return isWide
            ? restored(shards, size, GaloisField16.self, level)
            : restored(shards, size, GaloisField8.self, level)
    }

    private func restored<Field: BinaryField>(
        _ shards: [[UInt8]?], _ size: Int, _ field: Field.Type, _ level: KernelLevel
    ) -> [[UInt8]] {
        let locator = ErrorLocator<Field>(points: points, isKept: shards.map { $0 != nil })
        var work = ShardWork(
            count: points.transformSize, size: size, isWide: isWide, level: level)
        for (index, shard) in shards.enumerated() {
            guard let shard else { continue }
            let point = points.point(ofShard: index)
            work.write(shard, at: point)
            work.scale(point, by: KernelFactors([locator.factor(at: point)], in: field))
        }
        work.invert(offset: 0)
        work.derive()
        work.evaluate(offset: 0)
        return shards.enumerated().map { index, shard in
            if let shard { return shard }
            let point = points.point(ofShard: index)
            work.scale(point, by: KernelFactors([locator.inverseFactor(at: point)], in: field))
            return work.shard(point)
        }
    }

    private static func size(of shards: [[UInt8]?]) throws(ErasureFault) -> Int {
        var size: Int?
        for case let shard? in shards {
            guard shard.count == size ?? shard.count else { throw .shardSize(shard.count) }
            size = shard.count
        }
        guard let size, size > 0, size.isMultiple(of: LeopardKernels.pieceSize) else {
            throw .shardSize(size ?? 0)
        }
        return size
    }
}
