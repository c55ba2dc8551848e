// SPDX-License-Identifier: Apache-2.0

/// The Leopard code on one codeword of symbols: the algorithm, plainly.
///
/// What `ErasureCode` does with kernels on whole shards is this, byte for byte.
public struct LeopardCode<Field: BinaryField>: Sendable {
    /// Where the symbols stand.
    public let points: CodePoints

    /// A code of these counts.
    public init(points: CodePoints) {
        self.points = points
    }

    /// The parity of data symbols: each group's coefficients, summed, at the first points.
    public func parity(of data: [Field.Symbol]) -> [Field.Symbol] {
        precondition(data.count == points.dataCount, "as many symbols as the code has")
        let size = points.dataStart
        var coefficients = [Field.Symbol](repeating: 0, count: size)
        for start in stride(from: 0, to: data.count, by: size) {
            var group = [Field.Symbol](repeating: 0, count: size)
            for index in start..<min(start + size, data.count) {
                group[index - start] = data[index]
            }
            LeopardTransform<Field>.inverse(&group, offset: size + start)
            for index in 0..<size { coefficients[index] ^= group[index] }
        }
        LeopardTransform<Field>.forward(&coefficients, offset: 0)
        return Array(coefficients.prefix(points.parityCount))
    }

    /// The data of a codeword whose parity alone is known, when there is as much of either and it
    /// is a power of two: the same transforms the other way, as cheap as encoding.
    public func data(ofParity parity: [Field.Symbol]) -> [Field.Symbol] {
        let size = points.dataStart
        precondition(
            size == points.dataCount && size == points.parityCount && size == parity.count,
            "as much parity as data, a power of two")
        var coefficients = parity
        LeopardTransform<Field>.inverse(&coefficients, offset: 0)
        LeopardTransform<Field>.forward(&coefficients, offset: size)
        return coefficients
    }

    /// All symbols of a codeword, data first; nil when fewer than K are known.
    public func restored(_ symbols: [Field.Symbol?]) -> [Field.Symbol]? {
        precondition(
            symbols.count == points.dataCount + points.parityCount, "a codeword's symbols")
        guard symbols.count(where: { $0 != nil }) >= points.dataCount else { return nil }
        let locator = ErrorLocator<Field>(points: points, isKept: symbols.map { $0 != nil })
        var work = [Field.Symbol](repeating: 0, count: points.transformSize)
        for (shard, symbol) in symbols.enumerated() {
            let point = points.point(ofShard: shard)
            work[point] = Field.product(symbol ?? 0, locator.factor(at: point))
        }
        LeopardTransform<Field>.inverse(&work, offset: 0)
        LeopardTransform<Field>.derivative(&work)
        LeopardTransform<Field>.forward(&work, offset: 0)
        return symbols.enumerated().map { shard, symbol in
            let point = points.point(ofShard: shard)
            return symbol ?? Field.product(work[point], locator.inverseFactor(at: point))
        }
    }
}
