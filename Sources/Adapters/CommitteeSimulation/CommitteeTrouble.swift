// SPDX-License-Identifier: Apache-2.0

/// What a committee is troubled by; with a size and a seed it is a scenario.
package enum CommitteeTrouble: Hashable, Sendable {
    /// The network and crashes alone.
    case network
    /// Less than a third of the power misbehaves.
    case members(Misconduct)
    /// An adversary cuts off whoever leads, before the network behaves.
    case linkCutter
    /// Messages always take longer than a member waits at first.
    case slowNetwork
    /// A third and more of the power misbehaves: there may be forks.
    case broken(Misconduct)

    /// Those in which nothing forbidden may happen.
    package static let all: [CommitteeTrouble] =
        [.network] + Misconduct.allCases.map { .members($0) } + [.linkCutter, .slowNetwork]

    /// Those in which there may be forks, which must convict a third.
    package static let forks: [CommitteeTrouble] = [
        .broken(.equivocatingLeader), .broken(.twins), .broken(.clonedKey), .broken(.doubleVoter),
    ]

    /// The name, as commands take it.
    package var name: String {
        switch self {
        case .network: "network"
        case .members(let misconduct): misconduct.rawValue
        case .linkCutter: "linkCutter"
        case .slowNetwork: "slowNetwork"
        case .broken(let misconduct): "broken-\(misconduct.rawValue)"
        }
    }

    /// The one of a name.
    package init?(name: String) {
        guard let found = (Self.all + Self.forks).first(where: { $0.name == name }) else {
            return nil
        }
        self = found
    }

    /// The scenario of a size and a seed; one seed in sixteen goes through wire forms, another keeps
    /// stakes, and in every second one slow members vote late.
    package func scenario(members: Int, seed: UInt64) -> CommitteeScenario {
        var scenario = CommitteeScenario(seed: seed, memberCount: members)
        scenario.isEncoded = seed % 16 == 1
        scenario.isVotingLate = seed % 2 == 0
        scenario.hasStakes = seed % 16 == 3
        scenario.epochLength = 4 + seed % 5 * 4
        switch self {
        case .network: break
        case .members(let misconduct):
            scenario.misconduct = misconduct
            scenario.hasBlackouts = misconduct == .briefVoter
        case .linkCutter: scenario.cutsLeaders = true
        case .slowNetwork:
            // The longer one is more than any Δ that is measured.
            (scenario.delayMin, scenario.delayMax) =
                seed % 4 == 0 ? (9_000_000, 10_000_000) : (900_000, 1_200_000)
            (scenario.settlesAt, scenario.endsAt) = (0, 400 * scenario.delayMax)
            // Waiting begins at a fiftieth of what it must grow to.
            scenario.finalityDeltaMax = 60
        case .broken(let misconduct):
            scenario.misconduct = misconduct
            scenario.isBroken = true
            scenario.endsAt = 8_000_000
        }
        return scenario
    }
}
