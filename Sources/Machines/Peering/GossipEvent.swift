// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// The protocols that gossip is spoken in.
package enum GossipProtocol: String, CaseIterable, Hashable, Sendable {
    /// Everything to everybody, nothing else.
    case flood = "/floodsub/1.0.0"
    /// A mesh with scores.
    case mesh = "/meshsub/1.1.0"
    /// The same, and IDONTWANT.
    case meshDontWant = "/meshsub/1.2.0"

    /// Whether GRAFT, PRUNE, IHAVE and IWANT are understood.
    var hasMesh: Bool { self != .flood }
}

/// What can happen to gossip.
package enum GossipEvent: Sendable {
    /// This node wants a topic from now on; it must be one of the configuration's.
    case joined(String)
    /// This node wants a topic no more.
    case left(String)
    /// A peer is connected; loopback addresses are shared by many and not counted.
    case connected(PeerIdentifier, IPAddress, isOutbound: Bool)
    /// The last connection to a peer is gone.
    case disconnected(PeerIdentifier)
    /// A stream to write to the peer is open.
    case writable(PeerIdentifier, GossipProtocol)
    /// That stream is gone.
    case unwritable(PeerIdentifier)
    /// A peer sent an RPC.
    case received(PeerIdentifier, GossipRPC)
    /// A peer sent what is no RPC.
    case malformed(PeerIdentifier)
    /// This node publishes data.
    case published(topic: String, [UInt8])
    /// What came of a delivery.
    case judged(UInt64, GossipVerdict)
    /// A moment asked for has come.
    case woke
}

/// What gossip asks of its host.
package enum GossipEffect: Sendable {
    /// Write an RPC to a peer.
    case send(PeerIdentifier, GossipRPC, GossipUrgency)
    /// Judge a message; answer by `judged` with its number.
    case deliver(GossipDelivery)
    /// Connect to a peer that another one named, at the addresses of its signed record.
    case connect(PeerIdentifier, record: [UInt8])
    /// Send `woke` at this moment.
    case wake(at: Instant)
}

/// What may be left out when a peer reads slowly.
package enum GossipUrgency: Hashable, Sendable {
    /// IHAVE, IWANT, IDONTWANT: left out first.
    case low
    /// Messages: left out when the queue is full.
    case normal
    /// Subscriptions, GRAFT, PRUNE: when there is no room for these, the stream is given up.
    case high
}

/// A message that waits for a verdict.
package struct GossipDelivery: Hashable, Sendable {
    /// Counts up from 1.
    package let number: UInt64
    /// The topic.
    package let topic: String
    /// What the message says.
    package let data: [UInt8]
    /// Who wrote it, where messages are signed.
    package let author: PeerIdentifier?
    /// Who sent it here.
    package let sender: PeerIdentifier
}
