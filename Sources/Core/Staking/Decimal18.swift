// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// Which way a result that does not come out even goes; it is stated wherever there is one.
public enum Rounding: Hashable, Sendable {
    /// Towards zero: what somebody gets.
    case down
    /// Away from zero: what somebody owes.
    case up
}

/// A number that is not negative, with 18 decimal places, in 128 bits; there is no floating point.
///
/// The greatest is about 3.4·10²⁰, so that every amount of 64 bits is one. Its integer form, the
/// number times 10¹⁸, is what Cosmos writes for its `Dec`. Specified in
/// Protocol/21-staking.md#fixed-point.
public struct Decimal18: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// How many parts one has.
    public static let scale: UInt128 = 1_000_000_000_000_000_000
    /// Nothing.
    public static let zero = Decimal18(raw: 0)
    /// One.
    public static let one = Decimal18(raw: scale)

    /// The number times 10¹⁸.
    public let raw: UInt128

    /// Takes the number times 10¹⁸.
    public init(raw: UInt128) {
        self.raw = raw
    }

    /// A whole number; every one fits.
    public init(_ whole: UInt64) {
        raw = UInt128(whole) * Self.scale
    }

    /// So many ten-thousandths, the unit in which rules are written.
    public init(basisPoints: UInt64) {
        raw = UInt128(basisPoints) * (Self.scale / 10_000)
    }

    /// A quotient of two amounts; one by zero is refused.
    public init(
        _ numerator: UInt64, over denominator: UInt64, _ rounding: Rounding
    ) throws(ArithmeticFault) {
        raw = try Self.quotient(
            (0, UInt128(numerator) * Self.scale), by: UInt128(denominator), rounding)
    }

    /// The sum.
    public func adding(_ other: Decimal18) throws(ArithmeticFault) -> Decimal18 {
        Decimal18(raw: try raw.adding(other.raw))
    }

    /// The difference; a negative one is refused.
    public func subtracting(_ other: Decimal18) throws(ArithmeticFault) -> Decimal18 {
        Decimal18(raw: try raw.subtracting(other.raw))
    }

    /// The product, by way of 256 bits.
    public func multiplied(
        by other: Decimal18, _ rounding: Rounding
    ) throws(ArithmeticFault) -> Decimal18 {
        let wide = raw.multipliedFullWidth(by: other.raw)
        return Decimal18(
            raw: try Self.quotient((wide.high, wide.low), by: Self.scale, rounding))
    }

    /// The quotient, by way of 256 bits; one by zero is refused.
    public func divided(
        by other: Decimal18, _ rounding: Rounding
    ) throws(ArithmeticFault) -> Decimal18 {
        let wide = raw.multipliedFullWidth(by: Self.scale)
        return Decimal18(raw: try Self.quotient((wide.high, wide.low), by: other.raw, rounding))
    }

    /// So much of an amount, in whole units.
    public func of(_ amount: UInt64, _ rounding: Rounding) throws(ArithmeticFault) -> UInt64 {
        let wide = raw.multipliedFullWidth(by: UInt128(amount))
        let units = try Self.quotient((wide.high, wide.low), by: Self.scale, rounding)
        guard let result = UInt64(exactly: units) else { throw ArithmeticFault() }
        return result
    }

    /// The smaller of this and one.
    public var clampedToOne: Decimal18 { min(self, .one) }

    /// Order of the numbers.
    public static func < (lhs: Decimal18, rhs: Decimal18) -> Bool { lhs.raw < rhs.raw }

    /// The decimal without zeros at its end: `0.05`.
    public var description: String {
        let whole = String(raw / Self.scale)
        var places = String(raw % Self.scale)
        if places == "0" { return whole }
        places = String(repeating: "0", count: 18 - places.utf8.count) + places
        while places.last == "0" { places.removeLast() }
        return whole + "." + places
    }

    /// A product of 256 bits over a divisor; what does not fit 128 bits is refused.
    package static func quotient(
        _ product: (high: UInt128, low: UInt128), by divisor: UInt128, _ rounding: Rounding
    ) throws(ArithmeticFault) -> UInt128 {
        guard product.high < divisor else { throw ArithmeticFault() }
        let (quotient, rest) = divisor.dividingFullWidth((product.high, product.low))
        guard rounding == .up, rest != 0 else { return quotient }
        return try quotient.adding(1)
    }
}

extension Decimal18 {
    /// Reads Cosmos's wire form of a `Dec`: the number times 10¹⁸, in decimal digits.
    public init(scaledText text: String) throws(DecodeFault) {
        guard text.utf8.count <= 39, let raw = UInt128(text), String(raw) == text else {
            throw .malformed("not a decimal of 18 places")
        }
        self.raw = raw
    }

    /// Cosmos's wire form.
    public var scaledText: String { String(raw) }
}

/// Amounts in proportion, by way of 128 bits.
public enum Proportion {
    /// `amount · numerator / denominator` in whole units; over zero, or beyond 64 bits, is refused.
    public static func of(
        _ amount: UInt64, _ numerator: UInt64, over denominator: UInt64, _ rounding: Rounding
    ) throws(ArithmeticFault) -> UInt64 {
        guard denominator > 0 else { throw ArithmeticFault() }
        let product = UInt128(amount) * UInt128(numerator)
        let (quotient, rest) = product.quotientAndRemainder(dividingBy: UInt128(denominator))
        let rounded = rounding == .up && rest != 0 ? quotient + 1 : quotient
        guard let result = UInt64(exactly: rounded) else { throw ArithmeticFault() }
        return result
    }
}
