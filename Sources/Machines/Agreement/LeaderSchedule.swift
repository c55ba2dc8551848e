// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain
internal import Machinery

/// Whose turn it is in each view of an epoch: in proportion to power, as evenly as can be.
///
/// Each view every member gains its power, the highest leads and pays the total; equal ones go by an
/// order that the epoch's seed shuffles. After as many views as there is power each has led exactly
/// as often as its power says. Specified in Protocol/20-agreement.md#leaders.
package struct LeaderSchedule: Sendable {
    /// How many views are remembered; a request for an older one finds nobody.
    package static let memory = AgreementLimits.openViewsMax + AgreementLimits.finalViewsKept + 2

    private let powers: [Int64]
    private let total: Int64
    /// Places in the shuffled order.
    private let order: [Int]
    private var priorities: [Int64]
    /// Leaders of the last views, by view modulo `memory`.
    private var leaders: [UInt16] = []
    private var reached: UInt64 = 0

    /// The schedule of a set and a seed.
    package init(_ set: ValidatorSet, seed: Bytes32) {
        powers = set.validators.map(\.votingPower)
        total = set.totalVotingPower
        var generator = SeededGenerator(seed: seed)
        order = generator.shuffled(Array(powers.indices))
        priorities = [Int64](repeating: 0, count: powers.count)
    }

    /// The place of a view's leader; views are asked for as the epoch reaches them.
    ///
    /// - Returns: nil for `View.base`, and for one that was forgotten.
    package mutating func leader(of view: View) -> Int? {
        guard view != .base else { return nil }
        while reached < view.value { step() }
        guard reached - view.value < Self.memory else { return nil }
        return Int(leaders[Int((view.value - 1) % Self.memory)])
    }

    private mutating func step() {
        var best = order[0]
        for place in order {
            priorities[place] += powers[place]
            if priorities[place] > priorities[best] { best = place }
        }
        priorities[best] -= total
        if UInt64(leaders.count) < Self.memory {
            leaders.append(UInt16(best))
        } else {
            leaders[Int(reached % Self.memory)] = UInt16(best)
        }
        reached += 1
    }
}
