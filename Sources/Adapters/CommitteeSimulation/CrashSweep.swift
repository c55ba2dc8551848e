// SPDX-License-Identifier: Apache-2.0

/// A crash at every place where somebody honest is about to do something, one run for each.
///
/// A run without crashes counts the places; then whoever is at one of them crashes there, with what
/// its log had not made durable lost or torn, and starts again.
package enum CrashSweep {
    /// What came of one seed.
    package struct Report: Sendable {
        /// Places at which somebody crashed, a run each.
        package var points = 0
        /// Records that were lost or torn.
        package var recordsLost = 0
        /// What must never happen and did, the first few.
        package var violations: [String] = []
    }

    /// Crashes at each `stride`th place of one seed's run, `pointsMax` of them at most.
    package static func run(
        seed: UInt64, members: Int, stride: UInt64 = 1, pointsMax: Int = .max
    ) -> Report {
        var scenario = CommitteeScenario.fixed(delay: 20_000, memberCount: members, heights: 5)
        scenario.seed = seed
        scenario.epochLength = 4
        scenario.isWeighted = true
        scenario.delayMin = 5_000
        (scenario.lossAfter, scenario.duplicates) = (10, 10)
        (scenario.syncMicroseconds, scenario.certifyMicroseconds) = (3_000, 20_000)
        scenario.misconduct = Misconduct.allCases[Int(seed % UInt64(Misconduct.allCases.count))]
        var report = Report()
        let whole = CommitteeWorld(scenario).run()
        report.violations = whole.violations
        var point: UInt64 = 1
        while point <= whole.boundaries, report.points < pointsMax, report.violations.isEmpty {
            scenario.crashesAt = point
            let run = CommitteeWorld(scenario).run()
            report.points += 1
            report.recordsLost += run.recordsLost
            report.violations += run.violations.map { "seed \(seed), crash at \(point): \($0)" }
            point += stride
        }
        return report
    }
}
