// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery
internal import Roles
internal import Telemetry

/// Turns what a node reports into log lines and metrics.
final class NodeObserver {
    private let log: Log
    private let clock: LiveClock
    private let height: Gauge
    private let sampledHeight: Gauge
    private let confidence: Gauge
    private let peers: Gauge
    private let squares: Counter
    private let sampled: Counter
    private let withheld: Counter
    private let penalties: Counter
    private let incidents: Counter
    private let registry: MetricRegistry
    private var counters: [String: Counter] = [:]
    private var peerCount: Int64 = 0

    init(log: Log, clock: LiveClock, registry: MetricRegistry) {
        self.log = log
        self.clock = clock
        self.registry = registry
        height = registry.gauge("quadrat_head_height", "The newest verified height.")
        sampledHeight = registry.gauge(
            "quadrat_sampled_height", "The newest height found available by sampling.")
        confidence = registry.gauge(
            "quadrat_confidence_ppm", "Confidence of the newest verdict, in millionths.")
        peers = registry.gauge("quadrat_peers", "Peers that are connected.")
        squares = registry.counter("quadrat_squares_stored_total", "Squares stored.")
        sampled = registry.counter(
            "quadrat_blocks_available_total", "Blocks found available by sampling.")
        withheld = registry.counter(
            "quadrat_blocks_withheld_total", "Blocks whose sampled shares did not come.")
        penalties = registry.counter(
            "quadrat_penalties_total", "Peers penalised for breaking a rule.")
        incidents = registry.counter(
            "quadrat_incidents_total", "Events that an operator must look into.")
    }

    func observe(_ observation: Observation) {
        switch observation {
        case .head(let header):
            height.set(Int64(clamping: header.height.value))
            write(
                .info, "header.head",
                [
                    ("height", .count(header.height.value)),
                    ("hash", .text(header.hash.hex)),
                    ("data_root", .text(header.dataRoot?.hex ?? "")),
                    ("width", .number(Int64(header.width))),
                ])
        case .squareStored(let height, let dataRoot):
            squares.add(1)
            write(
                .info, "square.stored",
                [("height", .count(height)), ("data_root", .text(dataRoot.hex))])
        case .sampled(let height, let isAvailable, let parts):
            (isAvailable ? sampled : withheld).add(1)
            confidence.set(Int64(parts))
            if isAvailable { sampledHeight.set(Int64(clamping: height)) }
            write(
                isAvailable ? .info : .error,
                isAvailable ? "sampling.available" : "sampling.withheld",
                [("height", .count(height)), ("confidence_ppm", .number(Int64(parts)))])
        case .peer(let peer, let isConnected):
            peerCount += isConnected ? 1 : -1
            peers.set(max(0, peerCount))
            write(
                .info, isConnected ? "peer.connected" : "peer.left", [("peer", .text(peer))])
        case .penalized(let peer, let reason):
            penalties.add(1)
            write(.warning, "peer.penalized", [("peer", .text(peer)), ("reason", .text(reason))])
        case .counted(let name, let count):
            counter(name).add(count)
        case .note(let text):
            write(.debug, "node.note", [("text", .text(text))])
        case .incident(let text):
            incidents.add(1)
            write(.error, "node.incident", [("text", .text(text))])
        }
    }

    /// The counter of a kind of event, registered when the first comes.
    private func counter(_ name: String) -> Counter {
        if let known = counters[name] { return known }
        let counter = registry.counter(
            "quadrat_events_total", "Events by name.", labels: [("event", name)])
        counters[name] = counter
        return counter
    }

    private func write(
        _ level: LogLevel, _ event: String, _ fields: [(name: String, value: LogValue)]
    ) {
        log.write(level, event, at: clock.now, fields)
    }
}
