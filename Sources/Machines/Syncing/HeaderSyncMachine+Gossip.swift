// SPDX-License-Identifier: Apache-2.0

internal import Chain
internal import Machinery

/// Headers that come unasked.
extension HeaderSyncMachine {
    /// Verifies a gossiped header at once where the trusted one allows it.
    ///
    /// News that came this way makes asking superfluous for a while: a chain whose headers are
    /// gossiped is asked about only when none came for `gossipPollMilliseconds`.
    mutating func gossiped(
        _ number: UInt64, _ header: ChainHeader, by peer: Peer, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard hasBegun, haltReason == nil, ceiling == nil, let head else {
            // There is a chain, and its sender has more of it than most: it is asked first, now. In
            // turn alone, a network that has just begun would ask others that know nothing either.
            nextPoll = now
            if let place = peers.firstIndex(of: peer) {
                turn = (place + peers.count - 1) % peers.count
            }
            return effects.append(.judge(number, .ignore))
        }
        guard header.height > head.height else {
            let isSame = header == head
            contradict(header, by: peer, into: &effects)
            return effects.append(.judge(number, isSame ? .accept : .ignore))
        }
        switch rules.verify(header, from: head, at: now) {
        case .verified:
            adopt(header, into: &effects)
            effects.append(.judge(number, .accept))
            let next = now.advanced(byMilliseconds: Self.gossipPollMilliseconds)
            nextPoll = next
            effects.append(.wake(at: next))
        case .tooLittleTrust:
            effects.append(.judge(number, .ignore))
            // Who gossips may not serve headers, and nobody else answers for what it says.
            if peers.contains(peer) {
                offer(header, by: peer, at: now, into: &effects)
            } else {
                nextPoll = now
            }
        case .forked(let reason):
            effects.append(.judge(number, .reject))
            guard peers.contains(peer) else { return }
            suspect(peer, at: head.height.value, reason, into: &effects)
        case .refused: effects.append(.judge(number, .reject))
        case .undecided: effects.append(.judge(number, .ignore))
        }
    }

    /// Takes what this node has helped to decide, if it is new; news is asked for less often then.
    mutating func decided(
        _ header: ChainHeader, at now: Instant, into effects: inout [Effect]
    ) {
        guard hasBegun, haltReason == nil, ceiling == nil else { return }
        if let head {
            guard header.height > head.height,
                rules.verify(header, from: head, at: now) == .verified
            else { return }
        } else {
            do {
                try rules.checkStart(header)
            } catch {
                return
            }
        }
        adopt(header, into: &effects)
        let next = now.advanced(byMilliseconds: Self.gossipPollMilliseconds)
        nextPoll = next
        effects.append(.wake(at: next))
    }

    /// A gossiped header bears witness, too, where its sender can be asked to show it.
    private mutating func contradict(
        _ header: ChainHeader, by peer: Peer, into effects: inout [Effect]
    ) {
        guard peers.contains(peer) else { return }
        told(
            WitnessBook.Saying(peer: peer, height: header.height.value, hash: header.hash),
            isFetching: false, into: &effects)
    }
}
