// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import DataSquare
internal import Roles

/// Where a stream's events go: a WebSocket or an answer that does not end.
protocol EventSink: AnyObject {
    /// Whether the connection takes another event now.
    var isWritable: Bool { get }
    /// Sends one event.
    func send(_ identifier: EventIdentifier, _ topic: String, _ data: RPCResult)
    /// Says that something was missed that cannot be told again.
    func sendMissed(_ reason: String)
    /// Says why the stream ends, and ends it.
    func end(_ reason: String)
}

/// One watcher's way through the events, in order, each made when the connection can take it.
///
/// Specified in Protocol/17-json-rpc.md#watching.
final class EventStream {
    /// Topics of one stream.
    static let topicsMax = 16
    /// Events that may wait for a reader; over it the stream ends with a word.
    static let lagMax: UInt64 = 256
    /// How often an event may fail to be made before the stream ends; one try a second.
    static let attemptsMax = 60

    private(set) var isClosed = false

    private let topics: [EventTopic]
    /// It outlives every stream: the connection that holds one holds it, too.
    private unowned let services: RPCServices
    private weak var sink: (any EventSink)?
    private var cursor: UInt64
    private var heights: ClosedRange<UInt64>?
    private var hasMissed: Bool
    private var height: UInt64
    /// Topics of the event at hand that were told already.
    private var told = 0
    private var isBusy = false
    /// Events that are made at once must not deepen the stack.
    private var isAdvancing = false
    private var failures = 0
    /// Whether what failed may be tried once more now.
    private var isRetrying = false

    /// Begins at the next event, or behind the last one that the watcher knows.
    init(
        _ services: RPCServices, topics: [EventTopic], after last: EventIdentifier?,
        sink: any EventSink
    ) {
        precondition(!topics.isEmpty && topics.count <= Self.topicsMax, "some topics, not many")
        self.services = services
        self.topics = topics
        self.sink = sink
        let start = services.events.start(after: last, topics: topics)
        cursor = start.cursor
        heights = start.heights
        hasMissed = start.hasMissed
        height = start.heights.map { $0.lowerBound - 1 } ?? services.events.head
    }

    /// Tells what the connection takes now.
    func advance() {
        guard !isClosed, !isAdvancing else { return }
        if services.events.next - min(cursor, services.events.next) > Self.lagMax
            || (heights == nil && cursor < services.events.first)
        {
            return close("the reader is more than \(Self.lagMax) events behind")
        }
        isAdvancing = true
        defer { isAdvancing = false }
        while !isClosed, !isBusy, failures == 0 || isRetrying, sink?.isWritable == true {
            if hasMissed {
                hasMissed = false
                sink?.sendMissed("events since the last one that was received are gone")
                continue
            }
            guard let event = current else { return }
            tell(event)
        }
    }

    /// Tries again what failed.
    func retry() {
        guard failures > 0 else { return }
        isRetrying = true
        advance()
        isRetrying = false
    }

    /// Ends it because its connection has gone.
    func abandon() {
        isClosed = true
    }

    /// Ends it with a word to the watcher.
    func close(_ reason: String) {
        guard !isClosed else { return }
        isClosed = true
        sink?.end(reason)
    }

    /// The event that is to be told next.
    private var current: NodeEvent? {
        if let heights { return .head(height: heights.lowerBound) }
        return services.events[cursor]
    }

    /// Tells one topic of an event; the next is told after it.
    private func tell(_ event: NodeEvent) {
        let wanted = topics.filter { $0.concerns(event) }
        guard told < wanted.count else { return pass(event) }
        let topic = wanted[told]
        isBusy = true
        isRetrying = false
        make(topic, event) { [weak self] result in self?.made(topic, event, result) }
    }

    private func made(
        _ topic: EventTopic, _ event: NodeEvent, _ result: Result<RPCResult, RPCFault>
    ) {
        isBusy = false
        guard !isClosed else { return }
        switch result {
        case .success(let write):
            failures = 0
            told += 1
            sink?.send(identifier(of: event), topic.name, write)
            advance()
        case .failure(let fault):
            failures += 1
            if failures >= Self.attemptsMax { close("height \(event.height): \(fault.text)") }
        }
    }

    private func identifier(of event: NodeEvent) -> EventIdentifier {
        if case .head(let new) = event { height = new }
        return EventIdentifier(
            run: services.events.run, sequence: heights == nil ? cursor : cursor - 1,
            height: height)
    }

    /// Goes on behind an event.
    private func pass(_ event: NodeEvent) {
        told = 0
        if case .head(let new) = event { height = new }
        guard let range = heights else {
            cursor += 1
            return
        }
        heights =
            range.lowerBound < range.upperBound ? range.lowerBound + 1...range.upperBound : nil
    }

    private func make(
        _ topic: EventTopic, _ event: NodeEvent,
        then: @escaping (Result<RPCResult, RPCFault>) -> Void
    ) {
        switch (topic, event) {
        case (.headers, _):
            services.eventHeader(event.height) {
                then($0.map { header in { HeaderJSON.write(header, to: &$0) } })
            }
        case (.blobs(let namespace), _):
            services.eventHeader(event.height) { [services] result in
                switch result {
                case .failure(let fault): then(.failure(fault))
                case .success(let header):
                    services.blobs(of: header, namespace) {
                        then(
                            $0.map { blobs in
                                { EventJSON.write(event.height, namespace, blobs, to: &$0) }
                            })
                    }
                }
            }
        case (.sampling, _), (.fraud, _), (.alarms, _):
            then(.success({ EventJSON.write(event, to: &$0) }))
        }
    }
}

/// What events say.
enum EventJSON {
    /// The blobs of a height: `{"height":7,"namespace":"…","blobs":[…]}`.
    static func write(
        _ height: UInt64, _ namespace: Namespace, _ blobs: NamespaceBlobs,
        to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("height", height)
            writer.member("namespace", base64: namespace.bytes.array)
            writer.member("blobs") { writer in
                writer.array(blobs.blobs) { writer, placed in
                    BlobJSON.write(
                        placed.blob, commitment: ShareCommitment(of: placed.blob),
                        index: placed.index, to: &writer)
                }
            }
        }
    }

    /// A verdict, or a proven fault.
    static func write(_ event: NodeEvent, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("height", event.height)
            switch event {
            case .head: break
            case .sampled(_, let isAvailable, let parts):
                writer.member("state", isAvailable ? "available" : "withheld")
                writer.member("confidence_ppm", parts)
            case .fraud(_, let reason): writer.member("reason", reason)
            case .alarm(_, let row): writer.member("row", row)
            }
        }
    }
}
