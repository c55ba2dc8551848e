// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Machinery

/// Who provides what, as providers themselves have told this node.
///
/// A key that is full takes a provider from a network with fewer of them in place of the oldest from
/// the network with most, so that one site cannot fill a key and keep others out.
/// Specified in Protocol/13-discovery.md#providers.
package struct ProviderRecords: Sendable {
    private struct Record {
        let provider: PeerIdentifier
        var addresses: [Multiaddress]
        var end: Instant
        /// The network that it told from; empty for loopback, which is not limited.
        var subnet: [UInt8]
    }

    private let limits: KademliaLimits
    /// By key; each list oldest first.
    private var records: [[UInt8]: [Record]] = [:]
    private var keyCounts: [PeerIdentifier: Int] = [:]
    /// When the first record ends, at the earliest.
    private var firstEnd: Instant?
    /// Records that are kept.
    package private(set) var count = 0

    /// No records.
    package init(limits: KademliaLimits = KademliaLimits()) {
        self.limits = limits
    }

    /// Keeps that a peer provides a key; false when there is no room for it.
    package mutating func add(
        _ provider: PeerIdentifier, _ addresses: [Multiaddress], for key: [UInt8],
        remote: IPAddress?, at now: Instant
    ) -> Bool {
        let end = now.advanced(byMilliseconds: limits.providerMilliseconds)
        let subnet = remote.map { $0.isLoopback ? [] : $0.unmapped.subnet } ?? []
        if let index = records[key]?.firstIndex(where: { $0.provider == provider }),
            var record = records[key]?.remove(at: index)
        {
            record.addresses = addresses
            record.end = end
            records[key]?.append(record)
            return true
        }
        expireIfFull(at: now)
        guard count < limits.providerRecords,
            keyCounts[provider, default: 0] < limits.keysPerProvider
        else { return false }
        guard makeRoom(for: subnet, in: key, at: now) else { return false }
        records[key, default: []].append(
            Record(provider: provider, addresses: addresses, end: end, subnet: subnet))
        keyCounts[provider, default: 0] += 1
        count += 1
        firstEnd = min(firstEnd ?? end, end)
        return true
    }

    /// The providers of a key, oldest first.
    package mutating func providers(
        of key: [UInt8], at now: Instant
    ) -> [(provider: PeerIdentifier, addresses: [Multiaddress])] {
        expire(key, at: now)
        return (records[key] ?? []).map { ($0.provider, $0.addresses) }
    }

    /// Forgets what has ended.
    package mutating func expire(at now: Instant) {
        guard let first = firstEnd, first <= now else { return }
        firstEnd = nil
        for key in records.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            expire(key, at: now)
            for record in records[key] ?? [] {
                firstEnd = min(firstEnd ?? record.end, record.end)
            }
        }
    }

    private mutating func expireIfFull(at now: Instant) {
        if count >= limits.providerRecords { expire(at: now) }
    }

    private mutating func expire(_ key: [UInt8], at now: Instant) {
        guard let list = records[key], list.contains(where: { $0.end <= now }) else { return }
        let kept = list.filter { $0.end > now }
        for record in list where record.end <= now { forget(record) }
        records[key] = kept.isEmpty ? nil : kept
    }

    /// Whether one more record from a network fits in a key, perhaps in place of another.
    private mutating func makeRoom(
        for subnet: [UInt8], in key: [UInt8], at now: Instant
    ) -> Bool {
        expire(key, at: now)
        guard let list = records[key] else { return true }
        let own = list.count { $0.subnet == subnet }
        if !subnet.isEmpty, own >= limits.providersPerSubnet { return false }
        guard list.count >= limits.providersPerKey else { return true }
        var counts: [[UInt8]: Int] = [:]
        for record in list { counts[record.subnet, default: 0] += 1 }
        let most = list.map { counts[$0.subnet, default: 0] }.max() ?? 0
        guard own < most,
            let victim = list.firstIndex(where: { counts[$0.subnet, default: 0] == most })
        else { return false }
        forget(list[victim])
        records[key]?.remove(at: victim)
        return true
    }

    private mutating func forget(_ record: Record) {
        let keys = keyCounts[record.provider, default: 1]
        keyCounts[record.provider] = keys > 1 ? keys - 1 : nil
        count -= 1
    }
}
