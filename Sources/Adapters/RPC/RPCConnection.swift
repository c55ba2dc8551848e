// SPDX-License-Identifier: Apache-2.0

internal import Roles

/// One client, from its first byte to its last: HTTP requests in order, then perhaps a WebSocket.
///
/// Everything happens on the loop's thread. Time comes as `tick`, twice a second by the host's
/// count: so a loop that was busy for long does not blame its clients for it.
/// Specified in Protocol/17-json-rpc.md#order.
package final class RPCConnection {
    /// Ticks in a second.
    package static let ticksPerSecond = 2
    /// Bytes given to the transport at a time.
    static let pieceBytes = 256 * 1024
    /// Answers that a WebSocket's client may leave unread before no more is read from it.
    static let unreadBytes = 4 << 20
    /// Smaller bodies are sent in one piece with their heads.
    static let joinBytes = 64 * 1024

    private enum State {
        /// Waiting for a request, or in the middle of one.
        case reading
        /// A request is being answered.
        case serving
        /// The answer is on its way out.
        case writing
        case webSocket(WebSocketSession)
        /// Events as they happen, until either side ends.
        case events(EventSession)
        /// The last bytes are on their way out.
        case ending
        case closed
    }

    private let services: RPCServices
    private let transport: any RPCTransport
    private let parser: HTTPParser
    private var state = State.reading
    private var input: ArraySlice<UInt8> = []
    private var output: ArraySlice<UInt8> = []
    private var exchange: HTTPExchange?
    private var closesAfterAnswer = false
    private var isPaused = false
    private var isPumping = false
    /// Whether a request of this connection is counted as being served.
    private var isCounted = false
    /// Bytes that this connection makes the server hold, in and out.
    private var heldBytes = 0
    /// Ticks since the state began.
    private var age = 0
    /// Whether this connection has sent anything yet.
    private var hasReceived = false

    package init(_ services: RPCServices, transport: any RPCTransport) {
        self.services = services
        self.transport = transport
        parser = HTTPParser(limits: services.configuration.limits)
        parser.onContinueExpected = { [weak self] in
            self?.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
        }
    }

    /// Whether it has ended.
    package var isClosed: Bool {
        if case .closed = state { return true }
        return false
    }

    /// Takes what the client sent.
    package func receive(_ bytes: UnsafeRawBufferPointer) {
        switch state {
        case .closed, .ending, .events: return
        case .webSocket(let session): session.receive(Array(bytes)[...])
        case .reading, .serving, .writing:
            if !hasReceived {
                hasReceived = true
                age = 0
            }
            if case .reading = state, input.isEmpty, !parser.isInsideHead, !parser.isInsideBody {
                age = 0
            }
            hold(bytes.count)
            input.append(contentsOf: bytes)
            proceed()
        }
    }

    /// The client sends no more; what it asked for is still answered.
    package func inputEnded() {
        switch state {
        case .serving, .writing: closesAfterAnswer = true
        case .ending: break
        default: end()
        }
    }

    /// Ends now, since the server does.
    package func stop() {
        end()
    }

    /// The transport can take more.
    package func drained() {
        pump()
        if case .webSocket(let session) = state { session.drained() }
        if case .events(let session) = state { session.drained() }
    }

    /// The transport has closed.
    package func closed() {
        if isClosed { return }
        leave()
        state = .closed
    }

    /// Half a second has gone by.
    package func tick() {
        age += 1
        let second = Self.ticksPerSecond
        switch state {
        case .reading where parser.isInsideBody:
            if age > 30 * second { end() }
        case .reading where parser.isInsideHead || !hasReceived:
            if age > 2 * second { end() }
        case .reading:
            if age > 120 * second { end() }
        case .serving, .writing:
            if age > 300 * second { end() }
        case .webSocket(let session):
            session.tick()
        case .events(let session):
            session.tick()
        case .ending:
            if age > 30 * second { end() }
        case .closed: break
        }
    }

    /// Parses and serves until something has to be waited for.
    private func proceed() {
        var rest = input
        input = []
        while case .reading = state, !rest.isEmpty {
            do throws(HTTPFault) {
                guard let request = try parser.next(&rest) else { continue }
                serve(request)
            } catch {
                refuse(error)
            }
        }
        switch state {
        case .webSocket(let session): if !rest.isEmpty { session.receive(rest) }
        case .serving, .writing, .reading:
            input = rest
            pauseReading(input.count > services.configuration.limits.pipelinedBytes)
        case .ending, .closed, .events: break
        }
    }

    private func serve(_ request: HTTPRequest) {
        age = 0
        closesAfterAnswer = !request.isKeptAlive
        state = .serving
        guard services.activeCount < services.configuration.activeLimit,
            services.heldBytes <= services.configuration.heldBytesLimit
        else {
            return respond(
                HTTPResponse(status: 503, text: RPCError.busy.message), to: request)
        }
        services.activeCount += 1
        isCounted = true
        let exchange = services.route(request) { [weak self] outcome in
            guard let self, case .serving = self.state else { return }
            self.served()
            switch outcome {
            case .response(let response): self.respond(response, to: request)
            case .webSocket(let response, let permissions): self.open(response, permissions)
            case .events(let response, let wanted):
                self.tell(wanted, self.services.crossOrigin(response, for: request))
            }
        }
        if isCounted { self.exchange = exchange }
    }

    /// The request is no longer being served.
    private func served() {
        exchange = nil
        if isCounted { services.activeCount -= 1 }
        isCounted = false
    }

    private func respond(_ response: HTTPResponse, to request: HTTPRequest) {
        let response = services.crossOrigin(response, for: request)
        let head = response.head(closing: closesAfterAnswer)
        let body = request.method == .head ? [] : response.body
        hold(body.count)
        if body.count < Self.joinBytes {
            state = .writing
            send(head + body)
        } else {
            send(head)
            state = .writing
            send(body)
        }
    }

    private func open(_ response: HTTPResponse, _ permissions: Set<Permission>) {
        send(response.head(closing: false))
        hold(-heldBytes)
        state = .webSocket(
            WebSocketSession(
                services, permissions: permissions,
                send: { [weak self] in self?.send($0) },
                queuedBytes: { [weak self] in self?.output.count ?? .max },
                isWritable: { [weak self] in
                    self.map { $0.output.isEmpty && $0.transport.isWritable } ?? false
                },
                end: { [weak self] in self?.endAfterWrites() }))
    }

    /// Begins an answer that does not end.
    private func tell(_ wanted: EventRequest, _ response: HTTPResponse) {
        send(response.head(closing: true))
        hold(-heldBytes)
        let session = EventSession(
            services, wanted, send: { [weak self] in self?.send($0) },
            isWritable: { [weak self] in
                self.map { $0.output.isEmpty && $0.transport.isWritable } ?? false
            },
            end: { [weak self] in self?.endAfterWrites() })
        state = .events(session)
        session.begin()
    }

    /// Answers bytes that are no request, and reads no more of them.
    private func refuse(_ fault: HTTPFault) {
        let response: HTTPResponse
        switch fault {
        case .malformed: response = HTTPResponse(status: 400, text: "400 Bad Request")
        case .headTooLarge:
            response = HTTPResponse(status: 431, text: "431 Request Header Fields Too Large")
        case .bodyTooLarge:
            let limit = services.configuration.limits.bodyBytes
            let error = RPCError(
                code: -32700, message: "request bigger than maximum \(limit) allowed")
            response = HTTPResponse(
                status: error.status,
                json: JSONWriter.text { RPCEnvelope.answer(.absent, .failure(error), into: &$0) })
        }
        send(response.head(closing: true) + response.body)
        endAfterWrites()
    }

    private func hold(_ count: Int) {
        heldBytes += count
        services.heldBytes += count
    }

    private func send(_ bytes: [UInt8]) {
        if output.isEmpty {
            output = bytes[...]
        } else {
            output.append(contentsOf: bytes)
        }
        pump()
    }

    /// Gives the transport what it takes, a piece at a time, and goes on when all is out.
    private func pump() {
        if isPumping { return }
        isPumping = true
        while !output.isEmpty, transport.isWritable, !isClosed {
            let piece = output.prefix(Self.pieceBytes)
            output = output.dropFirst(piece.count)
            piece.withUnsafeBytes { transport.write($0) }
        }
        isPumping = false
        switch state {
        case .webSocket, .events:
            hold(output.count - heldBytes)
            pauseReading(output.count > Self.unreadBytes)
        default: break
        }
        guard output.isEmpty else { return }
        output = []
        switch state {
        case .writing: answered()
        case .ending:
            state = .closed
            transport.closeAfterWrites()
        default: break
        }
    }

    /// Lets TCP hold the client up, or no longer.
    private func pauseReading(_ isFull: Bool) {
        if isFull == isPaused { return }
        isPaused = isFull
        isFull ? transport.pauseReading() : transport.resumeReading()
    }

    private func answered() {
        age = 0
        if closesAfterAnswer { return endAfterWrites() }
        hold(-heldBytes)
        state = .reading
        if !input.isEmpty || isPaused { proceed() }
    }

    private func endAfterWrites() {
        if isClosed { return }
        leave()
        age = 0
        state = .ending
        pump()
    }

    private func end() {
        if isClosed { return }
        leave()
        state = .closed
        transport.close()
    }

    private func leave() {
        exchange?.abandon()
        served()
        hold(-heldBytes)
        if case .webSocket(let session) = state { session.abandon() }
        if case .events(let session) = state { session.abandon() }
    }
}
