// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What a piece of a node's work cost: a job, a write, a turn of its loop.
struct Work: Sendable {
    /// Its kind: `job_…`, `store_…`, `loop_…`, `load` or `sign`.
    let name: String
    /// From when it was asked for until a thread took it up, in microseconds.
    let waited: UInt64
    /// From then until it was done, in microseconds.
    let took: UInt64
    /// What its thread ran for it, in microseconds.
    let processor: UInt64
}

/// Both clocks at the beginning of a piece of work.
struct WorkStart: Sendable {
    private let moment = WorkStart.microseconds(CLOCK_MONOTONIC)
    private let processor = WorkStart.microseconds(CLOCK_THREAD_CPUTIME_ID)

    /// Microseconds on the clock that waiting is measured by.
    static var now: UInt64 { microseconds(CLOCK_MONOTONIC) }

    /// What the work cost that ends now, on the thread that it began on.
    func end(_ name: String, asked: UInt64? = nil) -> Work {
        let (now, run) = (Self.now, Self.microseconds(CLOCK_THREAD_CPUTIME_ID))
        return Work(
            name: name, waited: asked.map { moment - min($0, moment) } ?? 0, took: now - moment,
            processor: run - processor)
    }

    private static func microseconds(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        let status = clock_gettime(clock, &time)
        precondition(status == 0, "Linux has this clock")
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
    }
}
