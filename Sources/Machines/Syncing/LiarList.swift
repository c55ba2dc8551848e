// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// The peers that answered falsely, the newest of them, so that they are not asked again.
///
/// Identities cost nothing, so the list has an end: the oldest is forgotten, as if it had come new.
/// It was penalised then, and will be again for the next lie.
package struct LiarList: Sendable {
    /// How many are remembered; `sync.liarsMax`.
    package static let limit = 1_024

    /// The oldest first.
    private var peers: [Peer] = []

    /// Nobody has lied.
    package init() {}

    /// How many are remembered now.
    package var count: Int { peers.count }

    /// Whether a peer's lie is remembered.
    package func contains(_ peer: Peer) -> Bool { peers.contains(peer) }

    /// Remembers a peer.
    ///
    /// - Returns: Whether it was not known before.
    package mutating func insert(_ peer: Peer) -> Bool {
        if peers.contains(peer) { return false }
        if peers.count >= Self.limit { peers.removeFirst() }
        peers.append(peer)
        return true
    }
}
