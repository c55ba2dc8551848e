// SPDX-License-Identifier: Apache-2.0

/// Powers and logarithms of the symbols of a field, to the base x.
public struct FieldTables<Field: BinaryField>: Sendable {
    private let powers: [Field.Symbol]
    private let logarithms: [Field.Symbol]

    /// Walks through the powers of x, which is primitive in both fields.
    init() {
        let size = Field.order + 1
        var elements = [Field.Symbol](repeating: 0, count: size)
        var symbols = [Field.Symbol](repeating: 0, count: size)
        for symbol in 1..<size {
            let top = symbol.bitWidth - 1 - symbol.leadingZeroBitCount
            elements[symbol] = elements[symbol ^ 1 << top] ^ Field.basis[top]
            symbols[Int(elements[symbol])] = Field.Symbol(symbol)
        }
        var powers = [Field.Symbol](repeating: 0, count: size)
        var logarithms = [Field.Symbol](repeating: 0, count: size)
        var element: UInt32 = 1
        for exponent in 0..<Field.order {
            let symbol = symbols[Int(element)]
            powers[exponent] = symbol
            logarithms[Int(symbol)] = Field.Symbol(exponent)
            element <<= 1
            if element >> Field.bits & 1 == 1 { element ^= Field.polynomial }
        }
        powers[Field.order] = powers[0]
        self.powers = powers
        self.logarithms = logarithms
    }

    /// The exponent of a symbol other than zero; zero is given 0, as the error locator wants it.
    public func logarithm(_ symbol: Field.Symbol) -> Int { Int(logarithms[Int(symbol)]) }

    /// x to an exponent of 0 or more, modulo the order of the group.
    public func power(_ exponent: Int) -> Field.Symbol { powers[exponent % Field.order] }
}
