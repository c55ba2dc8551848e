// SPDX-License-Identifier: Apache-2.0

import CommitteeSimulation
import Testing

/// Bugs that show in the worlds of links and of light clients, and those worlds without them.
@Suite struct OtherMutantTests {
    /// One member has more than a third of the power: it must hold half of all rows.
    @Test func custodyIsByPower() {
        var scenario = TimedScenario.fixed(
            delayMicroseconds: 20_000, memberCount: 13, width: 16, heights: 3)
        scenario.powers = [70] + [Int64](repeating: 10, count: 12)
        let square = TimedSquare(width: 16, blobBytes: 80_000)
        #expect(TimedWorld(scenario, square).run().violations == [])
        scenario.mutant = .custodyUnweighted
        let violation = TimedWorld(scenario, square).run().violations.first
        #expect(violation?.hasPrefix("I8:") == true)
    }

    /// I11: half of what light clients are given is forged, and they take nothing for true that is not.
    @Test(arguments: [4, 7, 10, 13])
    func lightClientsTakeTheChainAlone(members: Int) {
        #if DEBUG
        let seeds: UInt64 = 1
        #else
        let seeds: UInt64 = 10
        #endif
        var reached = 0
        for seed in 1...seeds {
            var world = LightClientWorld(seed: seed, members: members)
            let report = world.run(clients: 25)
            #expect(report.violations == [])
            #expect(report.forged > 0 && report.refused > 0)
            reached += report.reached
        }
        #expect(reached > 0)
    }

    /// Without its rules a light client is deceived; the seeds are those of the protocol's table.
    @Test(arguments: [(LightMutant.trustsAQuarter, 7), (.periodIgnored, 4)])
    func carelessClientsAreDeceived(mutant: LightMutant, members: Int) {
        var world = LightClientWorld(seed: 1, members: members, mutant: mutant)
        let violation = world.run(clients: 25).violations.first
        #expect(violation?.hasPrefix("I11:") == true)
        var careful = LightClientWorld(seed: 1, members: members)
        #expect(careful.run(clients: 25).violations == [])
    }
}
