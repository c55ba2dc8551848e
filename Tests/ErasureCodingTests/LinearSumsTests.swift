// SPDX-License-Identifier: Apache-2.0

import ErasureCoding
import Testing

/// Sums of symbols times coefficients: kernels against the definition.
@Suite struct LinearSumsTests {
    private static func computed(
        _ rows: [UInt8], stride: Int, count: Int, size: Int, _ factors: SumFactors
    ) -> [[UInt8]] {
        var sums = [UInt8](repeating: 0xEE, count: count * 16)
        rows.withUnsafeBufferPointer { rows in
            sums.withUnsafeMutableBufferPointer { sums in
                guard let from = rows.baseAddress, let to = sums.baseAddress else { return }
                LinearSums.compute(
                    rows: from, stride: stride, count: count, size: size, factors: factors,
                    into: to)
            }
        }
        return (0..<count).map { Array(sums[$0 * 16..<($0 + 1) * 16]) }
    }

    /// One to nine rows of one to five shares, at every level, in both fields.
    @Test(arguments: [false, true]) func kernelsAreTheDefinition(isWide: Bool) {
        var numbers = SeededNumbers(isWide ? 16 : 8)
        let placeCount = SumFactors.placeCount(isWide: isWide)
        for shares in [1, 2, 3, 5] {
            let size = shares * 512
            let pieces = numbers.bytes(size / 64 * 16)
            let places = numbers.bytes(placeCount * 16)
            for count in [1, 2, 5, 9] {
                let stride = size + shares * 64
                let rows = numbers.bytes(count * stride)
                for level in KernelLevel.allCases where level.isSupported {
                    let factors = SumFactors(
                        pieces: pieces, places: places, isWide: isWide, level: level)
                    let coefficients = LinearSums.coefficients(of: factors)
                    let defined = (0..<count).map {
                        LinearSums.defined(
                            row: Array(rows[$0 * stride..<$0 * stride + size]),
                            coefficients: coefficients, isWide: isWide)
                    }
                    let sums = Self.computed(
                        rows, stride: stride, count: count, size: size, factors)
                    #expect(sums == defined, "\(shares) shares, \(count) rows, \(level)")
                }
            }
        }
    }

    /// Every symbol times every factor of the smaller field, in a lane, piece and place that shift.
    @Test func everyProduct() {
        for factor in 0..<256 {
            let lane = factor % 16
            let piece = factor % 8
            var pieces = [UInt8](repeating: 0, count: 8 * 16)
            pieces[piece * 16 + lane] = UInt8(factor)
            let places = [UInt8](repeating: 1, count: 64 * 16)
            for level in KernelLevel.allCases where level.isSupported {
                let factors = SumFactors(
                    pieces: pieces, places: places, isWide: false, level: level)
                for symbol in 0..<256 {
                    var row = [UInt8](repeating: 0, count: 512)
                    row[piece * 64 + symbol % 64] = UInt8(symbol)
                    var expected = [UInt8](repeating: 0, count: 16)
                    expected[lane] = GaloisField8.product(UInt8(symbol), UInt8(factor))
                    let sums = Self.computed(row, stride: 512, count: 1, size: 512, factors)
                    #expect(sums == [expected], "\(symbol) \(factor) \(level)")
                }
            }
        }
    }

    /// Every symbol of the larger field times each bit as a factor, eight factors a time, in a place
    /// that shifts; the factor is the piece's once and the place's once.
    @Test(arguments: [false, true]) func everyWideProduct(isOfPlace: Bool) {
        let ones = [UInt8](repeating: 0, count: 32 * 16).indices.map { UInt8(($0 + 1) % 2) }
        let pieceOnes = Array(ones.prefix(8 * 16))
        for start in [0, 8] {
            let bits = (0..<8).map { UInt16(1) << UInt16(start + $0) }
            let factor = bits.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
            let pieces = isOfPlace ? pieceOnes : (0..<8).flatMap { _ in factor }
            let places = isOfPlace ? (0..<32).flatMap { _ in factor } : ones
            var rows = [UInt8](repeating: 0, count: 0x10000 * 512)
            for symbol in 0..<0x10000 {
                let at = symbol * 512 + symbol / 32 % 8 * 64 + symbol % 32
                rows[at] = UInt8(symbol & 0xFF)
                rows[at + 32] = UInt8(symbol >> 8)
            }
            let expected = (0..<0x10000).map { symbol in
                bits.flatMap { bit in
                    let product = GaloisField16.product(UInt16(symbol), bit)
                    return [UInt8(truncatingIfNeeded: product), UInt8(product >> 8)]
                }
            }
            for level in KernelLevel.allCases where level.isSupported {
                let factors = SumFactors(pieces: pieces, places: places, isWide: true, level: level)
                let sums = Self.computed(rows, stride: 512, count: 0x10000, size: 512, factors)
                let wrong = sums.indices.first { sums[$0] != expected[$0] }
                #expect(wrong == nil, "a symbol, by bits from \(start), \(level)")
            }
        }
    }

    /// The extension of sums is the code's, byte by byte in each lane.
    @Test(arguments: [1, 2, 8, 128, 256]) func extensionIsTheCodes(width: Int) throws {
        var numbers = SeededNumbers(width)
        let sums = numbers.bytes(width * 16)
        let all = LinearSums.extended(sums, width: width)
        #expect(Array(all.prefix(width * 16)) == sums)
        let code = try ErasureCode(dataCount: width, parityCount: width)
        // Symbols are spread as shares hold them: low bytes first, high bytes in the second half.
        let shards = (0..<width).map { row in
            var shard = [UInt8](repeating: 0, count: 64)
            for byte in 0..<16 {
                shard[code.isWide ? byte / 2 + byte % 2 * 32 : byte] = sums[row * 16 + byte]
            }
            return shard
        }
        for (row, shard) in try code.parity(of: shards).enumerated() {
            let value = (0..<16).map { shard[code.isWide ? $0 / 2 + $0 % 2 * 32 : $0] }
            #expect(value == Array(all[(width + row) * 16..<(width + row + 1) * 16]), "\(row)")
        }
    }
}
