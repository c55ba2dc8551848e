// SPDX-License-Identifier: Apache-2.0

import CommitteeSimulation
import Testing

/// A crash just before anything that somebody honest does, with its log torn.
@Suite struct CrashSweepTests {
    #if DEBUG
    private static let seeds: UInt64 = 1
    #else
    private static let seeds: UInt64 = 17
    #endif

    /// At no place do two signatures come about that conflict, and the chain goes on.
    ///
    /// Every seventh place here; `quadrat-simulate crashes` has every one.
    @Test func noPlaceBreaksAnything() {
        var points = 0
        var lost = 0
        for seed in 0..<Self.seeds {
            let report = CrashSweep.run(seed: seed, members: 4, stride: 7)
            #expect(report.violations == [])
            points += report.points
            lost += report.recordsLost
        }
        #expect(points > 50)
        #expect(lost > 0)
        print("\(points) places to crash, \(lost) records lost or torn")
    }
}
