// SPDX-License-Identifier: Apache-2.0

/// A few shares of an axis from k others: sums of multiples, with the multiples worked out once.
///
/// Up to sixteen outputs this is less work than transforms of the whole axis: one lost share, one
/// share of parity to compare, or parity that follows one changed share. Only over GF(2^8), that is
/// up to k = 128.
public struct FewShares: Sendable {
    /// The most shares that are computed together.
    public static let outputsMax = 16

    /// The k shares that are read, by their number on the axis, data first.
    public let inputs: [Int]
    /// The shares that are computed.
    public let outputs: [Int]
    /// By output, then input: what an input is multiplied by.
    let factors: [UInt8]
    private let tables: [UInt8]

    /// Works out the multiples: Lagrange's, at the points of the code.
    ///
    /// - Throws: `code` over GF(2^16), `tooFewShards` unless k inputs are given, `shardCount` for no
    ///   outputs or too many, or for numbers that the axis does not have or that repeat.
    public init(_ code: AxisCode, inputs: [Int], outputs: [Int]) throws(ErasureFault) {
        guard !code.isWide else { throw .code(dataCount: code.width, parityCount: code.width) }
        guard inputs.count == code.width else {
            throw .tooFewShards(needed: code.width, available: inputs.count)
        }
        let all = inputs + outputs
        guard !outputs.isEmpty, outputs.count <= Self.outputsMax, Set(all).count == all.count,
            all.allSatisfy({ $0 >= 0 && $0 < 2 * code.width })
        else { throw .shardCount(expected: Self.outputsMax, actual: outputs.count) }
        self.inputs = inputs
        self.outputs = outputs
        factors = Self.factors(
            inputs: inputs.map { code.points.point(ofShard: $0) },
            outputs: outputs.map { code.points.point(ofShard: $0) })
        tables = KernelFactors(factors, in: GaloisField8.self, for: .avx2).tables
    }

    /// Computes the outputs: output i of `outputs` is written at `target + i * targetStride`.
    ///
    /// Of the axis, whose shares of `size` bytes are `stride` apart, only the inputs are read.
    public func compute(
        from axis: UnsafePointer<UInt8>, stride: Int, into target: UnsafeMutablePointer<UInt8>,
        targetStride: Int, size: Int
    ) {
        precondition(size > 0 && stride >= size && targetStride >= size, "shares apart")
        let sources = inputs.map { Optional(UnsafeMutablePointer(mutating: axis + $0 * stride)) }
        let targets = outputs.indices.map { Optional(target + $0 * targetStride) }
        FewShareKernels.compute(
            tables: tables, factors: factors, sources: sources, targets: targets, size: size)
    }

    /// Adds to the outputs what a change of one input changes: `difference` is the XOR of its old
    /// bytes and its new ones.
    public func update(
        input: Int, difference: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>,
        targetStride: Int, size: Int
    ) {
        precondition(size > 0 && targetStride >= size, "shares apart")
        guard let column = inputs.firstIndex(of: input) else {
            preconditionFailure("one of the inputs")
        }
        let targets = outputs.indices.map { Optional(target + $0 * targetStride) }
        FewShareKernels.update(
            tables: tables, factors: factors, inputCount: inputs.count, input: column,
            difference: UnsafeMutablePointer(mutating: difference), targets: targets, size: size)
    }

    /// For each output point o and input point j, the product over the other inputs i of
    /// (o + i) / (j + i).
    private static func factors(inputs: [Int], outputs: [Int]) -> [UInt8] {
        typealias Field = GaloisField8
        func distance(_ a: Int, _ b: Int) -> Int { Field.tables.logarithm(UInt8(a ^ b)) }
        let denominators = inputs.map { own in
            inputs.reduce(0) { $1 == own ? $0 : $0 + distance(own, $1) } % Field.order
        }
        return outputs.flatMap { output in
            let whole = inputs.reduce(0) { $0 + distance(output, $1) }
            return zip(inputs, denominators).map { own, denominator in
                Field.tables.power(
                    whole - distance(output, own) + Field.order - denominator)
            }
        }
    }
}
