// SPDX-License-Identifier: Apache-2.0

/// What peers earn and lose by what they do, beside their topics.
///
/// Source: libp2p/specs, gossipsub 1.1, "Peer Scoring"; the defaults are those of Celestia's nodes.
/// Specified in Protocol/12-gossip.md#scores.
package struct GossipScoring: Hashable, Sendable {
    /// The most that all topics give together; 0: no end.
    package var topicCap = 0.0
    /// What the node itself thinks of favoured peers (P5).
    package var favour = 2_500.0
    /// Peers behind one address that are free (P6).
    package var colocationThreshold = 10
    /// What each further one costs, squared.
    package var colocationWeight = -100.0
    /// Broken rules that are free (P7).
    package var behaviourThreshold = 6.0
    /// What each further one costs, squared.
    package var behaviourWeight = -10.0
    /// Until they are forgotten, in milliseconds.
    package var behaviourMilliseconds: UInt64 = 3_600_000
    /// From one decay to the next, in milliseconds.
    package var decayMilliseconds: UInt64 = 1_000
    /// How long the score of a peer that left is remembered, in milliseconds.
    package var retainMilliseconds: UInt64 = 21_600_000

    /// Below this a peer is told nothing and asked for nothing.
    package var gossipThreshold = -1_000.0
    /// Below this it is not given own messages.
    package var publishThreshold = -2_000.0
    /// Below this nothing of it is read.
    package var graylistThreshold = -8_000.0
    /// From this on the peers it names are believed.
    package var exchangeThreshold = 1_000.0
    /// A mesh whose median is below this looks for better peers.
    package var opportunisticThreshold = 5.0

    /// Celestia's.
    package init() {}

    /// Counts below this are nothing.
    static let zero = 0.01

    /// The factor that, applied every `step`, brings 1 to 0.01 in `milliseconds`.
    ///
    /// A root, found by halving: no library function whose last digit may differ elsewhere.
    package static func decay(overMilliseconds milliseconds: UInt64, every step: UInt64) -> Double {
        let steps = max(1, milliseconds / max(1, step))
        var low = 0.0
        var high = 1.0
        for _ in 0..<60 {
            let middle = (low + high) / 2
            var power = 1.0
            var base = middle
            var exponent = steps
            while exponent > 0 {
                if exponent & 1 == 1 { power *= base }
                base *= base
                exponent >>= 1
            }
            if power < zero { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}

/// What peers earn and lose in one topic.
package struct GossipTopicScoring: Hashable, Sendable {
    /// What the topic counts among others.
    package var weight = 0.1
    /// For each quantum in the mesh (P1).
    package var timeInMeshWeight = 0.0002778
    /// The quantum, in milliseconds.
    package var timeInMeshMilliseconds: UInt64 = 1_000
    /// The most quanta that count.
    package var timeInMeshCap = 1.0
    /// For each message that a peer was the first to bring (P2).
    package var firstWeight = 5.0
    /// Until such a message is forgotten, in milliseconds.
    package var firstMilliseconds: UInt64 = 3_600_000
    /// The most of them that count.
    package var firstCap = 100.0
    /// For what is missing of the messages that a mesh peer should have brought, squared (P3).
    package var meshWeight = 0.0
    /// Until such a message is forgotten, in milliseconds.
    package var meshMilliseconds: UInt64 = 3_600_000
    /// The most of them that count.
    package var meshCap = 100.0
    /// How many of them are due.
    package var meshThreshold = 0.0
    /// How long after the first a copy still counts, in milliseconds.
    package var meshWindowMilliseconds: UInt64 = 10
    /// How long a peer may be in the mesh before they are due, in milliseconds.
    package var meshActivationMilliseconds: UInt64 = 10_000
    /// For what was missing when a peer left the mesh, squared (P3b).
    package var failureWeight = 0.0
    /// Until that is forgotten, in milliseconds.
    package var failureMilliseconds: UInt64 = 3_600_000
    /// For each false message, squared (P4).
    package var invalidWeight = -1_000.0
    /// Until it is forgotten, in milliseconds.
    package var invalidMilliseconds: UInt64 = 3_600_000

    /// Those of Celestia's header topic.
    package init() {}
}
