// SPDX-License-Identifier: Apache-2.0

internal import Chain

/// Which leaders have been silent for so many of their turns that nobody waits for them.
///
/// Each node counts for itself; it only shortens its own waiting. A turn counts as missed when the
/// leader sent no vote of that view while a quorum did, and one vote of any view ends the count.
/// Specified in Protocol/20-agreement.md#skipping.
struct LeaderActivity: Sendable {
    private var missed: [Int]

    init(memberCount: Int) {
        missed = [Int](repeating: 0, count: memberCount)
    }

    /// A member sent something of its own.
    mutating func saw(_ place: Int) {
        missed[place] = 0
    }

    /// A view of a leader ended, in which it was silent and a quorum was not.
    mutating func missedTurn(of leader: Int) {
        missed[leader] = min(missed[leader] + 1, AgreementLimits.skipTurns)
    }

    /// Whether a leader's views are given up at once.
    func isSkipped(_ leader: Int) -> Bool { missed[leader] >= AgreementLimits.skipTurns }
}
