// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// One answer that does not end: server-sent events (the HTML standard, §9.2).
///
/// ```text
/// id: 3fa9.17.240
/// event: headers
/// data: {"header":{…},…}
/// ```
/// Specified in Protocol/17-json-rpc.md#server-sent-events.
final class EventSession: EventSink {
    /// Such answers at a time, of all connections.
    static let sessionsMax = 256
    /// Seconds from one sign of life to the next.
    static let beatSeconds = 15
    /// How soon a browser comes back, in milliseconds.
    static let retryMilliseconds = 2_000

    private let transmit: ([UInt8]) -> Void
    private let canTransmit: () -> Bool
    private let finish: () -> Void
    private var stream: EventStream?
    private let services: RPCServices
    private var ticks = 0

    /// Takes the ways to send bytes, to learn whether more may be sent, and to end.
    init(
        _ services: RPCServices, _ request: EventRequest, send: @escaping ([UInt8]) -> Void,
        isWritable: @escaping () -> Bool, end: @escaping () -> Void
    ) {
        self.services = services
        transmit = send
        canTransmit = isWritable
        finish = end
        services.eventSessionCount += 1
        let stream = EventStream(
            services, topics: request.topics, after: request.last, sink: self)
        self.stream = stream
        services.events.add(stream)
    }

    /// Says at once that the connection stands, and tells what is there.
    func begin() {
        transmit(Array("retry: \(Self.retryMilliseconds)\n: quadrat\n\n".utf8))
        stream?.advance()
    }

    var isWritable: Bool { canTransmit() }

    func send(_ identifier: EventIdentifier, _ topic: String, _ data: RPCResult) {
        ticks = 0
        let head = "id: \(identifier)\nevent: \(topic)\ndata: "
        transmit(Array(head.utf8) + JSONWriter.text(data) + Array("\n\n".utf8))
    }

    func sendMissed(_ reason: String) {
        say("missed", reason)
    }

    func end(_ reason: String) {
        say("dropped", reason)
        finish()
    }

    /// Goes on after the connection could take no more.
    func drained() {
        stream?.advance()
    }

    /// Half a second has gone by.
    func tick() {
        ticks += 1
        guard ticks % (Self.beatSeconds * RPCConnection.ticksPerSecond) == 0, canTransmit() else {
            return
        }
        transmit(Array(": beat\n\n".utf8))
    }

    /// The connection has gone.
    func abandon() {
        guard let stream else { return }
        self.stream = nil
        stream.abandon()
        services.eventSessionCount -= 1
    }

    private func say(_ event: String, _ reason: String) {
        let data = JSONWriter.text { writer in
            writer.object { $0.member("reason", reason) }
        }
        transmit(Array("event: \(event)\ndata: ".utf8) + data + Array("\n\n".utf8))
    }
}

/// What a watcher asks of `/events`.
struct EventRequest {
    /// The page.
    static let path = "/events"

    let topics: [EventTopic]
    /// The last event that the watcher knows.
    let last: EventIdentifier?

    /// Reads the query and the header by which browsers say what they last saw.
    init(_ request: HTTPRequest) throws(ParameterFault) {
        guard let text = request.query("topics") else {
            throw ParameterFault("name topics: /events?topics=headers,sampling")
        }
        topics = try EventTopic.list(text)
        guard let last = request.header("last-event-id") ?? request.query("after"), !last.isEmpty
        else {
            self.last = nil
            return
        }
        guard let identifier = EventIdentifier(last) else {
            throw ParameterFault("'\(last.prefix(64))' is no id of an event")
        }
        self.last = identifier
    }
}
