// SPDX-License-Identifier: Apache-2.0

/// An unsigned integer of 256 bits: the word of the Ethereum machine.
///
/// Four limbs held inline, least significant first; nothing here allocates. `&+`, `&-` and `&*`
/// are modulo 2²⁵⁶ as the machine's instructions are; what must not wrap asks for the overflow.
@frozen public struct UInt256: Hashable, Comparable, Sendable {
    /// The least significant limb.
    public var w0: UInt64
    /// The second limb.
    public var w1: UInt64
    /// The third limb.
    public var w2: UInt64
    /// The most significant limb.
    public var w3: UInt64

    /// Joins four limbs, the least significant first.
    @inlinable public init(_ w0: UInt64, _ w1: UInt64, _ w2: UInt64, _ w3: UInt64) {
        self.w0 = w0
        self.w1 = w1
        self.w2 = w2
        self.w3 = w3
    }

    /// A number of 64 bits.
    @inlinable public init(_ value: UInt64) { self.init(value, 0, 0, 0) }

    /// Joins two halves.
    @inlinable public init(low: UInt128, high: UInt128) {
        self.init(
            UInt64(truncatingIfNeeded: low), UInt64(truncatingIfNeeded: low >> 64),
            UInt64(truncatingIfNeeded: high), UInt64(truncatingIfNeeded: high >> 64))
    }

    /// 1 for true and 0 for false, as comparisons answer.
    @inlinable public init(_ flag: Bool) { self.init(flag ? 1 : 0, 0, 0, 0) }

    /// 0.
    @inlinable public static var zero: UInt256 { UInt256(0, 0, 0, 0) }
    /// 1.
    @inlinable public static var one: UInt256 { UInt256(1, 0, 0, 0) }
    /// 2²⁵⁶ − 1.
    @inlinable public static var max: UInt256 { UInt256(~0, ~0, ~0, ~0) }

    /// The lower 128 bits.
    @inlinable public var low: UInt128 { UInt128(w1) << 64 | UInt128(w0) }
    /// The upper 128 bits.
    @inlinable public var high: UInt128 { UInt128(w3) << 64 | UInt128(w2) }
    /// Whether it is 0.
    @inlinable public var isZero: Bool { w0 | w1 | w2 | w3 == 0 }
    /// Whether it fits in 64 bits.
    @inlinable public var isSmall: Bool { w1 | w2 | w3 == 0 }
    /// Whether the sign bit of two's complement is set.
    @inlinable public var isNegative: Bool { w3 >> 63 != 0 }
    /// The number, or the largest of 64 bits when it does not fit.
    @inlinable public var clamped: UInt64 { isSmall ? w0 : ~0 }

    /// The bits up to the highest that is set.
    @inlinable public var bitCount: Int {
        if w3 != 0 { return 256 &- w3.leadingZeroBitCount }
        if w2 != 0 { return 192 &- w2.leadingZeroBitCount }
        if w1 != 0 { return 128 &- w1.leadingZeroBitCount }
        return 64 &- w0.leadingZeroBitCount
    }

    /// The bytes up to the highest that is not zero.
    @inlinable public var byteCount: Int { (bitCount &+ 7) / 8 }

    /// Order of the numbers.
    @inlinable @inline(__always) public static func < (a: UInt256, b: UInt256) -> Bool {
        a.high < b.high || (a.high == b.high && a.low < b.low)
    }

    /// Whether all limbs agree.
    @inlinable @inline(__always) public static func == (a: UInt256, b: UInt256) -> Bool {
        (a.w0 ^ b.w0) | (a.w1 ^ b.w1) | (a.w2 ^ b.w2) | (a.w3 ^ b.w3) == 0
    }

    /// Order of the numbers as two's complement.
    @inlinable public static func signedLess(_ a: UInt256, _ b: UInt256) -> Bool {
        let x = Int64(bitPattern: a.w3), y = Int64(bitPattern: b.w3)
        return x < y || (x == y && UInt256(a.w0, a.w1, a.w2, 0) < UInt256(b.w0, b.w1, b.w2, 0))
    }

    /// Feeds all limbs.
    @inlinable public func hash(into hasher: inout Hasher) {
        hasher.combine(w0)
        hasher.combine(w1)
        hasher.combine(w2)
        hasher.combine(w3)
    }
}

/// Sums, differences and products.
extension UInt256 {
    /// The sum modulo 2²⁵⁶.
    @inlinable @inline(__always) public static func &+ (a: UInt256, b: UInt256) -> UInt256 {
        let (low, carry) = a.low.addingReportingOverflow(b.low)
        return UInt256(low: low, high: a.high &+ b.high &+ (carry ? 1 : 0))
    }

    /// The difference modulo 2²⁵⁶.
    @inlinable @inline(__always) public static func &- (a: UInt256, b: UInt256) -> UInt256 {
        let (low, borrow) = a.low.subtractingReportingOverflow(b.low)
        return UInt256(low: low, high: a.high &- b.high &- (borrow ? 1 : 0))
    }

    /// The sum, and whether it went over 2²⁵⁶.
    @inlinable public func adding(_ other: UInt256) -> (sum: UInt256, overflow: Bool) {
        let sum = self &+ other
        return (sum, sum < self)
    }

    /// The difference, or nil when it is below 0.
    @inlinable public func subtracting(_ other: UInt256) -> UInt256? {
        self < other ? nil : self &- other
    }

    /// The product modulo 2²⁵⁶.
    @inlinable public static func &* (a: UInt256, b: UInt256) -> UInt256 {
        let p0 = wide(a.w0, b.w0)
        let p1 = wide(a.w0, b.w1)
        let q1 = wide(a.w1, b.w0)
        let p2 = wide(a.w0, b.w2) &+ wide(a.w1, b.w1) &+ wide(a.w2, b.w0)
        let w3 = a.w0 &* b.w3 &+ a.w1 &* b.w2 &+ a.w2 &* b.w1 &+ a.w3 &* b.w0
        let middle = (p0 >> 64) &+ (p1 & 0xffff_ffff_ffff_ffff) &+ (q1 & 0xffff_ffff_ffff_ffff)
        let upper = p2 &+ (p1 >> 64) &+ (q1 >> 64) &+ (middle >> 64)
        return UInt256(
            UInt64(truncatingIfNeeded: p0), UInt64(truncatingIfNeeded: middle),
            UInt64(truncatingIfNeeded: upper), w3 &+ UInt64(truncatingIfNeeded: upper >> 64))
    }

    /// The product, and whether it went over 2²⁵⁶.
    public func multiplied(by other: UInt256) -> (product: UInt256, overflow: Bool) {
        let product = UInt512(self, times: other)
        return (product.low, !product.high.isZero)
    }

    /// The 128-bit product of two limbs.
    @inlinable static func wide(_ a: UInt64, _ b: UInt64) -> UInt128 { UInt128(a) &* UInt128(b) }

    /// The difference from 0 modulo 2²⁵⁶.
    @inlinable public var negated: UInt256 { UInt256.zero &- self }

    /// The power modulo 2²⁵⁶, by squaring.
    public func power(_ exponent: UInt256) -> UInt256 {
        if w0 == 2, isSmall { return exponent.isSmall ? UInt256.one << exponent.w0 : .zero }
        var result = UInt256.one
        var index = exponent.bitCount
        while index > 0 {
            index &-= 1
            result = result &* result
            if exponent.limb(index >> 6) >> UInt64(index & 63) & 1 == 1 { result = result &* self }
        }
        return result
    }

    /// Limb 0 to 3.
    @inlinable func limb(_ index: Int) -> UInt64 {
        switch index {
        case 0: w0
        case 1: w1
        case 2: w2
        default: w3
        }
    }
}

/// A product of two words.
struct UInt512 {
    var low: UInt256
    var high: UInt256

    @inlinable init(low: UInt256, high: UInt256) {
        self.low = low
        self.high = high
    }

    /// Schoolbook multiplication, row by row.
    init(_ a: UInt256, times b: UInt256) {
        let (r0, c0) = Self.row(a, b.w0, UInt256.zero)
        let (r1, c1) = Self.row(a, b.w1, UInt256(r0.w1, r0.w2, r0.w3, c0))
        let (r2, c2) = Self.row(a, b.w2, UInt256(r1.w1, r1.w2, r1.w3, c1))
        let (r3, c3) = Self.row(a, b.w3, UInt256(r2.w1, r2.w2, r2.w3, c2))
        low = UInt256(r0.w0, r1.w0, r2.w0, r3.w0)
        high = UInt256(r3.w1, r3.w2, r3.w3, c3)
    }

    /// a · factor + addend, in five limbs.
    @inline(__always) private static func row(
        _ a: UInt256, _ factor: UInt64, _ addend: UInt256
    ) -> (UInt256, UInt64) {
        let t0 = UInt256.wide(a.w0, factor) &+ UInt128(addend.w0)
        let t1 = UInt256.wide(a.w1, factor) &+ UInt128(addend.w1) &+ (t0 >> 64)
        let t2 = UInt256.wide(a.w2, factor) &+ UInt128(addend.w2) &+ (t1 >> 64)
        let t3 = UInt256.wide(a.w3, factor) &+ UInt128(addend.w3) &+ (t2 >> 64)
        return (
            UInt256(
                UInt64(truncatingIfNeeded: t0), UInt64(truncatingIfNeeded: t1),
                UInt64(truncatingIfNeeded: t2), UInt64(truncatingIfNeeded: t3)),
            UInt64(truncatingIfNeeded: t3 >> 64)
        )
    }
}
