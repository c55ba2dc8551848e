// SPDX-License-Identifier: Apache-2.0

import ErasureCoding
import Testing

@Suite struct FieldTests {
    /// The tables give the product that φ defines, for all pairs of GF(2^8).
    @Test func logarithmsMultiplyAsPolynomialsDoInTheSmallField() {
        typealias Field = GaloisField8
        for a in UInt8.min...UInt8.max {
            for b in UInt8.min...UInt8.max {
                #expect(
                    Field.element(Field.product(a, b))
                        == Field.polynomialProduct(Field.element(a), Field.element(b)))
            }
        }
    }

    /// The same for a spread of pairs of GF(2^16).
    @Test func logarithmsMultiplyAsPolynomialsDoInTheLargeField() {
        typealias Field = GaloisField16
        var a: UInt16 = 1, b: UInt16 = 0xBEEF
        for _ in 0..<20_000 {
            #expect(
                Field.element(Field.product(a, b))
                    == Field.polynomialProduct(Field.element(a), Field.element(b)))
            a = a &* 25_173 &+ 13_849
            b = b &* 5_771 &+ 1
        }
    }

    /// Each basis element solves β² + β = the one before it.
    @Test func basesAreCantors() {
        func check<Field: BinaryField>(_ field: Field.Type) {
            #expect(Field.basis[0] == 1)
            for (smaller, larger) in zip(Field.basis, Field.basis.dropFirst()) {
                #expect(Field.polynomialProduct(larger, larger) ^ larger == smaller)
            }
        }
        check(GaloisField8.self)
        check(GaloisField16.self)
    }

    /// Products that the format's description states.
    @Test func knownProducts() {
        #expect(GaloisField8.product(0x02, 0x02) == 0x03)
        #expect(GaloisField8.product(0x02, 0x03) == 0x01)
        #expect(GaloisField8.product(0x10, 0x20) == 0x80)
        #expect(GaloisField8.product(0xFF, 0xFF) == 0x80)
        #expect(GaloisField8.element(0x02) == 214)
        #expect(GaloisField8.element(0xFF) == 253)
        #expect(GaloisField16.product(0x0100, 0x0200) == 0xCD55)
        #expect(GaloisField16.product(0xFFFF, 0xFFFF) == 0x8000)
    }

    /// Pairs are what they are said to be: a + γ b, and products by the subfield act on each half.
    @Test func pairsOfTheSubfield() {
        typealias Field = GaloisField16
        var symbol: UInt16 = 1
        for turn in 0..<5_000 {
            let pair = Field.paired(symbol)
            #expect(Field.unpaired(pair) == symbol)
            #expect(symbol == pair & 0xFF ^ Field.product(pair >> 8, 0x100))
            let factor = UInt16(turn & 0xFF)
            let product = Field.paired(Field.product(symbol, factor))
            #expect(product & 0xFF == Field.product(pair & 0xFF, factor))
            #expect(product >> 8 == Field.product(pair >> 8, factor))
            symbol = symbol &* 25_173 &+ 13_849
        }
        for symbol in UInt8.min...UInt8.max { #expect(GaloisField8.paired(symbol) == symbol) }
    }

    /// Every symbol of either field times its inverse is one.
    @Test func inversesInvert() {
        for symbol in 1...GaloisField8.order {
            let symbol = UInt8(symbol)
            #expect(GaloisField8.product(symbol, GaloisField8.inverse(symbol)) == 1)
        }
        for symbol in 1...GaloisField16.order {
            let symbol = UInt16(symbol)
            #expect(GaloisField16.product(symbol, GaloisField16.inverse(symbol)) == 1)
        }
    }
}
