// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// Who is shown the door.
///
/// Specified in Protocol/09-peer-layer.md#shedding.
extension PeerHost {
    /// Counts points against a peer; at the maximum it is blocked for a time and hung up on.
    ///
    /// Points are forgiven slowly; 100 at once block. Invalid share or header data is worth 100.
    package mutating func penalize(_ peer: PeerIdentifier, points: Int, at now: Instant) {
        var state = peers[peer] ?? PeerState()
        let before = state.penalty(at: now, forgivenEvery: limits.forgivenessMilliseconds)
        state.penalty = before + max(0, points)
        state.penalizedAt = now
        peers[peer] = state
        guard state.penalty >= limits.penaltyMaximum else { return forget(peer, at: now) }
        tell(.observed(.blocked(peer)))
        block(peer, until: now.advanced(byMilliseconds: limits.blockMilliseconds), at: now)
    }

    /// Points against a peer now.
    package func penalty(of peer: PeerIdentifier, at now: Instant) -> Int {
        peers[peer]?.penalty(at: now, forgivenEvery: limits.forgivenessMilliseconds) ?? 0
    }

    /// Refuses a peer until a moment, or for good, and hangs up on it.
    package mutating func block(_ peer: PeerIdentifier, until end: Instant? = nil, at now: Instant)
    {
        blocks.block(peer, until: end, at: now)
        blockRevision += 1
        for number in peers[peer]?.connections ?? [] { self.end(number, .gated, at: now) }
    }

    /// Refuses the addresses that share the first `bits` bits with `address`, and hangs up on them.
    package mutating func block(
        _ address: IPAddress, bits: Int, until end: Instant? = nil, at now: Instant
    ) {
        block(AddressBlock(address, bits: bits), until: end, at: now)
    }

    /// Refuses a network until a moment, or for good, and hangs up on its peers.
    ///
    /// Returns false when the list is full of networks that are refused for good.
    @discardableResult
    package mutating func block(
        _ network: AddressBlock, until end: Instant? = nil, at now: Instant
    ) -> Bool {
        guard blocks.block(network, until: end, at: now) else { return false }
        blockRevision += 1
        for number in connections.keys.sorted() {
            guard let remote = connections[number]?.remote.ip, blocks.contains(remote, at: now)
            else { continue }
            self.end(number, .gated, at: now)
        }
        return true
    }

    /// Lets a peer in again.
    package mutating func unblock(_ peer: PeerIdentifier) {
        blocks.unblock(peer)
        blockRevision += 1
        peers[peer]?.penalty = 0
    }

    /// Lets a network in again.
    package mutating func unblock(_ network: AddressBlock) {
        blocks.unblock(network)
        blockRevision += 1
    }

    /// Takes over the blocks of an earlier run that have not ended.
    package mutating func restore(_ list: BlockList, at now: Instant) {
        blocks = list
        blocks.expire(at: now)
    }

    /// Who is refused; `blockRevision` rises with every change.
    package var blockList: BlockList { blocks }

    /// The peers that are refused now, in order.
    package func blockedPeers(at now: Instant) -> [PeerIdentifier] {
        blocks.blockedPeers(at: now)
    }

    /// Drops what is known of a peer that is not connected and has nothing against it.
    mutating func forget(_ peer: PeerIdentifier, at now: Instant) {
        guard let state = peers[peer], state.connections.isEmpty else { return }
        if peers.count > Self.rememberedPeers
            || state.penalty(at: now, forgivenEvery: limits.forgivenessMilliseconds) == 0
        {
            peers[peer] = nil
        }
    }

    /// Peers that are remembered although they are not connected.
    private static let rememberedPeers = 16_384

    /// Bytes of buffers and connections, as the budget counts them.
    package var memoryUsedBytes: Int { memoryUsed }

    /// What memory holds at most.
    package var memoryLimitBytes: Int { limits.memoryBytes }

    /// From where on nobody is let in and no question taken.
    var memoryRefusalBytes: Int { limits.memoryBytes / 100 * 95 }

    /// Says what a peer is to this node, which decides who goes first when memory is short.
    package mutating func value(_ peer: PeerIdentifier, as standing: ConnectionManager.Standing) {
        peers[peer]?.standing = standing
    }

    /// Hangs up on connections while more than four fifths of the budget are used: those with points
    /// against them first, then the least useful, of these the costliest; protected peers last.
    mutating func shedMemory(at now: Instant) {
        while memoryUsed > limits.memoryBytes / 100 * 80 {
            let costliest = connections.max { lhs, rhs in
                let (left, right) = (standing(of: lhs.value), standing(of: rhs.value))
                if left.isProtected != right.isProtected { return left.isProtected }
                let points = lhs.value.peer.map { penalty(of: $0, at: now) } ?? 0
                let others = rhs.value.peer.map { penalty(of: $0, at: now) } ?? 0
                return (points, -left.score, lhs.value.countedBytes, lhs.key)
                    < (others, -right.score, rhs.value.countedBytes, rhs.key)
            }
            guard let costliest else { return }
            end(costliest.key, .resourceLimit, at: now)
            remove(costliest.key, .endedHere(.resourceLimit), at: now)
        }
    }

    private func standing(of connection: PeerConnection) -> ConnectionManager.Standing {
        connection.peer.flatMap { peers[$0]?.standing } ?? ConnectionManager.Standing()
    }
}
