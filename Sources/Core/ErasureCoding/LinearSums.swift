// SPDX-License-Identifier: Apache-2.0

/// Sums over the symbols of a row, each times a coefficient of its own: sixteen bytes a row.
///
/// A coefficient is the product, lane by lane, of a factor of the 64-byte piece that the symbol stands
/// in and of one of its place there. A factor is sixteen symbols of GF(2^8), or eight of GF(2^16) with the low byte first: as
/// many independent lanes. Symbols of a row are numbered as the code of a square lays them out: over
/// GF(2^8) by byte; over GF(2^16) by piece of 64 bytes, in which symbol i has its low byte at i and
/// its high byte at 32 + i. The definition is here; kernels do the same for many rows at once.
/// Specified in Protocol/14-encoding-fraud.md#sidecar-values.
public enum LinearSums {
    /// Bytes of a sum, and of a coefficient.
    public static let sizeBytes = 16

    /// The coefficients of all symbols, 16 bytes each, as products of their two factors.
    public static func coefficients(of factors: SumFactors) -> [UInt8] {
        coefficients(pieces: factors.pieces, places: factors.places, isWide: factors.isWide)
    }

    /// The same from the factors of pieces and those of places.
    static func coefficients(pieces: [UInt8], places: [UInt8], isWide: Bool) -> [UInt8] {
        isWide
            ? coefficients(pieces, places, in: GaloisField16.self)
            : coefficients(pieces, places, in: GaloisField8.self)
    }

    private static func coefficients<Field: BinaryField>(
        _ pieces: [UInt8], _ places: [UInt8], in field: Field.Type
    ) -> [UInt8] {
        let symbolSize = Field.bits / 8
        var all: [UInt8] = []
        all.reserveCapacity(pieces.count * places.count / sizeBytes)
        for piece in stride(from: 0, to: pieces.count, by: sizeBytes) {
            for place in stride(from: 0, to: places.count, by: sizeBytes) {
                for lane in stride(from: 0, to: sizeBytes, by: symbolSize) {
                    let a: Field.Symbol = littleEndian(pieces, at: piece + lane)
                    let product = Field.product(a, littleEndian(places, at: place + lane))
                    for byte in 0..<symbolSize {
                        all.append(UInt8(truncatingIfNeeded: product >> (8 * byte)))
                    }
                }
            }
        }
        return all
    }

    /// The sum of one row by the field's own product.
    ///
    /// `coefficients` has 16 bytes for each symbol of the row, whose size is a multiple of 64.
    public static func defined(
        row: [UInt8], coefficients: [UInt8], isWide: Bool
    ) -> [UInt8] {
        isWide
            ? defined(row, coefficients, in: GaloisField16.self)
            : defined(row, coefficients, in: GaloisField8.self)
    }

    private static func defined<Field: BinaryField>(
        _ row: [UInt8], _ coefficients: [UInt8], in field: Field.Type
    ) -> [UInt8] {
        let symbolSize = Field.bits / 8
        precondition(row.count.isMultiple(of: LeopardKernels.pieceSize), "whole pieces")
        precondition(
            coefficients.count == row.count / symbolSize * sizeBytes, "a coefficient a symbol")
        var sums = [Field.Symbol](repeating: 0, count: sizeBytes / symbolSize)
        for index in 0..<row.count / symbolSize {
            let symbol: Field.Symbol = self.symbol(index, of: row)
            for lane in sums.indices {
                let at = index * sizeBytes + lane * symbolSize
                sums[lane] ^= Field.product(symbol, littleEndian(coefficients, at: at))
            }
        }
        return sums.flatMap { sum in
            (0..<symbolSize).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) }
        }
    }

    private static func symbol<Symbol: FixedWidthInteger & UnsignedInteger>(
        _ index: Int, of row: [UInt8]
    ) -> Symbol {
        guard Symbol.bitWidth > 8 else { return Symbol(row[index]) }
        let low = index / 32 * 64 + index % 32
        return Symbol(row[low]) | Symbol(row[low + 32]) << 8
    }

    private static func littleEndian<Symbol: FixedWidthInteger & UnsignedInteger>(
        _ bytes: [UInt8], at start: Int
    ) -> Symbol {
        var symbol: Symbol = 0
        for byte in 0..<Symbol.bitWidth / 8 {
            symbol |= Symbol(bytes[start + byte]) << (8 * byte)
        }
        return symbol
    }

    /// The Leopard extension of `width` sums: those of all 2 · width rows of a square whose columns
    /// are codewords.
    ///
    /// Each lane of the sums is a codeword then, for each is a sum of columns times constants.
    public static func extended(_ sums: [UInt8], width: Int) -> [UInt8] {
        precondition(sums.count == width * sizeBytes, "a sum for each row of the original square")
        let code = AxisCode.of(width: width)
        let piece = LeopardKernels.pieceSize
        var shards = [UInt8](repeating: 0, count: 2 * width * piece)
        for row in 0..<width {
            for byte in 0..<sizeBytes {
                shards[row * piece + place(byte, isWide: code.isWide)] =
                    sums[row * sizeBytes + byte]
            }
        }
        shards.withUnsafeMutableBufferPointer { shards in
            guard let base = shards.baseAddress else { return }
            code.encode(
                base, stride: piece, parity: base + width * piece, parityStride: piece, size: piece)
        }
        var all = [UInt8](repeating: 0, count: 2 * width * sizeBytes)
        for row in 0..<2 * width {
            for byte in 0..<sizeBytes {
                all[row * sizeBytes + byte] =
                    shards[row * piece + place(byte, isWide: code.isWide)]
            }
        }
        return all
    }

    /// Where a byte of a sum stands in a piece of 64 bytes.
    private static func place(_ byte: Int, isWide: Bool) -> Int {
        isWide ? byte / 2 + byte % 2 * 32 : byte
    }
}
