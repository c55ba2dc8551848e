// SPDX-License-Identifier: Apache-2.0

internal import DataSquare
internal import FluidModel

/// A fluid run's report, for people and for machines.
struct FluidText {
    let report: FluidReport
    let wallSeconds: Double

    private var nodes: Int { report.configuration.lightNodes * report.configuration.blocks }

    /// Whether each verdict is the one that the data deserved, but for chance.
    ///
    /// A minimal withholding is missed at a rate that the hypergeometric law gives: it may differ by
    /// three standard deviations.
    var isAsExpected: Bool {
        switch report.configuration.withholding {
        case .none: report.withheld == 0 && report.falselyWithheld == 0
        case .whole: report.available == 0 && report.falselyWithheld == 0
        case .minimal:
            report.falselyWithheld == 0
                && abs(missedRate - expectedMissRate) <= 3 * deviation
        }
    }

    private var missedRate: Double { Double(report.available) / Double(nodes) }

    /// The probability that no sample meets one of the (k+1)² hidden cells.
    private var expectedMissRate: Double {
        let parts = SamplingConfidence.partsPerMillion(
            width: 2 * report.configuration.width, samples: report.configuration.samples)
        return 1 - Double(parts) / 1e6
    }

    private var deviation: Double {
        // The law is stated in parts per million, rounded down: half of one is its own error.
        (expectedMissRate * (1 - expectedMissRate) / Double(nodes)).squareRoot() + 1e-6
    }

    var lines: [String] {
        let made = report.configuration
        var lines = [
            "\(made.lightNodes) light nodes, \(made.storageNodes) storage nodes, "
                + "\(made.connections) connections each, k=\(made.width), \(made.samples) samples"
                + (made.isSampleMany ? " in one request a peer" : " in a request each"),
            "\(made.blocks) blocks of \(made.blockMilliseconds) ms, spread "
                + "\(made.spreadMilliseconds) ms, seed \(made.seed): "
                + "\(report.milliseconds / 1_000) s of virtual time in \(tenths(wallSeconds)) s",
            "silent \(made.silentPerMille)‰, empty \(made.emptyPerMille)‰, "
                + "withheld: \(made.withholding)",
            "verdicts: available \(report.available), withheld \(report.withheld), falsely "
                + "withheld \(report.falselyWithheld), undecided \(report.undecided)",
        ]
        if report.available > 0 {
            let times = [5_000, 9_000, 9_900, 9_990, 10_000].map {
                "\(report.milliseconds(perMyriad: $0))"
            }
            lines.append(
                "ms to available, p50 p90 p99 p99.9 max: \(times.joined(separator: " "))")
        }
        if made.withholding == .minimal {
            lines.append(
                "missed: \(missedRate), by the law \(expectedMissRate) ± \(deviation)")
        }
        lines.append(
            "a light node and block: \(report.bytes / nodes) bytes in "
                + "\(tenths(Double(report.answers) / Double(nodes))) answers; refused as overload "
                + "\(report.overloads)")
        lines.append(
            "a storage node: \(report.processorPerMille.mean)‰ of a core (busiest "
                + "\(report.processorPerMille.most)‰), \(tenths(report.megabits.mean)) Mbit/s "
                + "(busiest \(tenths(report.megabits.most)))")
        return lines
    }

    var json: String {
        let made = report.configuration
        let fields: [(String, String)] = [
            ("light", "\(made.lightNodes)"), ("storage", "\(made.storageNodes)"),
            ("width", "\(made.width)"), ("blocks", "\(made.blocks)"), ("seed", "\(made.seed)"),
            ("virtualMilliseconds", "\(report.milliseconds)"),
            ("wallSeconds", "\(tenths(wallSeconds))"),
            ("available", "\(report.available)"), ("withheld", "\(report.withheld)"),
            ("falselyWithheld", "\(report.falselyWithheld)"),
            ("undecided", "\(report.undecided)"),
            ("p50Milliseconds", "\(report.milliseconds(perMyriad: 5_000))"),
            ("p99Milliseconds", "\(report.milliseconds(perMyriad: 9_900))"),
            ("maxMilliseconds", "\(report.milliseconds(perMyriad: 10_000))"),
            ("bytesPerNodeAndBlock", "\(report.bytes / nodes)"),
            ("overloads", "\(report.overloads)"),
            ("processorPerMilleMean", "\(report.processorPerMille.mean)"),
            ("processorPerMilleMost", "\(report.processorPerMille.most)"),
            ("megabitsMean", "\(tenths(report.megabits.mean))"),
            ("megabitsMost", "\(tenths(report.megabits.most))"),
            ("asExpected", "\(isAsExpected)"),
        ]
        return "{" + fields.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
    }

    private func tenths(_ value: Double) -> String {
        "\((value * 10).rounded() / 10)"
    }
}
