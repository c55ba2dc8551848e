// SPDX-License-Identifier: Apache-2.0

/// The shape of the mesh and the rhythm in which it is kept.
///
/// Source: libp2p/specs, gossipsub 1.1; the defaults are those of Celestia's nodes.
/// Specified in Protocol/12-gossip.md#parameters.
package struct GossipParameters: Hashable, Sendable {
    /// Peers in the mesh of a topic that are aimed at (D).
    package var degree = 8
    /// Fewer than so many are made more (D_lo).
    package var degreeLow = 6
    /// More than so many are made fewer (D_hi).
    package var degreeHigh = 12
    /// Of those kept when they are made fewer, so many by their score (D_score).
    package var degreeScore = 6
    /// So many of them are peers that this node dialled (D_out).
    package var degreeOutbound = 3
    /// Peers outside the mesh that are told what is there (D_lazy), at least.
    package var degreeLazy = 12
    /// The same as a share of all such peers, in hundredths.
    package var gossipPercent = 25
    /// From one heartbeat to the next, in milliseconds.
    package var heartbeatMilliseconds: UInt64 = 1_000
    /// Heartbeats for which messages are kept for those who ask.
    package var historyHeartbeats = 10
    /// Heartbeats for which messages are told of.
    package var gossipHeartbeats = 3
    /// How long peers of a topic that is only written to are kept, in milliseconds.
    package var fanoutMilliseconds: UInt64 = 60_000
    /// How long a pruned peer keeps away, in milliseconds.
    package var pruneBackoffMilliseconds: UInt64 = 60_000
    /// The same after this node left the topic, in milliseconds.
    package var leaveBackoffMilliseconds: UInt64 = 10_000
    /// The longest that a peer may keep us away, in milliseconds.
    package var backoffMaximumMilliseconds: UInt64 = 3_600_000
    /// A GRAFT that comes so soon after a PRUNE counts twice, in milliseconds.
    package var graftFloodMilliseconds: UInt64 = 10_000
    /// How long a peer has to send what it said it has, in milliseconds.
    package var promiseMilliseconds: UInt64 = 3_000
    /// Heartbeats from one look for better peers to the next.
    package var opportunisticHeartbeats: UInt64 = 60
    /// Better peers that are taken then.
    package var opportunisticPeers = 2
    /// Heartbeats from one try to reach the explicit peers to the next.
    package var directHeartbeats: UInt64 = 300
    /// Whether own messages go to peers outside the mesh, too, at once.
    package var isFloodPublishing = true
    /// Whether pruned peers are told of others.
    package var isExchangingPeers = false

    /// Celestia's.
    package init() {}

    /// For nodes that only listen: half the traffic, still more than one peer to rely on.
    package static var light: GossipParameters {
        var parameters = GossipParameters()
        parameters.degree = 4
        parameters.degreeLow = 3
        parameters.degreeHigh = 6
        parameters.degreeScore = 3
        parameters.degreeOutbound = 1
        parameters.degreeLazy = 6
        return parameters
    }
}
