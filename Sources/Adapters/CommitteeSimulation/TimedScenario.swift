// SPDX-License-Identifier: Apache-2.0

/// A bug of all members of a timed world, for tests of what watches it.
package enum TimedMutant: String, CaseIterable, Sendable {
    /// Lines are spread as if all members had the same power.
    case custodyUnweighted
}

/// A committee whose links and processors take their time.
package struct TimedScenario: Sendable {
    /// How many members; they live in the regions in turn.
    package var memberCount: Int
    /// The width of each block's original square.
    package var width: Int
    /// Bytes of blobs in it.
    package var blobBytes: Int
    /// How long messages travel.
    package var latencies: RegionLatencies
    /// What a link carries, each way, in bytes a second; nil for any amount at once.
    package var bytesPerSecond: UInt64?
    /// What work takes.
    package var costs = WorkCosts.none
    /// Cores of a member: with one its loop does all; else the others do what burns the processor.
    package var cores = 4
    /// The members' powers, falling; equal where none are given.
    package var powers: [Int64] = []
    /// The bug that all members have.
    package var mutant: TimedMutant?
    /// Whether the last third of the members, as far as there may be faulty ones, says nothing.
    package var hasSilent = false
    /// Final heights of every member with which a run ends.
    package var heights: UInt64 = 12
    /// Blocks of the beginning that no figure counts: Δ and the links are not yet what they become.
    package var heightsBefore: UInt64 = 2
    /// When a run ends at the latest, in nanoseconds.
    package var endsAt: UInt64 = 600_000_000_000

    /// A scenario of a size.
    package init(memberCount: Int, width: Int, blobBytes: Int, latencies: RegionLatencies) {
        self.memberCount = memberCount
        self.width = width
        self.blobBytes = blobBytes
        self.latencies = latencies
    }

    /// One time on every way, and nothing else takes any.
    package static func fixed(
        delayMicroseconds: UInt64, memberCount: Int, width: Int, heights: UInt64
    ) -> TimedScenario {
        var scenario = TimedScenario(
            memberCount: memberCount, width: width, blobBytes: 400,
            latencies: .uniform(oneWayMicroseconds: delayMicroseconds))
        scenario.heights = heights
        scenario.heightsBefore = 0
        return scenario
    }
}
