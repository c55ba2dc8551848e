// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// JSON-RPC over one WebSocket: calls run side by side and are answered as they end.
///
/// go-jsonrpc's clients never answer pings, so nothing is concluded from a missing pong: the server
/// only sends its own, every five seconds, for them to see that it lives.
/// Specified in Protocol/17-json-rpc.md#pings.
final class WebSocketSession {
    /// Calls of one session that may be open at a time.
    static let callLimit = 256
    /// Bytes that may wait for a client that does not read; over it the session ends.
    static let queueLimitBytes = 1 << 28
    /// Seconds from ping to ping.
    static let pingSeconds = 5

    private let services: RPCServices
    private let permissions: Set<Permission>
    private let channel: WebSocketChannel
    private let transmit: ([UInt8]) -> Void
    private let queuedBytes: () -> Int
    private let end: () -> Void
    private var table: SubscriptionTable?
    private var calls: [RPCCall] = []
    private var ticks = 0

    /// Takes the ways to send bytes, to learn how many wait, whether more may be sent, and to end.
    init(
        _ services: RPCServices, permissions: Set<Permission>,
        send: @escaping ([UInt8]) -> Void, queuedBytes: @escaping () -> Int,
        isWritable: @escaping () -> Bool, end: @escaping () -> Void
    ) {
        self.services = services
        self.permissions = permissions
        transmit = send
        self.queuedBytes = queuedBytes
        self.end = end
        channel = WebSocketChannel(
            messageBytesLimit: services.configuration.limits.bodyBytes)
        table = SubscriptionTable(
            services: services, send: { [weak self] in self?.send(text: $0) },
            isWritable: isWritable)
        channel.onMessage = { [weak self] in self?.handle($0) }
    }

    /// Takes bytes of frames.
    func receive(_ bytes: ArraySlice<UInt8>) {
        channel.receive(bytes)
        flush()
    }

    /// Goes on with the subscriptions.
    func drained() {
        table?.advance()
    }

    func tick() {
        ticks += 1
        if ticks % (Self.pingSeconds * RPCConnection.ticksPerSecond) == 0 {
            channel.ping()
            flush()
        }
    }

    /// The connection has gone.
    func abandon() {
        for call in calls { call.abandon() }
        services.activeCount -= calls.count
        calls = []
        table?.abandon()
        table = nil
    }

    private func handle(_ message: [UInt8]) {
        do throws(RPCError) {
            let envelope = try RPCEnvelope(try Self.parse(message))
            if envelope.method == "xrpc.cancel" { return cancel(envelope) }
            start(envelope)
        } catch {
            answer(.absent, .failure(error))
        }
    }

    private static func parse(_ message: [UInt8]) throws(RPCError) -> JSONNode {
        do throws(DecodeFault) {
            return try JSONParser.parse(message)
        } catch {
            throw .parse
        }
    }

    private func start(_ envelope: RPCEnvelope) {
        guard calls.count < Self.callLimit,
            services.activeCount < services.configuration.activeLimit,
            services.heldBytes <= services.configuration.heldBytesLimit
        else { return answer(envelope.identifier, .failure(.busy)) }
        var isAnswered = false
        var started: RPCCall?
        started = services.start(envelope, permissions: permissions, channels: table) {
            [weak self] result in
            isAnswered = true
            guard let self else { return }
            if let call = started { self.forget(call) }
            started = nil
            if envelope.identifier != .absent { self.answer(envelope.identifier, result) }
        }
        if let call = started, !isAnswered {
            calls.append(call)
            services.activeCount += 1
        } else {
            started = nil
        }
    }

    private func forget(_ call: RPCCall) {
        let before = calls.count
        calls.removeAll { $0 === call }
        services.activeCount -= before - calls.count
    }

    /// `xrpc.cancel` names the request that opened a channel, or one that is still being served.
    private func cancel(_ envelope: RPCEnvelope) {
        guard let identifier = RequestIdentifier(envelope.parameters.first),
            identifier != .absent, table?.cancel(identifier) == false
        else { return }
        calls.first { $0.identifier == identifier }?.fail(.application("context canceled"))
    }

    private func answer(_ identifier: RequestIdentifier, _ result: Result<RPCResult, RPCError>) {
        send(text: JSONWriter.text { RPCEnvelope.answer(identifier, result, into: &$0) })
    }

    private func send(text: [UInt8]) {
        guard table != nil else { return }
        channel.send(text: text)
        flush()
    }

    private func flush() {
        let bytes = channel.takeOutgoing()
        if !bytes.isEmpty { transmit(bytes) }
        if channel.isOver || queuedBytes() > Self.queueLimitBytes { end() }
    }
}
