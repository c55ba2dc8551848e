// SPDX-License-Identifier: Apache-2.0

/// Every number that a node shows, registered at its start, so that a name that is documented is
/// there from the first scrape on.
///
/// Names are celestia-node's (`das_…`) and op-alt-da's (`celestia_…`) where the quantity is the same.
/// Specified in Protocol/19-observability.md#metrics.
package final class NodeMetrics: Sendable {
    /// Where they are registered.
    package let registry = MetricRegistry()

    // MARK: The chain

    /// The newest verified height.
    package let headHeight: Gauge
    /// The newest height that the network is known to have.
    package let networkHead: Gauge
    /// How often the head moved.
    package let headUpdates: Counter

    // MARK: Sampling

    /// Up to where every block was found available.
    package let sampledHead: Gauge
    /// Blocks that were found available, of this run and those before.
    package let sampledTotal: Gauge
    /// Blocks that are being sampled.
    package let busyWorkers: Gauge
    /// When the last block was sampled, in seconds since 1970.
    package let lastSampled: Gauge
    /// Verdicts of this run: available.
    package let available: Counter
    /// Verdicts of this run: withheld.
    package let withheld: Counter
    /// The newest verdict's confidence, in millionths.
    package let confidence: Gauge

    // MARK: The node

    /// Peers that are connected.
    package let peers: Gauge
    /// 1 while nothing is in the way.
    package let ready: Gauge
    /// 1 for each part that cannot do its work.
    package let obstacles: [(part: String, gauge: Gauge)]
    /// Squares that are held.
    package let squares: Gauge
    /// Squares stored in this run.
    package let squaresStored: Counter
    /// What keeping squares comes to.
    package let retention: RetentionMetrics
    /// Bytes that may still be written.
    package let diskFree: Gauge
    /// Bytes of the file system.
    package let diskTotal: Gauge
    /// Bytes of the node's files.
    package let diskUsed: Gauge
    /// Peers penalised.
    package let penalties: Counter
    /// Events that an operator must look into.
    package let incidents: Counter
    /// Rows that disagree with their blocks' sidecars.
    package let alarms: Counter
    /// Blocks proven to break the rules.
    package let fraud: Counter
    /// The block that is proven to break the rules, where the chain ends; 0 for none.
    package let refusedHeight: Gauge
    /// When the process began, in seconds since 1970.
    package let started: Gauge

    /// Bytes that came from peers.
    package let bytesIn: Counter
    /// Bytes that went to peers.
    package let bytesOut: Counter
    /// Bytes of memory that the process has.
    package let residentBytes: Gauge

    // MARK: Users

    /// Posts that are on their way into a block.
    package let submissionsWaiting: Gauge

    /// Blobs posted that are in a block.
    package let submissions: Counter
    /// Posts that failed.
    package let submissionErrors: Counter
    /// From a post to its block.
    package let submissionSeconds: Histogram
    /// Reads of blobs that gave them.
    package let retrievals: Counter
    /// Reads of blobs that failed.
    package let retrievalErrors: Counter
    /// How long reads of blobs take.
    package let retrievalSeconds: Histogram
    /// How long calls take, of every method.
    package let callSeconds: Histogram

    /// Registers all of them; `parts` are what a node is made of.
    package init(kind: String, parts: [String]) {
        let all = registry
        headHeight = all.gauge("quadrat_head_height", "The newest verified height.")
        networkHead = all.gauge("das_network_head", "The newest height that is known.")
        headUpdates = all.counter("das_head_updated_counter_total", "How often the head moved.")
        sampledHead = all.gauge(
            "das_sampled_chain_head", "Up to where every block was found available.")
        sampledTotal = all.gauge("das_total_sampled_headers", "Blocks found available.")
        busyWorkers = all.gauge("das_busy_workers_amount", "Blocks that are being sampled.")
        lastSampled = all.gauge(
            "das_latest_sampled_ts", "When a block was last sampled, in seconds since 1970.")
        let verdicts = "das_sampled_headers_counter_total"
        available = all.counter(verdicts, "Verdicts of sampling.", labels: [("failed", "false")])
        withheld = all.counter(verdicts, "Verdicts of sampling.", labels: [("failed", "true")])
        confidence = all.gauge(
            "quadrat_confidence_ppm", "Confidence of the newest verdict, in millionths.")
        peers = all.gauge("quadrat_peers", "Peers that are connected.")
        ready = all.gauge("quadrat_ready", "1 while nothing is in the way of the node's work.")
        obstacles = parts.map {
            (
                $0,
                all.gauge(
                    "quadrat_obstacle", "1 while a part cannot do its work.",
                    labels: [("part", $0)])
            )
        }
        squares = all.gauge("quadrat_squares", "Squares that are held.")
        squaresStored = all.counter("quadrat_squares_stored_total", "Squares stored.")
        retention = RetentionMetrics(all)
        diskFree = all.gauge("quadrat_disk_free_bytes", "Bytes that may still be written.")
        diskTotal = all.gauge("quadrat_disk_total_bytes", "Bytes of the file system.")
        diskUsed = all.gauge("quadrat_disk_used_bytes", "Bytes of the node's own files.")
        penalties = all.counter("quadrat_penalties_total", "Peers penalised for breaking a rule.")
        incidents = all.counter(
            "quadrat_incidents_total", "Events that an operator must look into.")
        alarms = all.counter(
            "quadrat_sidecar_alarms_total", "Rows that disagree with their block's sidecar.")
        fraud = all.counter("quadrat_fraud_total", "Blocks proven to break the chain's rules.")
        refusedHeight = all.gauge(
            "quadrat_refused_height", "The block proven to break the rules, 0 for none.")
        started = all.gauge(
            "process_start_time_seconds", "When the process began, in seconds since 1970.")
        let bytes = "quadrat_network_bytes_total"
        bytesIn = all.counter(bytes, "Bytes of peers.", labels: [("direction", "in")])
        bytesOut = all.counter(bytes, "Bytes of peers.", labels: [("direction", "out")])
        residentBytes = all.gauge("process_resident_memory_bytes", "Bytes of memory.")
        submissionsWaiting = all.gauge("quadrat_submissions_waiting", "Posts on their way.")
        submissions = all.counter("celestia_submissions_total", "Posts that are in a block.")
        submissionErrors = all.counter("celestia_submission_errors_total", "Posts that failed.")
        submissionSeconds = all.histogram(
            "celestia_submission_duration_seconds", "From a post to its block.", .durations())
        retrievals = all.counter("celestia_retrievals_total", "Reads of blobs that gave them.")
        retrievalErrors = all.counter(
            "celestia_retrieval_errors_total", "Reads of blobs that failed.")
        retrievalSeconds = all.histogram(
            "celestia_retrieval_duration_seconds", "How long reads of blobs take.", .durations())
        callSeconds = all.histogram(
            "quadrat_rpc_duration_seconds", "How long calls take.", .durations())
        all.gauge("quadrat_info", "What the node is; always 1.", labels: [("kind", kind)]).set(1)
    }

    /// Names that are registered when the first of their labels comes.
    package static let late = [
        "quadrat_rpc_requests_total", "quadrat_events_total", "quadrat_stage_seconds",
        "quadrat_work_seconds", "quadrat_work_processor_seconds", "quadrat_work_wait_seconds",
    ]

    /// Counts a call of a user.
    package func answered(_ method: String, isResult: Bool, microseconds: UInt64) {
        callSeconds.observe(microseconds)
        switch method {
        case "blob.Submit", "state.SubmitPayForBlob", "da.Submit", "da.SubmitWithOptions":
            (isResult ? submissions : submissionErrors).add()
            submissionSeconds.observe(microseconds)
        case "blob.Get", "blob.GetAll", "da.Get":
            (isResult ? retrievals : retrievalErrors).add()
            retrievalSeconds.observe(microseconds)
        default: break
        }
    }

    /// The names of all that is registered, in order.
    package var names: [String] { registry.snapshot.map(\.name) }
}
