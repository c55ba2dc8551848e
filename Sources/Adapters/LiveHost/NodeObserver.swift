// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery
internal import RPC
internal import Roles
internal import Syncing
internal import Telemetry

/// Turns what a node reports into log lines and metrics.
final class NodeObserver {
    private let log: Log
    private let clock: LiveClock
    private let metrics: NodeMetrics
    private var backfillTold: (percent: UInt64, at: Instant)?
    private var counters: [String: Counter] = [:]
    private var histograms: [String: Histogram] = [:]

    init(log: Log, clock: LiveClock, metrics: NodeMetrics) {
        self.log = log
        self.clock = clock
        self.metrics = metrics
        metrics.started.set(Int64(clamping: clock.now.nanoseconds / 1_000_000_000))
    }

    func observe(_ observation: Observation) {
        switch observation {
        case .head(let header):
            metrics.headUpdates.add()
            write(
                .info, "header.head",
                [
                    ("height", .count(header.height.value)),
                    ("hash", .text(header.hash.hex)),
                    ("data_root", .text(header.dataRoot?.hex ?? "")),
                    ("width", .number(Int64(header.width))),
                ])
        case .squareStored(let height, let dataRoot):
            metrics.squaresStored.add()
            write(
                .info, "square.stored",
                [("height", .count(height)), ("data_root", .text(dataRoot.hex))])
        case .progressed(let progress): progressed(progress)
        case .sampled(let height, let isAvailable, let parts):
            sampled(height, isAvailable: isAvailable, parts)
        case .pruned(let heights):
            metrics.retention.pruned.add(UInt64(heights.count))
            write(
                .info, "square.pruned",
                [
                    ("from", .count(heights.first ?? 0)), ("to", .count(heights.last ?? 0)),
                    ("count", .number(Int64(heights.count))),
                ])
        case .backfill(let progress):
            backfill(progress)
        case .storage(_, let shortage):
            metrics.retention.diskFull.set(shortage == nil ? 0 : 1)
        case .scrubbed(let height, let isIntact):
            metrics.retention.scrubbedHeight.set(Int64(clamping: height))
            (isIntact ? metrics.retention.intact : metrics.retention.rotten).add()
        case .peer(let peer, let isConnected):
            write(
                .info, isConnected ? "peer.connected" : "peer.left", [("peer", .text(peer))])
        case .penalized(let peer, let reason):
            metrics.penalties.add()
            write(.warning, "peer.penalized", [("peer", .text(peer)), ("reason", .text(reason))])
        case .counted(let name, let count):
            counter("quadrat_events_total", "Events by name.", [("event", name)]).add(count)
        case .fraud(let height, let reason):
            metrics.fraud.add()
            metrics.refusedHeight.set(Int64(clamping: height))
            write(
                .error, "chain.fraud", [("height", .count(height)), ("reason", .text(reason))])
        case .alarm(let height, let row):
            metrics.alarms.add()
            write(
                .error, "sidecar.alarm",
                [("height", .count(height)), ("row", .number(Int64(row)))])
        case .note(let text):
            write(.debug, "node.note", [("text", .text(text))])
        case .incident(let text):
            metrics.incidents.add()
            write(.error, "node.incident", [("text", .text(text))])
        }
    }

    /// A line at each tenth, and each minute; a person who watches sees a bar instead.
    private func backfill(_ progress: BackfillProgress) {
        let missing = progress.total - min(progress.held, progress.total)
        metrics.retention.missing.set(Int64(clamping: missing))
        let now = clock.now
        if let told = backfillTold, progress.percent / 10 == told.percent / 10, !progress.isDone,
            now.milliseconds(since: told.at) < 60_000
        {
            return
        }
        backfillTold = (progress.percent, now)
        var fields: [(name: String, value: LogValue)] = [
            ("percent", .count(progress.percent)), ("held", .count(progress.held)),
            ("total", .count(progress.total)),
        ]
        if let left = progress.leftMilliseconds {
            fields.append(("left_seconds", .count(left / 1_000)))
        }
        write(.info, progress.isDone ? "backfill.done" : "backfill.progress", fields)
    }

    /// A block of the committee entered the chain.
    private func progressed(_ progress: BlockProgress) {
        var fields: [(name: String, value: LogValue)] = [
            ("height", .count(progress.height)), ("view", .count(progress.view)),
            ("own", .count(progress.isOwn ? 1 : 0)),
            ("begun", .count(progress.time.nanoseconds / 1_000)),
        ]
        for (milestone, microseconds) in progress.milestones.microseconds(since: progress.time) {
            fields.append((milestone.rawValue, .count(microseconds)))
            guard !progress.isOwn else { continue }
            histogram(
                "quadrat_stage_seconds", "From a block's time to how far it got here.",
                [("stage", milestone.rawValue)]
            ).observe(microseconds)
        }
        write(.debug, "committee.block", fields)
    }

    /// A piece of the node's work is done.
    func worked(_ work: Work) {
        histogram(
            "quadrat_work_seconds", "How long work took on its thread.", [("work", work.name)]
        ).observe(work.took)
        histogram(
            "quadrat_work_processor_seconds", "What threads ran for it.", [("work", work.name)]
        ).observe(work.processor)
        guard work.waited > 0 else { return }
        histogram(
            "quadrat_work_wait_seconds", "How long work waited for a thread.",
            [("work", work.name)]
        ).observe(work.waited)
    }

    /// A call of a user was answered.
    func answered(_ method: String, isResult: Bool, microseconds: UInt64) {
        metrics.answered(method, isResult: isResult, microseconds: microseconds)
        counter(
            "quadrat_rpc_requests_total", "Calls that were answered.",
            [("method", method), ("outcome", isResult ? "result" : "error")]
        ).add()
    }

    /// Brings the numbers that are states up to date, before they are read.
    func refresh(_ status: NodeStatus, _ disk: DiskUse?) {
        metrics.headHeight.set(Int64(clamping: status.headHeight))
        metrics.networkHead.set(Int64(clamping: status.networkHeight))
        metrics.sampledHead.set(Int64(clamping: status.sampledHead))
        metrics.sampledTotal.set(Int64(clamping: status.sampledCount))
        metrics.busyWorkers.set(Int64(status.samplingNow))
        metrics.peers.set(Int64(status.peerCount))
        metrics.squares.set(Int64(clamping: status.squareCount))
        metrics.ready.set(status.isReady && status.health.isReady ? 1 : 0)
        let obstacles = status.health.obstacles.map(\.part.rawValue)
        for (part, gauge) in metrics.obstacles { gauge.set(obstacles.contains(part) ? 1 : 0) }
        metrics.bytesIn.advance(to: status.bandwidth.bytesIn)
        metrics.bytesOut.advance(to: status.bandwidth.bytesOut)
        metrics.submissionsWaiting.set(Int64(status.submissionsWaiting))
        if let bytes = ProcessMemory.residentBytes { metrics.residentBytes.set(bytes) }
        guard let disk else { return }
        metrics.diskFree.set(Int64(clamping: disk.freeBytes))
        metrics.diskTotal.set(Int64(clamping: disk.totalBytes))
        metrics.diskUsed.set(Int64(clamping: disk.usedBytes))
    }

    private func sampled(_ height: UInt64, isAvailable: Bool, _ parts: Int) {
        (isAvailable ? metrics.available : metrics.withheld).add()
        metrics.confidence.set(Int64(parts))
        metrics.lastSampled.set(Int64(clamping: clock.now.nanoseconds / 1_000_000_000))
        write(
            isAvailable ? .info : .error,
            isAvailable ? "sampling.available" : "sampling.withheld",
            [("height", .count(height)), ("confidence_ppm", .number(Int64(parts)))])
    }

    /// The counter of a name and its labels, registered when the first comes.
    private func counter(
        _ name: String, _ help: String, _ labels: [(name: String, value: String)]
    ) -> Counter {
        let key = name + labels.map(\.value).joined(separator: " ")
        if let known = counters[key] { return known }
        let counter = metrics.registry.counter(name, help, labels: labels)
        counters[key] = counter
        return counter
    }

    /// The histogram of a name and its labels, registered when the first comes.
    private func histogram(
        _ name: String, _ help: String, _ labels: [(name: String, value: String)]
    ) -> Histogram {
        let key = name + labels.map(\.value).joined(separator: " ")
        if let known = histograms[key] { return known }
        let histogram = metrics.registry.histogram(name, help, labels: labels, .durations())
        histograms[key] = histogram
        return histogram
    }

    private func write(
        _ level: LogLevel, _ event: String, _ fields: [(name: String, value: LogValue)]
    ) {
        log.write(level, event, at: clock.now, fields)
    }
}
