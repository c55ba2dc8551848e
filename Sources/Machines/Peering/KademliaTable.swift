// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Machinery

/// The servers that a node knows, more of them the nearer they are.
///
/// Bucket *i* holds peers that share exactly *i* leading bits with this node. A peer that answers
/// stays; a newcomer waits until one of its bucket does not, so that nobody is pushed out by mere
/// numbers. Specified in Protocol/13-discovery.md#table.
package struct KademliaTable: Sendable {
    /// A server.
    package struct Entry: Hashable, Sendable {
        /// Its name.
        package let peer: PeerIdentifier
        /// Its place.
        package let key: KademliaKey
        /// Where it says it can be reached.
        package var addresses: [Multiaddress]
        /// When it last gave a sign of life.
        package var lastSeen: Instant
        /// The network its connection came from; nil when it is not counted.
        let subnet: [UInt8]?
    }

    /// What became of a peer that was seen.
    package enum Outcome: Equatable, Sendable {
        /// It is in the table.
        case kept
        /// Its bucket is full; it may come in when one of the bucket does not answer.
        case waiting
        /// Too many of its bucket come from its network, or it is this node.
        case refused
    }

    private let own: KademliaKey
    private let limits: KademliaLimits
    private var buckets: [[Entry]] = Array(repeating: [], count: 257)
    private var waiting: [[Entry]] = Array(repeating: [], count: 257)
    /// Servers in the table.
    package private(set) var count = 0

    /// An empty table of the node at `own`.
    package init(own: KademliaKey, limits: KademliaLimits = KademliaLimits()) {
        self.own = own
        self.limits = limits
    }

    /// A server gave a sign of life over a connection with `remote`.
    package mutating func seen(
        _ peer: PeerIdentifier, _ addresses: [Multiaddress], remote: IPAddress?, at now: Instant
    ) -> Outcome {
        let key = KademliaKey(of: peer)
        let bucket = own.commonPrefix(with: key)
        guard bucket < 256 else { return .refused }
        if let index = buckets[bucket].firstIndex(where: { $0.peer == peer }) {
            buckets[bucket][index].lastSeen = now
            if !addresses.isEmpty { buckets[bucket][index].addresses = addresses }
            return .kept
        }
        let entry = Entry(
            peer: peer, key: key, addresses: addresses, lastSeen: now,
            subnet: remote.flatMap { $0.isLoopback ? nil : $0.unmapped.subnet })
        waiting[bucket].removeAll { $0.peer == peer }
        guard mayEnter(entry, bucket) else { return .refused }
        if buckets[bucket].count < limits.bucketSize {
            buckets[bucket].append(entry)
            count += 1
            return .kept
        }
        waiting[bucket].append(entry)
        if waiting[bucket].count > limits.replacements { waiting[bucket].removeFirst() }
        return .waiting
    }

    /// A server in the table answered.
    package mutating func answered(_ peer: PeerIdentifier, at now: Instant) {
        let bucket = own.commonPrefix(with: KademliaKey(of: peer))
        guard let index = buckets[bucket].firstIndex(where: { $0.peer == peer }) else { return }
        buckets[bucket][index].lastSeen = now
    }

    /// A server did not answer, or is none any more; the newest that waits takes its place.
    package mutating func remove(_ peer: PeerIdentifier) {
        let bucket = own.commonPrefix(with: KademliaKey(of: peer))
        waiting[bucket].removeAll { $0.peer == peer }
        guard let index = buckets[bucket].firstIndex(where: { $0.peer == peer }) else { return }
        buckets[bucket].remove(at: index)
        count -= 1
        if let next = waiting[bucket].lastIndex(where: { mayEnter($0, bucket) }) {
            buckets[bucket].append(waiting[bucket].remove(at: next))
            count += 1
        }
    }

    /// The entry of a server.
    package func entry(_ peer: PeerIdentifier) -> Entry? {
        buckets[own.commonPrefix(with: KademliaKey(of: peer))].first { $0.peer == peer }
    }

    /// The `limit` servers nearest to a place, the nearest first.
    ///
    /// Those of the place's own bucket are nearer to it than those of later buckets, which are all
    /// nearer than those of earlier ones; so only as many buckets are sorted as are needed.
    package func closest(to target: KademliaKey, limit: Int) -> [Entry] {
        let home = min(255, own.commonPrefix(with: target))
        var found: [Entry] = []
        func add(_ entries: [Entry]) {
            found += entries.sorted {
                $0.key.distance(to: target) < $1.key.distance(to: target)
            }
        }
        add(buckets[home])
        if found.count < limit { add(Array(buckets[(home + 1)...].joined())) }
        for bucket in stride(from: home - 1, through: 0, by: -1) where found.count < limit {
            add(buckets[bucket])
        }
        return Array(found.prefix(limit))
    }

    /// All servers, bucket by bucket.
    package var entries: [Entry] { Array(buckets.joined()) }

    /// The last bucket that holds a server; nil when there is none.
    package var deepestBucket: Int? { buckets.lastIndex { !$0.isEmpty } }

    /// The servers of buckets where others wait that were quiet since a moment: to be asked whether
    /// they live.
    package func doubtful(since moment: Instant) -> [Entry] {
        buckets.indices.flatMap { bucket in
            waiting[bucket].isEmpty ? [] : buckets[bucket].filter { $0.lastSeen < moment }
        }
    }

    private func mayEnter(_ entry: Entry, _ bucket: Int) -> Bool {
        guard let subnet = entry.subnet else { return true }
        return buckets[bucket].count { $0.subnet == subnet } < limits.peersPerSubnet
    }
}

extension IPAddress {
    /// The network that limits by diversity count: the first 24 bits of an IPv4 address, 56 of an
    /// IPv6 address.
    var subnet: [UInt8] {
        switch self {
        case .v4: network(bits: 24)
        case .v6: network(bits: 56)
        }
    }

    /// Whether it leads nowhere outside of a machine or a site: loopback, private, link-local or
    /// unspecified (RFC 6890).
    package var isLocal: Bool {
        switch unmapped {
        case .v4(let four):
            switch (four[0], four[1]) {
            case (127, _), (10, _), (0, _), (192, 168), (169, 254): true
            case (172, 16...31), (100, 64...127): true
            default: false
            }
        case .v6(let sixteen):
            isLoopback || sixteen.isZero || sixteen[0] & 0xfe == 0xfc
                || sixteen[0] == 0xfe && sixteen[1] & 0xc0 == 0x80
        }
    }

    /// Whether it names no host: 0.0.0.0 or ::, what a listener on every address is bound to.
    package var isUnspecified: Bool { unmapped.bytes.allSatisfy { $0 == 0 } }
}
