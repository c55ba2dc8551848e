// SPDX-License-Identifier: Apache-2.0

import Chain
import Staking
import Testing

/// The price of gas, and what is promised of it.
@Suite struct BasePriceTests {
    static let floor = Decimal18(raw: 1_000_000_000_000)

    /// A quote of any height suffices at the eight heights from the next one on, whatever the blocks
    /// in between use.
    @Test func quotesAreHonoured() throws {
        for seed in 0..<200 as Range<UInt64> {
            var numbers = SeededNumbers(seed)
            var prices = BasePrices(floor: Self.floor, target: 1 + numbers.below(1 << 30))
            var open: [(quote: FeeQuote, gas: UInt64)] = []
            for height in 1...60 as ClosedRange<UInt64> {
                // `prices` is what the block at `height` is held to.
                for (quote, gas) in open where height <= quote.validThrough.value {
                    #expect(quote.gasPrice >= prices.required)
                    #expect(quote.fee >= (try #require(prices.fee(forGas: gas))))
                }
                let gas = 1 + numbers.below(1 << 40)
                let quote = try #require(
                    prices.quote(
                        gas: gas, next: Height(height), heights: 1 + Int(numbers.below(12))))
                #expect(quote.validThrough.value <= height + 7)
                open.append((quote, gas))
                prices.advance(gasUsed: numbers.next() >> numbers.below(64))
            }
        }
    }

    /// From height to height the price moves by at most an eighth and never below the floor: all
    /// small targets and fillings.
    @Test func stepsAreBounded() {
        for target in 1...16 as ClosedRange<UInt64> {
            for used in 0...40 as ClosedRange<UInt64> {
                for raw in [8, 9, 1000, 999_999_999_999] as [UInt128] {
                    var prices = BasePrices(floor: Decimal18(raw: raw), target: target)
                    prices.advance(gasUsed: 4 * target)
                    let before = prices.current.raw
                    #expect(before == raw + raw / 8)
                    prices.advance(gasUsed: used)
                    let after = prices.current.raw
                    #expect(after >= raw && after <= before + before / 8)
                    #expect(after >= before - before / 8)
                    if used > target { #expect(after >= before) }
                    if used == target { #expect(after == before) }
                    if used < target { #expect(after <= before) }
                }
            }
        }
    }

    /// A price that has risen is required only when the low ones no longer hold.
    @Test func lowPricesHoldForNineHeights() {
        var prices = BasePrices(floor: Self.floor, target: 100)
        for height in 1...8 {
            prices.advance(gasUsed: 200)
            #expect(prices.required == Self.floor, "height \(height)")
        }
        prices.advance(gasUsed: 200)
        #expect(prices.required == Decimal18(raw: 1_125_000_000_000))
    }

    /// Huge numbers saturate.
    @Test func hugePricesDoNotTrap() {
        var prices = BasePrices(floor: Decimal18(raw: .max - 10), target: .max)
        prices.advance(gasUsed: .max)
        #expect(prices.current.raw == UInt128.max - 10)
        #expect(prices.quote(gas: .max, next: Height(.max), heights: 8) == nil)
        var low = BasePrices(floor: Self.floor, target: 0)
        low.advance(gasUsed: .max)
        #expect(low.current.raw == 1_125_000_000_000)
    }
}
