// SPDX-License-Identifier: Apache-2.0

/// What a world is made of; all of it follows from a few numbers and the seed.
package struct CommitteeScenario: Sendable {
    /// What every choice is drawn from.
    package var seed: UInt64
    /// How many members.
    package var memberCount: Int
    /// How the faulty ones misbehave; nil for none that do.
    package var misconduct: Misconduct?
    /// Whether the faulty ones have a third or more of the power.
    package var isBroken = false
    /// Members have different powers, which change from epoch to epoch.
    package var isWeighted = true
    /// Heights of an epoch.
    package var epochLength: UInt64 = 12
    /// The least time on the way, in microseconds.
    package var delayMin: UInt64 = 5_000
    /// The greatest, once the network behaves.
    package var delayMax: UInt64 = 60_000
    /// How many messages in a thousand are lost before the network behaves, and after.
    package var lossBefore: UInt64 = 200
    package var lossAfter: UInt64 = 10
    /// How many in a thousand come twice.
    package var duplicates: UInt64 = 20
    /// Groups that do not hear each other come and go, before the network behaves.
    package var hasPartitions = true
    /// Honest members crash, before the network behaves.
    package var hasCrashes = true
    /// Honest members crash all at once, before the network behaves.
    package var hasBlackouts = false
    /// Whoever leads next is cut off, before the network behaves.
    package var cutsLeaders = false
    /// When the network begins to behave, in microseconds.
    package var settlesAt: UInt64 = 3_000_000
    /// Final heights after that, of every honest member, with which a run ends.
    package var heightsAfter: UInt64 = 10
    /// By how many Δ after that a new block must be final.
    package var finalityDeltaMax: UInt64 = 30
    /// When a run ends at the latest, in microseconds.
    package var endsAt: UInt64 = 120_000_000
    /// The time to make a record durable.
    package var syncMicroseconds: UInt64 = 3_000
    /// The most time that verifying a block whole takes.
    package var certifyMicroseconds: UInt64 = 20_000
    /// Whether every message goes through its wire form.
    package var isEncoded = false
    /// Whether members that were slow still vote for final blocks, as they do where votes are counted.
    package var isVotingLate = false
    /// Whether honest members put final blocks into effect on stakes of their own.
    package var hasStakes = false
    /// The bug that every honest member has, for tests of the tests.
    package var mutant: CommitteeMutant?
    /// Whoever honest is to do so many things in all crashes just before the last of them.
    package var crashesAt: UInt64?

    /// A scenario with all its troubles.
    package init(seed: UInt64, memberCount: Int, misconduct: Misconduct? = nil) {
        self.seed = seed
        self.memberCount = memberCount
        self.misconduct = misconduct
    }

    /// A network with one delay and no faults at all.
    package static func fixed(
        delay: UInt64, memberCount: Int, heights: UInt64
    ) -> CommitteeScenario {
        var scenario = CommitteeScenario(seed: 1, memberCount: memberCount)
        scenario.isWeighted = false
        scenario.epochLength = 4_096
        (scenario.delayMin, scenario.delayMax) = (delay, delay)
        (scenario.lossBefore, scenario.lossAfter, scenario.duplicates) = (0, 0, 0)
        (scenario.hasPartitions, scenario.hasCrashes) = (false, false)
        scenario.settlesAt = 0
        scenario.heightsAfter = heights
        (scenario.syncMicroseconds, scenario.certifyMicroseconds) = (0, 0)
        return scenario
    }
}
