// SPDX-License-Identifier: Apache-2.0

import Agreement
import Machinery
import Testing

/// How long a member waits: what it measured, longer after each view that was let pass.
@Suite struct ViewTimerTests {
    private static let millisecond: UInt64 = 1_000_000

    private static func measure(_ milliseconds: [UInt64], with timer: inout ViewTimer) {
        for time in milliseconds {
            let entered = Instant(nanoseconds: 1_000_000_000)
            timer.enter(at: entered, isSkipped: false)
            timer.proposed(at: entered.advanced(byMilliseconds: time))
        }
    }

    /// Before anything was measured, and within its bounds.
    @Test func boundsHold() {
        var timer = ViewTimer()
        #expect(timer.delta == 200 * Self.millisecond)
        Self.measure([UInt64](repeating: 1, count: 16), with: &timer)
        #expect(timer.delta == 50 * Self.millisecond)
        Self.measure([UInt64](repeating: 3_600_000, count: 16), with: &timer)
        #expect(timer.delta == 3_000 * Self.millisecond)
        for _ in 0..<100 { timer.nullified() }
        #expect(timer.delta == 60_000 * Self.millisecond)
        timer.finalized()
        #expect(timer.delta == 3_000 * Self.millisecond)
    }

    /// One late proposal, or seven of sixteen, change little; eight late ones are forgotten after nine.
    @Test func badTimesAreForgotten() {
        var timer = ViewTimer()
        Self.measure([2_000], with: &timer)
        #expect(timer.delta / Self.millisecond == 199)
        Self.measure([UInt64](repeating: 40, count: 16), with: &timer)
        #expect(timer.delta == 120 * Self.millisecond)
        Self.measure([UInt64](repeating: 2_000, count: 7), with: &timer)
        #expect(timer.delta == 120 * Self.millisecond)
        Self.measure([2_000], with: &timer)
        #expect(timer.delta == 3_000 * Self.millisecond)
        Self.measure([UInt64](repeating: 40, count: 9), with: &timer)
        #expect(timer.delta == 120 * Self.millisecond)
    }

    /// Each view that was let pass makes the wait a fifth longer.
    @Test func waitsGrow() {
        var timer = ViewTimer()
        Self.measure([UInt64](repeating: 100, count: 16), with: &timer)
        timer.nullified()
        timer.nullified()
        #expect(timer.delta == 432 * Self.millisecond)
        timer.finalized()
        #expect(timer.delta == 300 * Self.millisecond)
    }
}
