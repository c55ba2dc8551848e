// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Machinery
internal import Peering

/// The conversation about who is connected: what the peer layer saw goes to the connection manager
/// and the peer store, what these want goes to the peer layer, and both outlive the process.
extension Node {
    mutating func tellConnections(
        _ event: ConnectionManager.Event, _ now: Instant, _ effects: inout [RoleEffect]
    ) {
        var asked: [ConnectionManager.Effect] = []
        discovery.manager.handle(event, at: now, into: &asked)
        for effect in asked {
            switch effect {
            case .dial(let peer, let address):
                peerHost.dial(address, expecting: peer, at: now)
            case .unreachable(let peer): abandonWaiting(peer, at: now, into: &effects)
            case .hangUp(let peer): peerHost.hangUp(peer, at: now)
            case .wake(let moment): effects.append(.wake(at: moment))
            }
        }
    }

    /// Connects to a peer at addresses that were told and those that are known.
    mutating func reach(
        _ peer: PeerIdentifier, _ addresses: [Multiaddress], at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        discovery.store.learn(peer, addresses, at: now)
        tellConnections(
            .wanted(peer, discovery.store.addresses(of: peer)), now, &effects)
    }

    // MARK: What the peer layer saw

    mutating func contactMade(
        _ peer: PeerIdentifier, _ number: ConnectionNumber, _ remote: SocketAddress,
        at now: Instant, into effects: inout [RoleEffect]
    ) {
        discovery.contacts[peer] = DiscoveryState.Contact(
            remote: remote, isInbound: !number.isDialled)
        if number.isDialled {
            discovery.store.reached(peer, at: Multiaddress(remote), now: now)
        }
        tellConnections(.connected(peer), now, &effects)
        value(peer, at: now, into: &effects)
        askWaiting(peer, at: now)
        endSeeking(at: now, into: &effects)
    }

    mutating func contactLost(
        _ peer: PeerIdentifier, at now: Instant, into effects: inout [RoleEffect]
    ) {
        discovery.contacts[peer] = nil
        tellConnections(.disconnected(peer), now, &effects)
        tellKademlia(.peerGone(peer), now, &effects)
    }

    mutating func contactFailed(
        _ peer: PeerIdentifier?, _ address: Multiaddress, _ fault: DialFault, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard let peer else { return }
        switch fault {
        case .unreachable, .session: discovery.store.failed(peer, at: address, now: now)
        case .address, .backingOff, .blocked, .busy: break
        }
        tellConnections(.dialFailed(peer), now, &effects)
        endSeeking(at: now, into: &effects)
    }

    /// A peer told of itself.
    mutating func contactTold(
        _ peer: PeerIdentifier, _ identity: IdentifyMessage, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard let contact = discovery.contacts[peer] else { return }
        let addresses = Self.usable(identity.listenAddresses, of: contact)
        discovery.store.learn(peer, addresses, at: now)
        discovery.store.identified(peer, isStorage: isStorage(peer))
        sighted(at: identity.observedAddress, by: peer, at: now, into: &effects)
        tellKademlia(
            .peerSeen(
                peer, addresses: addresses, remote: contact.remote.ip,
                isServer: identity.protocols.contains(discovery.protocolID)), now, &effects)
        value(peer, at: now, into: &effects)
    }

    /// What a peer listens on as seen from here: where it names every address of its machine, the
    /// one its connection comes from; where it names none and was dialled, the one that was dialled.
    private static func usable(
        _ addresses: [Multiaddress], of contact: DiscoveryState.Contact
    ) -> [Multiaddress] {
        if addresses.isEmpty, !contact.isInbound { return [Multiaddress(contact.remote)] }
        return addresses.map { address in
            guard let socket = address.socketAddress, socket.ip.isUnspecified else {
                return address.withoutPeer
            }
            return Multiaddress(SocketAddress(ip: contact.remote.ip.unmapped, port: socket.port))
        }
    }

    private func isStorage(_ peer: PeerIdentifier) -> Bool {
        peers.serves(peer, ShareExchange.protocolID(.square, network: configuration.network))
            || peers.slice(of: peer) != nil
    }

    /// Tells the machines what a peer is to this node.
    mutating func value(
        _ peer: PeerIdentifier, at now: Instant, into effects: inout [RoleEffect]
    ) {
        var standing = ConnectionManager.Standing()
        standing.isProtected =
            configuration.bootstrap.contains { $0.peer == peer }
            || protections.contains { $0.peer == peer.text } || isMember(peer)
        standing.isStorage = isStorage(peer)
        let isServer = discovery.kademlia.table.entry(peer) != nil
        standing.score =
            (standing.isStorage ? NodeLimits.storageScore : 0)
            + (isServer ? NodeLimits.serverScore : 0) - peerHost.penalty(of: peer, at: now)
        peerHost.value(peer, as: standing)
        tellConnections(.standing(peer, standing), now, &effects)
    }

    // MARK: Enough storage nodes

    /// Tells how many there are, and connects to those known from before when there are too few.
    mutating func keepConnections(at now: Instant, into effects: inout [RoleEffect]) {
        let protocolID = ShareExchange.protocolID(.square, network: configuration.network)
        let connected = peers.serving(protocolID).count
        tellDiscovery(
            .standing(connected: connected, servers: discovery.kademlia.table.count), now,
            &effects)
        guard configuration.isDiscovering, connected < discovery.wanted else { return }
        for peer in knownStorage(limit: discovery.wanted - connected, at: now) {
            reach(peer, [], at: now, into: &effects)
        }
    }

    /// Storage nodes known from before that may be dialled.
    func knownStorage(limit: Int, at now: Instant) -> [PeerIdentifier] {
        discovery.store.storageNodes(limit: limit) { peer in
            !peerHost.isConnected(peer) && !discovery.manager.isOpening(peer)
                && !discovery.manager.isBackingOff(peer, at: now)
        }.map(\.peer)
    }

    // MARK: On disk

    mutating func restorePeers(
        _ restored: RestoredState, at now: Instant, into effects: inout [RoleEffect]
    ) {
        do throws(DecodeFault) {
            if let bytes = restored.value(PeerStore.recordName) {
                discovery.store = try PeerStore(decoding: bytes)
            }
        } catch {
            effects.append(.report(.incident("the stored peers are damaged: \(error)")))
        }
        do throws(DecodeFault) {
            if let bytes = restored.value(BlockList.recordName) {
                peerHost.restore(try BlockList(decoding: bytes), at: now)
            }
        } catch {
            effects.append(.report(.incident("the stored block list is damaged: \(error)")))
        }
    }

    /// Stores who is known and who is blocked, when that has changed: blocks at once, peers after a
    /// while, since they change often.
    mutating func storePeers(at now: Instant, into effects: inout [RoleEffect]) {
        guard !discovery.isStoring else { return }
        var values: [(name: String, bytes: [UInt8])] = []
        if peerHost.blockRevision != discovery.storedRevision {
            values.append((BlockList.recordName, peerHost.blockList.encode()))
            discovery.storedRevision = peerHost.blockRevision
        }
        if discovery.store.isDirty, discovery.storeDue.map({ $0 <= now }) ?? true {
            values.append((PeerStore.recordName, discovery.store.encode()))
            discovery.store.clean()
            discovery.storeDue = now.advanced(byMilliseconds: NodeLimits.peerStoreMilliseconds)
        }
        guard !values.isEmpty else { return }
        discovery.isStoring = true
        let ticket = ticket()
        stores[ticket] = .peers
        effects.append(.store(ticket, .values(values)))
    }

    /// The disk answered; what it did not take is given to it again.
    mutating func peersStored(failure: String?, into effects: inout [RoleEffect]) {
        discovery.isStoring = false
        guard let failure else { return }
        effects.append(.report(.incident("known peers cannot be stored: \(failure)")))
        discovery.store.spoil()
        discovery.storedRevision = -1
    }
}
