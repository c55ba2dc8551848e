// SPDX-License-Identifier: Apache-2.0

/// The polynomial that is zero exactly at the lost points, known by its logarithms.
///
/// At a point i it is the product of i + e over the lost points e other than i; its logarithm is a
/// sum over e of the logarithm of i ⊕ e, and such sums for all i are one convolution under XOR,
/// which Walsh–Hadamard transforms compute in integers (they may wrap: the sums themselves fit). It
/// depends on the pattern of
/// losses only, so rows that lost the same shards share one.
public struct ErrorLocator<Field: BinaryField>: Sendable {
    private let logarithms: [Int]

    /// `isKept` tells of each shard, data first, whether it is there.
    public init(points: CodePoints, isKept: [Bool]) {
        let size = points.transformSize
        var lost = [Int](repeating: 0, count: size)
        for point in points.parityCount..<points.dataStart { lost[point] = 1 }
        for (shard, kept) in isKept.enumerated() where !kept {
            lost[points.point(ofShard: shard)] = 1
        }
        var distances = (0..<size).map { Field.tables.logarithm(Field.Symbol($0)) }
        Self.transform(&lost)
        Self.transform(&distances)
        for index in 0..<size { lost[index] &*= distances[index] }
        Self.transform(&lost)
        logarithms = lost.map { ($0 / size) % Field.order }
    }

    /// What a known symbol at a point is multiplied by before the transforms.
    public func factor(at point: Int) -> Field.Symbol { Field.tables.power(logarithms[point]) }

    /// What a restored symbol at a point is multiplied by after them.
    public func inverseFactor(at point: Int) -> Field.Symbol {
        Field.tables.power(Field.order - logarithms[point])
    }

    /// Walsh–Hadamard: its own inverse but for a factor of the count.
    private static func transform(_ values: inout [Int]) {
        var half = 1
        while half < values.count {
            for start in stride(from: 0, to: values.count, by: 2 * half) {
                for lower in start..<start + half {
                    let (a, b) = (values[lower], values[lower + half])
                    values[lower] = a &+ b
                    values[lower + half] = a &- b
                }
            }
            half *= 2
        }
    }
}
