// SPDX-License-Identifier: Apache-2.0

/// GF(2^8) modulo x⁸ + x⁴ + x³ + x² + 1: the field of squares up to k = 128.
public enum GaloisField8: BinaryField {
    /// A byte.
    public typealias Symbol = UInt8
    /// 0x11D.
    public static let polynomial: UInt32 = 0x11D
    /// The Cantor basis of the Leopard code.
    public static let basis: [UInt8] = [1, 214, 152, 146, 86, 200, 88, 230]
    /// Logarithms, made once.
    public static let tables = FieldTables<Self>()
    /// The symbol itself.
    public static func paired(_ symbol: UInt8) -> UInt8 { symbol }
    /// The symbol itself.
    public static func unpaired(_ pair: UInt8) -> UInt8 { pair }
}
