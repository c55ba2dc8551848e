// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import DataSquare

/// `quadrat_subscribe` and `quadrat_unsubscribe`: subscriptions as most JSON-RPC clients know them.
///
/// ```text
/// ← {"jsonrpc":"2.0","method":"quadrat_subscription","params":{"subscription":"0x1","result":{…}}}
/// ```
/// Specified in Protocol/17-json-rpc.md#standard-subscriptions.
enum EventService {
    static var methods: [RPCMethod] {
        [
            RPCMethod(
                "quadrat_subscribe", .read, Parameter<String>.text("topic"), options,
                optionalCount: 1, subscribes: true
            ) { call, name, options in
                do throws(ParameterFault) {
                    let topic = try EventTopic(name, namespace: options.namespace)
                    guard let subscriptions = call.channels?.standard else { return }
                    subscriptions.open(call, topic, after: options.last)
                } catch {
                    call.fail(.application(error.text))
                }
            },
            RPCMethod(
                "quadrat_unsubscribe", .read, Parameter<String>.text("subscription"),
                subscribes: true
            ) { call, name in
                let isClosed = call.channels?.standard.close(name) ?? false
                call.reply { $0.bool(isClosed) }
            },
        ]
    }

    /// What may be said beside the topic: whose blobs, and behind which event.
    struct Options {
        var namespace: Namespace?
        var last: EventIdentifier?
    }

    private static let options = Parameter<Options>("options", "quadrat.SubscribeOptions") {
        value throws(ParameterFault) in
        var options = Options()
        if value.isNull { return options }
        guard case .object = value else { throw .mismatch(value, "quadrat.SubscribeOptions") }
        if let text = value.member("namespace") {
            options.namespace = try JSONBytes.namespace(text)
        }
        if let text = value.member("after")?.text {
            guard let last = EventIdentifier(text) else {
                throw ParameterFault("'\(text.prefix(64))' is no id of an event")
            }
            options.last = last
        }
        return options
    }
}

/// The standard subscriptions of one WebSocket, by their names.
final class EventSubscriptions {
    private let services: RPCServices
    private let transmit: ([UInt8]) -> Void
    private let canTransmit: () -> Bool
    private var open: [(name: String, sink: Sink)] = []
    private var lastNumber = 0

    init(
        services: RPCServices, send: @escaping ([UInt8]) -> Void,
        isWritable: @escaping () -> Bool
    ) {
        self.services = services
        transmit = send
        canTransmit = isWritable
    }

    /// Opens a subscription, answers the call with its name and begins.
    func open(_ call: RPCCall, _ topic: EventTopic, after last: EventIdentifier?) {
        guard open.count < SubscriptionTable.limit else {
            return call.fail(.application("too many subscriptions on one connection"))
        }
        lastNumber += 1
        let name = "0x" + String(lastNumber, radix: 16)
        let sink = Sink(name, send: transmit, isWritable: canTransmit) { [weak self] in
            self?.open.removeAll { $0.name == name }
        }
        let stream = EventStream(services, topics: [topic], after: last, sink: sink)
        sink.stream = stream
        open.append((name, sink))
        call.reply { $0.string(name) }
        services.events.add(stream)
        stream.advance()
    }

    /// Ends a subscription in silence; false when there is none of that name.
    func close(_ name: String) -> Bool {
        guard let index = open.firstIndex(where: { $0.name == name }) else { return false }
        open.remove(at: index).sink.stream?.abandon()
        return true
    }

    /// Goes on after the connection could take no more.
    func advance() {
        for (_, sink) in open { sink.stream?.advance() }
    }

    /// Drops all, since the connection has gone.
    func abandon() {
        for (_, sink) in open { sink.stream?.abandon() }
        open = []
    }

    /// One subscription's end of the connection.
    private final class Sink: EventSink {
        var stream: EventStream?
        private let name: String
        private let transmit: ([UInt8]) -> Void
        private let canTransmit: () -> Bool
        private let ended: () -> Void

        init(
            _ name: String, send: @escaping ([UInt8]) -> Void,
            isWritable: @escaping () -> Bool, ended: @escaping () -> Void
        ) {
            self.name = name
            transmit = send
            canTransmit = isWritable
            self.ended = ended
        }

        var isWritable: Bool { canTransmit() }

        func send(_ identifier: EventIdentifier, _ topic: String, _ data: RPCResult) {
            notify { writer in
                writer.member("result") { writer in
                    writer.object { writer in
                        writer.member("id", identifier.description)
                        writer.member("topic", topic)
                        writer.member("data", data)
                    }
                }
            }
        }

        func sendMissed(_ reason: String) {
            notify { writer in
                writer.member("result") { writer in
                    writer.object { $0.member("missed", reason) }
                }
            }
        }

        func end(_ reason: String) {
            notify { writer in
                writer.member("error") { RPCError.dropped(reason).write(to: &$0) }
            }
            ended()
        }

        private func notify(_ body: RPCResult) {
            transmit(
                JSONWriter.text { writer in
                    writer.object { writer in
                        writer.member("jsonrpc", "2.0")
                        writer.member("method", "quadrat_subscription")
                        writer.member("params") { writer in
                            writer.object {
                                $0.member("subscription", name)
                                body(&$0)
                            }
                        }
                    }
                })
        }
    }
}
