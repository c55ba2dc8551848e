// SPDX-License-Identifier: Apache-2.0

internal import Machinery

/// Who let this node wait for samples: they are asked after others, for a while that doubles each
/// time it happens again.
struct LatePeers {
    private struct Entry {
        let peer: Peer
        var times: Int
        var until: Instant
    }

    /// Oldest first.
    private var entries: [Entry] = []

    /// Those that are asked after others now, in the order in which they were first late.
    func peers(at now: Instant) -> [Peer] {
        entries.filter { $0.until > now }.map(\.peer)
    }

    /// A peer did not answer in time.
    mutating func note(_ peer: Peer, at now: Instant) {
        var entry = Entry(peer: peer, times: 0, until: now)
        if let index = entries.firstIndex(where: { $0.peer == peer }) {
            entry = entries.remove(at: index)
            // What it still owes is the same lateness.
            if entry.until > now { return entries.insert(entry, at: index) }
        } else if entries.count >= NodeLimits.latePeersMax {
            entries.removeFirst()
        }
        let hold =
            NodeLimits.lateMilliseconds << UInt64(min(entry.times, NodeLimits.lateDoublingsMax))
        entry.times += 1
        entry.until = now.advanced(byMilliseconds: hold)
        entries.append(entry)
    }

    /// A peer answered: when its time is over, it is forgotten.
    mutating func answered(_ peer: Peer, at now: Instant) {
        entries.removeAll { $0.peer == peer && $0.until <= now }
    }
}
