// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Machinery
internal import Peering

/// Answers to users' questions about peers and connections.
extension Node {

    mutating func askedForPeers(
        _ ticket: Ticket, _ request: PeerRequest, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        do throws(RPCFault) {
            guard let response = try peerResponse(to: request, ticket, at: now) else { return }
            if case .protect(let text, _) = request {
                value(try identifier(text), at: now, into: &effects)
            } else if case .unprotect(let text, _) = request {
                value(try identifier(text), at: now, into: &effects)
            }
            answer(ticket, .success(.peers(response)), into: &effects)
        } catch {
            answer(ticket, .failure(error), into: &effects)
        }
    }

    /// The answer; nil when it comes later.
    private mutating func peerResponse(
        to request: PeerRequest, _ ticket: Ticket, at now: Instant
    ) throws(RPCFault) -> PeerResponse? {
        switch request {
        case .identity:
            return .address(
                PeerAddress(
                    identifier: peerHost.localPeer.text,
                    addresses: configuration.listenAddresses.map(\.description)))
        case .network: return .text(configuration.network)
        case .connected: return .texts(peers.entries.map(\.identifier.text))
        case .address(let text):
            let peer = try identifier(text)
            let identity = peerHost.identity(of: peer)
            return .address(
                PeerAddress(
                    identifier: peer.text,
                    addresses: (identity?.listenAddresses ?? []).map(\.description)))
        case .connect(let address): return try connect(to: address, at: now)
        case .close(let text):
            peerHost.hangUp(try identifier(text), at: now)
            return .done
        case .isConnected(let text):
            return .isConnected(peerHost.isConnected(try identifier(text)))
        case .connection(let text): return try connection(to: text)
        case .reachability: return .reachability(.unknown)
        case .block(let text):
            peerHost.block(try identifier(text), at: now)
            return .done
        case .unblock(let text):
            peerHost.unblock(try identifier(text))
            return .done
        case .blockNetwork(let text): return try gate(text, isBlocked: true, at: now)
        case .unblockNetwork(let text): return try gate(text, isBlocked: false, at: now)
        case .blockedNetworks:
            return .texts(peerHost.blockList.blockedNetworks(at: now).map(\.description))
        case .table: return .table(peerTable)
        case .statistics: return .statistics(peerStatistics(at: now))
        case .blocked: return .texts(peerHost.blockedPeers(at: now).map(\.text))
        case .protect(let text, let tag):
            try protect(text, tag)
            return .done
        case .unprotect(let text, let tag):
            protections.removeAll { $0.peer == text && $0.tag == tag }
            return .isProtected(protections.contains { $0.peer == text })
        case .isProtected(let text, let tag):
            return .isProtected(
                protections.contains { $0.peer == text && (tag.isEmpty || $0.tag == tag) })
        case .bandwidth: return .bandwidth(Bandwidth(traffic, at: now))
        case .bandwidthOfPeer(let text):
            let peer = try identifier(text)
            return .bandwidth(Bandwidth(peerHost.traffic(of: peer, at: now), at: now))
        case .bandwidthOfProtocol(let name):
            return .bandwidth(Bandwidth(peerHost.traffic(ofProtocol: name), at: now))
        case .resources: return .resources(resources)
        case .subscribers(let topic):
            return .texts(gossipSubscribers(of: topic).map(\.text))
        case .topics: return .texts(gossipTopics)
        case .ping(let text):
            try ping(text, ticket, at: now)
            return nil
        }
    }

    private func identifier(_ text: String) throws(RPCFault) -> PeerIdentifier {
        do throws(DecodeFault) {
            return try PeerIdentifier(text)
        } catch {
            throw .failed("failed to parse peer ID: \(error)")
        }
    }

    private mutating func connect(
        to address: PeerAddress, at now: Instant
    ) throws(RPCFault) -> PeerResponse {
        let peer = try identifier(address.identifier)
        if peerHost.isConnected(peer) { return .done }
        guard let text = address.addresses.first else {
            throw .failed("no good addresses")
        }
        do throws(DecodeFault) {
            peerHost.dial(try Multiaddress(text), expecting: peer, at: now)
        } catch {
            throw .failed("failed to parse multiaddr \(text): \(error)")
        }
        return .done
    }

    private func connection(to text: String) throws(RPCFault) -> PeerResponse {
        let peer = try identifier(text)
        guard let summary = peerHost.connections(to: peer).first else {
            throw .failed("no connection to peer")
        }
        return .connection(
            PeerConnection(
                multiplexer: "/yamux/1.0.0", security: "/noise", transport: "tcp",
                streamCount: summary.inboundStreams + summary.outboundStreams,
                isInbound: summary.isInbound,
                opened: Timestamp(nanosecondsSince1970: summary.opened.nanoseconds)))
    }

    private mutating func protect(_ text: String, _ tag: String) throws(RPCFault) {
        _ = try identifier(text)
        guard protections.count < NodeLimits.protectionsMax else {
            throw .failed("too many peers are protected")
        }
        if !protections.contains(where: { $0.peer == text && $0.tag == tag }) {
            protections.append((text, tag))
        }
    }

    private mutating func ping(
        _ text: String, _ ticket: Ticket, at now: Instant
    ) throws(RPCFault) {
        let peer = try identifier(text)
        guard peerHost.isConnected(peer) else { throw .failed("no connection to peer") }
        guard pings.count < NodeLimits.pingsMax else {
            throw .failed("too many pings are under way")
        }
        pings.append((peer, ticket))
        peerHost.ping(peer, at: now)
    }

    /// A peer answered a ping: those who asked for it are told.
    mutating func answerPing(
        _ peer: PeerIdentifier, nanoseconds: UInt64, into effects: inout [RoleEffect]
    ) {
        for ping in pings where ping.peer == peer {
            answer(ping.asker, .success(.peers(.roundTrip(nanoseconds))), into: &effects)
        }
        pings.removeAll { $0.peer == peer }
    }

    /// A peer left: nobody waits for its ping any more.
    mutating func abandonPings(of peer: PeerIdentifier, into effects: inout [RoleEffect]) {
        for ping in pings where ping.peer == peer {
            answer(ping.asker, .failure(.failed("the peer left")), into: &effects)
        }
        pings.removeAll { $0.peer == peer }
    }
}
