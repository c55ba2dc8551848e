// SPDX-License-Identifier: Apache-2.0

/// What came of a fluid run.
package struct FluidReport: Hashable, Sendable {
    /// What was run.
    package let configuration: FluidConfiguration
    /// Verdicts of light nodes, all blocks together.
    package private(set) var available = 0
    /// Withheld, and truly so.
    package private(set) var withheld = 0
    /// Withheld although the missing cells were held: must never be.
    package private(set) var falselyWithheld = 0
    /// No verdict before the deadline.
    package private(set) var undecided = 0
    /// Answers that storage nodes sent.
    package var answers = 0
    /// Bytes that they sent.
    package var bytes = 0
    /// Requests that were refused as overload.
    package var overloads = 0
    /// Times to an available verdict: how many took so many milliseconds.
    package private(set) var times: [Int]
    /// Simulated time, in milliseconds.
    package private(set) var milliseconds = 0
    /// Processor use of the mean and of the busiest storage node, in thousandths of a core.
    package private(set) var processorPerMille = (mean: 0, most: 0)
    /// Megabits a second that the mean and the busiest storage node sent.
    package private(set) var megabits = (mean: 0.0, most: 0.0)

    init(_ configuration: FluidConfiguration) {
        self.configuration = configuration
        times = Array(repeating: 0, count: FluidWorld.blockMilliseconds + 1)
    }

    mutating func concluded(afterMilliseconds time: Int) {
        times[min(time, times.count - 1)] += 1
    }

    mutating func count(_ verdict: FluidVerdict) {
        switch verdict {
        case .available: available += 1
        case .withheld: withheld += 1
        case .falselyWithheld: falselyWithheld += 1
        case .undecided: undecided += 1
        }
    }

    mutating func end(_ storage: [FluidStorageNode], milliseconds: Int) {
        self.milliseconds = milliseconds
        // Load is over the time in which blocks came; the tail in which nothing is asked is not.
        let span = configuration.blocks * configuration.blockMilliseconds
        let busy = storage.map { $0.busyNanoseconds / (span * 1_000) }
        processorPerMille = (busy.reduce(0, +) / busy.count, busy.max() ?? 0)
        let sent = storage.map { Double($0.bytes) * 8 / 1_000 / Double(span) }
        megabits = (sent.reduce(0, +) / Double(sent.count), sent.max() ?? 0)
    }

    /// The time within which a share of the available verdicts came, in milliseconds.
    package func milliseconds(perMyriad share: Int) -> Int {
        let wanted = (times.reduce(0, +) * share + 9_999) / 10_000
        var seen = 0
        for (time, count) in times.enumerated() {
            seen += count
            if seen >= wanted { return time }
        }
        return times.count - 1
    }

    package static func == (lhs: FluidReport, rhs: FluidReport) -> Bool {
        lhs.words == rhs.words && lhs.times == rhs.times
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words)
    }

    private var words: [Int] {
        [
            available, withheld, falselyWithheld, undecided, answers, bytes, overloads,
            milliseconds, processorPerMille.mean, processorPerMille.most,
        ]
    }
}
