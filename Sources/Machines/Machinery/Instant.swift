// SPDX-License-Identifier: Apache-2.0

/// A moment: nanoseconds since the Unix epoch, on a clock that never goes back.
///
/// Machines are given instants; they never ask for one. A host reads the wall clock once, when it
/// starts, and counts on from there by its monotonic clock.
package struct Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Nanoseconds since the Unix epoch.
    package let nanoseconds: UInt64

    /// Names the moment `nanoseconds` after the Unix epoch.
    package init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// The moment `milliseconds` after this one.
    package func advanced(byMilliseconds milliseconds: UInt64) -> Instant {
        Instant(nanoseconds: nanoseconds + milliseconds * 1_000_000)
    }

    /// Milliseconds from `earlier` to this moment; 0 when `earlier` is later.
    package func milliseconds(since earlier: Instant) -> UInt64 {
        nanoseconds > earlier.nanoseconds ? (nanoseconds - earlier.nanoseconds) / 1_000_000 : 0
    }

    package var description: String {
        "\(nanoseconds / 1_000_000) ms"
    }

    package static func < (lhs: Instant, rhs: Instant) -> Bool {
        lhs.nanoseconds < rhs.nanoseconds
    }
}
