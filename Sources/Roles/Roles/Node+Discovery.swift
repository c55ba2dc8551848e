// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Machinery
internal import Peering

/// The conversation by which nodes find each other: Kademlia, and the topics under which storage
/// nodes advertise themselves.
extension Node {
    /// What an answer that cannot be read costs its sender.
    static let penaltyForNonsense = 25

    mutating func beginDiscovery(
        _ restored: RestoredState, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let seed = Bytes32(entropy.bytes(32)) else {
            preconditionFailure("32 bytes are 32 bytes")
        }
        discovery = DiscoveryState(configuration, seed: seed)
        restorePeers(restored, at: now, into: &effects)
        guard configuration.isDiscovering else { return }
        if configuration.kind != .light {
            peerHost.serve(discovery.protocolID, KademliaProtocol.serviceLimits)
        }
        listen(
            at: configuration.listenAddresses.filter {
                $0.socketAddress.map { !$0.ip.isUnspecified && $0.port != 0 } ?? true
            }, at: now, into: &effects)
        // Whoever asks this node learns of it, also while it knows nobody whom it could tell.
        for topic in discovery.topics { tellKademlia(.provide(topic.key), now, &effects) }
    }

    mutating func wakeDiscovery(at now: Instant, into effects: inout [RoleEffect]) {
        tellKademlia(.woke, now, &effects)
        tellDiscovery(.woke, now, &effects)
        tellConnections(.woke, now, &effects)
        keepConnections(at: now, into: &effects)
        endSeeking(at: now, into: &effects)
        storePeers(at: now, into: &effects)
    }

    // MARK: Kademlia

    mutating func tellKademlia(
        _ event: KademliaMachine.Event, _ now: Instant, _ effects: inout [RoleEffect]
    ) {
        guard configuration.isDiscovering else { return }
        var asked: [KademliaMachine.Effect] = []
        discovery.kademlia.handle(event, at: now, into: &asked)
        for effect in asked { carryOut(effect, at: now, into: &effects) }
    }

    private mutating func carryOut(
        _ effect: KademliaMachine.Effect, at now: Instant, into effects: inout [RoleEffect]
    ) {
        switch effect {
        case .ask(let question, let peer, let addresses, let bytes):
            askKademlia(question, peer, addresses, bytes, at: now, into: &effects)
        case .foundPeer(let peer, let addresses):
            discovery.store.learn(peer, addresses, at: now)
        case .foundProviders(let key, let peers):
            guard let topic = DiscoveryTopic.allCases.first(where: { $0.key == key }) else {
                return
            }
            for peer in peers { discovery.store.learn(peer.identifier, peer.addresses, at: now) }
            effects.append(.report(.counted("discovery.found", UInt64(peers.count))))
            if topic == .sliced { return reachSliced(peers, at: now, into: &effects) }
            tellDiscovery(.found(topic, peers), now, &effects)
            if topic == .full {
                discovery.seeking?.isSearching = false
                endSeeking(at: now, into: &effects)
            }
        case .provided(let key, let told):
            guard let topic = DiscoveryTopic.allCases.first(where: { $0.key == key }) else {
                return
            }
            effects.append(.report(.note("advertised \(topic.rawValue) to \(told) peers")))
            tellDiscovery(.advertised(topic, told: told), now, &effects)
        case .misbehaved(let peer, let fault):
            effects.append(
                .report(.penalized(peer.text, reason: "an answer on kad cannot be read: \(fault)")))
            peerHost.penalize(peer, points: Self.penaltyForNonsense, at: now)
        case .wake(let moment): effects.append(.wake(at: moment))
        }
    }

    /// Asks at once, or when the peer is connected.
    private mutating func askKademlia(
        _ question: KademliaQuestion, _ peer: PeerIdentifier, _ addresses: [Multiaddress],
        _ bytes: [UInt8], at now: Instant, into effects: inout [RoleEffect]
    ) {
        if peerHost.isConnected(peer) {
            return sendKademlia(question, peer, bytes, at: now)
        }
        discovery.waiting[peer, default: []].append(
            DiscoveryState.Waiting(question: question, bytes: bytes))
        reach(peer, addresses, at: now, into: &effects)
    }

    private mutating func sendKademlia(
        _ question: KademliaQuestion, _ peer: PeerIdentifier, _ bytes: [UInt8], at now: Instant
    ) {
        let number = ask(
            discovery.protocolID, of: peer, bytes: bytes,
            answerLimit: KademliaMessage.answerLimit + 4, end: question.end,
            milliseconds: KademliaProtocol.questionMilliseconds, at: now)
        requests[number] = .kademlia(question)
    }

    /// A peer is connected: what waited for it is asked.
    mutating func askWaiting(_ peer: PeerIdentifier, at now: Instant) {
        for waiting in discovery.waiting.removeValue(forKey: peer) ?? [] {
            sendKademlia(waiting.question, peer, waiting.bytes, at: now)
        }
    }

    /// A peer cannot be reached: what waited for it has no answer.
    mutating func abandonWaiting(
        _ peer: PeerIdentifier, at now: Instant, into effects: inout [RoleEffect]
    ) {
        for waiting in discovery.waiting.removeValue(forKey: peer) ?? [] {
            tellKademlia(.answered(waiting.question, nil), now, &effects)
        }
    }

    mutating func kademliaAnswered(
        _ question: KademliaQuestion, _ result: Result<[UInt8], RequestFault>, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        var bytes: [UInt8]?
        if case .success(let answer) = result { bytes = answer }
        tellKademlia(.answered(question, bytes), now, &effects)
    }

    mutating func serveKademlia(
        _ inbound: InboundNumber, from peer: PeerIdentifier, _ bytes: [UInt8], at now: Instant
    ) {
        do throws(KademliaFault) {
            let answer = try discovery.kademlia.answer(
                bytes, from: peer, remote: discovery.contacts[peer]?.remote.ip, at: now)
            peerHost.answerAndGoOn(inbound, answer, at: now)
        } catch {
            reset(inbound)
        }
    }

    // MARK: Topics

    mutating func tellDiscovery(
        _ event: DiscoveryMachine.Event, _ now: Instant, _ effects: inout [RoleEffect]
    ) {
        guard configuration.isDiscovering else { return }
        var asked: [DiscoveryMachine.Effect] = []
        discovery.machine.handle(event, at: now, into: &asked)
        for effect in asked {
            switch effect {
            case .advertise(let topic): tellKademlia(.provide(topic.key), now, &effects)
            case .search(let topic, let wanted):
                tellKademlia(.findProviders(topic.key, wanted: wanted), now, &effects)
                tellKademlia(
                    .findProviders(DiscoveryTopic.sliced.key, wanted: wanted), now, &effects)
            case .connect(let peer, let addresses):
                if !peerHost.isConnected(peer) {
                    if discovery.seeking?.isOver == false {
                        discovery.seeking?.candidates.append(peer)
                    }
                    reach(peer, addresses, at: now, into: &effects)
                }
            case .wake(let moment): effects.append(.wake(at: moment))
            }
        }
    }

    /// Nodes that keep some rows are good for samples and repairs: a few of them are connected to.
    private mutating func reachSliced(
        _ peers: [KademliaMessage.Peer], at now: Instant, into effects: inout [RoleEffect]
    ) {
        let strangers = peers.filter { !peerHost.isConnected($0.identifier) }
        for peer in strangers.prefix(discovery.wanted) {
            reach(peer.identifier, peer.addresses, at: now, into: &effects)
        }
    }

    // MARK: Own addresses

    /// This node can be reached at these addresses.
    private mutating func listen(
        at addresses: [Multiaddress], at now: Instant, into effects: inout [RoleEffect]
    ) {
        discovery.ownAddresses = addresses
        tellKademlia(.listening(addresses), now, &effects)
    }

    /// A peer that this node has dialled says where it sees it: a node that listens on every address
    /// learns its own so, from two peers or from one it was told to trust.
    mutating func sighted(
        at observed: Multiaddress?, by peer: PeerIdentifier, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard discovery.ownAddresses.isEmpty, discovery.contacts[peer]?.isInbound == false,
            let ip = observed?.socketAddress?.ip.unmapped,
            let port = configuration.listenAddresses.lazy.compactMap(\.socketAddress)
                .first(where: { $0.ip.isUnspecified })?.port
        else { return }
        discovery.sightings.removeAll { $0.by == peer }
        discovery.sightings.append((ip, peer))
        if discovery.sightings.count > NodeLimits.sightingsMax {
            discovery.sightings.removeFirst()
        }
        let isTrusted = configuration.bootstrap.contains { $0.peer == peer }
        guard isTrusted || discovery.sightings.count(where: { $0.address == ip }) > 1 else {
            return
        }
        let address = Multiaddress(SocketAddress(ip: ip, port: port))
        effects.append(.report(.note("this node is reached at \(address)")))
        listen(at: [address], at: now, into: &effects)
        peerHost.announceIdentity(listenAddresses: [address], at: now)
    }
}
