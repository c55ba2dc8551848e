// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Machinery

/// Connections coming and going.
extension PeerHost {
    mutating func connect(_ number: ConnectionNumber, _ remote: SocketAddress, at now: Instant) {
        guard connections[number] == nil else { return }
        let dial = dials.removeValue(forKey: number)
        guard dial != nil || !number.isDialled else {
            outbox.append(.hangUp(number))
            return
        }
        if dial == nil, let fault = whyRefused(remote, at: now) {
            tell(.observed(.refused(remote, fault)))
            outbox.append(.hangUp(number))
            return
        }
        guard let ephemeralKey = Bytes32(entropy.bytes(32)) else {
            preconditionFailure("32 bytes are 32 bytes")
        }
        let session = SessionMachine(
            isDialer: dial != nil, identity: identity, expecting: dial?.peer,
            ephemeralKey: ephemeralKey, cipher: cipher, limits: limits.session, at: now)
        connections[number] = PeerConnection(
            number: number, remote: remote, session: session, at: now)
        admission.add(remote.ip)
        handshakingCount += 1
        markDirty(number)
    }

    mutating func receive(_ bytes: [UInt8], on number: ConnectionNumber, at now: Instant) {
        guard connections[number] != nil else { return }
        var events: [SessionMachine.Event] = []
        connections[number]?.traffic.add(in: bytes.count, at: now)
        connections[number]?.session.receive(bytes, at: now, serving: served, into: &events)
        markDirty(number)
        handle(events, on: number, at: now)
    }

    mutating func disconnect(_ number: ConnectionNumber, at now: Instant) {
        if let dial = dials.removeValue(forKey: number) {
            backOff(dial.address, at: now)
            tell(
                .dialFailed(Multiaddress(dial.address), expecting: dial.peer, .unreachable))
        } else {
            failIfUnproven(number, .disconnected, at: now)
            remove(number, .disconnected, at: now)
        }
    }

    /// Tells that a dial failed whose connection stood and is over before the peer was proven.
    private mutating func failIfUnproven(
        _ number: ConnectionNumber, _ end: SessionEnd, at now: Instant
    ) {
        guard let connection = connections[number], number.isDialled,
            !isListed(number, connection.peer)
        else { return }
        backOff(connection.remote, at: now)
        tell(
            .dialFailed(
                Multiaddress(connection.remote),
                expecting: connection.session.expectedPeer, .session(end)))
    }

    /// Ends a connection from this side, after telling the peer why.
    mutating func end(_ number: ConnectionNumber, _ code: GoAwayCode, at now: Instant) {
        var events: [SessionMachine.Event] = []
        connections[number]?.session.end(code, into: &events)
        handle(events, on: number, at: now)
    }

    mutating func handle(
        _ events: [SessionMachine.Event], on number: ConnectionNumber, at now: Instant
    ) {
        for event in events {
            switch event {
            case .secured(let peer): secured(peer, on: number, at: now)
            case .opened(let stream, let name):
                begin(StreamNumber(number, stream), name: name, at: now)
            case .agreed(let stream):
                if connections[number]?.uses[stream]?.purpose == .raw {
                    tell(.streamAgreed(StreamNumber(number, stream)))
                }
            case .received(let stream, let bytes):
                receive(bytes, on: StreamNumber(number, stream), at: now)
            case .finished(let stream):
                finished(StreamNumber(number, stream), at: now)
            case .ended(let stream, let end):
                ended(StreamNumber(number, stream), end)
            case .wentAway:
                connections[number]?.hasGoneAway = true
            case .measured(let time):
                if let peer = connections[number]?.peer {
                    tell(.observed(.roundTrip(peer, nanoseconds: time)))
                }
            case .closed(let end):
                close(number, end, at: now)
            }
        }
    }

    private mutating func whyRefused(_ remote: SocketAddress, at now: Instant) -> AdmissionFault? {
        if blocks.contains(remote.ip, at: now) { return .blocked }
        guard memoryUsed < memoryRefusalBytes else { return .memory }
        return admission.check(remote.ip, handshaking: handshakingCount, at: now)
    }

    private mutating func secured(
        _ peer: PeerIdentifier, on number: ConnectionNumber, at now: Instant
    ) {
        guard let connection = connections[number] else { return }
        handshakingCount -= 1
        if blocks.contains(peer, at: now) { return end(number, .gated, at: now) }
        guard peers[peer, default: PeerState()].connections.count < limits.connectionsPerPeer
        else { return end(number, .resourceLimit, at: now) }
        backoffs[connection.remote] = nil
        peers[peer, default: PeerState()].connections.append(number)
        tell(.peerConnected(peer, number, remote: connection.remote))
        askIdentity(number, at: now)
    }

    /// The session is over: what it still has to say is sent, then the connection goes.
    private mutating func close(_ number: ConnectionNumber, _ end: SessionEnd, at now: Instant) {
        guard let connection = connections[number] else { return }
        if connection.drainDeadline == nil {
            let bytes = connections[number]?.session.takeOutput(limit: 1) ?? []
            if !bytes.isEmpty { outbox.append(.send(number, bytes)) }
        }
        outbox.append(.hangUp(number))
        let isProven = isListed(number, connection.peer)
        failIfUnproven(number, end, at: now)
        remove(number, end, at: now)
        if end.isViolation, isProven, let peer = connection.peer {
            penalize(peer, points: 25, at: now)
        }
    }

    private func isListed(_ number: ConnectionNumber, _ peer: PeerIdentifier?) -> Bool {
        guard let peer else { return false }
        return peers[peer]?.connections.contains(number) ?? false
    }

    /// Forgets a connection and ends all that hung on it.
    mutating func remove(_ number: ConnectionNumber, _ end: SessionEnd, at now: Instant) {
        guard let connection = connections[number] else { return }
        let isListed = isListed(number, connection.peer)
        for stream in connection.uses.keys.sorted() {
            ended(StreamNumber(number, stream), .disconnected)
        }
        connections[number] = nil
        memoryUsed -= connection.countedBytes
        admission.remove(connection.remote.ip)
        if !connection.session.isProven { handshakingCount -= 1 }
        tell(.observed(.sessionEnded(number, connection.peer, end)))
        guard isListed, let peer = connection.peer else { return }
        expectBack(connection, end, at: now)
        peers[peer]?.traffic.add(connection.traffic, at: now)
        peers[peer]?.connections.removeAll { $0 == number }
        if peers[peer]?.connections.isEmpty == true {
            tell(.peerDisconnected(peer))
            forget(peer, at: now)
        }
    }
}
