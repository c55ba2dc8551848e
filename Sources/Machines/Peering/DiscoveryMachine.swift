// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// How often peers of a topic are looked for and this node is advertised.
///
/// Specified in Protocol/13-discovery.md#limits.
package struct DiscoveryLimits: Sendable {
    /// How often this node is advertised, in milliseconds; others keep a record far longer.
    package var advertiseMilliseconds: UInt64 = 3_600_000
    /// How soon it is advertised again when nobody was told, in milliseconds.
    package var advertiseAgainMilliseconds: UInt64 = 30_000
    /// How often peers are looked for while too few are connected, in milliseconds.
    package var searchMilliseconds: UInt64 = 30_000
    /// How long a peer that was found is left alone after it was handed out, in milliseconds.
    package var backoffMilliseconds: UInt64 = 600_000
    /// Peers of the topic to be connected to.
    package var wanted = 5
    /// Peers that are remembered as handed out.
    package var remembered = 1_024

    /// The defaults.
    package init() {}

    /// Shorter pauses, for networks of a few nodes that have just started.
    package static var devnet: DiscoveryLimits {
        var limits = DiscoveryLimits()
        limits.advertiseMilliseconds = 60_000
        limits.advertiseAgainMilliseconds = 1_000
        limits.searchMilliseconds = 2_000
        limits.backoffMilliseconds = 10_000
        return limits
    }
}

/// Peers of a purpose find each other: advertises this node under topics and looks for others there.
///
/// It knows nothing of how: whoever owns it carries its wishes to the Kademlia machine and hands
/// what was found back. Specified in Protocol/13-discovery.md#topics.
package struct DiscoveryMachine: Machine {
    /// What can happen.
    package enum Event: Sendable {
        /// So many peers of the wanted topic are connected, and so many servers are known.
        case standing(connected: Int, servers: Int)
        /// So many peers were told that this node is of a topic.
        case advertised(DiscoveryTopic, told: Int)
        /// So many more peers of the wanted topic are to be found at once, whoever is connected.
        case wants(more: Int)
        /// A search is over.
        case found(DiscoveryTopic, [KademliaMessage.Peer])
        /// A moment asked for may have come.
        case woke
    }

    /// What is to be done.
    package enum Effect: Equatable, Sendable {
        /// Tell that this node is of a topic → `advertised`.
        case advertise(DiscoveryTopic)
        /// Look for peers of a topic → `found`.
        case search(DiscoveryTopic, wanted: Int)
        /// Connect to a peer of the wanted topic.
        case connect(PeerIdentifier, [Multiaddress])
        /// Send `woke` at this moment.
        case wake(at: Instant)
    }

    private let limits: DiscoveryLimits
    private let topics: [DiscoveryTopic]
    private let wanted: DiscoveryTopic?
    private var advertiseDue: [DiscoveryTopic: Instant] = [:]
    private var advertising: Set<DiscoveryTopic> = []
    private var searchDue: Instant?
    private var isSearching = false
    /// Peers that are wanted beyond those that a node usually has, until the next search is over.
    private var more: Int?
    private var connected = 0
    private var servers = 0
    private var handedOut: [(peer: PeerIdentifier, until: Instant)] = []
    private var wakeRequested: Instant?

    /// Advertises `topics`, looks for peers of `wanted`.
    package init(
        advertising topics: [DiscoveryTopic], wanting wanted: DiscoveryTopic?,
        limits: DiscoveryLimits = DiscoveryLimits()
    ) {
        self.topics = topics
        self.wanted = wanted
        self.limits = limits
    }

    /// Takes one event and appends what must be done about it.
    package mutating func handle(
        _ event: Event, at now: Instant, into effects: inout [Effect]
    ) {
        switch event {
        case .standing(let connected, let servers):
            self.connected = connected
            if self.servers == 0, servers > 0 { wakeUp(at: now) }
            self.servers = servers
        case .advertised(let topic, let told):
            advertising.remove(topic)
            let pause =
                told > 0 ? limits.advertiseMilliseconds : limits.advertiseAgainMilliseconds
            advertiseDue[topic] = now.advanced(byMilliseconds: pause)
        case .wants(let more):
            self.more = more
            searchDue = now
        case .found(let topic, let peers):
            guard topic == wanted else { break }
            isSearching = false
            searchDue = now.advanced(byMilliseconds: limits.searchMilliseconds)
            handOut(peers, at: now, into: &effects)
            more = nil
        case .woke: break
        }
        act(at: now, into: &effects)
    }

    /// The first server is known: everything is due.
    private mutating func wakeUp(at now: Instant) {
        for topic in topics { advertiseDue[topic] = now }
        searchDue = now
    }

    private mutating func handOut(
        _ peers: [KademliaMessage.Peer], at now: Instant, into effects: inout [Effect]
    ) {
        handedOut.removeAll { $0.until <= now }
        let room = min(limits.remembered, handedOut.count + (more ?? limits.remembered))
        for peer in peers {
            guard handedOut.count < room,
                !handedOut.contains(where: { $0.peer == peer.identifier })
            else { continue }
            let until = now.advanced(byMilliseconds: limits.backoffMilliseconds)
            handedOut.append((peer.identifier, until))
            effects.append(.connect(peer.identifier, peer.addresses))
        }
    }

    private mutating func act(at now: Instant, into effects: inout [Effect]) {
        if wakeRequested.map({ $0 <= now }) ?? false { wakeRequested = nil }
        guard servers > 0 else { return }
        var moments: [Instant] = []
        for topic in topics where !advertising.contains(topic) {
            guard let due = advertiseDue[topic] else { continue }
            if due <= now {
                advertising.insert(topic)
                effects.append(.advertise(topic))
            } else {
                moments.append(due)
            }
        }
        if let wanted, connected < limits.wanted || more != nil, !isSearching {
            let due = searchDue ?? now
            if due <= now {
                isSearching = true
                // More than are missing, since some will not answer.
                let count = max(4 * limits.wanted, 4 * (more ?? 0))
                effects.append(.search(wanted, wanted: count))
            } else {
                moments.append(due)
            }
        }
        guard let first = moments.min(), wakeRequested.map({ first < $0 }) ?? true else { return }
        wakeRequested = first
        effects.append(.wake(at: first))
    }
}
