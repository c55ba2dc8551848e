// SPDX-License-Identifier: Apache-2.0

/// A list of factors in the two forms that kernels multiply by (ck_leopard.h draws them).
struct KernelFactors: Sendable {
    private(set) var matrices: [UInt64] = []
    private(set) var tables: [UInt8] = []

    /// Both forms, or only the one that `level` reads.
    init<Field: BinaryField>(
        _ symbols: [Field.Symbol], in field: Field.Type, for level: KernelLevel? = nil
    ) {
        if level != .gfni512 {
            tables.reserveCapacity(symbols.count * 8 * Field.bits)
            for symbol in symbols { appendTables(of: symbol, in: field) }
        }
        if level == nil || level == .gfni512 {
            matrices.reserveCapacity(symbols.count * (Field.bits == 8 ? 1 : 4))
            for symbol in symbols { appendMatrices(of: symbol, in: field) }
        }
    }

    /// The products of the sixteen values of each nibble, low bytes before high ones.
    private mutating func appendTables<Field: BinaryField>(
        of factor: Field.Symbol, in field: Field.Type
    ) {
        for shift in stride(from: 0, to: Field.bits, by: 4) {
            let products = (0..<16).map { Field.product(factor, Field.Symbol($0) << shift) }
            for byte in stride(from: 0, to: Field.bits, by: 8) {
                for product in products {
                    tables.append(UInt8(truncatingIfNeeded: product >> byte))
                }
            }
        }
    }

    /// The images of the basis symbols as bit matrices, a byte of the output by a byte of the input.
    private mutating func appendMatrices<Field: BinaryField>(
        of factor: Field.Symbol, in field: Field.Type
    ) {
        for output in stride(from: 0, to: Field.bits, by: 8) {
            for input in stride(from: 0, to: Field.bits, by: 8) {
                var columns: UInt64 = 0
                for bit in 0..<8 {
                    let image = Field.product(factor, 1 << Field.Symbol(input + bit)) >> output
                    columns |= UInt64(UInt8(truncatingIfNeeded: image)) << UInt64(8 * bit)
                }
                matrices.append(Self.transposed(columns).byteSwapped)
            }
        }
    }

    /// The transpose of eight bytes as eight rows of bits.
    private static func transposed(_ matrix: UInt64) -> UInt64 {
        var rows = matrix
        for (shift, mask): (UInt64, UInt64) in [
            (7, 0x00AA_00AA_00AA_00AA), (14, 0x0000_CCCC_0000_CCCC), (28, 0x0000_0000_F0F0_F0F0),
        ] {
            let swapped = (rows ^ rows >> shift) & mask
            rows ^= swapped ^ swapped << shift
        }
        return rows
    }
}

/// The factors of both transforms over consecutive points, layer by layer.
struct TransformPlan: Sendable {
    let count: Int
    let inverse: KernelFactors
    let forward: KernelFactors
    /// Layers of a half-size that is not below this have factors below 256 only.
    let inverseWide: Int
    let forwardWide: Int
    /// Whether a transform starts at the point 0, so that the first factor of each layer is zero.
    let isInverseFromZero: Bool
    let isForwardFromZero: Bool

    /// Values at the points from `inverseOffset` become values at those from `forwardOffset`.
    init<Field: BinaryField>(
        count: Int, inverseOffset: Int, forwardOffset: Int, in field: Field.Type
    ) {
        self.count = count
        let inverseFactors = Self.factors(count, inverseOffset, field)
        let forwardFactors = Self.factors(count, forwardOffset, field)
        inverse = KernelFactors(inverseFactors, in: field)
        forward = KernelFactors(forwardFactors, in: field)
        inverseWide = Self.wide(inverseFactors)
        forwardWide = Self.wide(forwardFactors)
        isInverseFromZero = inverseOffset == 0
        isForwardFromZero = forwardOffset == 0
    }

    /// Twice the half-size of the last layer that has a factor of 256 or more; 0 for none.
    private static func wide<Symbol: FixedWidthInteger>(_ factors: [Symbol]) -> Int {
        guard let first = factors.firstIndex(where: { Int($0) > 255 }) else { return 0 }
        return 2 * (factors.count / nextPowerOfTwo(first + 1))
    }

    /// Number 0 is no group's.
    private static func factors<Field: BinaryField>(
        _ count: Int, _ offset: Int, _ field: Field.Type
    ) -> [Field.Symbol] {
        var factors = [Field.Symbol](repeating: 0, count: max(count, 1))
        var half = count / 2
        while half >= 1 {
            for group in 0..<count / (2 * half) {
                factors[count / (2 * half) + group] = LeopardTransform<Field>.factor(
                    start: offset + group * 2 * half, half: half)
            }
            half /= 2
        }
        return factors
    }
}
