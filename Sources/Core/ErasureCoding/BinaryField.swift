// SPDX-License-Identifier: Apache-2.0

/// A field of 2^8 or 2^16 elements whose symbols are coordinates in a Cantor basis.
///
/// A symbol s stands for the element φ(s), the sum of the basis elements at the bits of s. Adding is
/// XOR; multiplying is defined through φ, as polynomials over GF(2) modulo the field's own. The
/// basis satisfies β₀ = 1 and β² + β of each is the one before it, which is what makes the additive
/// Fourier transform short. Specified in
/// Protocol/03-erasure-coding.md#field.
public protocol BinaryField: Sendable {
    /// A coordinate vector, 8 or 16 bits.
    associatedtype Symbol: FixedWidthInteger & UnsignedInteger & Sendable

    /// The reducing polynomial with its leading bit.
    static var polynomial: UInt32 { get }
    /// The basis in polynomial coordinates, bit 0 first.
    static var basis: [Symbol] { get }
    /// Logarithms, made once.
    static var tables: FieldTables<Self> { get }

    /// The same element as a pair: a + γ b, with a (low half) and b (high half) of the subfield of
    /// 256 elements and γ the symbol 0x100. A field of 256 elements has no pairs: the symbol itself.
    static func paired(_ symbol: Symbol) -> Symbol
    /// The symbol of a pair.
    static func unpaired(_ pair: Symbol) -> Symbol
}

extension BinaryField {
    /// Bits of a symbol.
    public static var bits: Int { Symbol.bitWidth }
    /// Elements other than zero: 2^bits − 1.
    public static var order: Int { (1 << bits) - 1 }

    /// φ: the polynomial that a symbol stands for.
    public static func element(_ symbol: Symbol) -> Symbol {
        var element: Symbol = 0
        for bit in 0..<bits where symbol >> bit & 1 == 1 { element ^= basis[bit] }
        return element
    }

    /// The product of two polynomials, shifted and reduced one bit at a time.
    public static func polynomialProduct(_ a: Symbol, _ b: Symbol) -> Symbol {
        var product: UInt32 = 0
        for bit in (0..<bits).reversed() {
            product <<= 1
            if product >> bits & 1 == 1 { product ^= polynomial }
            if b >> bit & 1 == 1 { product ^= UInt32(a) }
        }
        return Symbol(product)
    }

    /// The product of two symbols, by logarithms.
    public static func product(_ a: Symbol, _ b: Symbol) -> Symbol {
        guard a != 0, b != 0 else { return 0 }
        return tables.power(tables.logarithm(a) + tables.logarithm(b))
    }

    /// The symbol that gives 1 when multiplied by one other than zero.
    public static func inverse(_ a: Symbol) -> Symbol {
        precondition(a != 0, "zero has no inverse")
        return tables.power(order - tables.logarithm(a))
    }
}
