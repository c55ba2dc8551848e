// SPDX-License-Identifier: Apache-2.0

/// Quotients and remainders by multiplication with a reciprocal.
///
/// N. Möller, T. Granlund, "Improved division by invariant integers" (2011): a limb of quotient
/// costs two multiplications. Division by zero answers 0, as the machine's instructions do.
extension UInt256 {
    /// DIV and MOD together.
    public func divided(by divisor: UInt256) -> (quotient: UInt256, remainder: UInt256) {
        if self < divisor { return (.zero, self) }
        if isSmall {
            guard divisor.w0 != 0 else { return (.zero, .zero) }
            return (UInt256(w0 / divisor.w0), UInt256(w0 % divisor.w0))
        }
        return Self.divide(UInt512(low: self, high: .zero), limbs: 4, by: divisor)
    }

    /// The quotient; 0 when the divisor is.
    @inlinable public static func / (a: UInt256, b: UInt256) -> UInt256 {
        a.divided(by: b).quotient
    }

    /// The remainder; 0 when the divisor is.
    @inlinable public static func % (a: UInt256, b: UInt256) -> UInt256 {
        a.divided(by: b).remainder
    }

    /// SDIV: the quotient as two's complement, rounded towards 0.
    public func signedDivided(by divisor: UInt256) -> UInt256 {
        let magnitude = magnitude / divisor.magnitude
        return isNegative != divisor.isNegative ? magnitude.negated : magnitude
    }

    /// SMOD: the remainder as two's complement, with the sign of the dividend.
    public func signedRemainder(_ divisor: UInt256) -> UInt256 {
        let magnitude = magnitude % divisor.magnitude
        return isNegative ? magnitude.negated : magnitude
    }

    /// The number without its sign.
    @inlinable var magnitude: UInt256 { isNegative ? negated : self }

    /// ADDMOD: the remainder of the sum in full width.
    public func adding(_ other: UInt256, modulo modulus: UInt256) -> UInt256 {
        if self < modulus, other < modulus {
            let (sum, overflow) = adding(other)
            return overflow || sum >= modulus ? sum &- modulus : sum
        }
        let (sum, overflow) = adding(other)
        let wide = UInt512(low: sum, high: UInt256(overflow))
        return Self.divide(wide, limbs: 5, by: modulus).remainder
    }

    /// MULMOD: the remainder of the product in full width.
    public func multiplied(by other: UInt256, modulo modulus: UInt256) -> UInt256 {
        Self.divide(UInt512(self, times: other), limbs: 8, by: modulus).remainder
    }

    /// Divides the lowest `limbs` limbs; the quotient is given modulo 2²⁵⁶.
    static func divide(
        _ dividend: UInt512, limbs: Int, by divisor: UInt256
    ) -> (quotient: UInt256, remainder: UInt256) {
        if divisor.isZero { return (.zero, .zero) }
        return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 24) { scratch in
            guard let u = scratch.baseAddress else { return (.zero, .zero) }
            let q = u + 10
            let v = u + 18
            let size = (divisor.bitCount &+ 63) >> 6
            let shift = UInt64(divisor.limb(size &- 1).leadingZeroBitCount)
            (divisor << shift).write(v)
            for index in 0..<8 { q[index] = 0 }
            dividend.low.write(u)
            dividend.high.write(u + 4)
            var used = limbs
            while used > size, u[used &- 1] == 0 { used &-= 1 }
            u[used] = 0
            if shift > 0 {
                for index in (0...used).reversed() {
                    u[index] = u[index] << shift | (index > 0 ? u[index &- 1] >> (64 &- shift) : 0)
                }
            }
            switch size {
            case 1: divideByOne(u, used, v[0], q)
            case 2: divideByTwo(u, used, UInt128(v[1]) << 64 | UInt128(v[0]), q)
            case 3: divideLong(u, used, v, 3, q)
            default: divideLong(u, used, v, 4, q)
            }
            for index in size..<4 { u[index] = 0 }
            return (UInt256(reading: q), UInt256(reading: u) >> shift)
        }
    }

    private func write(_ limbs: UnsafeMutablePointer<UInt64>) {
        limbs[0] = w0
        limbs[1] = w1
        limbs[2] = w2
        limbs[3] = w3
    }

    private init(reading limbs: UnsafeMutablePointer<UInt64>) {
        self.init(limbs[0], limbs[1], limbs[2], limbs[3])
    }

    /// ⌊(2¹²⁸ − 1) / d⌋ − 2⁶⁴ of a divisor whose highest bit is set (algorithm 2).
    @inline(__always) static func reciprocal(_ d: UInt64) -> UInt64 {
        let v0 = 0x7fd00 / (d >> 55)
        let d40 = (d >> 24) &+ 1
        let v1 = (v0 << 11) &- (v0 &* v0 &* d40) >> 40 &- 1
        let v2 = (v1 << 13) &+ (v1 &* (0x1000_0000_0000_0000 &- v1 &* d40)) >> 47
        let d0 = d & 1
        let d63 = (d >> 1) &+ d0
        let e = ((v2 >> 1) & (0 &- d0)) &- v2 &* d63
        let v3 = (UInt64(truncatingIfNeeded: wide(v2, e) >> 64) >> 1) &+ (v2 << 31)
        let top = UInt64(truncatingIfNeeded: (wide(v3, d) &+ UInt128(d)) >> 64)
        return v3 &- top &- d
    }

    /// ⌊(2¹⁹² − 1) / d⌋ − 2⁶⁴ of a divisor of two limbs (algorithm 6).
    @inline(__always) static func reciprocal(_ d: UInt128) -> UInt64 {
        let d1 = UInt64(truncatingIfNeeded: d >> 64), d0 = UInt64(truncatingIfNeeded: d)
        var v = reciprocal(d1)
        var p = d1 &* v &+ d0
        if p < d0 {
            v &-= 1
            if p >= d1 {
                v &-= 1
                p &-= d1
            }
            p &-= d1
        }
        let t = wide(v, d0)
        let t1 = UInt64(truncatingIfNeeded: t >> 64), t0 = UInt64(truncatingIfNeeded: t)
        p = p &+ t1
        if p < t1 {
            v &-= 1
            if p >= d1, p > d1 || t0 >= d0 { v &-= 1 }
        }
        return v
    }

    /// Algorithm 4: (u1, u0) by d, u1 < d.
    @inline(__always) private static func step(
        _ u1: UInt64, _ u0: UInt64, _ d: UInt64, _ v: UInt64
    ) -> (quotient: UInt64, remainder: UInt64) {
        let q = wide(v, u1) &+ (UInt128(u1) << 64 | UInt128(u0))
        var q1 = UInt64(truncatingIfNeeded: q >> 64) &+ 1
        var r = u0 &- q1 &* d
        if r > UInt64(truncatingIfNeeded: q) {
            q1 &-= 1
            r = r &+ d
        }
        if r >= d {
            q1 &+= 1
            r &-= d
        }
        return (q1, r)
    }

    /// Algorithm 5: (u2, u1, u0) by two limbs, (u2, u1) < d.
    @inline(__always) private static func step(
        _ u21: UInt128, _ u0: UInt64, _ d: UInt128, _ v: UInt64
    ) -> (quotient: UInt64, remainder: UInt128) {
        let d1 = UInt64(truncatingIfNeeded: d >> 64), d0 = UInt64(truncatingIfNeeded: d)
        let u2 = UInt64(truncatingIfNeeded: u21 >> 64), u1 = UInt64(truncatingIfNeeded: u21)
        let q = wide(v, u2) &+ u21
        var q1 = UInt64(truncatingIfNeeded: q >> 64)
        let r1 = u1 &- q1 &* d1
        var r = (UInt128(r1) << 64 | UInt128(u0)) &- wide(d0, q1) &- d
        q1 = q1 &+ 1
        if UInt64(truncatingIfNeeded: r >> 64) >= UInt64(truncatingIfNeeded: q) {
            q1 &-= 1
            r = r &+ d
        }
        if r >= d {
            q1 &+= 1
            r &-= d
        }
        return (q1, r)
    }

    private static func divideByOne(
        _ u: UnsafeMutablePointer<UInt64>, _ used: Int, _ d: UInt64,
        _ q: UnsafeMutablePointer<UInt64>
    ) {
        let v = reciprocal(d)
        var rest = u[used]
        var index = used
        while index > 0 {
            index &-= 1
            (q[index], rest) = step(rest, u[index], d, v)
        }
        u[0] = rest
    }

    private static func divideByTwo(
        _ u: UnsafeMutablePointer<UInt64>, _ used: Int, _ d: UInt128,
        _ q: UnsafeMutablePointer<UInt64>
    ) {
        let v = reciprocal(d)
        var rest = UInt128(u[used]) << 64 | UInt128(u[used &- 1])
        var index = used &- 1
        while index > 0 {
            index &-= 1
            (q[index], rest) = step(rest, u[index], d, v)
        }
        u[0] = UInt64(truncatingIfNeeded: rest)
        u[1] = UInt64(truncatingIfNeeded: rest >> 64)
    }

    /// Knuth's algorithm D, each digit of the quotient from the two highest limbs of the divisor.
    @inline(__always) private static func divideLong(
        _ u: UnsafeMutablePointer<UInt64>, _ used: Int, _ v: UnsafeMutablePointer<UInt64>,
        _ size: Int, _ q: UnsafeMutablePointer<UInt64>
    ) {
        let d = UInt128(v[size &- 1]) << 64 | UInt128(v[size &- 2])
        let inverse = reciprocal(d)
        var place = used &- size
        while place >= 0 {
            let top = UInt128(u[place &+ size]) << 64 | UInt128(u[place &+ size &- 1])
            var digit: UInt64
            if top == d {
                digit = ~0
            } else {
                digit = step(top, u[place &+ size &- 2], d, inverse).quotient
            }
            if subtractProduct(u + place, v, size, digit) {
                digit &-= 1
                addBack(u + place, v, size)
            }
            q[place] = digit
            place &-= 1
        }
    }

    /// u −= v · digit over size + 1 limbs; whether it went below 0.
    @inline(__always) private static func subtractProduct(
        _ u: UnsafeMutablePointer<UInt64>, _ v: UnsafeMutablePointer<UInt64>, _ size: Int,
        _ digit: UInt64
    ) -> Bool {
        var carry: UInt64 = 0
        for index in 0..<size {
            let product = wide(v[index], digit) &+ UInt128(carry)
            let (limb, borrow) = u[index].subtractingReportingOverflow(
                UInt64(truncatingIfNeeded: product))
            u[index] = limb
            carry = UInt64(truncatingIfNeeded: product >> 64) &+ (borrow ? 1 : 0)
        }
        let (limb, borrow) = u[size].subtractingReportingOverflow(carry)
        u[size] = limb
        return borrow
    }

    @inline(__always) private static func addBack(
        _ u: UnsafeMutablePointer<UInt64>, _ v: UnsafeMutablePointer<UInt64>, _ size: Int
    ) {
        var carry: UInt64 = 0
        for index in 0..<size {
            let sum = UInt128(u[index]) &+ UInt128(v[index]) &+ UInt128(carry)
            u[index] = UInt64(truncatingIfNeeded: sum)
            carry = UInt64(truncatingIfNeeded: sum >> 64)
        }
        u[size] = u[size] &+ carry
    }
}
