// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// When a view without progress is given up, by what its node measured itself.
///
/// Δ is three times the median of how long after entering a view its proposal came, between 50 ms
/// and 3 s; a fifth more for each view in a row that was let pass, up to 60 s. Specified in Protocol/20-agreement.md#timers.
package struct ViewTimer: Sendable {
    private static let millisecond: UInt64 = 1_000_000

    private let encodeNanoseconds: UInt64
    /// How long an honest leader may wait for something to put into its block.
    private let idleNanoseconds: UInt64
    private var samples: [UInt64]
    private var nextSample = 0
    private var measured: UInt64
    private var nullifiedInRow = 0
    private var enteredAt: Instant?
    private var hasSampled = false
    /// When a leader that has not proposed is given up; nil once it has.
    package private(set) var leaderDeadline: Instant?
    /// When the view is given up; nil once it was.
    package private(set) var advanceDeadline: Instant?
    /// When the others are told again that nothing goes on.
    package private(set) var retryAt: Instant?

    /// A timer that has measured nothing yet.
    package init(
        encodeMilliseconds: UInt64 = AgreementLimits.encodeMilliseconds,
        idleMilliseconds: UInt64 = 0
    ) {
        encodeNanoseconds = encodeMilliseconds * Self.millisecond
        idleNanoseconds = idleMilliseconds * Self.millisecond
        measured = AgreementLimits.deltaMilliseconds * Self.millisecond
        samples = [UInt64](
            repeating: measured / 3, count: AgreementLimits.samplesAssumed)
    }

    /// Δ of the present view, in nanoseconds.
    package var delta: UInt64 {
        let cap = AgreementLimits.deltaMillisecondsCap * Self.millisecond
        var delta = measured
        for _ in 0..<nullifiedInRow where delta < cap { delta = delta / 5 * 6 }
        return min(delta, cap)
    }

    /// The time from one retry to the next, in nanoseconds.
    package var retry: UInt64 { 2 * delta }

    /// Begins a view; one of a leader that is skipped is given up at once.
    package mutating func enter(at now: Instant, isSkipped: Bool) {
        enteredAt = now
        hasSampled = false
        leaderDeadline = isSkipped ? now : now + (2 * delta + idleNanoseconds)
        let patience = 3 * delta + encodeNanoseconds + idleNanoseconds
        advanceDeadline = isSkipped ? now : now + patience
        retryAt = now + (patience + retry)
    }

    /// Stops all waiting, while there is no view.
    package mutating func stop() {
        (leaderDeadline, advanceDeadline, retryAt) = (nil, nil, nil)
        enteredAt = nil
    }

    /// The leader's proposal came.
    package mutating func proposed(at now: Instant) {
        leaderDeadline = nil
        guard let enteredAt, !hasSampled, now > enteredAt else { return }
        hasSampled = true
        let elapsed = now.nanoseconds - enteredAt.nanoseconds
        // Within the time that a leader may idle, nothing tells how long the way was.
        guard elapsed > idleNanoseconds else { return }
        let sample = elapsed - idleNanoseconds
        if samples.count < AgreementLimits.samplesMax {
            samples.append(sample)
        } else {
            samples[nextSample] = sample
            nextSample = (nextSample + 1) % samples.count
        }
        let median = samples.sorted()[samples.count / 2]
        let longest = AgreementLimits.deltaMillisecondsMax * Self.millisecond
        measured = min(
            max(
                3 * min(median, longest),
                AgreementLimits.deltaMillisecondsMin * Self.millisecond),
            longest)
    }

    /// The leader was given up; should its proposal still come, it is measured.
    package mutating func leaderGaveUp() {
        leaderDeadline = nil
    }

    /// The view was given up.
    package mutating func gaveUp() {
        (leaderDeadline, advanceDeadline) = (nil, nil)
    }

    /// The others were told.
    package mutating func retried(at now: Instant) {
        retryAt = now + retry
    }

    /// A view was let pass, by a quorum or by this node alone.
    package mutating func nullified() {
        nullifiedInRow = min(nullifiedInRow + 1, 64)
    }

    /// A block became final.
    package mutating func finalized() {
        nullifiedInRow = 0
    }
}

extension Instant {
    /// The moment some nanoseconds later.
    static func + (instant: Instant, nanoseconds: UInt64) -> Instant {
        Instant(nanoseconds: instant.nanoseconds + nanoseconds)
    }
}
