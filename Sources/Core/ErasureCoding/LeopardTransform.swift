// SPDX-License-Identifier: Apache-2.0

/// The additive Fourier transform on consecutive points, and its inverse.
///
/// In a Cantor basis the factor of a butterfly is the point where its group starts, shifted right by
/// the layer. Specified in Lin, Chung, Han, "Novel polynomial basis and its application to
/// Reed–Solomon erasure codes" (2014).
public enum LeopardTransform<Field: BinaryField> {
    /// The factor of the group that starts at `start` in the layer of half-size `half`.
    public static func factor(start: Int, half: Int) -> Field.Symbol {
        Field.Symbol(start >> half.trailingZeroBitCount)
    }

    /// Coefficients become values at the points `offset ..< offset + count`.
    public static func forward(_ symbols: inout [Field.Symbol], offset: Int) {
        var half = symbols.count / 2
        while half >= 1 {
            for start in stride(from: 0, to: symbols.count, by: 2 * half) {
                let factor = factor(start: offset + start, half: half)
                for lower in start..<start + half {
                    symbols[lower] ^= Field.product(factor, symbols[lower + half])
                    symbols[lower + half] ^= symbols[lower]
                }
            }
            half /= 2
        }
    }

    /// Values at the points `offset ..< offset + count` become coefficients.
    public static func inverse(_ symbols: inout [Field.Symbol], offset: Int) {
        var half = 1
        while half < symbols.count {
            for start in stride(from: 0, to: symbols.count, by: 2 * half) {
                let factor = factor(start: offset + start, half: half)
                for lower in start..<start + half {
                    symbols[lower + half] ^= symbols[lower]
                    symbols[lower] ^= Field.product(factor, symbols[lower + half])
                }
            }
            half *= 2
        }
    }

    /// The formal derivative of coefficients, plus the polynomial itself.
    public static func derivative(_ symbols: inout [Field.Symbol]) {
        for index in 1..<symbols.count {
            let width = index & -index
            for offset in 0..<width { symbols[index - width + offset] ^= symbols[index + offset] }
        }
    }
}
