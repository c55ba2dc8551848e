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
        if let shown = shownInGap, shown.height.value >= height { shownInGap = nil }
        let spanning = gaps.first { $0.low < height && $0.high == height }
        gaps.removeAll { $0.high >= height }
        guard height > 1, !held.contains(height - 1) else { return }
        fillBelow(height, expected: parent ?? spanning?.expected)
    }

    /// Takes a header that somebody pointed out.
    ///
    /// A new one is taken as the newest that a peer has. One in a gap is verified from the header below
    /// the gap, for those between it and the one above may be had from nobody any more.
    mutating func shown(
        _ header: ChainHeader, by peer: Peer, at now: Instant, into effects: inout [Effect]
    ) {
        guard hasBegun, haltReason == nil, peers.contains(peer) else { return }
        let height = header.height.value
        if let gap = gaps.first(where: { $0.low < height && height < $0.high }), !gap.isBelow {
            shownInGap = header
            effects.append(.recall(gap.low))
        } else if ceiling == nil {
            offer(header, by: peer, at: now, into: &effects)
        }
    }

    /// The header below a gap came from the store: one that was shown in it may have waited for it.
    mutating func recalledBelow(
        _ low: ChainHeader, at now: Instant, into effects: inout [Effect]
    ) {
        guard let header = shownInGap,
            let index = gaps.firstIndex(where: {
                $0.low == low.height.value && $0.low < header.height.value
                    && header.height.value < $0.high
            })
        else { return }
        shownInGap = nil
        guard rules.verify(header, from: low, at: now) == .verified else { return }
        let gap = gaps[index]
        gaps[index].low = header.height.value
        gaps[index].lowHash = header.hash
        if gap.low + 1 < header.height.value {
            gaps.insert(
                Gap(
                    low: gap.low, high: header.height.value,
                    expected: header.header.lastBlockID.hash, lowHash: low.hash), at: index)
        }
        gaps.removeAll { $0.low + 1 >= $0.high }
        held.insert(header.height.value)
        effects.append(.accept([header]))
    }
}
