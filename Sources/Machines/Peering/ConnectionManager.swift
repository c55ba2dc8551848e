// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// How many connections a node keeps and how it opens new ones.
///
/// Specified in Protocol/13-discovery.md#limits.
package struct ConnectionLimits: Sendable {
    /// Peers to be left after trimming.
    package var low = 800
    /// Peers above which is trimmed.
    package var high = 1_000
    /// How long a new connection is left alone, in milliseconds.
    package var graceMilliseconds: UInt64 = 60_000
    /// Storage nodes that trimming leaves.
    package var storageKept = 8
    /// Peers that are being dialled at once.
    package var dials = 16
    /// Peers that wait to be dialled.
    package var waiting = 1_024
    /// The first pause before a peer that could not be reached is tried again, in milliseconds.
    package var backoffMilliseconds: UInt64 = 5_000
    /// The pause before a peer is tried again that was connected for a while, in milliseconds.
    package var returnMilliseconds: UInt64 = 1_000
    /// How often it is tried so before the pauses grow.
    package var returnAttempts = 32
    /// The pause after that, in milliseconds.
    package var lastingMilliseconds: UInt64 = 3_000
    /// How often it is tried so before it is left alone as any other.
    package var lastingAttempts = 200
    /// How long it must have been connected for that, in milliseconds.
    package var returnAfterMilliseconds: UInt64 = 5_000
    /// The longest pause, in milliseconds.
    package var backoffMaximumMilliseconds: UInt64 = 3_600_000
    /// Peers whose failures are remembered.
    package var remembered = 4_096

    /// A storage node's.
    package init() {}

    /// A light node's.
    package static var light: ConnectionLimits {
        var limits = ConnectionLimits()
        limits.low = 50
        limits.high = 100
        limits.storageKept = 5
        return limits
    }
}

/// Which peers a node stays connected to, and the dialling of those it wants.
///
/// Above the high mark it hangs up on the least useful until the low mark, but never on protected
/// peers, new ones, or the last storage nodes. A peer is dialled at one of its addresses after the
/// other; one that cannot be reached is left alone for ever longer.
/// Specified in Protocol/13-discovery.md#connections.
package struct ConnectionManager: Machine {
    /// What a connected peer is to this node.
    package struct Standing: Hashable, Sendable {
        /// Whether it must stay.
        package var isProtected = false
        /// Whether it serves squares.
        package var isStorage = false
        /// How useful it is; points against it count down.
        package var score = 0

        /// Of no particular use.
        package init() {}
    }

    /// What can happen.
    package enum Event: Sendable {
        /// A peer is to be connected to; answered by nothing when it is, else by `unreachable`.
        case wanted(PeerIdentifier, [Multiaddress])
        /// A peer is connected.
        case connected(PeerIdentifier)
        /// The last connection to a peer is gone.
        case disconnected(PeerIdentifier)
        /// An attempt to connect failed.
        case dialFailed(PeerIdentifier)
        /// What a connected peer is to this node.
        case standing(PeerIdentifier, Standing)
        /// A moment asked for may have come.
        case woke
    }

    /// What is to be done.
    package enum Effect: Equatable, Sendable {
        /// Connect; answered by `connected` or `dialFailed`.
        case dial(PeerIdentifier, Multiaddress)
        /// None of a peer's addresses led to it, or it is left alone for now.
        case unreachable(PeerIdentifier)
        /// End all connections to a peer.
        case hangUp(PeerIdentifier)
        /// Send `woke` at this moment.
        case wake(at: Instant)
    }

    private struct Open {
        let since: Instant
        var standing = Standing()
    }

    private struct Backoff {
        var failures: Int
        var until: Instant
        /// Short pauses that are left.
        var returns = 0
    }

    private let limits: ConnectionLimits
    private var open: [PeerIdentifier: Open] = [:]
    private var dialling: [PeerIdentifier: ArraySlice<Multiaddress>] = [:]
    private var waiting: [(peer: PeerIdentifier, addresses: [Multiaddress])] = []
    private var backoffs: [PeerIdentifier: Backoff] = [:]
    private var wakeRequested: Instant?

    /// Nobody is connected.
    package init(_ limits: ConnectionLimits = ConnectionLimits()) {
        self.limits = limits
    }

    /// Peers that are connected.
    package var openCount: Int { open.count }

    /// What a connected peer is to this node.
    package func standing(of peer: PeerIdentifier) -> Standing? { open[peer]?.standing }

    /// Whether a peer is being dialled, or waits for it.
    package func isOpening(_ peer: PeerIdentifier) -> Bool {
        dialling[peer] != nil || waiting.contains { $0.peer == peer }
    }

    /// Whether a peer that could not be reached is still left alone.
    package func isBackingOff(_ peer: PeerIdentifier, at now: Instant) -> Bool {
        backoffs[peer].map { $0.until > now } ?? false
    }

    /// Takes one event and appends what must be done about it.
    package mutating func handle(
        _ event: Event, at now: Instant, into effects: inout [Effect]
    ) {
        switch event {
        case .wanted(let peer, let addresses): want(peer, addresses, at: now, into: &effects)
        case .connected(let peer):
            dialling[peer] = nil
            waiting.removeAll { $0.peer == peer }
            backoffs[peer] = nil
            if open[peer] == nil { open[peer] = Open(since: now) }
            dialNext(at: now, into: &effects)
        case .disconnected(let peer): disconnect(peer, at: now)
        case .dialFailed(let peer):
            guard let rest = dialling[peer] else { break }
            if let next = rest.first {
                dialling[peer] = rest.dropFirst()
                effects.append(.dial(peer, next))
            } else {
                dialling[peer] = nil
                backOff(peer, at: now)
                effects.append(.unreachable(peer))
                dialNext(at: now, into: &effects)
            }
        case .standing(let peer, let standing): open[peer]?.standing = standing
        case .woke: break
        }
        trim(at: now, into: &effects)
    }

    // MARK: Dialling

    private mutating func want(
        _ peer: PeerIdentifier, _ addresses: [Multiaddress], at now: Instant,
        into effects: inout [Effect]
    ) {
        if open[peer] != nil || isOpening(peer) { return }
        let dialable = addresses.filter { $0.socketAddress != nil }
        guard !dialable.isEmpty, !isBackingOff(peer, at: now), waiting.count < limits.waiting
        else { return effects.append(.unreachable(peer)) }
        waiting.append((peer, Array(dialable.prefix(PeerStore.addressesMax))))
        dialNext(at: now, into: &effects)
    }

    private mutating func dialNext(at now: Instant, into effects: inout [Effect]) {
        while dialling.count < limits.dials, !waiting.isEmpty {
            let (peer, addresses) = waiting.removeFirst()
            guard let first = addresses.first else { continue }
            dialling[peer] = addresses.dropFirst()
            effects.append(.dial(peer, first))
        }
    }

    /// A peer that was there for a while, and has nothing against it, is likely to be back soon.
    private mutating func disconnect(_ peer: PeerIdentifier, at now: Instant) {
        guard let entry = open.removeValue(forKey: peer), entry.standing.score >= 0,
            now.milliseconds(since: entry.since) >= limits.returnAfterMilliseconds,
            backoffs.count < limits.remembered
        else { return }
        backoffs[peer] = Backoff(
            failures: 0, until: now, returns: limits.returnAttempts + limits.lastingAttempts)
    }

    private mutating func backOff(_ peer: PeerIdentifier, at now: Instant) {
        if let returns = backoffs[peer]?.returns, returns > 0 {
            let isSoon = returns > limits.lastingAttempts
            let until = now.advanced(
                byMilliseconds: isSoon ? limits.returnMilliseconds : limits.lastingMilliseconds)
            backoffs[peer] = Backoff(failures: 0, until: until, returns: returns - 1)
            return
        }
        if backoffs.count >= limits.remembered, backoffs[peer] == nil {
            backoffs = backoffs.filter { $0.value.until > now }
            if backoffs.count >= limits.remembered { return }
        }
        let failures = (backoffs[peer]?.failures ?? 0) + 1
        let doubled = limits.backoffMilliseconds << UInt64(min(failures - 1, 16))
        let pause = min(doubled, limits.backoffMaximumMilliseconds)
        backoffs[peer] = Backoff(
            failures: failures, until: now.advanced(byMilliseconds: pause))
    }

    // MARK: Trimming

    /// Hangs up on the least useful while there are too many.
    private mutating func trim(at now: Instant, into effects: inout [Effect]) {
        if wakeRequested.map({ $0 <= now }) ?? false { wakeRequested = nil }
        guard open.count > limits.high else { return }
        var storageLeft = open.values.count { $0.standing.isStorage }
        let candidates = open.filter { entry in
            !entry.value.standing.isProtected
                && entry.value.since.advanced(byMilliseconds: limits.graceMilliseconds) <= now
        }.sorted { lhs, rhs in
            let (left, right) = (lhs.value, rhs.value)
            if left.standing.score != right.standing.score {
                return left.standing.score < right.standing.score
            }
            // Of equals the newest go: those that are there long have shown that they stay.
            return left.since != right.since ? left.since > right.since : lhs.key < rhs.key
        }
        for (peer, candidate) in candidates where open.count > limits.low {
            if candidate.standing.isStorage {
                guard storageLeft > limits.storageKept else { continue }
                storageLeft -= 1
            }
            open[peer] = nil
            effects.append(.hangUp(peer))
        }
        guard open.count > limits.high, wakeRequested == nil else { return }
        let next = now.advanced(byMilliseconds: limits.graceMilliseconds)
        wakeRequested = next
        effects.append(.wake(at: next))
    }
}
