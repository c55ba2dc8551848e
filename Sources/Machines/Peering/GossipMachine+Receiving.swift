// SPDX-License-Identifier: Apache-2.0

internal import Machinery

/// What peers send.
///
/// Specified in Protocol/12-gossip.md#receiving.
extension GossipMachine {
    mutating func receive(
        _ rpc: GossipRPC, from peer: PeerIdentifier, at now: Instant,
        into effects: inout [GossipEffect]
    ) {
        guard neighbours[peer] != nil else { return }
        for subscription in rpc.subscriptions { receive(subscription, from: peer, at: now) }
        guard reaches(scoring.graylistThreshold, peer) else { return }
        for message in rpc.messages { receive(message, from: peer, at: now, into: &effects) }
        guard neighbours[peer]?.speaks?.hasMesh == true else { return }
        for have in rpc.control.haves { receive(have, from: peer, at: now) }
        answerWants(rpc.control.wants, from: peer, into: &effects)
        // The same topic again and again is one wish, and gets one answer.
        var grafts = SortedList<String>()
        for topic in rpc.control.grafts where joined.contains(topic) && grafts.insert(topic) {
            receiveGraft(topic, from: peer, at: now)
        }
        for prune in rpc.control.prunes {
            receivePrune(prune, from: peer, at: now, into: &effects)
        }
        for ids in rpc.control.dontWants { receiveDontWant(ids, from: peer) }
    }

    private mutating func receive(
        _ subscription: GossipRPC.Subscription, from peer: PeerIdentifier, at now: Instant
    ) {
        let topic = subscription.topic
        guard rules[topic] != nil else { return }
        if subscription.isWanted {
            guard neighbours[peer]?.topics.count ?? 0 < GossipLimits.subscriptionsPerPeer,
                neighbours[peer]?.topics.insert(topic) == true
            else { return }
            subscribers[topic, default: SortedList()].insert(peer)
            welcome(peer, topic, at: now)
        } else {
            neighbours[peer]?.topics.remove(topic)
            subscribers[topic]?.remove(peer)
            removeFromMesh(peer, topic, at: now)
            fanout[topic]?.peers.remove(peer)
        }
    }

    // MARK: Messages

    private mutating func receive(
        _ message: GossipMessage, from peer: PeerIdentifier, at now: Instant,
        into effects: inout [GossipEffect]
    ) {
        guard joined.contains(message.topic), let rules = rules[message.topic] else { return }
        let id = rules.id(of: message)
        owed[id] = nil
        let key = rules.key(of: message, id: id)
        if let record = records[key] {
            return receiveCopy(record, key, message.topic, from: peer, at: now)
        }
        guard seen[id] == nil else { return }
        // Too many wait: it is as if it had been lost on the way, and may come again.
        guard waiting.count < GossipLimits.validations,
            neighbours[peer]?.waiting ?? 0 < GossipLimits.validationsPerPeer
        else { return }
        let author: PeerIdentifier?
        do throws(GossipMessageFault) {
            author = try message.check(rules.signing)
        } catch {
            return countInvalid(peer, message.topic)
        }
        guard author != local else { return }
        records.insert(key, Record(), at: now)
        if rules.isNameOfContent { seen.insert(id, true, at: now) }
        neighbours[peer]?.waiting += 1
        deliveryCount += 1
        waiting[deliveryCount] = Waiting(
            message: message, id: id, key: key, sender: peer, author: author)
        sayDontWant(id, message, butNotTo: peer)
        effects.append(
            .deliver(
                GossipDelivery(
                    number: deliveryCount, topic: message.topic, data: message.data ?? [],
                    author: author, sender: peer)))
    }

    private mutating func receiveCopy(
        _ record: Record, _ key: GossipID, _ topic: String, from peer: PeerIdentifier,
        at now: Instant
    ) {
        switch record.state {
        case .waiting:
            guard record.copies.count < GossipLimits.validationsPerPeer,
                !record.copies.contains(peer)
            else { return }
            records.update(key) { $0.copies.append(peer) }
        case .accepted:
            guard let rules = rules[topic]?.scoring, let accepted = record.acceptedAt,
                now <= accepted.advanced(byMilliseconds: rules.meshWindowMilliseconds),
                !record.copies.contains(peer),
                record.copies.count < GossipLimits.validationsPerPeer
            else { return }
            records.update(key) { $0.copies.append(peer) }
            countCopy(peer, topic)
        case .rejected: countInvalid(peer, topic)
        case .ignored: break
        }
    }

    /// The node has judged a message: it goes on, or counts against those who brought it.
    mutating func judged(
        _ number: UInt64, _ verdict: GossipVerdict, at now: Instant,
        into effects: inout [GossipEffect]
    ) {
        guard let waiting = waiting.removeValue(forKey: number) else { return }
        let topic = waiting.message.topic
        neighbours[waiting.sender]?.waiting -= 1
        let copies = records[waiting.key]?.copies ?? []
        records.update(waiting.key) { record in
            switch verdict {
            case .accept:
                record.state = .accepted
                record.acceptedAt = now
            case .ignore: record.state = .ignored
            case .reject: record.state = .rejected
            }
            record.copies.append(waiting.sender)
        }
        switch verdict {
        case .accept:
            countFirst(waiting.sender, topic)
            for peer in copies where peer != waiting.sender { countCopy(peer, topic) }
            seen.insert(waiting.id, true, at: now)
            cache.put(waiting.message, id: waiting.id)
            let others = [waiting.sender, waiting.author].compactMap(\.self) + copies
            forward(waiting.message, id: waiting.id, butNotTo: others, into: &effects)
        case .ignore: break
        case .reject:
            countInvalid(waiting.sender, topic)
            for peer in copies where peer != waiting.sender { countInvalid(peer, topic) }
        }
    }

    // MARK: IHAVE, IWANT, IDONTWANT

    /// Asks for what a peer has and this node has not.
    private mutating func receive(
        _ have: GossipControl.Have, from peer: PeerIdentifier, at now: Instant
    ) {
        guard joined.contains(have.topic), let neighbour = neighbours[peer],
            reaches(scoring.gossipThreshold, peer)
        else { return }
        neighbours[peer]?.haveCount += 1
        guard neighbour.haveCount < GossipLimits.haveMessages else { return }
        let room = GossipLimits.idsPerRPC - neighbour.askedCount
        guard room > 0 else { return }
        var known: Set<GossipID> = []
        let missing = have.ids.filter { seen[$0] == nil && known.insert($0).inserted }
        let asked = Array(random.shuffled(missing).prefix(room))
        guard let promised = asked.first else { return }
        neighbours[peer]?.askedCount += asked.count
        gossip[peer, default: GossipControl()].wants += asked
        owed[promised, default: 0] += 1
        promises.append(
            (now.advanced(byMilliseconds: parameters.promiseMilliseconds), promised, peer))
    }

    /// Counts promises that were not kept (P7).
    mutating func countBrokenPromises(at now: Instant) {
        while let promise = promises.first, promise.end <= now {
            _ = promises.popFirst()
            guard let count = owed[promise.id] else { continue }
            owed[promise.id] = count > 1 ? count - 1 : nil
            misbehave(promise.peer)
        }
    }

    private mutating func answerWants(
        _ ids: [GossipID], from peer: PeerIdentifier, into effects: inout [GossipEffect]
    ) {
        guard !ids.isEmpty, reaches(scoring.gossipThreshold, peer) else { return }
        for id in ids {
            guard let message = cache.take(id, for: peer) else { continue }
            send(message, to: peer, into: &effects)
        }
    }

    private mutating func receiveDontWant(_ ids: [GossipID], from peer: PeerIdentifier) {
        guard let neighbour = neighbours[peer], neighbour.speaks == .meshDontWant,
            neighbour.dontWantCount < GossipLimits.dontWantMessages
        else { return }
        neighbours[peer]?.dontWantCount += 1
        for id in ids.prefix(GossipLimits.dontWantIDs) {
            neighbours[peer]?.dontWant[id] =
                heartbeats + UInt64(GossipLimits.dontWantHeartbeats)
        }
    }

    /// Spares us the copies of a large message that is here already.
    private mutating func sayDontWant(
        _ id: GossipID, _ message: GossipMessage, butNotTo sender: PeerIdentifier
    ) {
        guard message.data?.count ?? 0 >= GossipLimits.dontWantBytes else { return }
        for peer in meshPeers(of: message.topic)
        where peer != sender && neighbours[peer]?.speaks == .meshDontWant {
            gossip[peer, default: GossipControl()].dontWants.append([id])
        }
    }
}
