// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// How much came and went, and how fast.
///
/// The rate is that of the last whole second or seconds in which something was looked at or counted,
/// weighed with those before: it halves in each second without any.
package struct Traffic: Hashable, Sendable {
    /// Bytes in all.
    package private(set) var bytesIn: UInt64 = 0
    package private(set) var bytesOut: UInt64 = 0
    private var rateIn: UInt64 = 0
    private var rateOut: UInt64 = 0
    /// The second that is being counted, and what it has so far.
    private var second: UInt64 = 0
    private var newIn: UInt64 = 0
    private var newOut: UInt64 = 0

    /// Nothing yet.
    package init() {}

    /// Counts bytes.
    package mutating func add(in received: Int = 0, out sent: Int = 0, at now: Instant) {
        turn(at: now)
        bytesIn &+= UInt64(received)
        bytesOut &+= UInt64(sent)
        newIn &+= UInt64(received)
        newOut &+= UInt64(sent)
    }

    /// Adds what another connection or protocol has carried.
    package mutating func add(_ other: Traffic, at now: Instant) {
        var other = other
        other.turn(at: now)
        turn(at: now)
        bytesIn &+= other.bytesIn
        bytesOut &+= other.bytesOut
        rateIn &+= other.rateIn
        rateOut &+= other.rateOut
        newIn &+= other.newIn
        newOut &+= other.newOut
    }

    /// Bytes a second at a moment.
    package func rates(at now: Instant) -> (in: UInt64, out: UInt64) {
        var copy = self
        copy.turn(at: now)
        return (copy.rateIn, copy.rateOut)
    }

    /// Takes the second that is over into the rate.
    private mutating func turn(at now: Instant) {
        let current = now.nanoseconds / 1_000_000_000
        guard current > second else { return }
        rateIn = rateIn / 2 &+ (newIn &+ 1) / 2
        rateOut = rateOut / 2 &+ (newOut &+ 1) / 2
        let idle = min(current - second - 1, 63)
        rateIn >>= idle
        rateOut >>= idle
        (newIn, newOut) = (0, 0)
        second = current
    }
}
