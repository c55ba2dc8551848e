// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Machinery

/// Filling what lies between verified headers, and below the first, from above by hash links.
///
/// Each header is the one whose hash the header after it names, which needs no signature at all.
extension HeaderSyncMachine {
    /// Notes that headers below `height` are wanted: those that no earlier run left.
    mutating func fillBelow(_ height: UInt64, expected: Bytes32?) {
        let lower = held.ranges.last { $0.upperBound < height }?.upperBound
        guard let low = lower ?? floor.map({ max($0, 1) - 1 }), low + 1 < height else { return }
        gaps.insert(
            Gap(low: low, high: height, expected: expected, isBelow: lower == nil), at: 0)
    }

    mutating func fillGap(
        from: UInt64, by peer: Peer, _ headers: [ChainHeader], at now: Instant,
        into effects: inout [Effect]
    ) {
        guard
            let index = gaps.firstIndex(where: {
                $0.low < from && from < $0.high && $0.expected != nil
            })
        else { return }
        guard let last = headers.last, last.height.value == gaps[index].high - 1 else {
            rest(gapWith: from, at: now, into: &effects)
            return
        }
        var accepted: [ChainHeader] = []
        var expected = gaps[index].expected
        for header in headers.reversed() {
            guard header.height.value > gaps[index].low else { break }
            guard header.height.value == gaps[index].high - 1 - UInt64(accepted.count),
                header.hash == expected
            else {
                punish(peer, "header \(header.height) is not the parent named", into: &effects)
                return
            }
            do {
                try rules.checkBelow(header)
            } catch {
                punish(peer, "\(error)", into: &effects)
                return
            }
            accepted.append(header)
            expected = header.header.lastBlockID.hash
        }
        gaps[index].high -= UInt64(accepted.count)
        gaps[index].expected = expected
        for header in accepted { held.insert(header.height.value) }
        effects.append(.accept(accepted.reversed()))
        guard gaps[index].high == gaps[index].low + 1 else { return }
        let closed = gaps.remove(at: index)
        if let ours = closed.lowHash, ours != expected {
            suspect(peer, at: closed.low, "its headers lead past ours", into: &effects)
        }
    }

    mutating func fill(at now: Instant, into effects: inout [Effect]) {
        for index in gaps.indices.reversed() where gaps[index].asked == nil {
            if let rest = gaps[index].restsUntil, rest > now { continue }
            gaps[index].restsUntil = nil
            guard gaps[index].expected != nil else {
                if !gaps[index].isRecalled { effects.append(.recall(gaps[index].high)) }
                gaps[index].isRecalled = true
                continue
            }
            guard let peer = nextPeer() else { return }
            let from = max(
                gaps[index].low + 1,
                gaps[index].high > Self.headersAtOnce ? gaps[index].high - Self.headersAtOnce : 1)
            gaps[index].asked = peer
            effects.append(
                .request(.range(from: from, count: gaps[index].high - from), from: peer))
            return
        }
    }

    /// Lets a gap wait when a peer had nothing for it, so that nobody is asked in a tight circle.
    mutating func rest(
        gapWith from: UInt64, at now: Instant, into effects: inout [Effect]
    ) {
        guard let index = gaps.firstIndex(where: { $0.low < from && from < $0.high }) else {
            return
        }
        let until = now.advanced(byMilliseconds: pollMilliseconds)
        gaps[index].restsUntil = until
        effects.append(.wake(at: until))
    }
}
