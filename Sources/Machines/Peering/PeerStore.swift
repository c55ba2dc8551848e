// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// Where peers can be reached, as far as this node has heard, and whether it has been there.
///
/// It outlives the process (`PeerStore+Record.swift`), so that a node that starts again needs no
/// bootstrap peer. What was only told gives way to what was tried, so strangers' tales cannot push
/// out addresses that work. Specified in Protocol/13-discovery.md#peer-store.
package struct PeerStore: Sendable {
    /// Peers that are remembered.
    package static let peersMax = 4_096
    /// Addresses of one peer.
    package static let addressesMax = 8

    /// One way to reach a peer.
    package struct Address: Hashable, Sendable {
        /// The address, without the peer's name.
        package let address: Multiaddress
        /// When a session over it was last opened.
        package var lastSuccess: Instant?
        /// When an attempt last failed.
        package var lastFailure: Instant?

        var rank: (UInt64, UInt64) {
            let success = lastSuccess?.nanoseconds ?? 0
            let failure = lastFailure?.nanoseconds ?? 0
            return (success > failure ? 2 : failure == 0 ? 1 : 0, success)
        }
    }

    /// What is known of a peer.
    package struct Entry: Hashable, Sendable {
        /// Its name.
        package let peer: PeerIdentifier
        /// Where it may be reached.
        package var addresses: [Address] = []
        /// Whether it served squares when it was last connected.
        package var isStorage = false
        /// When something was last learned of it.
        package var lastHeard: Instant

        /// When a session with it was last opened.
        package var lastSuccess: Instant? { addresses.compactMap(\.lastSuccess).max() }
    }

    private var entries: [PeerIdentifier: Entry] = [:]
    /// Whether something worth keeping on disk has changed since `clean`.
    package private(set) var isDirty = false

    /// Nobody is known.
    package init() {}

    init(_ list: [Entry]) {
        for entry in list { entries[entry.peer] = entry }
    }

    /// Peers that are known.
    package var count: Int { entries.count }

    /// What is known of a peer.
    package subscript(peer: PeerIdentifier) -> Entry? { entries[peer] }

    /// Somebody, perhaps the peer itself, said where it can be reached; only what can be dialled is
    /// kept.
    package mutating func learn(
        _ peer: PeerIdentifier, _ addresses: [Multiaddress], at now: Instant
    ) {
        let dialable = addresses.map(\.withoutPeer).filter { address in
            address.socketAddress.map { $0.port != 0 && !$0.ip.isUnspecified } ?? false
        }
        guard !dialable.isEmpty, entries[peer] != nil || makeRoom() else { return }
        var entry = entries[peer] ?? Entry(peer: peer, lastHeard: now)
        entry.lastHeard = now
        for address in dialable where !entry.addresses.contains(where: { $0.address == address }) {
            if entry.addresses.count >= Self.addressesMax {
                guard
                    let worst = entry.addresses.indices.min(by: {
                        entry.addresses[$0].rank < entry.addresses[$1].rank
                    }), entry.addresses[worst].rank.0 < 2
                else { continue }
                entry.addresses.remove(at: worst)
            }
            entry.addresses.append(Address(address: address))
        }
        entries[peer] = entry
    }

    /// A session with a peer was opened over an address that this node dialled.
    package mutating func reached(
        _ peer: PeerIdentifier, at address: Multiaddress, now: Instant
    ) {
        learn(peer, [address], at: now)
        guard
            let index = entries[peer]?.addresses.firstIndex(where: {
                $0.address == address.withoutPeer
            })
        else { return }
        entries[peer]?.addresses[index].lastSuccess = now
        isDirty = true
    }

    /// A peer told what it serves.
    package mutating func identified(_ peer: PeerIdentifier, isStorage: Bool) {
        guard let entry = entries[peer], entry.isStorage != isStorage else { return }
        entries[peer]?.isStorage = isStorage
        isDirty = true
    }

    /// An attempt to reach a peer failed.
    package mutating func failed(
        _ peer: PeerIdentifier, at address: Multiaddress, now: Instant
    ) {
        guard
            let index = entries[peer]?.addresses.firstIndex(where: {
                $0.address == address.withoutPeer
            })
        else { return }
        entries[peer]?.addresses[index].lastFailure = now
    }

    /// Where a peer may be reached, the most promising first.
    package func addresses(of peer: PeerIdentifier) -> [Multiaddress] {
        (entries[peer]?.addresses ?? []).enumerated().sorted { lhs, rhs in
            let (left, right) = (lhs.element.rank, rhs.element.rank)
            return left != right ? left > right : lhs.offset < rhs.offset
        }.map(\.element.address)
    }

    /// Storage nodes that were reached before, the latest first.
    package func storageNodes(limit: Int, where isWanted: (PeerIdentifier) -> Bool) -> [Entry] {
        let known = entries.values.filter {
            $0.isStorage && $0.lastSuccess != nil && isWanted($0.peer)
        }
        return Array(known.sorted(by: Self.isBetter).prefix(limit))
    }

    /// Those worth keeping on disk: reached at some time, the latest first.
    package func proven(limit: Int) -> [Entry] {
        let known = entries.values.filter { $0.lastSuccess != nil }
        return Array(known.sorted(by: Self.isBetter).prefix(limit))
    }

    /// What was given to the disk was not kept.
    package mutating func spoil() { isDirty = true }

    /// What there is to keep was given to the disk.
    package mutating func clean() { isDirty = false }

    private static func isBetter(_ lhs: Entry, _ rhs: Entry) -> Bool {
        let left = lhs.lastSuccess?.nanoseconds ?? 0
        let right = rhs.lastSuccess?.nanoseconds ?? 0
        return left != right ? left > right : lhs.peer < rhs.peer
    }

    /// Sees to it that one more fits: the one longest unheard of goes that was never reached, else,
    /// nobody does.
    private mutating func makeRoom() -> Bool {
        guard entries.count >= Self.peersMax else { return true }
        let victim = entries.values.filter { $0.lastSuccess == nil }.min {
            ($0.lastHeard, $0.peer) < ($1.lastHeard, $1.peer)
        }
        guard let victim else { return dropOldest() }
        entries[victim.peer] = nil
        return true
    }

    private mutating func dropOldest() -> Bool {
        guard let victim = entries.values.max(by: Self.isBetter) else { return false }
        entries[victim.peer] = nil
        return true
    }
}
