// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Roles

/// From an HTTP request to what serves it: pages that need no token, then JSON-RPC on any path.
extension RPCServices {
    /// What becomes of a request.
    enum Outcome {
        case response(HTTPResponse)
        /// The handshake's answer; after it the connection is a WebSocket.
        case webSocket(HTTPResponse, Set<Permission>)
        /// The head of an answer that does not end.
        case events(HTTPResponse, EventRequest)
    }

    /// Serves a request.
    ///
    /// - Returns: The exchange that is going on, to abandon it when the client goes away.
    func route(_ request: HTTPRequest, then: @escaping (Outcome) -> Void) -> HTTPExchange? {
        if request.method == .options, request.header("access-control-request-method") != nil {
            then(.response(HTTPResponse(status: 204)))
            return nil
        }
        if request.method == .get || request.method == .head, !request.wantsWebSocket,
            servePage(request.path, then: then)
        {
            return nil
        }
        let permissions = configuration.access.permissions(
            of: request, now: configuration.clock())
        guard let permissions else {
            then(.response(HTTPResponse(status: 401)))
            return nil
        }
        if request.wantsWebSocket {
            let answer = WebSocketHandshake.answer(request)
            then(answer.status == 101 ? .webSocket(answer, permissions) : .response(answer))
            return nil
        }
        if request.method == .get, request.path == EventRequest.path {
            then(serveEvents(request, permissions))
            return nil
        }
        guard request.method != .other else {
            then(.response(HTTPResponse(status: 405, text: "405 Method Not Allowed")))
            return nil
        }
        let exchange = HTTPExchange(self, permissions: permissions) { then(.response($0)) }
        exchange.serve(request.body)
        return exchange
    }

    /// Opens an answer that does not end, for whoever may read.
    ///
    /// Specified in Protocol/17-json-rpc.md#server-sent-events.
    private func serveEvents(
        _ request: HTTPRequest, _ permissions: Set<Permission>
    ) -> Outcome {
        guard permissions.contains(.read) else {
            return .response(
                HTTPResponse(
                    status: 401,
                    text: "a token with 'read' is needed: Authorization: Bearer …, or ?token=…"))
        }
        guard eventSessionCount < EventSession.sessionsMax else {
            return .response(HTTPResponse(status: 503, text: RPCError.busy.message))
        }
        do throws(ParameterFault) {
            let wanted = try EventRequest(request)
            var response = HTTPResponse(status: 200, type: "text/event-stream", body: [])
            response.headers.append(("Cache-Control", "no-store"))
            response.isEndless = true
            return .events(response, wanted)
        } catch {
            return .response(HTTPResponse(status: 400, text: error.text))
        }
    }

    /// Adds what lets a web page of an allowed origin read the answer (the Fetch standard, CORS).
    ///
    /// Specified in Protocol/17-json-rpc.md#origins.
    func crossOrigin(_ response: HTTPResponse, for request: HTTPRequest) -> HTTPResponse {
        guard let origin = request.header("origin"), isAllowed(origin) else { return response }
        var response = response
        response.headers.append(("Access-Control-Allow-Origin", origin))
        response.headers.append(("Vary", "Origin"))
        if request.method == .options {
            response.headers.append(("Access-Control-Allow-Methods", "GET, POST, OPTIONS"))
            let headers = request.header("access-control-request-headers") ?? "Content-Type"
            response.headers.append(("Access-Control-Allow-Headers", headers))
            response.headers.append(("Access-Control-Max-Age", "600"))
        }
        return response
    }

    private func isAllowed(_ origin: String) -> Bool {
        if case .open = configuration.access { return true }
        return configuration.allowedOrigins.contains { $0 == "*" || $0 == origin }
    }

    /// Serves a page that tells nobody anything secret; false when there is none at the path.
    ///
    /// Specified in Protocol/17-json-rpc.md#pages.
    private func servePage(_ path: String, then: @escaping (Outcome) -> Void) -> Bool {
        switch path {
        case "/livez": then(.response(HTTPResponse(status: 200, text: "ok")))
        case "/readyz":
            nodeStatus { result in
                guard case .success(let status) = result else {
                    return then(.response(HTTPResponse(status: 503, text: "not ready")))
                }
                let isReady = status.isReady && status.health.isReady
                let isSilent = status.health.isReady && !status.isReady
                let text = isSilent ? "[-] headers: no header yet\nnot ready" : status.health.text
                then(.response(HTTPResponse(status: isReady ? 200 : 503, text: text)))
            }
        case "/status": serveStatus(then)
        case "/openrpc.json":
            let document = OpenRPC.document(
                Array(methods.values), version: configuration.version)
            then(.response(HTTPResponse(status: 200, json: document)))
        default:
            guard let page = configuration.pages[path] else { return false }
            then(.response(page()))
        }
        return true
    }

    private func serveStatus(_ then: @escaping (Outcome) -> Void) {
        nodeStatus { result in
            guard case .success(let status) = result else {
                return then(.response(HTTPResponse(status: 503, text: "not ready")))
            }
            let text = JSONWriter.text { writer in
                NodeStatusJSON.write(
                    status, version: self.configuration.version,
                    upSeconds: self.upSeconds, disk: self.configuration.disk(), to: &writer)
            }
            then(.response(HTTPResponse(status: 200, json: text)))
        }
    }
}
