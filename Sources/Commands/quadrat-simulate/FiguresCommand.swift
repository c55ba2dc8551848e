// SPDX-License-Identifier: Apache-2.0

internal import CommitteeSimulation
internal import Console

/// `quadrat-simulate figures`: how fast committees are, by a model of links and processors.
enum FiguresCommand {
    static let verb = Verb(
        "figures", "how fast a committee is on links and processors that take their time",
        discussion: """
            Without options every row of the table in Protocol/SIMULATIONS.md: committees of 4 to \
            100 with one delay on every way and nothing else that takes time, and committees in ten \
            regions of AWS on links of 1 Gb/s, whose members' work takes what it was measured to \
            take on this machine at the start. With --members and --width one committee of the \
            second kind. Exit status 3 when something forbidden happened.
            """,
        options: [
            Option("members", .integer("N", 4...150), "one committee of so many"),
            Option("width", .integer("K", 1...512), "the width of its blocks' squares"),
            Option("blob-bytes", .integer("N", 1...134_217_728), "bytes of blobs in each of them"),
            Option("heights", .integer("N", 3...4_000), "final heights of a run", fallback: "20"),
            Option("cores", .integer("N", 1...64), "cores of a member", fallback: "4"),
            Option(
                "megabits", .integer("N", 1...1_000_000), "each link's rate each way",
                fallback: "1000"),
            Option("silent", .flag, "less than a third of the members say nothing"),
        ],
        examples: ["figures", "figures --members 50 --width 128 --blob-bytes 7500000"],
        action: { call throws(CommandFault) in
            let plan = FiguresPlan(
                heights: UInt64(try call.integer("heights") ?? 20),
                cores: Int(try call.integer("cores") ?? 4),
                bytesPerSecond: UInt64(try call.integer("megabits") ?? 1_000) * 125_000,
                hasSilent: call.flag("silent"))
            guard let members = try call.integer("members") else { return plan.all(call) }
            let width = Int(try call.integer("width") ?? 64)
            let bytes = Int(try call.integer("blob-bytes") ?? 1_000_000)
            return plan.timed(Int(members), width: width, blobBytes: bytes, call) ? .done : .untrue
        })
}

/// What is to be run, and how it is told.
struct FiguresPlan {
    let heights: UInt64
    let cores: Int
    let bytesPerSecond: UInt64
    let hasSilent: Bool

    func all(_ call: Invocation) -> ExitCode {
        var isClean = true
        for members in [4, 7, 21, 50, 100] {
            isClean = fixed(members, call) && isClean
        }
        for (members, width, bytes) in [
            (100, 64, 1_000_000), (50, 128, 7_500_000), (50, 256, 30_000_000),
        ] {
            isClean = timed(members, width: width, blobBytes: bytes, call) && isClean
        }
        return isClean ? .done : .untrue
    }

    /// One delay, and nothing else takes time.
    private func fixed(_ members: Int, _ call: Invocation) -> Bool {
        let delay: UInt64 = 50_000
        let square = TimedSquare(width: 4, blobBytes: 4_000)
        let scenario = TimedScenario.fixed(
            delayMicroseconds: delay, memberCount: members, width: 4, heights: heights)
        let report = TimedWorld(scenario, square).run()
        let unit = Double(delay) * 1_000
        let ends = [report.finalities.first, report.finalities.last].map {
            tenths(Double($0 ?? 0) / unit, 1_000)
        }
        let steps = [report.intervals.first, report.intervals.last].map {
            tenths(Double($0 ?? 0) / unit, 1_000)
        }
        call.terminal.print(
            "members \(members)\tdelay 50 ms\tinterval \(steps[0]) to \(steps[1]) delays"
                + "\tfinal after \(ends[0]) to \(ends[1]) delays\tevents \(report.events)")
        report.violations.forEach(call.terminal.print)
        return report.violations.isEmpty
    }

    /// Ten regions, links that take the time of their bytes, measured work; whether all was right.
    func timed(_ members: Int, width: Int, blobBytes: Int, _ call: Invocation) -> Bool {
        let square = TimedSquare(width: width, blobBytes: blobBytes)
        var scenario = TimedScenario(
            memberCount: members, width: width, blobBytes: blobBytes, latencies: .aws)
        scenario.bytesPerSecond = bytesPerSecond
        scenario.costs = WorkMeasurement.costs(of: square, memberCount: members)
        scenario.cores = cores
        scenario.heights = heights
        scenario.hasSilent = hasSilent
        let print = call.terminal.print
        print(
            "members \(members)\tsquare \(square.sizeBytes) bytes\tblobs \(blobBytes) "
                + "bytes\tregions \(scenario.latencies.names.count)\tlink "
                + "\(bytesPerSecond / 125_000) Mbit/s\tcores \(cores)")
        for (name, value) in scenario.costs.figures { print("cost.\(name)\t\(tenths(value)) µs") }
        print("cost.mebibyteHashed\t\(tenths(Double(WorkMeasurement.hashing()) / 1_000)) µs")
        let report = TimedWorld(scenario, square).run()
        for (name, value) in Self.figures(report) { print("\(name)\t\(value)") }
        report.violations.forEach(print)
        return report.violations.isEmpty
    }

    private static func figures(_ report: TimedReport) -> [(String, String)] {
        func spread(_ sorted: [UInt64]) -> String {
            [500, 900, 990, 1_000].map { tenths(Double(TimedReport.rank($0, of: sorted)) / 1e6) }
                .joined(separator: ", ") + " ms (p50, p90, p99, most)"
        }
        let median = Double(TimedReport.rank(500, of: report.finalities))
        let way = report.scenario.latencies.medianNanoseconds
        return [
            ("beganToFinal", spread(report.finalities)),
            ("builtToFinal", spread(report.finalitiesSinceBuilt)),
            ("postToFinal", spread(report.postsToFinal)),
        ] + report.steps.map { ($0.name, spread($0.times)) } + [
            ("interval", spread(report.intervals)),
            ("blobs", "\(tenths(report.blobBytesPerSecond / 1_048_576)) MiB/s"),
            (
                "bound",
                "\(tenths(Double(report.bound) / 1e6)) ms: egress "
                    + "\(tenths(Double(report.egress) / 1e6)), three ways of \(tenths(Double(way) / 1e6)), "
                    + "two encodings of \(tenths(Double(report.scenario.costs.encoding) / 1e6))"
            ),
            ("finalOverBound", tenths(median / Double(max(report.bound, 1)), 100)),
            ("leaderEgress", "\(tenths(report.leaderEgressInBlocks, 100)) blocks"),
            (
                "sentByMember",
                "\(tenths(Double(report.sentBytes.max() ?? 0) / Double(report.nanoseconds) * 8e3)) "
                    + "Mbit/s at most"
            ),
            (
                "processor",
                "loop \(tenths(Double(report.loopWorked) / Double(report.nanoseconds), 1_000)), other "
                    + "cores \(tenths(Double(report.coresWorked) / Double(report.nanoseconds), 1_000))"
            ),
            ("rebuilt", "\(report.rebuiltPlainly) from data rows, \(report.repaired) with parity"),
            ("worstThird", report.worstRows.map { "\($0.covered) of \($0.of) rows" } ?? "-"),
            ("nullifyVotes", "\(report.nullifyVotes)"), ("events", "\(report.events)"),
        ]
    }
}

/// A number with so many parts of a unit.
private func tenths(_ value: Double, _ parts: Double = 10) -> String {
    "\((value * parts).rounded() / parts)"
}
