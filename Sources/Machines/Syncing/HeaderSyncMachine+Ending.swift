// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Machinery

/// Where a chain ends, because its next block is proven wrong.
///
/// Nobody is asked for news any more. What is missing between the block and the newest header below
/// it is still fetched from above: the wrong block's header was signed, so the parent that it names
/// is the chain's. Specified in Protocol/14-encoding-fraud.md#refusal.
extension HeaderSyncMachine {
    /// Forgets what is at or above a block, and wants all that is missing below it.
    mutating func end(before height: UInt64, parent: Bytes32?) {
        guard height > 0, ceiling.map({ height < $0 }) ?? true else { return }
        ceiling = height
        held.removeAll(from: height)
        if let head, head.height.value >= height { self.head = nil }
        candidate = nil
        witnesses = WitnessBook()
        let spanning = gaps.first { $0.low < height && $0.high == height }
        gaps.removeAll { $0.high >= height }
        guard height > 1, !held.contains(height - 1) else { return }
        fillBelow(height, expected: parent ?? spanning?.expected)
    }

    /// Takes a header that somebody pointed out, as if it were the newest that a peer has.
    mutating func shown(
        _ header: ChainHeader, by peer: Peer, at now: Instant, into effects: inout [Effect]
    ) {
        guard hasBegun, haltReason == nil, ceiling == nil, peers.contains(peer) else { return }
        offer(header, by: peer, at: now, into: &effects)
    }
}
