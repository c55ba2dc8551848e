// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Peering

/// What a node has to tell of attacks on those who follow headers, and whom it has told.
struct AttackBook {
    /// The report that is told to everybody who takes it.
    private(set) var report: [UInt8]?
    private var told: [PeerIdentifier] = []
    /// Reports that came, the newest last, so that each is looked at and passed on once.
    private var seen: [Bytes32] = []

    /// Whether this report is the first of its kind; it is not from now on.
    mutating func isNew(_ hash: Bytes32) -> Bool {
        guard !seen.contains(hash) else { return false }
        if seen.count >= NodeLimits.attacksRemembered { seen.removeFirst() }
        seen.append(hash)
        return true
    }

    /// Takes a report up that is told to all from now on; who sent it knows it.
    mutating func tell(_ bytes: [UInt8], knownTo peer: PeerIdentifier?) {
        report = bytes
        told = peer.map { [$0] } ?? []
    }

    /// Who of these was not told yet; they count as told from now on.
    mutating func untold(among peers: [PeerIdentifier]) -> [PeerIdentifier] {
        let new = peers.filter { !told.contains($0) }
        for peer in new {
            if told.count >= NodeLimits.attackTold { told.removeFirst() }
            told.append(peer)
        }
        return new
    }
}
