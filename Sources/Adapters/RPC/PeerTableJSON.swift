// SPDX-License-Identifier: Apache-2.0

package import Roles

/// Peers as `p2p.PeerTable` and `p2p.Statistics` write them; celestia-node has neither.
extension PeerJSON {
    /// `{"id":…,"address":…,"agent":…,"direction":"in"|"out",…}`.
    package static func write(_ peer: PeerSummary, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", peer.identifier)
            writer.member("address", peer.address)
            writer.member("agent", peer.agent)
            writer.member("direction", peer.isInbound ? "in" : "out")
            writer.member("protocols", peer.protocolCount)
            writer.member("streams", peer.streamCount)
            writer.member("score", peer.score)
            writer.member("protected", peer.isProtected)
        }
    }

    /// Counts of connections, streams, bytes and what is known of others.
    package static func write(_ statistics: PeerStatistics, to writer: inout JSONWriter) {
        let resources = statistics.resources
        writer.object { writer in
            writer.member("connections_in", resources.connectionsInbound)
            writer.member("connections_out", resources.connectionsOutbound)
            writer.member("streams_in", resources.streamsInbound)
            writer.member("streams_out", resources.streamsOutbound)
            writer.member("memory_bytes", resources.memoryBytes)
            writer.member("memory_limit_bytes", statistics.memoryLimitBytes)
            writer.member("bytes_in", statistics.bandwidth.bytesIn)
            writer.member("bytes_out", statistics.bandwidth.bytesOut)
            writer.member("known_peers", statistics.knownPeers)
            writer.member("table_servers", statistics.tableServers)
            writer.member("provider_records", statistics.providerRecords)
            writer.member("blocked_peers", statistics.blockedPeers)
            writer.member("blocked_networks", statistics.blockedNetworks)
        }
    }
}
