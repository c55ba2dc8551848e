// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// `quadrat-measure committee`: real validators on this machine, distance between them, load.
///
/// A block's time counts from the moment its proposer began to build it, to the moment the median
/// member had its certificate; a post's from the moment it was due, to its answer, which comes when
/// the block is final and in the chain of the node that was asked. Specified in
/// Protocol/19-observability.md#stages.
enum CommitteeCommand {
    static func run(_ plan: CommitteePlan) throws {
        let yardsticks = Yardsticks()
        let network = try CommitteeNetwork(plan)
        defer { network.stop() }
        try network.awaitBlocks()
        let load = CommitteeLoad(plan, network.members.map(\.rpc))
        usleep(UInt32(plan.warmSeconds * 1e6))
        let before = try Sample(network, load)
        usleep(UInt32(plan.seconds * 1e6))
        let after = try Sample(network, load)
        load.stop()
        // The last blocks of the time enter the chain.
        usleep(2_000_000)
        let figures = CommitteeFigures(
            logs: network.members.map(\.log), from: before.microseconds, to: after.microseconds)
        let later = Yardsticks()
        let measurements =
            yardsticks.measurements + report(plan, figures, before, after, later)
            + later.measurements.map {
                Measurement(name: "after." + $0.name, value: $0.value, unit: $0.unit)
            }
        if plan.isJSON {
            print("[\n\(measurements.map(\.json).joined(separator: ",\n"))\n]")
        } else {
            print(plan.label)
            measurements.forEach { print($0.line) }
        }
    }

    /// Everything that is looked at twice.
    private struct Sample {
        let microseconds = UInt64(Date().timeIntervalSince1970 * 1e6)
        let seconds = CommitteeLoad.now
        let posts: [CommitteeLoad.Post]
        let pages: [MetricsPage]
        let processors: [ProcessorTime]
        let own = ProcessorTime(of: getpid())

        init(_ network: CommitteeNetwork, _ load: CommitteeLoad) throws {
            posts = load.posts
            pages = try network.members.map { try MetricsPage($0.rpc) }
            processors = network.members.map { ProcessorTime(of: $0.process.processIdentifier) }
        }
    }

    private static func report(
        _ plan: CommitteePlan, _ figures: CommitteeFigures, _ before: Sample, _ after: Sample,
        _ yardsticks: Yardsticks
    ) -> [Measurement] {
        let delay = Double(plan.delayMilliseconds)
        let seconds = after.seconds - before.seconds
        let count = figures.blocks.count
        let posts = after.posts[before.posts.count...]
        let taken = posts.filter { $0.fault == nil }
        let waits = taken.map { ($0.end - $0.due) * 1e3 }.sorted()
        var all: [Measurement] = []
        func add(_ name: String, _ value: Double, _ unit: String, floor: Double? = nil) {
            all.append(
                Measurement(name: "committee." + name, value: value, unit: unit, floor: floor))
        }
        for percent in [50, 90, 99] {
            add(
                "finality/p\(percent)", figures.finality.quantile(percent), "ms",
                floor: delay == 0 ? nil : 3 * delay)
        }
        for percent in [50, 90, 99] {
            add(
                "interval/p\(percent)", figures.intervals.quantile(percent), "ms",
                floor: delay == 0 ? nil : 2 * delay)
        }
        for percent in [50, 90, 99] { add("post/p\(percent)", waits.quantile(percent), "ms") }
        add("posts", Double(taken.count), "")
        add("posts.failed", Double(posts.count - taken.count), "")
        if let fault = posts.lazy.compactMap(\.fault).first { print("a post failed: \(fault)") }
        add("blocks", Double(count), "")
        add("blocks.rate", Double(count) / seconds, "/s")
        add(
            "posted.rate", Double(taken.reduce(0) { $0 + $1.bytes }) / seconds / Double(1 << 20),
            "MiB/s")
        let widths = figures.blocks.map { Double($0.width) }.sorted()
        add("square.width/p50", widths.quantile(50), "shares")
        for name in MemberBlock.milestones {
            add("stage.\(name)/p50", figures.reached(name, isOwn: false).quantile(50), "ms")
        }
        for name in ["square", "notarized", "certified", "final", "entered"] {
            add("stage.own.\(name)/p50", figures.reached(name, isOwn: true).quantile(50), "ms")
        }
        all += costs(count, before, after, seconds)
        let width = Int(widths.quantile(50).isNaN ? 0 : widths.quantile(50)) / 2
        add("floor.extend-and-commit/k=\(width)", yardsticks.commitFloor(width: width), "ms")
        return all
    }

    /// What processors did, in milliseconds for each block at each member.
    private static func costs(
        _ count: Int, _ before: Sample, _ after: Sample, _ seconds: Double
    ) -> [Measurement] {
        let members = Double(after.pages.count)
        let each = 1e3 / Double(max(1, count)) / members
        func spent(_ pick: (ProcessorTime) -> Double) -> Double {
            zip(before.processors, after.processors).reduce(0) { $0 + pick($1.1) - pick($1.0) }
        }
        var all = [
            Measurement(
                name: "committee.cpu.cores", value: spent(\.total) / seconds, unit: "cores"),
            Measurement(
                name: "committee.cpu.tool", value: (after.own.total - before.own.total) / seconds,
                unit: "cores"),
            Measurement(
                name: "committee.cpu.user", value: spent(\.user) * each, unit: "ms/block/member"),
            Measurement(
                name: "committee.cpu.system", value: spent(\.system) * each,
                unit: "ms/block/member"),
        ]
        let kinds: [(String, String)] = [
            ("work", "quadrat_work_processor_seconds"), ("took", "quadrat_work_seconds"),
            ("wait", "quadrat_work_wait_seconds"),
        ]
        for (word, name) in kinds {
            var sums: [String: (seconds: Double, count: Double)] = [:]
            for (early, late) in zip(before.pages, after.pages) {
                for (page, sign) in [(early, -1.0), (late, 1.0)] {
                    for (label, value) in page.byLabel(name + "_sum") {
                        sums[label, default: (0, 0)].seconds += sign * value
                    }
                    for (label, value) in page.byLabel(name + "_count") {
                        sums[label, default: (0, 0)].count += sign * value
                    }
                }
            }
            let rows = sums.sorted { $0.value.seconds > $1.value.seconds }
            for (label, sum) in rows where sum.count > 0 && sum.seconds * each > 0.02 {
                let times = String(format: "%.1f", sum.count / Double(max(1, count)) / members)
                all.append(
                    Measurement(
                        name: "committee.\(word).\(label)", value: sum.seconds * each,
                        unit: "ms/block/member, \(times) times"))
            }
        }
        return all
    }
}
