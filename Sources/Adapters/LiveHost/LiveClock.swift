// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import Machinery

/// The wall clock at the start, counted on by the monotonic clock (decision 0003).
package struct LiveClock: Sendable {
    private let offset: UInt64

    /// Reads both clocks once.
    package init() {
        offset = Self.read(CLOCK_REALTIME) - Self.read(CLOCK_MONOTONIC)
    }

    /// This moment.
    package var now: Instant {
        Instant(nanoseconds: Self.read(CLOCK_MONOTONIC) + offset)
    }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        let status = clock_gettime(clock, &time)
        precondition(status == 0, "Linux has this clock")
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
