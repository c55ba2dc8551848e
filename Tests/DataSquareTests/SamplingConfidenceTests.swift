// SPDX-License-Identifier: Apache-2.0

import DataSquare
import Testing

/// Confidence is exact, rounds down, and grows with every sample.
@Suite struct SamplingConfidenceTests {
    /// For every number of samples of the smallest squares, the formula in plain integers agrees.
    @Test func agreesWithTheFormula() {
        for width in [2, 4, 8] {
            let shares = width * width
            let held = shares - (width / 2 + 1) * (width / 2 + 1)
            // Fractions cancelled at each step stay within 128 bits for squares as small as these.
            var missed: UInt128 = 1
            var drawn: UInt128 = 1
            for samples in 0...shares {
                let made = SamplingConfidence.partsPerMillion(width: width, samples: samples)
                let expected =
                    samples > held ? 1_000_000 : Int((drawn - missed) * 1_000_000 / drawn)
                #expect(made == expected, "width \(width), \(samples) samples")
                guard samples < held else { continue }
                missed *= UInt128(held - samples)
                drawn *= UInt128(shares - samples)
                let divisor = Self.commonDivisor(missed, drawn)
                missed /= divisor
                drawn /= divisor
            }
        }
    }

    /// For the smallest squares the number is the share of all draws that meet a hidden share.
    @Test func agreesWithEveryDraw() {
        for (width, samplesMax) in [(2, 4), (4, 16)] {
            let shares = width * width
            let hidden = (1 << SamplingConfidence.hiddenSharesMin(width: width)) - 1
            for samples in 0...samplesMax {
                var draws = 0
                var meetings = 0
                for draw in 0..<1 << shares where draw.nonzeroBitCount == samples {
                    draws += 1
                    if draw & hidden != 0 { meetings += 1 }
                }
                #expect(
                    SamplingConfidence.partsPerMillion(width: width, samples: samples)
                        == meetings * 1_000_000 / draws)
            }
        }
    }

    /// Sixteen samples give about 99 % at any width; more samples never give less.
    @Test func growsWithSamples() {
        for exponent in 1...10 {
            let width = 1 << exponent
            var last = -1
            for samples in 0...40 {
                let made = SamplingConfidence.partsPerMillion(width: width, samples: samples)
                #expect(made >= last && made <= 1_000_000)
                last = made
            }
            #expect(SamplingConfidence.partsPerMillion(width: width, samples: 16) >= 989_900)
        }
    }

    /// Certainty comes exactly when there are fewer held shares than samples.
    @Test func certaintyIsExact() {
        for exponent in 1...5 {
            let width = 1 << exponent
            let held = width * width - SamplingConfidence.hiddenSharesMin(width: width)
            #expect(SamplingConfidence.partsPerMillion(width: width, samples: held) < 1_000_000)
            #expect(
                SamplingConfidence.partsPerMillion(width: width, samples: held + 1) == 1_000_000)
        }
    }

    private static func commonDivisor(_ first: UInt128, _ second: UInt128) -> UInt128 {
        second == 0 ? first : commonDivisor(second, first % second)
    }
}
