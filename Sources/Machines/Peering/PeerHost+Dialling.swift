// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// Connections that this node opens.
///
/// Specified in Protocol/09-peer-layer.md#dialling.
extension PeerHost {
    struct Dial {
        let address: SocketAddress
        let peer: PeerIdentifier?
    }

    struct Backoff {
        var failures: Int
        var until: Instant
        /// Short pauses that are left, since a peer that behaved well was there not long ago.
        var returns = 0
    }

    /// Addresses whose failures are remembered.
    private static let backoffLimit = 4096

    /// Connects to a peer; a failure is told by `dialFailed`.
    ///
    /// The peer that the address names, or `peer`, is the only one that is let answer.
    package mutating func dial(
        _ address: Multiaddress, expecting peer: PeerIdentifier? = nil, at now: Instant
    ) {
        let expected = peer ?? address.peer
        guard let socket = address.socketAddress else {
            return tell(.dialFailed(address, expecting: expected, .address))
        }
        if let fault = whyNotDialled(socket, expected, at: now) {
            return tell(.dialFailed(address, expecting: expected, fault))
        }
        let number = ConnectionNumber.dialled(dialCount)
        dialCount += 1
        dials[number] = Dial(address: socket, peer: expected)
        outbox.append(.dial(number, socket))
    }

    /// Ends all connections to a peer.
    package mutating func hangUp(_ peer: PeerIdentifier, at now: Instant) {
        for number in peers[peer]?.connections ?? [] { end(number, .normal, at: now) }
    }

    /// Ends all connections, because the node ends.
    package mutating func shutDown(at now: Instant) {
        for number in connections.keys.sorted() { end(number, .shutdown, at: now) }
    }

    /// Asks a peer for a sign of life; the time it takes is told by an observation.
    package mutating func ping(_ peer: PeerIdentifier, at now: Instant) {
        guard let number = peers[peer]?.connections.first else { return }
        connections[number]?.session.ping(at: now)
        markDirty(number)
    }

    /// The peers with an open session, in order of their names.
    package var connectedPeers: [PeerIdentifier] {
        peers.filter { !$0.value.connections.isEmpty }.keys.sorted()
    }

    /// Whether there is an open session to a peer.
    package func isConnected(_ peer: PeerIdentifier) -> Bool {
        peers[peer]?.connections.isEmpty == false
    }

    /// What a peer told about itself, as far as it has.
    package func identity(of peer: PeerIdentifier) -> IdentifyMessage? {
        peers[peer]?.identity
    }

    /// Connections that are open or being opened.
    package var connectionCount: Int { connections.count + dials.count }

    mutating func backOff(_ address: SocketAddress, at now: Instant) {
        if backoffs.count >= Self.backoffLimit {
            backoffs = backoffs.filter { $0.value.until > now }
            if backoffs.count >= Self.backoffLimit { return }
        }
        let returns = backoffs[address]?.returns ?? 0
        if returns > 0 {
            let isFirst = returns == limits.returnAttempts + limits.lastingAttempts
            let isSoon = returns > limits.lastingAttempts
            let pause =
                isSoon
                ? limits.returnMilliseconds * (isFirst ? 1 : 2) : limits.lastingMilliseconds
            // Those who lost the same peer do not come back in step.
            let jitter = UInt64(entropy.next(below: Int(pause / 2) + 1))
            backoffs[address] = Backoff(
                failures: 0, until: now.advanced(byMilliseconds: pause * 3 / 4 + jitter),
                returns: returns - 1)
            return
        }
        let failures = (backoffs[address]?.failures ?? 0) + 1
        let doubled = limits.backoffMilliseconds << UInt64(min(failures - 1, 16))
        let pause = min(doubled, limits.backoffMaximumMilliseconds)
        backoffs[address] = Backoff(
            failures: failures, until: now.advanced(byMilliseconds: pause))
    }

    /// A session is over that this node had opened: where it lasted and broke no rule, the peer is
    /// likely to be back soon, and its address is tried again after short pauses at first.
    mutating func expectBack(_ connection: PeerConnection, _ end: SessionEnd, at now: Instant) {
        guard connection.number.isDialled, !end.isViolation, let peer = connection.peer,
            penalty(of: peer, at: now) == 0,
            now.milliseconds(since: connection.opened) >= limits.returnAfterMilliseconds,
            backoffs.count < Self.backoffLimit
        else { return }
        backoffs[connection.remote] = Backoff(
            failures: 0, until: now,
            returns: limits.returnAttempts + limits.lastingAttempts)
    }

    private func whyNotDialled(
        _ address: SocketAddress, _ peer: PeerIdentifier?, at now: Instant
    ) -> DialFault? {
        if peer == localPeer || blocks.contains(address.ip, at: now) { return .blocked }
        if let peer, blocks.contains(peer, at: now) { return .blocked }
        if let backoff = backoffs[address], backoff.until > now {
            return .backingOff(until: backoff.until)
        }
        guard dials.count < limits.dials,
            connections.count + dials.count < limits.admission.connections
        else { return .busy }
        return nil
    }
}
