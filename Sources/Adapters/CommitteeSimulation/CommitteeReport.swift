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
    /// From when the network settled to the first new final block, in microseconds.
    package let firstFinality: UInt64?
    /// The greatest Δ of anybody honest when the network settled, in microseconds.
    package let deltaSettled: UInt64
    /// From a block's proposal until each honest member knew it final, in microseconds.
    package let finalities: [UInt64]
    /// Faults that honest members told.
    package let evidence: Int
    /// Members that honest ones stopped listening to.
    package let penalties: Int
    /// The most views that anybody kept.
    package let mostViews: Int
}
