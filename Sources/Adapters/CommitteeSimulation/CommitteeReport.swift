// SPDX-License-Identifier: Apache-2.0

/// What came of a simulated committee.
package struct CommitteeReport: Hashable, Sendable {
    /// A mark of everything that happened; equal for equal runs.
    package let trace: UInt64
    /// What must never happen and did, the first few.
    package let violations: [String]
    /// Whether two blocks of one height became final.
    package let isForked: Bool
    /// How many faulty members evidence convicts.
    package let convicted: Int
    /// How much happened.
    package let events: Int
    /// Virtual time at the end.
    package let microseconds: UInt64
    /// The highest final height.
    package let finalHeight: UInt64
    /// Heights that have a commit.
    package let commits: Int
    /// From when the network settled to the first new final block, in microseconds; nil where it
    /// never had to.
    package let firstFinality: UInt64?
    /// Δ of the network: 200 ms, or the greatest delay where that is more; in microseconds.
    package let networkDelta: UInt64
    /// The greatest Δ of anybody honest when the network settled, in microseconds.
    package let deltaSettled: UInt64
    /// From a block's proposal until each honest member knew it final, in microseconds.
    package let finalities: [UInt64]
    /// Faults that honest members told.
    package let evidence: Int
    /// Members that honest ones stopped listening to.
    package let penalties: Int
    /// Messages about stakes that had an effect, at whoever applied the highest block first.
    package let stakeEffects: Int
    /// The most views that anybody kept.
    package let mostViews: Int
    /// How many things honest members were told to do; each is a place to crash.
    package let boundaries: UInt64
    /// Records that crashes left torn or took with them, before they were durable.
    package let recordsLost: Int
}

extension CommitteeReport {
    /// The figures of one run, for people.
    package var figures: [(name: String, value: String)] {
        let slowest = finalities.max().map { "\($0 / 1_000)" } ?? "-"
        return [
            ("trace", String(trace, radix: 16)), ("events", "\(events)"),
            ("virtualMilliseconds", "\(microseconds / 1_000)"), ("finalHeight", "\(finalHeight)"),
            ("commits", "\(commits)"), ("forked", "\(isForked)"), ("convicted", "\(convicted)"),
            ("evidence", "\(evidence)"), ("stakeEffects", "\(stakeEffects)"),
            ("penalties", "\(penalties)"),
            ("recordsLost", "\(recordsLost)"), ("boundaries", "\(boundaries)"),
            ("firstFinalityMilliseconds", firstFinality.map { "\($0 / 1_000)" } ?? "-"),
            ("slowestFinalityMilliseconds", slowest), ("violations", "\(violations.count)"),
        ]
    }
}
