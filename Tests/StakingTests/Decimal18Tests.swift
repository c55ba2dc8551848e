// SPDX-License-Identifier: Apache-2.0

import Bytes
import Staking
import Testing

/// Fixed point against long division by hand.
@Suite struct Decimal18Tests {
    /// `a · b / c` bit by bit, with what is left over; nil beyond 128 bits.
    static func longDivision(
        _ a: UInt128, _ b: UInt128, _ c: UInt128
    ) -> (quotient: UInt128, rest: UInt128)? {
        guard c > 0 else { return nil }
        // The product in two halves of 128 bits, by doubling.
        var high: UInt128 = 0
        var low: UInt128 = 0
        for bit in (0..<128).reversed() {
            high = high << 1 | low >> 127
            low <<= 1
            if b >> UInt128(bit) & 1 == 1 {
                let (sum, carry) = low.addingReportingOverflow(a)
                low = sum
                if carry { high += 1 }
            }
        }
        var rest: UInt128 = 0
        var quotient: UInt128 = 0
        for bit in (0..<256).reversed() {
            let digit = bit >= 128 ? high >> UInt128(bit - 128) & 1 : low >> UInt128(bit) & 1
            let overflows = rest >> 127 == 1
            rest = rest << 1 | digit
            guard overflows || rest >= c else { continue }
            rest = rest &- c
            guard bit < 128 else { return nil }
            quotient |= 1 << UInt128(bit)
        }
        return (quotient, rest)
    }

    private static func outcome<Value>(
        _ body: () throws(ArithmeticFault) -> Value
    ) -> Value? {
        do throws(ArithmeticFault) { return try body() } catch { return nil }
    }

    /// All small products and divisors, both ways of rounding.
    @Test func smallQuotientsAreExact() {
        var count = 0
        for a in 0...24 as ClosedRange<UInt128> {
            for b in 0...24 as ClosedRange<UInt128> {
                for c in 0...24 as ClosedRange<UInt128> {
                    let down = Self.outcome { () throws(ArithmeticFault) in
                        try Decimal18.quotient((0, a * b), by: c, .down)
                    }
                    let up = Self.outcome { () throws(ArithmeticFault) in
                        try Decimal18.quotient((0, a * b), by: c, .up)
                    }
                    #expect(down == (c == 0 ? nil : a * b / c))
                    #expect(up == (c == 0 ? nil : (a * b + c - 1) / c))
                    count += 1
                }
            }
        }
        #expect(count == 25 * 25 * 25)
    }

    /// Numbers of every size: products, quotients and parts, and what does not fit.
    @Test func largeOnesAreThoseOfLongDivision() {
        var numbers = SeededNumbers(18)
        var refused = 0
        for _ in 0..<3000 {
            func any() -> UInt128 {
                (UInt128(numbers.next()) << 64 | UInt128(numbers.next()))
                    >> UInt128(numbers.below(128))
            }
            let a = any()
            let b = any()
            for rounding in [Rounding.down, .up] {
                func expected(_ c: UInt128, _ d: UInt128) -> UInt128? {
                    guard let (quotient, rest) = Self.longDivision(a, c, d) else { return nil }
                    guard rounding == .up, rest > 0 else { return quotient }
                    return quotient == .max ? nil : quotient + 1
                }
                let product = Self.outcome { () throws(ArithmeticFault) in
                    try Decimal18(raw: a).multiplied(by: Decimal18(raw: b), rounding).raw
                }
                #expect(product == expected(b, Decimal18.scale))
                let quotient = Self.outcome { () throws(ArithmeticFault) in
                    try Decimal18(raw: a).divided(by: Decimal18(raw: b), rounding).raw
                }
                #expect(quotient == expected(Decimal18.scale, b))
                if product == nil || quotient == nil { refused += 1 }
                let amount = UInt64(truncatingIfNeeded: b)
                let part = Self.outcome { () throws(ArithmeticFault) in
                    try Decimal18(raw: a).of(amount, rounding)
                }
                #expect(
                    part
                        == expected(UInt128(amount), Decimal18.scale).flatMap {
                            UInt64(exactly: $0)
                        })
            }
        }
        #expect(refused > 100)
    }

    @Test func proportionsRoundAsTheyAreTold() throws {
        for amount in 0...12 as ClosedRange<UInt64> {
            for numerator in 0...12 as ClosedRange<UInt64> {
                for denominator in 1...12 as ClosedRange<UInt64> {
                    let product = amount * numerator
                    #expect(
                        try Proportion.of(amount, numerator, over: denominator, .down)
                            == product / denominator)
                    #expect(
                        try Proportion.of(amount, numerator, over: denominator, .up)
                            == (product + denominator - 1) / denominator)
                }
            }
        }
        #expect(throws: ArithmeticFault.self) { try Proportion.of(1, 1, over: 0, .down) }
        #expect(throws: ArithmeticFault.self) { try Proportion.of(.max, 2, over: 1, .down) }
        #expect(try Proportion.of(.max, .max, over: .max, .up) == .max)
    }

    @Test func textsAreCosmoss() throws {
        #expect(Decimal18(basisPoints: 500).scaledText == "50000000000000000")
        #expect(Decimal18(basisPoints: 500).description == "0.05")
        #expect(Decimal18(3).description == "3")
        #expect(try Decimal18(scaledText: "1000000000000000000") == .one)
        #expect(
            try Decimal18(scaledText: String(UInt128.max)) == Decimal18(raw: .max))
        for text in ["", "-1", "+1", "01", "0.5", "1e3", " 1", "9" + String(UInt128.max)] {
            #expect(throws: DecodeFault.self) { try Decimal18(scaledText: text) }
        }
    }
}
