// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A number that only grows: blocks stored, shares served.
package final class Counter: Sendable {
    private let total = Atomic<UInt64>(0)

    package init() {}

    /// Adds, wrapping at 2⁶⁴, which Prometheus takes for a restart.
    package func add(_ count: UInt64 = 1) {
        total.wrappingAdd(count, ordering: .relaxed)
    }

    /// Follows a count that somebody else keeps; one that fell back is passed over.
    package func advance(to count: UInt64) {
        total.max(count, ordering: .relaxed)
    }

    /// The number now.
    package var value: UInt64 { total.load(ordering: .relaxed) }
}

/// A number that goes both ways: peers, the height of the head.
package final class Gauge: Sendable {
    private let level = Atomic<Int64>(0)

    package init() {}

    /// Sets the number.
    package func set(_ value: Int64) {
        level.store(value, ordering: .relaxed)
    }

    /// The number now.
    package var value: Int64 { level.load(ordering: .relaxed) }
}

/// How often a quantity fell below each of some bounds: durations, sizes.
///
/// Quantities are whole numbers (microseconds, bytes); `decimals` says where the point stands in
/// the exported unit, so seconds come out exactly and no floating point is involved.
package final class Histogram: Sendable {
    /// The most bounds.
    package static let boundsMax = 64

    /// The upper bounds, each included, ascending.
    package let bounds: [UInt64]
    /// How many decimal places the exported unit has more than the quantity: 6 for microseconds
    /// exported as seconds.
    package let decimals: Int
    private let tallies: [Counter]
    private let total = Counter()

    /// Counts by these bounds.
    package init(bounds: [UInt64], decimals: Int = 0) {
        precondition((1...Self.boundsMax).contains(bounds.count), "a histogram has 1 to 64 bounds")
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy(<), "bounds ascend")
        precondition((0...9).contains(decimals), "from whole units to billionths")
        self.bounds = bounds
        self.decimals = decimals
        tallies = (0...bounds.count).map { _ in Counter() }
    }

    /// Counts one quantity.
    package func observe(_ quantity: UInt64) {
        tallies[bounds.firstIndex { quantity <= $0 } ?? bounds.count].add()
        total.add(quantity)
    }

    /// How many quantities were at or below each bound, and last, how many in all.
    package var cumulative: [UInt64] {
        var sum: UInt64 = 0
        return tallies.map {
            sum &+= $0.value
            return sum
        }
    }

    /// The sum of all quantities.
    package var sum: UInt64 { total.value }

    /// Durations in microseconds from a tenth of a millisecond to a minute, exported as seconds.
    package static func durations() -> Histogram {
        Histogram(
            bounds: [
                100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000,
                10_000_000, 60_000_000,
            ], decimals: 6)
    }
}
