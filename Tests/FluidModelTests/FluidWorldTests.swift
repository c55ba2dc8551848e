// SPDX-License-Identifier: Apache-2.0

import DataSquare
import FluidModel
import Testing

@Suite struct FluidWorldTests {
    private static func small(_ change: (inout FluidConfiguration) -> Void) -> FluidReport {
        var configuration = FluidConfiguration()
        configuration.lightNodes = 20_000
        configuration.storageNodes = 100
        configuration.blocks = 2
        change(&configuration)
        var world = FluidWorld(configuration)
        return world.run()
    }

    /// Two runs of one seed are one run; another seed is another.
    @Test func aSeedIsARun() {
        let one = Self.small { $0.silentPerMille = 100 }
        #expect(one == Self.small { $0.silentPerMille = 100 })
        #expect(
            one
                != Self.small {
                    $0.silentPerMille = 100
                    $0.seed = 2
                })
    }

    /// Every light node has one verdict a block, and all is found available when all is there.
    @Test func whatIsThereIsFound() {
        let report = Self.small { _ in }
        #expect(report.available == 40_000)
        #expect(report.withheld + report.falselyWithheld + report.undecided == 0)
        #expect(report.milliseconds(perMyriad: 10_000) < 1_000)
    }

    /// Blocks come one after another, also when nothing happens between them.
    @Test func blocksKeepTheirTimes() {
        let report = Self.small {
            $0.lightNodes = 1_000
            $0.blocks = 5
            $0.spreadMilliseconds = 0
        }
        // An event comes a millisecond after its cause at the earliest: the first does so, too.
        #expect(report.milliseconds == 4 * 6_000 + 20_000 + 1)
        #expect(report.available == 5_000)
    }

    /// A fifth of the storage nodes silent, and another fifth empty: nobody is misled by them.
    @Test func nobodyIsMisled() {
        let report = Self.small {
            $0.silentPerMille = 200
            $0.emptyPerMille = 200
        }
        #expect(report.available == 40_000)
        #expect(report.falselyWithheld == 0)
        #expect(report.milliseconds(perMyriad: 10_000) < 6_000)
    }

    /// What nobody has is found withheld by everybody.
    @Test func whatIsGoneIsMissed() {
        let report = Self.small { $0.withholding = .whole }
        #expect(report.withheld == 40_000)
        #expect(report.available + report.falselyWithheld == 0)
    }

    /// The smallest unrecoverable hole is missed at the rate of the hypergeometric law.
    @Test(arguments: [1, 2, 3] as [UInt64]) func theSmallestHole(seed: UInt64) {
        let report = Self.small {
            $0.withholding = .minimal
            $0.seed = seed
        }
        let parts = SamplingConfidence.partsPerMillion(width: 256, samples: 16)
        let law = 1 - Double(parts) / 1e6
        let deviation = (law * (1 - law) / 40_000).squareRoot()
        #expect(abs(Double(report.available) / 40_000 - law) < 3 * deviation + 1e-6)
        #expect(report.available + report.withheld == 40_000)
    }

    /// Overload delays verdicts and turns none of them: a storage node too few is no withholding.
    @Test func overloadIsNoWithholding() {
        let report = Self.small {
            $0.storageNodes = 8
            $0.sampleNanoseconds = 200_000
            $0.spreadMilliseconds = 0
            $0.blocks = 1
        }
        #expect(report.overloads > 0)
        #expect(report.falselyWithheld + report.withheld == 0)
    }
}
