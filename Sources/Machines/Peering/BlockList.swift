// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// Peers and networks that are not spoken to, for a time or for good.
package struct BlockList: Sendable {
    /// The most peers, and the most networks, that are blocked for a time; the earliest to end go.
    package static let limit = 65_536

    private var peers: [PeerIdentifier: Instant] = [:]
    private var networks: [Network: Instant] = [:]

    private struct Network: Hashable {
        let prefix: [UInt8]
        let bits: Int
    }

    /// Nobody is blocked.
    package init() {}

    /// Blocks a peer until a moment; for good when there is none.
    package mutating func block(_ peer: PeerIdentifier, until end: Instant? = nil) {
        peers[peer] = end ?? Self.never
        guard peers.count > Self.limit else { return }
        let first = peers.min { ($0.value, $0.key) < ($1.value, $1.key) }
        if let first { peers[first.key] = nil }
    }

    /// Blocks the addresses that share the first `bits` bits with `address`.
    package mutating func block(_ address: IPAddress, bits: Int, until end: Instant? = nil) {
        let address = address.unmapped
        guard networks.count < Self.limit else { return }
        networks[Network(prefix: address.network(bits: bits), bits: bits)] = end ?? Self.never
    }

    /// Lets a peer in again.
    package mutating func unblock(_ peer: PeerIdentifier) {
        peers[peer] = nil
    }

    /// Lets a network in again.
    package mutating func unblock(_ address: IPAddress, bits: Int) {
        networks[Network(prefix: address.unmapped.network(bits: bits), bits: bits)] = nil
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
            networks[Network(prefix: address.network(bits: bits), bits: bits)].map { $0 > now }
                ?? false
        }
    }

    /// The peers blocked for longer than until `now`, in order.
    package func blockedPeers(at now: Instant) -> [PeerIdentifier] {
        peers.filter { $0.value > now }.keys.sorted()
    }

    private static let never = Instant(nanoseconds: .max)
}
