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
        _ number: UInt64, _ header: ExtendedHeader, by peer: Peer, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard hasBegun, let head else {
            // There is a chain: whoever has its beginning is asked for it now.
            nextPoll = now
            return effects.append(.judge(number, .ignore))
        }
        guard header.height > head.height else {
            let isSame = header == head
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
        case .refused: effects.append(.judge(number, .reject))
        case .undecided: effects.append(.judge(number, .ignore))
        }
    }
}
