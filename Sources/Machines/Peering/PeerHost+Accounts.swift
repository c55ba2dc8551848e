// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// One open connection, as an operator is shown it.
package struct ConnectionSummary: Hashable, Sendable {
    /// Where it comes from or leads to.
    package let remote: SocketAddress
    /// Whether the peer opened it.
    package let isInbound: Bool
    /// Streams that the peer opened, and those of this node.
    package let inboundStreams: Int
    package let outboundStreams: Int
    /// When it was opened.
    package let opened: Instant
    /// Bytes of buffers, and what a connection is counted as beside them.
    package let memoryBytes: Int
}

/// What the connections are and take.
extension PeerHost {
    /// The open connections to a peer, the oldest first.
    package func connections(to peer: PeerIdentifier) -> [ConnectionSummary] {
        (peers[peer]?.connections ?? []).compactMap { connections[$0].map(Self.summary) }
    }

    /// All connections, those whose peer is not proven yet among them.
    package var connectionSummaries: [ConnectionSummary] {
        connections.keys.sorted().compactMap { connections[$0].map(Self.summary) }
    }

    private static func summary(_ connection: PeerConnection) -> ConnectionSummary {
        let inbound = connection.uses.values.count { $0.isInbound }
        return ConnectionSummary(
            remote: connection.remote, isInbound: !connection.number.isDialled,
            inboundStreams: inbound, outboundStreams: connection.uses.count - inbound,
            opened: connection.opened, memoryBytes: connection.countedBytes)
    }
}
