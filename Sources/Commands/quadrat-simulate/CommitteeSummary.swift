// SPDX-License-Identifier: Apache-2.0

internal import CommitteeSimulation

/// What is kept of one run: a line.
struct CommitteeOutcome {
    let violations: [String]
    let isForked: Bool
    let events: Int
    /// From when the network settled to the first new final block, in thousandths of Δ.
    let firstFinality: UInt64?

    init(_ report: CommitteeReport) {
        violations = report.violations
        isForked = report.isForked
        events = report.events
        firstFinality = report.firstFinality.map { $0 * 1_000 / report.networkDelta }
    }

    /// Reads the words behind a run's name; nil when they are none of a whole line.
    init?(_ words: ArraySlice<Substring>) {
        let words = Array(words)
        guard words.count == 5, words[4] == "." || words[4] == ".\r", let events = Int(words[2]),
            let count = Int(words[0])
        else { return nil }
        violations = [String](repeating: "told before", count: count)
        isForked = words[1] == "forked"
        self.events = events
        firstFinality = UInt64(words[3])
    }

    var line: String {
        let finality = firstFinality.map { "\($0)" } ?? "-"
        return "\(violations.count) \(isForked ? "forked" : "whole") \(events) \(finality) ."
    }
}

/// What came of many runs.
struct CommitteeSummary {
    private var runs = 0
    private var events = 0
    private var forks = 0
    private var failed = 0
    private(set) var violations = 0
    private var finalities: [UInt64] = []

    mutating func add(_ outcome: CommitteeOutcome) {
        runs += 1
        events += outcome.events
        forks += outcome.isForked ? 1 : 0
        violations += outcome.violations.count
        failed += outcome.violations.isEmpty ? 0 : 1
        if let finality = outcome.firstFinality { finalities.append(finality) }
    }

    var figures: [(name: String, value: String)] {
        let sorted = finalities.sorted()
        func rank(_ perMille: Int) -> String {
            guard !sorted.isEmpty else { return "-" }
            let index = min(sorted.count - 1, sorted.count * perMille / 1_000)
            return "\((Double(sorted[index]) / 100).rounded() / 10)"
        }
        return [
            ("runs", "\(runs)"), ("events", "\(events)"), ("forks", "\(forks)"),
            ("runsWithViolations", "\(failed)"), ("violations", "\(violations)"),
            ("firstFinalityDeltaMedian", rank(500)), ("firstFinalityDelta99", rank(990)),
            ("firstFinalityDeltaMost", rank(1_000)),
        ]
    }
}
