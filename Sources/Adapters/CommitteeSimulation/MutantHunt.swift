// SPDX-License-Identifier: Apache-2.0

/// The search for a run that shows a mutant.
package enum MutantHunt {
    /// A run in which something forbidden happened.
    package struct Kill: Sendable {
        /// What the committee was troubled by.
        package let trouble: CommitteeTrouble
        /// How many members it had.
        package let members: Int
        /// The run's seed.
        package let seed: UInt64
        /// Which run it was, from 1.
        package let runs: Int
        /// What was noticed first.
        package let violation: String

        /// The name of the invariant.
        package var invariant: String {
            violation.prefix { $0 != ":" }.description
        }
    }

    /// Runs committees of four and seven until one shows the mutant, so many runs at most.
    ///
    /// Each ground has a tenth of the runs, so that the first cannot use up all.
    package static func find(_ mutant: CommitteeMutant, runsMax: Int) -> Kill? {
        var runs = 0
        for trouble in mutant.grounds {
            for seed in 1...UInt64(max(1, runsMax / 20)) {
                for members in [4, 7] {
                    guard runs < runsMax else { return nil }
                    runs += 1
                    if let violation = run(mutant, trouble, members: members, seed: seed) {
                        return Kill(
                            trouble: trouble, members: members, seed: seed, runs: runs,
                            violation: violation)
                    }
                }
            }
        }
        return nil
    }

    /// What was noticed first in one run, if anything.
    package static func run(
        _ mutant: CommitteeMutant, _ trouble: CommitteeTrouble, members: Int, seed: UInt64
    ) -> String? {
        var scenario = trouble.scenario(members: members, seed: seed)
        scenario.mutant = mutant
        scenario.hasStakes = scenario.hasStakes || mutant.isOfStakes
        if scenario.settlesAt > 0 { scenario.endsAt = min(scenario.endsAt, 60_000_000) }
        return CommitteeWorld(scenario).run().violations.first
    }
}
