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

    /// One block every two delays, each final after three, to one part in a hundred.
    @Test(arguments: sizes)
    func twoAndThreeDelays(members: Int) {
        let delay: UInt64 = 50_000
        let heights: UInt64 = 12
        let world = CommitteeWorld(
            .fixed(delay: delay, memberCount: members, heights: heights))
        let report = world.run()
        #expect(report.violations == [])
        #expect(report.finalHeight >= heights)
        let interval = (report.microseconds - 3 * delay) / (report.finalHeight - 1)
        #expect(interval * 100 >= 2 * delay * 99 && interval * 100 <= 2 * delay * 101)
        for finality in report.finalities {
            #expect(finality * 100 >= 3 * delay * 99 && finality * 100 <= 3 * delay * 101)
        }
        print(
            "committee of \(members), \(delay) µs on the way: a block every \(interval) µs, final",
            "after \(report.finalities.min() ?? 0)–\(report.finalities.max() ?? 0) µs,",
            "\(report.events) events")
    }
}
