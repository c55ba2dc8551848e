// SPDX-License-Identifier: Apache-2.0

internal import Machinery

/// What is looked after once a second.
///
/// Specified in Protocol/12-gossip.md#heartbeat.
extension GossipMachine {
    /// Does what is due.
    mutating func beat(at now: Instant, into effects: inout [GossipEffect]) {
        guard let due = nextHeartbeat else {
            return setNextHeartbeat(at: now, into: &effects)
        }
        guard due <= now else { return }
        heartbeats += 1
        countBrokenPromises(at: now)
        decayScores(at: now)
        startCountsAnew()
        for topic in joined.elements { keepMesh(of: topic, at: now) }
        for topic in fanout.keys.sorted() {
            if let end = fanout[topic]?.end, end <= now {
                fanout[topic] = nil
            } else {
                keepFanout(topic)
                tellHaves(of: topic, butNotTo: fanout[topic]?.peers ?? SortedList())
            }
        }
        if heartbeats % max(1, parameters.directHeartbeats) == 1 { connectDirect(into: &effects) }
        cache.shift()
        seen.expire(at: now)
        records.expire(at: now)
        setNextHeartbeat(at: now, into: &effects)
    }

    private mutating func setNextHeartbeat(at now: Instant, into effects: inout [GossipEffect]) {
        let next = now.advanced(byMilliseconds: parameters.heartbeatMilliseconds)
        nextHeartbeat = next
        effects.append(.wake(at: next))
    }

    private mutating func startCountsAnew() {
        let heartbeats = heartbeats
        for peer in present.elements {
            neighbours[peer]?.haveCount = 0
            neighbours[peer]?.askedCount = 0
            neighbours[peer]?.dontWantCount = 0
            if let unwanted = neighbours[peer]?.dontWant, !unwanted.isEmpty {
                neighbours[peer]?.dontWant = unwanted.filter { $0.value > heartbeats }
            }
        }
    }

    private func connectDirect(into effects: inout [GossipEffect]) {
        for peer in configuration.direct where neighbours[peer] == nil {
            effects.append(.connect(peer, record: []))
        }
    }

    // MARK: The mesh

    private mutating func keepMesh(of topic: String, at now: Instant) {
        for peer in meshPeers(of: topic) where score(of: peer) < 0 {
            prune(peer, topic, isExchanging: false, at: now)
        }
        if meshPeers(of: topic).count < parameters.degreeLow {
            fill(topic, upTo: parameters.degree, at: now)
        }
        if meshPeers(of: topic).count > parameters.degreeHigh { shrink(topic, at: now) }
        let outbound = meshPeers(of: topic).count { neighbours[$0]?.isOutbound == true }
        let count = meshPeers(of: topic).count
        if count >= parameters.degreeLow, outbound < parameters.degreeOutbound {
            fill(topic, upTo: count + parameters.degreeOutbound - outbound, at: now) {
                $0.isOutbound
            }
        }
        if heartbeats % max(1, parameters.opportunisticHeartbeats) == 0 {
            improve(topic, at: now)
        }
        tellHaves(of: topic, butNotTo: mesh[topic] ?? SortedList())
    }

    /// Keeps the best, then random ones, and enough of those whom this node dialled.
    private mutating func shrink(_ topic: String, at now: Instant) {
        let order = random.shuffled(meshPeers(of: topic)).map { ($0, score(of: $0)) }
            .sorted { $0.1 > $1.1 }.map { $0.0 }
        let best = order.prefix(parameters.degreeScore)
        var others = random.shuffled(Array(order.dropFirst(parameters.degreeScore)))
        let kept = parameters.degree - best.count
        let dialled = { (peer: PeerIdentifier) in self.neighbours[peer]?.isOutbound == true }
        let have = best.count(where: dialled) + others.prefix(kept).count(where: dialled)
        if have < parameters.degreeOutbound {
            let missing = parameters.degreeOutbound - have
            let spare = others.dropFirst(kept).filter(dialled).prefix(missing)
            others.removeAll { spare.contains($0) }
            others.insert(contentsOf: spare, at: 0)
        }
        for peer in others.dropFirst(max(0, kept)) {
            prune(peer, topic, isExchanging: parameters.isExchangingPeers, at: now)
        }
    }

    /// Takes in peers that are better than the middle of a bad mesh.
    private mutating func improve(_ topic: String, at now: Instant) {
        let scores = meshPeers(of: topic).map { score(of: $0) }.sorted()
        guard scores.count > 1 else { return }
        let median = scores[scores.count / 2]
        guard median < scoring.opportunisticThreshold else { return }
        let better = subscribers(of: topic).filter {
            mayGraft($0, topic, at: now) && score(of: $0) > median
        }
        for peer in random.shuffled(better).prefix(parameters.opportunisticPeers) {
            graft(peer, topic, at: now)
        }
    }

    // MARK: Gossip

    /// Tells random peers outside the mesh what came lately.
    private mutating func tellHaves(
        of topic: String, butNotTo chosen: SortedList<PeerIdentifier>
    ) {
        let ids = cache.ids(of: topic)
        guard !ids.isEmpty else { return }
        let candidates = subscribers(of: topic).filter {
            neighbours[$0]?.speaks?.hasMesh == true && !chosen.contains($0) && !isDirect($0)
                && score(of: $0) >= scoring.gossipThreshold
        }
        let share = candidates.count * parameters.gossipPercent / 100
        let count = max(parameters.degreeLazy, share)
        for peer in random.shuffled(candidates).prefix(count) {
            let told =
                ids.count > GossipLimits.idsPerRPC
                ? Array(random.shuffled(ids).prefix(GossipLimits.idsPerRPC)) : ids
            gossip[peer, default: GossipControl()].haves.append(.init(topic: topic, ids: told))
        }
    }
}
