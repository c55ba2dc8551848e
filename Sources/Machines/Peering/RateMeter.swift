// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// So many a second, and so many at once.
package struct RateLimit: Hashable, Sendable {
    /// The steady rate.
    package let perSecond: UInt64
    /// How many may come together after a pause.
    package let burst: UInt64

    /// Names a rate.
    package init(perSecond: UInt64, burst: UInt64) {
        precondition(perSecond > 0 && burst > 0, "a rate lets something through")
        self.perSecond = perSecond
        self.burst = burst
        nanosecondsEach = 1_000_000_000 / perSecond
    }

    /// One every so many seconds, and so many at once.
    package init(everySeconds seconds: UInt64, burst: UInt64) {
        precondition(seconds > 0 && burst > 0, "a rate lets something through")
        perSecond = 0
        self.burst = burst
        nanosecondsEach = seconds * 1_000_000_000
    }

    fileprivate let nanosecondsEach: UInt64

    /// Seconds from one to the next at the steady rate; 0 for more than one a second.
    package var secondsEach: UInt64 { nanosecondsEach / 1_000_000_000 }
}

/// Measures against a `RateLimit`; one number of state.
///
/// The number is the moment until which what has come would take at the steady rate (the "virtual
/// scheduling" form of the leaky bucket, ITU-T I.371).
package struct RateMeter: Hashable, Sendable {
    private var busyUntil: UInt64 = 0

    /// Nothing has come yet.
    package init() {}

    /// Counts `count` more, or refuses them and counts nothing.
    package mutating func take(
        _ count: UInt64 = 1, of limit: RateLimit, at now: Instant
    ) -> Bool {
        let start = max(busyUntil, now.nanoseconds)
        let end = start + count * limit.nanosecondsEach
        guard end - now.nanoseconds <= limit.burst * limit.nanosecondsEach else { return false }
        busyUntil = end
        return true
    }

    /// Whether nothing is left of what was counted, so that the meter can be forgotten.
    package func isIdle(at now: Instant) -> Bool {
        busyUntil <= now.nanoseconds
    }
}
