// SPDX-License-Identifier: Apache-2.0

/// A loop whose turns may run at once; who has threads hands one in, for Core has none.
///
/// A loop returns when all its turns have. The result of what is computed never depends on it.
public struct ParallelLoop: Sendable {
    /// Turns that may run at the same time, at least 1.
    public let threadCount: Int
    private let run: @Sendable (_ turns: Int, _ body: @Sendable (Int) -> Void) -> Void

    /// Takes a function that calls `body` once for each of 0 ..< turns, in any order and on any
    /// threads, and returns after the last.
    public init(
        threadCount: Int,
        run: @escaping @Sendable (_ turns: Int, _ body: @Sendable (Int) -> Void) -> Void
    ) {
        precondition(threadCount >= 1, "a loop runs on a thread")
        self.threadCount = threadCount
        self.run = run
    }

    /// One turn after another, here.
    public static let serial = ParallelLoop(threadCount: 1) { turns, body in
        for turn in 0..<turns { body(turn) }
    }

    /// Cuts `0 ..< count` into ranges of whole `unit`s, several a thread so that none waits long.
    func forEachRange(
        of count: Int, unit: Int, _ body: @Sendable (Range<Int>) -> Void
    ) {
        let units = (count + unit - 1) / unit
        let turns = threadCount == 1 ? 1 : min(units, 8 * threadCount)
        guard turns > 0 else { return }
        run(turns) { turn in
            let start = units * turn / turns * unit
            let end = min(units * (turn + 1) / turns * unit, count)
            body(start..<end)
        }
    }
}
