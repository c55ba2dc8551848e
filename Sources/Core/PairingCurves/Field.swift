// SPDX-License-Identifier: Apache-2.0

/// Numbers that can be added, multiplied and divided by one another.
protocol Field: Equatable, Sendable {
    static var zero: Self { get }
    static var one: Self { get }
    static func + (a: Self, b: Self) -> Self
    static func - (a: Self, b: Self) -> Self
    static func * (a: Self, b: Self) -> Self
    /// The product with itself.
    var squared: Self { get }
    /// What gives one when multiplied by it; zero for zero.
    var inverse: Self { get }
}

extension Field {
    static prefix func - (a: Self) -> Self { zero - a }
    static func += (a: inout Self, b: Self) { a = a + b }
    static func -= (a: inout Self, b: Self) { a = a - b }
    static func *= (a: inout Self, b: Self) { a = a * b }

    var doubled: Self { self + self }
    var tripled: Self { self + self + self }
    var squared: Self { self * self }
    var isZero: Bool { self == .zero }

    /// The power with an exponent in limbs of 64 bits, low one first.
    func power(_ exponent: [UInt64]) -> Self {
        var result = Self.one
        for limb in exponent.reversed() {
            for bit in (0..<64).reversed() {
                result = result.squared
                if limb >> UInt64(bit) & 1 == 1 { result *= self }
            }
        }
        return result
    }
}

/// Numbers modulo a prime that is 3 modulo 4, and what the extensions above it need.
///
/// In such a field -1 has no square root, and a root of what has one is a power of it.
protocol PrimeField: Field {
    /// The prime in limbs of 64 bits, low one first.
    static var modulus: [UInt64] { get }
    /// The limbs of a number below the prime make the number.
    init(canonical limbs: [UInt64])
    /// The number's limbs, low one first.
    var canonical: [UInt64] { get }

    /// The product of two numbers of the field extended by the root of -1.
    static func product(_ a: Fp2<Self>, _ b: Fp2<Self>) -> Fp2<Self>
    /// The square of one.
    static func square(_ a: Fp2<Self>) -> Fp2<Self>
    /// The product with ξ, of which neither a square nor a cube root is in that field.
    static func timesNonresidue(_ a: Fp2<Self>) -> Fp2<Self>
    /// What powers of the prime do to the extensions.
    static var frobenius: Frobenius<Self> { get }
}

extension PrimeField {
    /// A small number.
    init(_ number: UInt64) {
        self.init(
            canonical: [number] + [UInt64](repeating: 0, count: Self.modulus.count - 1))
    }

    var inverse: Self { power(Limbs.subtract(Self.modulus, 2)) }

    /// A root, if there is one.
    var squareRoot: Self? {
        let root = power(Limbs.shifted(Limbs.add(Self.modulus, 1), right: 2))
        return root.squared == self ? root : nil
    }

    /// Whether the number is odd: the sign as RFC 9380 has it.
    var isOdd: Bool { canonical[0] & 1 == 1 }

    /// Whether the number is more than half of the prime: the sign of compressed points.
    var isUpperHalf: Bool {
        Limbs.isLess(Limbs.shifted(Self.modulus, right: 1), canonical)
    }

    /// The length of a number in bytes.
    static var sizeBytes: Int { modulus.count * 8 }

    /// Reads a number, highest byte first; nil where it is not below the prime.
    init?(bigEndian bytes: ArraySlice<UInt8>) {
        precondition(bytes.count == Self.sizeBytes, "the caller cuts")
        let limbs = Limbs.decode(bytes)
        guard Limbs.isLess(limbs, Self.modulus) else { return nil }
        self.init(canonical: limbs)
    }

    /// The number, highest byte first.
    var bigEndian: [UInt8] { Limbs.encode(canonical) }
}

/// Unsigned numbers of several limbs of 64 bits, low one first, for exponents and encodings.
enum Limbs {
    static func add(_ limbs: [UInt64], _ small: UInt64) -> [UInt64] {
        var result = limbs
        var carry = small
        for index in result.indices {
            let (sum, overflow) = result[index].addingReportingOverflow(carry)
            result[index] = sum
            carry = overflow ? 1 : 0
        }
        return result
    }

    static func subtract(_ limbs: [UInt64], _ small: UInt64) -> [UInt64] {
        var result = limbs
        var borrow = small
        for index in result.indices {
            let (less, overflow) = result[index].subtractingReportingOverflow(borrow)
            result[index] = less
            borrow = overflow ? 1 : 0
        }
        return result
    }

    static func shifted(_ limbs: [UInt64], right count: UInt64) -> [UInt64] {
        limbs.indices.map { index in
            let upper = index + 1 < limbs.count ? limbs[index + 1] << (64 - count) : 0
            return limbs[index] >> count | upper
        }
    }

    static func divided(_ limbs: [UInt64], by small: UInt64) -> [UInt64] {
        var result = limbs
        var remainder: UInt64 = 0
        for index in limbs.indices.reversed() {
            (result[index], remainder) = small.dividingFullWidth((remainder, limbs[index]))
        }
        return result
    }

    static func isLess(_ a: [UInt64], _ b: [UInt64]) -> Bool {
        for index in a.indices.reversed() where a[index] != b[index] { return a[index] < b[index] }
        return false
    }

    static func decode(_ bytes: ArraySlice<UInt8>) -> [UInt64] {
        var limbs = [UInt64](repeating: 0, count: bytes.count / 8)
        for (offset, byte) in bytes.enumerated() {
            let place = bytes.count - 1 - offset
            limbs[place / 8] |= UInt64(byte) << UInt64(place % 8 * 8)
        }
        return limbs
    }

    static func encode(_ limbs: [UInt64]) -> [UInt8] {
        limbs.reversed().flatMap { limb in
            (0..<8).map { UInt8(truncatingIfNeeded: limb >> UInt64(56 - 8 * $0)) }
        }
    }
}
