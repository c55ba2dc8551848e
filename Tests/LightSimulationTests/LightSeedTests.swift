// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import LightSimulation
import Testing

/// A light client that is lied to, from many seeds.
@Suite struct LightSeedTests {
    /// Invariant I11, with nobody honest blamed, and the newest header followed wherever somebody honest
    /// can be asked; the long tier runs the rest of the seeds (`quadrat-simulate light`).
    @Test func nothingForgedIsFollowed() {
        var forged = 0
        var expired = 0
        var bisected = 0
        for seed: UInt64 in 1...8 {
            var world = LightWorld(LightScenario(seed: seed))
            let report = world.run()
            #expect(report.violations == [], "seed \(seed)")
            #expect(report.syncedCount == report.servedCount, "seed \(seed)")
            forged += report.forgeryCount
            expired += report.expiredCount
            bisected += report.bisectionCount
        }
        #expect(forged > 500 && expired > 2 && bisected > 2)
    }

    /// A client that is broken, or lied to by more than it can bear, is seen to follow what is forged.
    @Test(
        arguments: [
            (.tooManyLiars, 1), (.tooManyLiars, 2), (.noTrustingPeriod, 37),
        ] as [(LightScenario.Flaw, UInt64)])
    func flawsAreSeen(_ flaw: LightScenario.Flaw, seed: UInt64) {
        var world = LightWorld(LightScenario(seed: seed, flaw: flaw))
        #expect(!world.run().violations.isEmpty)
    }

    /// The same seed gives the same chain; its headers hold, each after the one before, over many sets.
    @Test func chainsAreElected() throws {
        let plan = ElectedChain.Plan(seed: 5, headerCount: 80, epochBlocks: 4, pace: 1_000)
        let chain = ElectedChain(plan)
        #expect(ElectedChain(plan).headers == chain.headers)
        #expect(chain.changeCount >= 8)
        for (parent, child) in zip(chain.headers, chain.headers.dropFirst()) {
            try child.validate()
            _ = try LightVerification.verify(
                trusted: try TrustedState(parent.lightBlock), untrusted: child.lightBlock,
                now: child.time, rules: .celestia)
        }
        let first = Set(try #require(chain.committees.first).map(\.validator))
        let last = Set(try #require(chain.committees.last).map(\.validator))
        #expect(first.isDisjoint(with: last), "everybody was replaced")
    }
}
