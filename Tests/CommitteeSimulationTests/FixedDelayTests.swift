// SPDX-License-Identifier: Apache-2.0

import CommitteeSimulation
import Testing

/// With one delay on every way, blocks and finality come as fast as the protocol's hops allow.
@Suite struct FixedDelayTests {
    /// Without optimization a hundred members take minutes.
    #if DEBUG
    static let sizes = [4, 7]
    #else
    static let sizes = [4, 7, 21, 50, 100]
    #endif

    /// One block every two delays, each final after three, to one part in a hundred; both gates are
    /// the product's, with rows that travel, and transfer and encoding take no time.
    @Test(arguments: sizes)
    func twoAndThreeDelays(members: Int) throws {
        let delay: UInt64 = 50_000_000
        let scenario = TimedScenario.fixed(
            delayMicroseconds: delay / 1_000, memberCount: members, width: 4, heights: 12)
        let report = TimedWorld(scenario, TimedSquare(width: 4, blobBytes: 4_000)).run()
        #expect(report.violations == [])
        #expect(report.nullifyVotes == 0)
        #expect(report.intervals.count >= 11)
        #expect(report.finalities.count >= 12 * members)
        for interval in report.intervals {
            #expect(interval * 100 >= 2 * delay * 99 && interval * 100 <= 2 * delay * 101)
        }
        for finality in report.finalities {
            #expect(finality * 100 >= 3 * delay * 99 && finality * 100 <= 3 * delay * 101)
        }
        // Not by a gate that is always open: everybody else gathered each block's rows.
        let gathered = try #require(report.steps.first { $0.name == "gathered" }?.times)
        #expect(gathered.count >= 12 * (members - 1))
        #expect(gathered.first ?? 0 >= delay)
        print(
            "committee of \(members), 50 ms on the way: a block every "
                + "\(report.intervals.map { $0 / 1_000 }) µs, final after "
                + "\((report.finalities.first ?? 0) / 1_000)–\((report.finalities.last ?? 0) / 1_000) µs"
        )
    }

    /// The same where gates are modelled and signatures are checked: faults would show.
    @Test(arguments: sizes)
    func modelledGates(members: Int) {
        let delay: UInt64 = 50_000
        let heights: UInt64 = 12
        let report = CommitteeWorld(
            .fixed(delay: delay, memberCount: members, heights: heights)
        ).run()
        #expect(report.violations == [])
        #expect(report.finalHeight >= heights)
        let interval = (report.microseconds - 3 * delay) / (report.finalHeight - 1)
        #expect(interval * 100 >= 2 * delay * 99 && interval * 100 <= 2 * delay * 101)
        for finality in report.finalities {
            #expect(finality * 100 >= 3 * delay * 99 && finality * 100 <= 3 * delay * 101)
        }
    }
}
