// SPDX-License-Identifier: Apache-2.0

/// GF(2^16) modulo x¹⁶ + x⁵ + x³ + x² + 1: the field of squares from k = 256.
public enum GaloisField16: BinaryField {
    /// Two bytes.
    public typealias Symbol = UInt16
    /// 0x1002D.
    public static let polynomial: UInt32 = 0x1002D
    /// The Cantor basis of the Leopard code.
    public static let basis: [UInt16] = [
        0x0001, 0xACCA, 0x3C0E, 0x163E, 0xC582, 0xED2E, 0x914C, 0x4012,
        0x6C98, 0x10D8, 0x6A72, 0xB900, 0xFDB8, 0xFB34, 0xFF38, 0x991E,
    ]
    /// Logarithms, made once.
    public static let tables = FieldTables<Self>()

    /// γ b for each b of the subfield, as a symbol; and the b that gives each high half.
    private static let multiples: (symbols: [UInt16], halves: [UInt8]) = {
        let symbols = (0..<256).map { product(UInt16($0), 0x100) }
        var halves = [UInt8](repeating: 0, count: 256)
        for (half, symbol) in symbols.enumerated() { halves[Int(symbol >> 8)] = UInt8(half) }
        return (symbols, halves)
    }()

    /// The same element as a + γ b, a in the low half and b in the high one.
    public static func paired(_ symbol: UInt16) -> UInt16 {
        let half = multiples.halves[Int(symbol >> 8)]
        return (symbol ^ multiples.symbols[Int(half)]) & 0xFF | UInt16(half) << 8
    }

    /// The symbol of a pair.
    public static func unpaired(_ pair: UInt16) -> UInt16 {
        pair & 0xFF ^ multiples.symbols[Int(pair >> 8)]
    }
}
