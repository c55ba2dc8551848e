// SPDX-License-Identifier: Apache-2.0

/// A connected peer, as an operator is shown it.
package struct PeerSummary: Hashable, Sendable {
    /// The peer id in base58.
    package var identifier: String
    /// Where its connection comes from or leads to, as a multiaddress.
    package var address: String
    /// What it runs, in its own words.
    package var agent: String
    /// Whether it opened the connection.
    package var isInbound: Bool
    /// How many protocols it serves.
    package var protocolCount: Int
    /// Streams that are open, in both directions.
    package var streamCount: Int
    /// How useful it is to this node.
    package var score: Int
    /// Whether it is kept whatever happens.
    package var isProtected: Bool

    /// Sums up a peer.
    package init(
        identifier: String, address: String, agent: String, isInbound: Bool, protocolCount: Int,
        streamCount: Int, score: Int, isProtected: Bool
    ) {
        self.identifier = identifier
        self.address = address
        self.agent = agent
        self.isInbound = isInbound
        self.protocolCount = protocolCount
        self.streamCount = streamCount
        self.score = score
        self.isProtected = isProtected
    }
}

/// What all peers together take, and what is known of others.
package struct PeerStatistics: Hashable, Sendable {
    /// Connections and streams, by who opened them, and the memory they are counted as.
    package var resources = ConnectionResources()
    /// The memory that they may take together, in bytes.
    package var memoryLimitBytes = 0
    /// Bytes that went by.
    package var bandwidth = Bandwidth()
    /// Peers whose addresses are known.
    package var knownPeers = 0
    /// Servers in the routing table.
    package var tableServers = 0
    /// Provider records that are kept for others.
    package var providerRecords = 0
    /// Peers and networks that are blocked.
    package var blockedPeers = 0
    package var blockedNetworks = 0

    /// Nothing.
    package init() {}
}
