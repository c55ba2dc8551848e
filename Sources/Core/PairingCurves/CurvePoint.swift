// SPDX-License-Identifier: Apache-2.0

/// A curve *y*² = *x*³ + *b*.
protocol Curve: Sendable {
    associatedtype Coordinate: Field
    static var b: Coordinate { get }
}

/// A point by its two coordinates.
struct AffinePoint<C: Curve>: Equatable, Sendable {
    var x: C.Coordinate
    var y: C.Coordinate

    init(_ x: C.Coordinate, _ y: C.Coordinate) {
        self.x = x
        self.y = y
    }

    var isOnCurve: Bool { y.squared == x.squared * x + C.b }
    var negated: Self { Self(x, -y) }
}

/// A point as (*x*/*z*², *y*/*z*³), so that adding needs no division; *z* is zero at infinity.
struct CurvePoint<C: Curve>: Sendable {
    var x: C.Coordinate
    var y: C.Coordinate
    var z: C.Coordinate

    private init(_ x: C.Coordinate, _ y: C.Coordinate, _ z: C.Coordinate) {
        self.x = x
        self.y = y
        self.z = z
    }

    init(_ point: AffinePoint<C>?) {
        if let point {
            self.init(point.x, point.y, .one)
        } else {
            self.init(.one, .one, .zero)
        }
    }

    static var infinity: Self { Self(nil) }
    var isInfinity: Bool { z.isZero }

    /// The coordinates, or nil at infinity.
    var affine: AffinePoint<C>? {
        guard !isInfinity else { return nil }
        let inverse = z.inverse
        let square = inverse.squared
        return AffinePoint(x * square, y * square * inverse)
    }

    static prefix func - (point: Self) -> Self { Self(point.x, -point.y, point.z) }

    static func == (p: Self, q: Self) -> Bool {
        if p.isInfinity || q.isInfinity { return p.isInfinity && q.isInfinity }
        let (pp, qq) = (p.z.squared, q.z.squared)
        return p.x * qq == q.x * pp && p.y * qq * q.z == q.y * pp * p.z
    }

    var doubled: Self {
        let a = x.squared
        let b = y.squared
        let c = b.squared
        let d = ((x + b).squared - a - c).doubled
        let e = a.tripled
        let newX = e.squared - d.doubled
        return Self(newX, e * (d - newX) - c.doubled.doubled.doubled, (y * z).doubled)
    }

    static func + (p: Self, q: Self) -> Self {
        if p.isInfinity { return q }
        if q.isInfinity { return p }
        let (pp, qq) = (p.z.squared, q.z.squared)
        let (u1, u2) = (p.x * qq, q.x * pp)
        let (s1, s2) = (p.y * q.z * qq, q.y * p.z * pp)
        if u1 == u2 { return s1 == s2 ? p.doubled : .infinity }
        let h = u2 - u1
        let i = h.doubled.squared
        let j = h * i
        let r = (s2 - s1).doubled
        let v = u1 * i
        let newX = r.squared - j - v.doubled
        return Self(
            newX, r * (v - newX) - (s1 * j).doubled, ((p.z + q.z).squared - pp - qq) * h)
    }

    static func += (p: inout Self, q: Self) { p = p + q }

    /// The point, so many times; the number in limbs of 64 bits, low one first.
    func times(_ scalar: [UInt64]) -> Self {
        let digits = SignedDigits(scalar).digits
        let double = doubled
        var odd = [self]
        for _ in 1..<SignedDigits.oddCount { odd.append(odd[odd.count - 1] + double) }
        var result = Self.infinity
        for digit in digits.reversed() {
            result = result.doubled
            if digit > 0 { result += odd[digit / 2] }
            if digit < 0 { result += -odd[-digit / 2] }
        }
        return result
    }
}

/// A number as a sum of few powers of two, each times an odd digit between -15 and 15.
struct SignedDigits {
    /// How many different odd digits there are, signs aside.
    static let oddCount = 8

    /// The digits, that of the lowest power first.
    var digits: [Int] = []

    init(_ scalar: [UInt64]) {
        // A digit may be negative: the rest can grow by a bit.
        var rest = scalar + [0]
        digits.reserveCapacity(64 * scalar.count + 1)
        while rest.contains(where: { $0 != 0 }) {
            var digit = Int(rest[0] & 1 == 1 ? rest[0] & 31 : 0)
            if digit > 16 { digit -= 32 }
            Self.subtract(digit, from: &rest)
            digits.append(digit)
            for index in rest.indices {
                let upper = index + 1 < rest.count ? rest[index + 1] << 63 : 0
                rest[index] = rest[index] >> 1 | upper
            }
        }
    }

    private static func subtract(_ digit: Int, from rest: inout [UInt64]) {
        let isLower = digit < 0
        var carry = UInt64(digit.magnitude)
        for index in rest.indices where carry > 0 {
            let (value, overflow) =
                isLower
                ? rest[index].addingReportingOverflow(carry)
                : rest[index].subtractingReportingOverflow(carry)
            rest[index] = value
            carry = overflow ? 1 : 0
        }
    }
}

/// Sums of many points, each so many times.
enum MultiScalarSum {
    /// By Pippenger's buckets: what has the same digit is added before it is multiplied.
    static func of<C: Curve>(_ terms: [(CurvePoint<C>, [UInt64])]) -> CurvePoint<C> {
        guard terms.count > 3 else {
            return terms.reduce(.infinity) { $0 + $1.0.times($1.1) }
        }
        let width = windowBits(terms.count)
        let bits = 64 * (terms.map(\.1.count).max() ?? 0)
        var total = CurvePoint<C>.infinity
        for start in stride(from: 0, to: bits, by: width).reversed() {
            for _ in 0..<width { total = total.doubled }
            var buckets = [CurvePoint<C>](repeating: .infinity, count: 1 << width)
            for (point, scalar) in terms {
                let digit = digit(of: scalar, at: start, width)
                if digit > 0 { buckets[digit] += point }
            }
            var running = CurvePoint<C>.infinity
            var sum = CurvePoint<C>.infinity
            for bucket in buckets.dropFirst().reversed() {
                running += bucket
                sum += running
            }
            total += sum
        }
        return total
    }

    private static func windowBits(_ count: Int) -> Int {
        switch count {
        case ..<12: 3
        case ..<40: 4
        case ..<120: 5
        case ..<400: 6
        default: 8
        }
    }

    private static func digit(of scalar: [UInt64], at start: Int, _ width: Int) -> Int {
        let (limb, shift) = (start / 64, UInt64(start % 64))
        guard limb < scalar.count else { return 0 }
        var bits = scalar[limb] >> shift
        if shift > 0, limb + 1 < scalar.count { bits |= scalar[limb + 1] << (64 - shift) }
        return Int(bits & (1 << UInt64(width) - 1))
    }
}
