// SPDX-License-Identifier: Apache-2.0

internal import Chain

/// One run: a chain, a light client that comes and goes, and those who lie to it.
package struct LightScenario: Sendable {
    /// What is broken on purpose, so that it can be seen that a broken client is found out.
    package enum Flaw: String, CaseIterable, Sendable {
        /// A third of a committee or more lies.
        case tooManyLiars
        /// The client trusts headers of any age.
        case noTrustingPeriod
    }

    /// What everything is drawn from.
    package let seed: UInt64
    /// What is broken, if anything.
    package let flaw: Flaw?

    /// Names a run.
    package init(seed: UInt64, flaw: Flaw? = nil) {
        self.seed = seed
        self.flaw = flaw
    }

    /// A month in epochs of 15 hours, so that a week may replace a whole committee.
    var plan: ElectedChain.Plan {
        var plan = ElectedChain.Plan(
            seed: seed, headerCount: 144, epochBlocks: 3, pace: 17_000_000 + seed % 5 * 500_000)
        plan.validatorCount = 6 + Int(seed % 3)
        return plan
    }

    /// What the client demands.
    var rules: LightRules {
        guard flaw == .noTrustingPeriod,
            let endless = LightRules(
                trustingPeriodNanoseconds: 10_000 * 86_400 * 1_000_000_000)
        else { return .celestia }
        return endless
    }
}

/// What a run came to.
package struct LightReport: Sendable {
    /// What must not happen and did, in words.
    package internal(set) var violations: [String] = []
    /// Forged headers that the client was given.
    package internal(set) var forgeryCount = 0
    /// Headers that it took.
    package internal(set) var acceptedCount = 0
    /// Liars that it has found out.
    package internal(set) var punishedCount = 0
    /// How often it was away too long and said so.
    package internal(set) var expiredCount = 0
    /// How often it went on through headers in between, and the most that one way took.
    package internal(set) var bisectionCount = 0
    /// The most headers in between that one way to a newer header took.
    package internal(set) var pivotsMax = 0
    /// How many sessions ended with the newest header followed, of those in which somebody honest
    /// could be asked.
    package internal(set) var syncedCount = 0
    /// Sessions in which somebody honest could be asked.
    package internal(set) var servedCount = 0
    /// What became of sessions in which it stayed behind.
    package internal(set) var stories: [String] = []
}
