// SPDX-License-Identifier: Apache-2.0

internal import Chain

/// Which faults of which members were seen in an epoch, so that each is told once.
///
/// One pair of each kind is enough to punish; a member that keeps at it costs nothing more.
struct EvidenceCollector: Sendable {
    private struct Key: Hashable, Sendable {
        let place: Int
        let fault: VotingFault
    }

    private var told: Set<Key> = []
    private var suspected: Set<Key> = []

    /// Whether a pair is worth verifying; it counts as being verified from then on.
    mutating func suspects(_ evidence: SlashingEvidence) -> Bool {
        let key = Key(place: evidence.first.place, fault: evidence.fault)
        return !told.contains(key) && suspected.insert(key).inserted
    }

    /// Whether a pair is new, after its signatures were verified.
    mutating func judged(_ evidence: SlashingEvidence, holds: Bool) -> Bool {
        let key = Key(place: evidence.first.place, fault: evidence.fault)
        suspected.remove(key)
        return holds && told.insert(key).inserted
    }
}
