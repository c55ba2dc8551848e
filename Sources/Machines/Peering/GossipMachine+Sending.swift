// SPDX-License-Identifier: Apache-2.0

internal import Machinery

/// Own messages, and those of others on their way.
///
/// Specified in Protocol/12-gossip.md#forwarding.
extension GossipMachine {
    /// Publishes data; what this node has seen already goes nowhere.
    mutating func publish(
        _ topic: String, _ data: [UInt8], at now: Instant, into effects: inout [GossipEffect]
    ) {
        guard let rules = rules[topic], data.count <= GossipLimits.dataBytes else { return }
        let message: GossipMessage
        switch rules.signing {
        case .strict:
            sequence = max(sequence &+ 1, now.nanoseconds)
            message = GossipMessage(
                topic: topic, data: data, sequence: sequence, signedBy: configuration.key)
        case .none: message = GossipMessage(topic: topic, data: data)
        }
        let id = rules.id(of: message)
        guard seen[id] == nil else { return }
        seen.insert(id, true, at: now)
        let key = rules.key(of: message, id: id)
        records.insert(key, Record(), at: now)
        records.update(key) { $0.state = .accepted }
        cache.put(message, id: id)
        if !joined.contains(topic) { fillFanout(topic, at: now) }
        forward(message, id: id, butNotTo: [], into: &effects)
        if parameters.isFloodPublishing { flood(message, id: id, into: &effects) }
    }

    /// Gives an own message to peers outside the mesh: all, or random ones where there are many.
    private mutating func flood(
        _ message: GossipMessage, id: GossipID, into effects: inout [GossipEffect]
    ) {
        let chosen = mesh[message.topic] ?? fanout[message.topic]?.peers ?? SortedList()
        var others = subscribers(of: message.topic).filter {
            neighbours[$0]?.speaks?.hasMesh == true && !chosen.contains($0) && !isDirect($0)
                && reaches(scoring.publishThreshold, $0)
        }
        if others.count > GossipLimits.floodPeers { others = random.shuffled(others) }
        for peer in others.prefix(GossipLimits.floodPeers) {
            send(message, id: id, to: peer, into: &effects)
        }
    }

    /// Sends a message to those who are to have it: the mesh or fanout, explicit and plain peers.
    mutating func forward(
        _ message: GossipMessage, id: GossipID, butNotTo others: [PeerIdentifier],
        into effects: inout [GossipEffect]
    ) {
        let chosen = mesh[message.topic] ?? fanout[message.topic]?.peers ?? SortedList()
        for peer in subscribers(of: message.topic) where !others.contains(peer) {
            guard let speaks = neighbours[peer]?.speaks else { continue }
            let isPlain = !speaks.hasMesh && reaches(scoring.publishThreshold, peer)
            if isPlain || isDirect(peer) || chosen.contains(peer) {
                send(message, id: id, to: peer, into: &effects)
            }
        }
    }

    private mutating func send(
        _ message: GossipMessage, id: GossipID, to peer: PeerIdentifier,
        into effects: inout [GossipEffect]
    ) {
        if neighbours[peer]?.dontWant[id] != nil { return }
        send(message, to: peer, into: &effects)
    }

    func send(
        _ message: GossipMessage, to peer: PeerIdentifier, into effects: inout [GossipEffect]
    ) {
        guard neighbours[peer]?.speaks != nil else { return }
        var rpc = GossipRPC()
        rpc.messages = [message]
        effects.append(.send(peer, rpc, .normal))
    }

    /// Peers for a topic that is only written to.
    mutating func fillFanout(_ topic: String, at now: Instant) {
        let end = now.advanced(byMilliseconds: parameters.fanoutMilliseconds)
        fanout[topic, default: Fanout(end: end)].end = end
        keepFanout(topic)
    }

    /// Drops what does not serve any more, and fills up to the degree.
    mutating func keepFanout(_ topic: String) {
        guard var peers = fanout[topic]?.peers else { return }
        for peer in peers.elements
        where subscribers[topic]?.contains(peer) != true
            || !reaches(scoring.publishThreshold, peer)
        {
            peers.remove(peer)
        }
        let missing = parameters.degree - peers.count
        if missing > 0 {
            let candidates = subscribers(of: topic).filter {
                neighbours[$0]?.speaks?.hasMesh == true && !isDirect($0) && !peers.contains($0)
                    && reaches(scoring.publishThreshold, $0)
            }
            for peer in random.shuffled(candidates).prefix(missing) { peers.insert(peer) }
        }
        fanout[topic]?.peers = peers
    }
}
