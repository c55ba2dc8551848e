// SPDX-License-Identifier: Apache-2.0

/// What gossip may cost; each stands in Protocol/constants.json under `gossip`.
package enum GossipLimits {
    /// The largest RPC, in bytes, without its length.
    package static let rpcBytes = 1 << 20
    /// The most bytes of a message's data, which leaves room for what goes with it.
    package static let dataBytes = rpcBytes - 4_096
    /// The longest name of a topic, in bytes.
    package static let topicBytes = 256
    /// The longest message id, in bytes; longer ones are passed over.
    package static let idBytes = 256
    /// Subscriptions that a peer may have, of topics known here.
    package static let subscriptionsPerPeer = 64
    /// Subscriptions, GRAFTs, PRUNEs, IHAVEs and the like in one RPC, of each kind.
    package static let entriesPerRPC = 1_024
    /// Message ids in one RPC, and ids asked of one peer between two heartbeats.
    package static let idsPerRPC = 5_000
    /// Peers that a PRUNE may name.
    package static let exchangePeers = 16
    /// IHAVEs taken of a peer between two heartbeats.
    package static let haveMessages = 10
    /// How often a message is sent to one peer that asks for it.
    package static let retransmissions = 3
    /// Data of at least so many bytes is announced by IDONTWANT.
    package static let dontWantBytes = 1_024
    /// Ids of one IDONTWANT that are read.
    package static let dontWantIDs = 10
    /// IDONTWANTs taken of a peer between two heartbeats.
    package static let dontWantMessages = 1_000
    /// Heartbeats that an IDONTWANT holds.
    package static let dontWantHeartbeats = 3
    /// Messages of a peer that wait for a verdict.
    package static let validationsPerPeer = 32
    /// Messages of all peers that wait for a verdict.
    package static let validations = 1_024
    /// Bytes that may wait to be sent to a peer.
    package static let queueBytes = 256 * 1024
    /// Bytes that may wait before IHAVE, IWANT and IDONTWANT are dropped.
    package static let queueGossipBytes = 128 * 1024
    /// Bytes of all RPCs that have not come whole.
    package static let incompleteBytes = 32 << 20
    /// How long a message is remembered as seen, in milliseconds.
    package static let seenMilliseconds: UInt64 = 120_000
    /// Messages that are remembered as seen.
    package static let seen = 65_536
    /// Bytes of messages kept for those who ask.
    package static let cacheBytes = 16 << 20
    /// Peers outside the mesh that are given an own message at once.
    package static let floodPeers = 64
    /// Scores remembered of peers that are gone.
    package static let retainedScores = 4_096
    /// Attempts to open a stream to one peer.
    package static let openings = 3
    /// A stream that lasted so long does not count among them, in milliseconds.
    package static let openingMilliseconds: UInt64 = 60_000
}
