// SPDX-License-Identifier: Apache-2.0

/// A list of factors in the two forms that kernels multiply by (ck_leopard.h draws them).
struct KernelFactors: Sendable {
    /// Between what a product maps.
    enum Form {
        /// From symbols to symbols.
        case plain
        /// From symbols to pairs.
        case pairing
        /// From pairs to pairs.
        case paired
        /// From pairs to symbols.
        case unpairing
    }

    private(set) var matrices: [UInt64] = []
    private(set) var tables: [UInt8] = []

    /// No factors.
    init() {}

    /// Both forms, or only the one that `level` reads.
    init<Field: BinaryField>(
        _ factors: [Field.Symbol], in field: Field.Type, form: Form = .plain,
        for level: KernelLevel? = nil
    ) {
        reserve(factors.count, bits: Field.bits)
        for factor in factors {
            append(bits: Field.bits, for: level) { input in
                switch form {
                case .plain: Field.product(factor, input)
                case .pairing: Field.paired(Field.product(factor, input))
                case .paired: Field.paired(Field.product(factor, Field.unpaired(input)))
                case .unpairing: Field.product(factor, Field.unpaired(input))
                }
            }
        }
    }

    /// Factors of the subfield of 256 elements as of GF(2^8); larger ones are left zero.
    init<Field: BinaryField>(narrow factors: [Field.Symbol], in field: Field.Type) {
        reserve(factors.count, bits: 8)
        for factor in factors {
            append(bits: 8, for: nil) { (input: UInt8) in
                let product = Field.product(factor, Field.Symbol(input))
                return factor > 255 ? 0 : UInt8(truncatingIfNeeded: product)
            }
        }
    }

    /// What makes pairs of symbols, and symbols of pairs: each is what the high half adds to the low
    /// one, and what it becomes.
    init<Field: BinaryField>(pairsOf field: Field.Type) {
        guard Field.bits > 8 else { return }
        for map in [Field.paired, Field.unpaired] {
            append(bits: 8, for: nil) { (input: UInt8) in
                UInt8(truncatingIfNeeded: map(Field.Symbol(input) << 8))
            }
            append(bits: 8, for: nil) { (input: UInt8) in
                UInt8(truncatingIfNeeded: map(Field.Symbol(input) << 8) >> 8)
            }
        }
    }

    /// A map of bytes that is linear over GF(2), in the form of matrices.
    init(linear map: (UInt8) -> UInt8) {
        append(bits: 8, for: .gfni512, map)
    }

    private mutating func reserve(_ count: Int, bits: Int) {
        matrices.reserveCapacity(count * (bits == 8 ? 1 : 4))
        tables.reserveCapacity(count * 8 * bits)
    }

    /// Adds a linear map.
    private mutating func append<Symbol: FixedWidthInteger & UnsignedInteger>(
        bits: Int, for level: KernelLevel?, _ map: (Symbol) -> Symbol
    ) {
        if level != .gfni512 { appendTables(bits: bits, map) }
        if level == nil || level == .gfni512 { appendMatrices(bits: bits, map) }
    }

    /// What becomes of the sixteen values of each nibble, low bytes before high ones.
    private mutating func appendTables<Symbol: FixedWidthInteger & UnsignedInteger>(
        bits: Int, _ map: (Symbol) -> Symbol
    ) {
        for shift in stride(from: 0, to: bits, by: 4) {
            let images = (0..<16).map { map(Symbol($0) << shift) }
            for byte in stride(from: 0, to: bits, by: 8) {
                for image in images { tables.append(UInt8(truncatingIfNeeded: image >> byte)) }
            }
        }
    }

    /// The images of single bits as bit matrices, a byte of the output by a byte of the input.
    private mutating func appendMatrices<Symbol: FixedWidthInteger & UnsignedInteger>(
        bits: Int, _ map: (Symbol) -> Symbol
    ) {
        let images = (0..<bits).map { map(1 << Symbol($0)) }
        for output in stride(from: 0, to: bits, by: 8) {
            for input in stride(from: 0, to: bits, by: 8) {
                var columns: UInt64 = 0
                for bit in 0..<8 {
                    let byte = UInt8(truncatingIfNeeded: images[input + bit] >> output)
                    columns |= UInt64(byte) << UInt64(8 * bit)
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
