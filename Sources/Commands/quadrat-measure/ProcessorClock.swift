// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Medians of processor time, which neighbours on the machine disturb least.
enum ProcessorClock {
    /// Nanoseconds that this thread has run.
    static var threadNanoseconds: Double { nanoseconds(of: CLOCK_THREAD_CPUTIME_ID) }

    /// Nanoseconds of a clock.
    static func nanoseconds(of clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }

    /// The median nanoseconds of one turn of `body`, each sample being `turns` of them.
    ///
    /// `read` is the clock; `prepare` runs before each sample, outside of it.
    static func median(
        samples: Int = 25, turns: Int = 1, read: () -> Double = { threadNanoseconds },
        prepare: () -> Void = {}, _ body: () -> Void
    ) -> Double {
        prepare()
        body()
        var times: [Double] = []
        for _ in 0..<samples {
            prepare()
            let start = read()
            for _ in 0..<turns { body() }
            times.append((read() - start) / Double(turns))
        }
        times.sort()
        return times[times.count / 2]
    }
}
