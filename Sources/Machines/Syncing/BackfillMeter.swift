// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// How far the squares are that a node fetches, told now and then and not at every square.
package struct BackfillProgress: Hashable, Sendable {
    /// How many squares of the window are held.
    package let held: UInt64
    /// How many it has.
    package let total: UInt64
    /// When the rest will be there at the pace since the start; nil before the first square.
    package let leftMilliseconds: UInt64?

    /// Names a state of things.
    package init(held: UInt64, total: UInt64, leftMilliseconds: UInt64?) {
        self.held = held
        self.total = total
        self.leftMilliseconds = leftMilliseconds
    }

    /// How much is held, in hundredths, rounded down.
    package var percent: UInt64 { total == 0 ? 100 : held.multipliedSaturating(by: 100) / total }
    /// Whether nothing is missing.
    package var isDone: Bool { held >= total }
}

/// Says when there is something to tell about a backfill, and how long it will last.
///
/// A node that follows the chain is always a square or two behind: that is no backfill.
package struct BackfillMeter: Sendable {
    /// How many squares may be missing before it is worth a word; `backfill.missingMin`.
    package static let missingMin: UInt64 = 16
    /// The least time between two words; `backfill.reportMilliseconds`.
    package static let reportMilliseconds: UInt64 = 1_000

    private var startedAt: Instant?
    private var heldAtStart: UInt64 = 0
    private var toldAt: Instant?

    /// Nothing is missing that is known.
    package init() {}

    /// Takes note of the state of things; gives what is worth telling, if anything is.
    package mutating func update(
        held: UInt64, total: UInt64, at now: Instant
    ) -> BackfillProgress? {
        let missing = total - min(held, total)
        guard let startedAt else {
            guard missing >= Self.missingMin else { return nil }
            self.startedAt = now
            heldAtStart = held
            toldAt = now
            return BackfillProgress(held: held, total: total, leftMilliseconds: nil)
        }
        if missing == 0 {
            self.startedAt = nil
            return BackfillProgress(held: held, total: total, leftMilliseconds: 0)
        }
        if let toldAt, now.milliseconds(since: toldAt) < Self.reportMilliseconds { return nil }
        toldAt = now
        let done = held - min(held, heldAtStart)
        let elapsed = now.milliseconds(since: startedAt)
        return BackfillProgress(
            held: held, total: total,
            leftMilliseconds: done == 0
                ? nil : elapsed.multipliedSaturating(by: missing) / done)
    }
}

extension UInt64 {
    fileprivate func multipliedSaturating(by other: UInt64) -> UInt64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
