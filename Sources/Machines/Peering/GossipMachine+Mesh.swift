// SPDX-License-Identifier: Apache-2.0

internal import Machinery

/// Who is in the mesh of a topic: GRAFT and PRUNE.
///
/// Specified in Protocol/12-gossip.md#mesh.
extension GossipMachine {
    mutating func join(_ topic: String, at now: Instant, into effects: inout [GossipEffect]) {
        guard rules[topic] != nil, joined.insert(topic) else { return }
        announce(topic, isWanted: true, into: &effects)
        // Peers that were written to without being in the topic are the first of its mesh.
        let earlier = fanout.removeValue(forKey: topic)?.peers.elements ?? []
        mesh[topic] = SortedList()
        for peer in earlier where mayGraft(peer, topic, at: now) { graft(peer, topic, at: now) }
        fill(topic, upTo: parameters.degree, at: now)
    }

    mutating func leave(_ topic: String, at now: Instant, into effects: inout [GossipEffect]) {
        guard joined.remove(topic) else { return }
        announce(topic, isWanted: false, into: &effects)
        for peer in mesh[topic]?.elements ?? [] {
            prune(
                peer, topic, backoff: parameters.leaveBackoffMilliseconds,
                isExchanging: parameters.isExchangingPeers, at: now)
        }
        mesh[topic] = nil
    }

    private func announce(
        _ topic: String, isWanted: Bool, into effects: inout [GossipEffect]
    ) {
        var rpc = GossipRPC()
        rpc.subscriptions = [.init(topic, isWanted: isWanted)]
        for peer in present.elements where neighbours[peer]?.speaks != nil {
            effects.append(.send(peer, rpc, .high))
        }
    }

    // MARK: Own choices

    /// Whether this node may take a peer into the mesh by itself.
    func mayGraft(_ peer: PeerIdentifier, _ topic: String, at now: Instant) -> Bool {
        neighbours[peer]?.speaks?.hasMesh == true && !isDirect(peer)
            && mesh[topic]?.contains(peer) != true && !isBackingOff(peer, topic, at: now)
            && subscribers[topic]?.contains(peer) == true && score(of: peer) >= 0
    }

    func isBackingOff(_ peer: PeerIdentifier, _ topic: String, at now: Instant) -> Bool {
        scores[peer]?.backoffs[topic].map { $0 > now } ?? false
    }

    /// Takes random peers into the mesh until it has `count`.
    mutating func fill(
        _ topic: String, upTo count: Int, at now: Instant,
        where isWanted: (Neighbour) -> Bool = { _ in true }
    ) {
        let missing = count - (mesh[topic]?.count ?? 0)
        guard missing > 0 else { return }
        let candidates = subscribers(of: topic).filter {
            guard let neighbour = neighbours[$0] else { return false }
            return isWanted(neighbour) && mayGraft($0, topic, at: now)
        }
        for peer in random.shuffled(candidates).prefix(missing) { graft(peer, topic, at: now) }
    }

    /// A mesh that is too small takes newcomers at once, not at the next heartbeat.
    mutating func welcome(_ peer: PeerIdentifier, _ topic: String, at now: Instant) {
        guard mesh[topic]?.count ?? parameters.degreeLow < parameters.degreeLow,
            mayGraft(peer, topic, at: now)
        else { return }
        graft(peer, topic, at: now)
    }

    mutating func graft(_ peer: PeerIdentifier, _ topic: String, at now: Instant) {
        addToMesh(peer, topic, at: now)
        urgent[peer, default: GossipControl()].grafts.append(topic)
    }

    mutating func addToMesh(_ peer: PeerIdentifier, _ topic: String, at now: Instant) {
        mesh[topic]?.insert(peer)
        updateScore(of: peer, in: topic) {
            $0.graftedAt = now
            $0.meshMilliseconds = 0
            $0.isActive = false
        }
    }

    mutating func removeFromMesh(_ peer: PeerIdentifier, _ topic: String, at now: Instant) {
        guard mesh[topic]?.remove(peer) == true else { return }
        countLeavingMesh(peer, topic)
    }

    /// Puts a peer out of the mesh, tells it, and keeps away from it for a time.
    mutating func prune(
        _ peer: PeerIdentifier, _ topic: String, backoff: UInt64? = nil, isExchanging: Bool,
        at now: Instant
    ) {
        removeFromMesh(peer, topic, at: now)
        let milliseconds = backoff ?? parameters.pruneBackoffMilliseconds
        backOff(peer, topic, milliseconds, at: now)
        sayPrune(peer, topic, milliseconds, isExchanging: isExchanging)
    }

    private mutating func sayPrune(
        _ peer: PeerIdentifier, _ topic: String, _ milliseconds: UInt64, isExchanging: Bool
    ) {
        var prune = GossipControl.Prune(topic: topic, backoffSeconds: milliseconds / 1_000)
        if isExchanging && score(of: peer) >= 0 {
            let others = subscribers(of: topic).filter { $0 != peer && score(of: $0) >= 0 }
            prune.peers = random.shuffled(others).prefix(GossipLimits.exchangePeers).map {
                .init(peer: $0.bytes)
            }
        }
        urgent[peer, default: GossipControl()].prunes.append(prune)
    }

    /// Neither side grafts the other before the later of all backoffs is over.
    private mutating func backOff(
        _ peer: PeerIdentifier, _ topic: String, _ milliseconds: UInt64, at now: Instant
    ) {
        let end = now.advanced(byMilliseconds: milliseconds)
        let before = scores[peer]?.backoffs[topic] ?? end
        scores[peer]?.backoffs[topic] = max(before, end)
    }

    // MARK: The peer's choices

    /// A peer has taken us into its mesh: either it comes into ours, or it is told to drop us.
    mutating func receiveGraft(_ topic: String, from peer: PeerIdentifier, at now: Instant) {
        // What we have not joined is not answered, or it could be used to make us speak.
        guard joined.contains(topic), mesh[topic]?.contains(peer) == false else { return }
        let milliseconds = parameters.pruneBackoffMilliseconds
        if isDirect(peer) {
            return sayPrune(peer, topic, milliseconds, isExchanging: false)
        }
        if let end = scores[peer]?.backoffs[topic], end > now {
            misbehave(peer)
            let pruned = end.nanoseconds - min(end.nanoseconds, milliseconds * 1_000_000)
            let flood = Instant(nanoseconds: pruned).advanced(
                byMilliseconds: parameters.graftFloodMilliseconds)
            if now < flood { misbehave(peer) }
            backOff(peer, topic, milliseconds, at: now)
            return sayPrune(peer, topic, milliseconds, isExchanging: false)
        }
        guard score(of: peer) >= 0 else {
            backOff(peer, topic, milliseconds, at: now)
            return sayPrune(peer, topic, milliseconds, isExchanging: false)
        }
        guard let neighbour = neighbours[peer], neighbour.speaks?.hasMesh == true else { return }
        // Those whom this node dialled still come in: nobody can fill the mesh by dialling us.
        if mesh[topic]?.count ?? 0 >= parameters.degreeHigh, !neighbour.isOutbound {
            backOff(peer, topic, milliseconds, at: now)
            return sayPrune(
                peer, topic, milliseconds, isExchanging: parameters.isExchangingPeers)
        }
        addToMesh(peer, topic, at: now)
    }

    /// A peer has put us out of its mesh.
    mutating func receivePrune(
        _ prune: GossipControl.Prune, from peer: PeerIdentifier, at now: Instant,
        into effects: inout [GossipEffect]
    ) {
        guard joined.contains(prune.topic) else { return }
        removeFromMesh(peer, prune.topic, at: now)
        let asked = (prune.backoffSeconds ?? 0).multipliedReportingOverflow(by: 1_000)
        let wanted = asked.overflow ? UInt64.max : asked.partialValue
        let milliseconds =
            wanted == 0
            ? parameters.pruneBackoffMilliseconds
            : min(wanted, parameters.backoffMaximumMilliseconds)
        backOff(peer, prune.topic, milliseconds, at: now)
        guard !prune.peers.isEmpty, reaches(scoring.exchangeThreshold, peer) else { return }
        for other in random.shuffled(prune.peers).prefix(GossipLimits.exchangePeers) {
            guard let named = PeerIdentifier.readable(other.peer[...]), named != local,
                neighbours[named] == nil, !other.record.isEmpty
            else { continue }
            effects.append(.connect(named, record: other.record))
        }
    }
}
