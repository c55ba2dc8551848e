// SPDX-License-Identifier: Apache-2.0

import Bytes
import Execution
import TestSupport
import Testing

/// Words against slow definitions: products digit by digit, quotients by what they mean.
@Suite struct UInt256Tests {
    /// Numbers around every limb's edges, and random ones of every width.
    static let values: [UInt256] = {
        var values: [UInt256] = [.zero, .one, UInt256(2), UInt256(3), UInt256(10), .max]
        for shift in [63, 64, 65, 127, 128, 129, 191, 192, 193, 255] as [UInt64] {
            let power = UInt256.one << shift
            values += [power, power &- .one, power &+ .one]
        }
        for width in stride(from: 1, through: 32, by: 3) {
            let bytes = DeterministicBytes.make(seed: "uint256/\(width)", count: width)
            if let value = UInt256(bigEndian: bytes) { values.append(value) }
        }
        return values
    }()

    /// A few of them, for what takes three.
    static let few: [UInt256] = values.enumerated().filter { $0.offset % 4 == 1 }.map(\.element)

    /// The product in sixteen digits of 32 bits, the least significant first.
    static func product(_ a: UInt256, _ b: UInt256) -> [UInt64] {
        let (x, y) = (digits(a), digits(b))
        var result = [UInt64](repeating: 0, count: 16)
        for (i, first) in x.enumerated() {
            var carry: UInt64 = 0
            for (j, second) in y.enumerated() {
                let sum = result[i + j] + first * second + carry
                result[i + j] = sum & 0xffff_ffff
                carry = sum >> 32
            }
            result[i + 8] += carry
        }
        return result
    }

    static func digits(_ a: UInt256) -> [UInt64] {
        [a.w0, a.w1, a.w2, a.w3].flatMap { [$0 & 0xffff_ffff, $0 >> 32] }
    }

    /// The remainder of a product by doubling and adding.
    static func remainder(_ a: UInt256, _ b: UInt256, _ modulus: UInt256) -> UInt256 {
        if modulus.isZero { return .zero }
        var result = UInt256.zero
        for index in (0..<256).reversed() {
            result = sum(result, result, modulus)
            if ((b >> UInt64(index)).w0 & 1) == 1 { result = sum(result, a % modulus, modulus) }
        }
        return result
    }

    /// The sum of two numbers that are below a modulus.
    static func sum(_ a: UInt256, _ b: UInt256, _ modulus: UInt256) -> UInt256 {
        let (sum, overflow) = a.adding(b)
        return overflow || sum >= modulus ? sum &- modulus : sum
    }

    @Test func productsAreThoseOfDigits() {
        for a in Self.values {
            for b in Self.values {
                let digits = Self.product(a, b)
                let (product, overflow) = a.multiplied(by: b)
                #expect(Self.digits(product) == Array(digits[..<8]))
                #expect(overflow == digits[8...].contains { $0 != 0 })
                #expect(a &* b == product)
            }
        }
    }

    /// q · b + r = a and r < b; by zero both are zero.
    @Test func quotientsAndRemaindersMakeTheDividend() {
        for a in Self.values {
            #expect(a / .zero == .zero && a % .zero == .zero)
            for b in Self.values where !b.isZero {
                let (quotient, remainder) = a.divided(by: b)
                let back = quotient.multiplied(by: b)
                #expect(remainder < b && !back.overflow)
                let sum = back.product.adding(remainder)
                #expect(sum.sum == a && !sum.overflow, "\(a) by \(b)")
            }
        }
    }

    @Test func wideRemaindersAreThoseOfDoubling() {
        for a in Self.few {
            for b in Self.few {
                for modulus in Self.few + [.zero] {
                    let product = a.multiplied(by: b, modulo: modulus)
                    #expect(product == Self.remainder(a, b, modulus), "\(a) \(b) \(modulus)")
                    let sum =
                        modulus.isZero
                        ? .zero : Self.sum(a % modulus, b % modulus, modulus)
                    #expect(a.adding(b, modulo: modulus) == sum, "\(a) \(b) \(modulus)")
                }
            }
        }
    }

    /// Shifts by all amounts, as products with and quotients by powers of two.
    @Test func shiftsAreProductsAndQuotients() {
        for a in Self.values {
            for amount in 0...260 as ClosedRange<UInt64> {
                let power = amount < 256 ? UInt256.one << amount : .zero
                #expect(a << amount == a &* power)
                #expect(a >> amount == (amount < 256 ? a / power : .zero))
                let filled = a.isNegative ? ~(~a >> amount) : a >> amount
                #expect(a.signedShiftRight(amount) == filled)
            }
        }
    }

    /// Signed quotients round towards zero and remainders have the dividend's sign.
    @Test func signedDivisionOfSmallNumbers() {
        func word(_ value: Int) -> UInt256 {
            value < 0 ? UInt256(UInt64(-value)).negated : UInt256(UInt64(value))
        }
        for a in -20...20 {
            for b in -20...20 where b != 0 {
                #expect(word(a).signedDivided(by: word(b)) == word(a / b))
                #expect(word(a).signedRemainder(word(b)) == word(a % b))
                #expect(UInt256.signedLess(word(a), word(b)) == (a < b))
            }
        }
        let least = UInt256.one << 255
        #expect(least.signedDivided(by: .max) == least)
    }

    @Test func powersAreRepeatedProducts() {
        for base in Self.few {
            var power = UInt256.one
            for exponent in 0...40 as ClosedRange<UInt64> {
                #expect(base.power(UInt256(exponent)) == power)
                power = power &* base
            }
        }
        #expect(UInt256(2).power(UInt256(255)) == UInt256.one << 255)
        #expect(UInt256(2).power(UInt256(256)) == .zero)
    }

    /// Bytes and texts come back as the same number.
    @Test func bytesAndTextsComeBack() {
        for a in Self.values {
            #expect(UInt256(a.bytes32) == a)
            #expect(UInt256(bigEndian: a.minimalBytes) == a)
            #expect(UInt256(hexadecimal: a.description) == a)
            #expect(a.minimalBytes.first != 0)
        }
        #expect(UInt256(decimal: "340282366920938463463374607431768211456") == UInt256.one << 128)
        #expect(UInt256(decimal: String(repeating: "9", count: 80)) == nil)
        #expect(UInt256(hexadecimal: String(repeating: "f", count: 65)) == nil)
    }
}
