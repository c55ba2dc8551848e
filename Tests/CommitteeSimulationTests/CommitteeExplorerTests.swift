// SPDX-License-Identifier: Apache-2.0

import Agreement
import CommitteeSimulation
import Testing

/// Every order of messages in the first view of a committee of four.
@Suite struct CommitteeExplorerTests {
    #if DEBUG
    static let places: [CommitteeExplorer.Faulty] = [.secondLeader, .follower]
    #else
    static let places = CommitteeExplorer.Faulty.allCases
    #endif

    /// Nothing forbidden can be reached, a final block can, and nothing is left to reach.
    @Test(arguments: places)
    func oneViewIsSafe(faulty: CommitteeExplorer.Faulty) {
        var explorer = CommitteeExplorer(faulty: faulty, views: 1)
        let report = explorer.run(statesMax: 1_000_000)
        #expect(report.violations == [])
        #expect(report.isExhausted)
        #expect(report.finalStates > 0)
        print("\(faulty): \(report.states) states, \(report.steps) steps")
    }

    /// Bugs of the voting rules are reached.
    @Test(arguments: [AgreementMutant.finalizeAfterNullify, .finalizeOther])
    func bugsAreReached(mutant: AgreementMutant) {
        var explorer = CommitteeExplorer(faulty: .firstLeader, views: 1, mutant: mutant)
        let report = explorer.run(statesMax: 1_000_000)
        #expect(report.violations.contains { $0.hasPrefix("I4") })
    }

    /// A bound on the states is kept, and told.
    @Test func aBoundIsTold() {
        var explorer = CommitteeExplorer(faulty: .firstLeader, views: 1)
        let report = explorer.run(statesMax: 100)
        #expect(!report.isExhausted)
        #expect((101..<200).contains(report.states))
    }
}
