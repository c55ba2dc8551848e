// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Machinery

/// Searches, and telling others what this node provides.
extension KademliaMachine {
    /// Starts a search, unless the same one runs; one too many ends at once with nothing.
    mutating func start(
        _ key: [UInt8], _ goal: KademliaLookup.Goal, at now: Instant,
        into effects: inout [Effect]
    ) {
        if lookups.values.contains(where: { $0.key == key && $0.goal == goal }) { return }
        let entries = table.closest(to: KademliaKey(hashing: key), limit: limits.bucketSize)
        let lookup = KademliaLookup(
            key: key, goal: goal, from: entries, local: local, limits: limits)
        guard lookups.count < limits.lookups else {
            return report(lookup, from: [], into: &effects)
        }
        lookupCount += 1
        lookups[lookupCount] = lookup
        stirred.insert(lookupCount)
    }

    /// Asks what searches want asked, and ends those that are over.
    mutating func continueLookups(at now: Instant, into effects: inout [Effect]) {
        let numbers = stirred.sorted()
        stirred.removeAll(keepingCapacity: true)
        for number in numbers {
            guard var lookup = lookups.removeValue(forKey: number) else { continue }
            if !lookup.isSatisfied(at: now) {
                for (peer, addresses) in lookup.next(at: now) {
                    ask(
                        peer, addresses, KademliaMessage(lookup.kind, key: lookup.key),
                        .lookup(number), into: &effects)
                }
            }
            guard lookup.isIdle || lookup.isSatisfied(at: now) else {
                lookups[number] = lookup
                continue
            }
            if case .announcement = lookup.goal {
                announce(lookup, number, at: now, into: &effects)
            } else {
                report(lookup, from: lookup.providers, into: &effects)
            }
        }
    }

    private mutating func report(
        _ lookup: KademliaLookup, from providers: [KademliaMessage.Peer],
        into effects: inout [Effect]
    ) {
        switch lookup.goal {
        case .closest: break
        case .peer(let peer): effects.append(.foundPeer(peer, lookup.found?.addresses ?? []))
        case .providers: effects.append(.foundProviders(lookup.key, providers))
        case .announcement: effects.append(.provided(lookup.key, told: 0))
        }
    }

    // MARK: Providing

    /// Tells the peers nearest to a key that this node provides it, now and from time to time.
    mutating func provide(
        _ key: [UInt8], at now: Instant, into effects: inout [Effect]
    ) {
        let due = now.advanced(byMilliseconds: limits.republishMilliseconds)
        if let index = provided.firstIndex(where: { $0.key == key }) {
            provided[index].due = due
        } else {
            guard provided.count < limits.providedKeys else {
                return effects.append(.provided(key, told: 0))
            }
            provided.append((key, due))
        }
        start(key, .announcement, at: now, into: &effects)
    }

    private mutating func announce(
        _ lookup: KademliaLookup, _ number: Int, at now: Instant, into effects: inout [Effect]
    ) {
        var message = KademliaMessage(.addProvider, key: lookup.key)
        message.providerPeers = [KademliaMessage.Peer(local, listenAddresses)]
        let closest = listenAddresses.isEmpty ? [] : lookup.closest
        announcements[number] = Announcement(key: lookup.key, waiting: closest.count)
        for (peer, addresses) in closest {
            ask(peer, addresses, message, .announcement(number), into: &effects)
        }
        finishAnnouncement(number, into: &effects)
    }

    mutating func finishAnnouncement(_ number: Int, into effects: inout [Effect]) {
        guard let announcement = announcements[number], announcement.waiting == 0 else { return }
        announcements[number] = nil
        effects.append(.provided(announcement.key, told: announcement.told))
    }
}
