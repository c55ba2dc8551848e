// SPDX-License-Identifier: Apache-2.0

internal import Machinery
internal import Peering

/// Answers to operators' questions about peers that celestia-node has no method for.
extension Node {
    /// Every connected peer, in order of their ids.
    var peerTable: [PeerSummary] {
        peers.entries.map { entry in
            let connections = peerHost.connections(to: entry.identifier)
            let standing = discovery.manager.standing(of: entry.identifier)
            return PeerSummary(
                identifier: entry.identifier.text,
                address: connections.first.map { "\(Multiaddress($0.remote))" } ?? "",
                agent: entry.agent, isInbound: connections.first?.isInbound ?? false,
                protocolCount: entry.protocols.count,
                streamCount: connections.reduce(0) {
                    $0 + $1.inboundStreams + $1.outboundStreams
                }, score: standing?.score ?? 0, isProtected: standing?.isProtected ?? false)
        }
    }

    /// What connections and streams take.
    var resources: ConnectionResources {
        var resources = ConnectionResources()
        for connection in peerHost.connectionSummaries {
            resources.connectionsInbound += connection.isInbound ? 1 : 0
            resources.connectionsOutbound += connection.isInbound ? 0 : 1
            resources.streamsInbound += connection.inboundStreams
            resources.streamsOutbound += connection.outboundStreams
        }
        resources.fileDescriptors = resources.connectionsInbound + resources.connectionsOutbound
        resources.memoryBytes = peerHost.memoryUsedBytes
        return resources
    }

    /// All of it in one.
    func peerStatistics(at now: Instant) -> PeerStatistics {
        var statistics = PeerStatistics()
        statistics.resources = resources
        statistics.memoryLimitBytes = peerHost.memoryLimitBytes
        statistics.bandwidth = Bandwidth(traffic, at: now)
        statistics.knownPeers = discovery.store.count
        statistics.tableServers = discovery.kademlia.table.count
        statistics.providerRecords = discovery.kademlia.records.count
        statistics.blockedPeers = peerHost.blockedPeers(at: now).count
        statistics.blockedNetworks = peerHost.blockList.blockedNetworks(at: now).count
        return statistics
    }

    /// Refuses an address or a subnet for good, or lets it in again.
    mutating func gate(
        _ text: String, isBlocked: Bool, at now: Instant
    ) throws(RPCFault) -> PeerResponse {
        guard let network = AddressBlock(text) else {
            throw .failed("'\(text)' is neither an IP address nor a subnet such as 192.0.2.0/24")
        }
        if isBlocked {
            guard peerHost.block(network, at: now) else {
                throw .failed("the block list is full")
            }
        } else {
            guard peerHost.blockList.blockedNetworks(at: now).contains(network) else {
                throw .failed("\(network) is not blocked")
            }
            peerHost.unblock(network)
        }
        return .done
    }
}
