// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Machinery

/// The addresses that share a number of leading bits: one host, or a subnet.
package struct AddressBlock: Hashable, Sendable, CustomStringConvertible {
    /// An address of it, with all further bits zero.
    package let address: IPAddress
    /// How many leading bits its addresses share.
    package let bits: Int

    /// The addresses that share the first `bits` bits with `address`; as many as there are when
    /// `bits` is more.
    package init(_ address: IPAddress, bits: Int) {
        let address = address.unmapped
        let width = address.bytes.count * 8
        self.bits = min(max(0, bits), width)
        self.address = IPAddress(bytes: address.network(bits: self.bits)) ?? address
    }

    /// Reads `192.0.2.1`, `192.0.2.0/24` or `2001:db8::/32`; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = parts.first, let address = IPAddress(first)
        else { return nil }
        guard parts.count == 2 else {
            self.init(address, bits: 128)
            return
        }
        guard parts[1].utf8.allSatisfy({ (48...57).contains($0) }), parts[1].utf8.count <= 3,
            var bits = Int(parts[1]), bits <= address.bytes.count * 8
        else { return nil }
        if address != address.unmapped {
            guard bits >= 96 else { return nil }
            bits -= 96
        }
        self.init(address, bits: bits)
    }

    /// The address alone for one host, else with the number of bits behind a slash.
    package var description: String {
        bits == address.bytes.count * 8 ? "\(address)" : "\(address)/\(bits)"
    }
}

extension AddressBlock: Comparable {
    package static func < (lhs: AddressBlock, rhs: AddressBlock) -> Bool {
        lhs.address != rhs.address ? lhs.address < rhs.address : lhs.bits < rhs.bits
    }
}

/// Peers and networks that are not spoken to, for a time or for good.
///
/// It outlives the process (`BlockList+Record.swift`).
/// Specified in Protocol/13-discovery.md#block-list.
package struct BlockList: Equatable, Sendable {
    /// The most peers, and the most networks, that are blocked; the earliest to end go first, those
    /// that are blocked for good never.
    package static let limit = 65_536
    /// The end of what has none.
    static let never = Instant(nanoseconds: .max)

    var peers: [PeerIdentifier: Instant] = [:]
    var networks: [AddressBlock: Instant] = [:]

    /// Nobody is blocked.
    package init() {}

    /// Blocks a peer until a moment; for good when there is none.
    ///
    /// Returns false when the list is full of peers that are blocked for good.
    @discardableResult
    package mutating func block(
        _ peer: PeerIdentifier, until end: Instant? = nil, at now: Instant
    ) -> Bool {
        Self.insert(peer, end ?? Self.never, to: &peers, at: now)
    }

    /// Blocks a network until a moment; for good when there is none.
    ///
    /// Returns false when the list is full of networks that are blocked for good.
    @discardableResult
    package mutating func block(
        _ network: AddressBlock, until end: Instant? = nil, at now: Instant
    ) -> Bool {
        Self.insert(network, end ?? Self.never, to: &networks, at: now)
    }

    /// Lets a peer in again.
    package mutating func unblock(_ peer: PeerIdentifier) {
        peers[peer] = nil
    }

    /// Lets a network in again.
    package mutating func unblock(_ network: AddressBlock) {
        networks[network] = nil
    }

    /// Whether a peer is blocked.
    package func contains(_ peer: PeerIdentifier, at now: Instant) -> Bool {
        peers[peer].map { $0 > now } ?? false
    }

    /// Whether an address is in a blocked network.
    package func contains(_ address: IPAddress, at now: Instant) -> Bool {
        if networks.isEmpty { return false }
        let address = address.unmapped
        return stride(from: 0, through: address.bytes.count * 8, by: 1).contains { bits in
            networks[AddressBlock(address, bits: bits)].map { $0 > now } ?? false
        }
    }

    /// The peers blocked for longer than until `now`, in order.
    package func blockedPeers(at now: Instant) -> [PeerIdentifier] {
        peers.filter { $0.value > now }.keys.sorted()
    }

    /// The networks blocked for longer than until `now`, in order.
    package func blockedNetworks(at now: Instant) -> [AddressBlock] {
        networks.filter { $0.value > now }.keys.sorted()
    }

    /// Forgets blocks that have ended.
    package mutating func expire(at now: Instant) {
        peers = peers.filter { $0.value > now }
        networks = networks.filter { $0.value > now }
    }

    /// Adds to one of the lists; when it is full, what has ended goes, then the earliest to end.
    private static func insert<Subject: Comparable>(
        _ subject: Subject, _ end: Instant, to list: inout [Subject: Instant], at now: Instant
    ) -> Bool {
        if list[subject] == nil, list.count >= limit {
            list = list.filter { $0.value > now }
            if list.count >= limit {
                let first = list.min { ($0.value, $0.key) < ($1.value, $1.key) }
                guard let first, first.value < never else { return false }
                list[first.key] = nil
            }
        }
        list[subject] = end
        return true
    }
}
