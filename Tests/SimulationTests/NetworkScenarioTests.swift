// SPDX-License-Identifier: Apache-2.0

import Simulation
import Testing

/// Small versions of the runs of Protocol/SIMULATIONS.md, part B.
@Suite struct NetworkScenarioTests {
    private static func run(
        _ change: (inout NetworkScenario.Plan) -> Void
    ) throws -> NetworkReport {
        var plan = NetworkScenario.Plan()
        plan.storage = 7
        plan.light = 5
        plan.blocks = 3
        plan.settlingMilliseconds = 12_000
        change(&plan)
        var scenario = try NetworkScenario(plan)
        return scenario.run { _ in }
    }

    private static func figure(_ name: String, of report: NetworkReport) -> Int? {
        report.figures.first { $0.name == name }.flatMap { Int($0.value) }
    }

    /// Liars, the silent, nodes behind routers, nodes that leave: all is heard and found in time.
    @Test func strangersComeAndGo() throws {
        let report = try Self.run { $0.churnPerMille = 1_000 }
        #expect(report.holds, "\(report.figures), \(report.lateLines)")
        #expect(Self.figure("absences", of: report).map { $0 > 2 } == true)
        #expect(Self.figure("gossipPairs", of: report).map { $0 > 6 } == true)
    }

    /// Two runs of one plan are one run; another seed is another.
    @Test func aSeedIsARun() throws {
        let one = try Self.run { $0.blocks = 1 }.figures.map(\.value)
        #expect(try one == Self.run { $0.blocks = 1 }.figures.map(\.value))
        let other = try Self.run {
            $0.blocks = 1
            $0.seed = 2
        }
        #expect(one != other.figures.map(\.value))
    }

    /// What is wholly withheld is seen by everybody, and keeps nothing else waiting.
    @Test func whollyWithheld() throws {
        let report = try Self.run {
            $0.withholding = .whole
            $0.seed = 3
        }
        #expect(report.holds, "\(report.figures), \(report.lateLines)")
        #expect(Self.figure("withheldPairs", of: report).map { $0 > 2 } == true)
        #expect(Self.figure("withheldMissed", of: report) == 0)
    }

    /// Of the smallest hole nobody concludes more or less than the law lets them.
    @Test func theSmallestHole() throws {
        let report = try Self.run {
            $0.withholding = .minimal
            $0.withheldEvery = 2
            $0.seed = 4
        }
        #expect(report.holds, "\(report.figures), \(report.lateLines)")
        #expect(Self.figure("withheldSeen", of: report).map { $0 > 2 } == true)
    }

    /// Once a parted network is whole, each light node finds what it missed within a block time, and
    /// nothing is called withheld.
    @Test func partedAndHealed() throws {
        let report = try Self.run {
            $0.partedMilliseconds = 15_000
            $0.blocks = 4
            $0.seed = 5
        }
        let pairs = Self.figure("pairs", of: report)
        #expect(pairs == Self.figure("available", of: report), "\(report.lateLines)")
        #expect(Self.figure("falselyWithheld", of: report) == 0)
        #expect(Self.figure("partedPairs", of: report).map { $0 > 6 } == true)
        let most = Self.figure("partedVerdictMostMilliseconds", of: report)
        #expect(most.map { $0 <= 6_000 } == true, "\(report.lateLines)")
    }
}
