// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain

/// From the bytes of a request to the bytes of its answer.
extension RPCServices {
    /// Requests of one batch.
    static let batchLimit = 1000
    /// Bytes of a batch's answers after which the rest of it is refused.
    static let batchBytesLimit = 1 << 28

    /// Starts what one envelope asks for; `then` gets the answer once, perhaps before this returns.
    ///
    /// The call is given back to be abandoned when its client goes away; nil when it was refused.
    @discardableResult
    func start(
        _ envelope: RPCEnvelope, permissions: Set<Permission>, channels: SubscriptionTable?,
        then: @escaping (Result<RPCResult, RPCError>) -> Void
    ) -> RPCCall? {
        let name = methods[envelope.method]?.name
        let call = RPCCall(
            server: self, channels: channels, identifier: envelope.identifier,
            answer: observed(name, then))
        do throws(RPCError) {
            let method = try method(for: envelope, permissions, hasChannels: channels != nil)
            try method.invoke(call, envelope.parameters)
            if !method.waits { callClock.start(call, method.name) }
            return call
        } catch {
            call.fail(error)
            return nil
        }
    }

    /// Tells the host of an answer on its way out; unknown methods go by one name, since theirs are
    /// a stranger's words.
    private func observed(
        _ method: String?, _ then: @escaping (Result<RPCResult, RPCError>) -> Void
    ) -> (Result<RPCResult, RPCError>) -> Void {
        guard let onAnswer = configuration.onAnswer else { return then }
        let begun = configuration.clock()
        return { [configuration] result in
            let now = configuration.clock().nanosecondsSince1970 ?? 0
            let took = now - min(now, begun.nanosecondsSince1970 ?? now)
            var isResult = false
            if case .success = result { isResult = true }
            onAnswer(method ?? "unknown", isResult, took / 1_000)
            then(result)
        }
    }

    private func method(
        for envelope: RPCEnvelope, _ permissions: Set<Permission>, hasChannels: Bool
    ) throws(RPCError) -> RPCMethod {
        guard let method = methods[envelope.method] else { throw .unknown(envelope.method) }
        let most = method.parameters.count
        guard (most - method.optionalCount...most).contains(envelope.parameters.count) else {
            throw .parameterCount(
                method.name, given: envelope.parameters.count, wanted: method.parameters.count)
        }
        guard hasChannels || !method.isSubscription else { throw .needsChannel(method.name) }
        // Before the parameters are read: a stranger's sixteen megabytes are not worth decoding.
        guard permissions.contains(method.level) else {
            throw .permission(method.name, method.level)
        }
        return method
    }
}

/// A body that came over HTTP, on its way to its answer: one request or a batch of them.
///
/// The requests of a batch are served one after another, as celestia-node does.
final class HTTPExchange {
    private let services: RPCServices
    private let permissions: Set<Permission>
    private var then: ((HTTPResponse) -> Void)?
    private var call: RPCCall?
    private var rest: ArraySlice<JSONNode> = []
    private var answers = JSONWriter()
    private var answerCount = 0

    init(
        _ services: RPCServices, permissions: Set<Permission>,
        then: @escaping (HTTPResponse) -> Void
    ) {
        self.services = services
        self.permissions = permissions
        self.then = then
    }

    /// Serves a body; the answer comes once.
    func serve(_ body: [UInt8]) {
        guard body.contains(where: { !Self.isSpace($0) }) else { return fail(.invalidRequest) }
        let value: JSONNode
        do throws(DecodeFault) {
            value = try JSONParser.parse(body)
        } catch {
            return fail(.parse)
        }
        guard case .array(let requests) = value else { return serveOne(value) }
        guard !requests.isEmpty, requests.count <= RPCServices.batchLimit else {
            return fail(.invalidRequest)
        }
        rest = requests[...]
        serveNext()
    }

    /// Forgets the client, who has gone.
    func abandon() {
        then = nil
        call?.abandon()
    }

    private func serveOne(_ value: JSONNode) {
        start(value) { [self] identifier, result in
            if case .success = result, identifier == .absent {
                return finish(HTTPResponse(status: 200, json: []))
            }
            var status = 200
            if case .failure(let error) = result { status = error.status }
            let text = JSONWriter.text { RPCEnvelope.answer(identifier, result, into: &$0) }
            finish(HTTPResponse(status: status, json: text))
        }
    }

    /// Serves the next of a batch; answers that come at once do not deepen the stack.
    private func serveNext() {
        while then != nil, let value = rest.popFirst() {
            var isStarting = true
            var isAnswered = false
            start(value) { [self] identifier, result in
                record(identifier, result)
                isAnswered = true
                if !isStarting { serveNext() }
            }
            isStarting = false
            if !isAnswered { return }
        }
        let text = answerCount == 0 ? [] : Array("[".utf8) + answers.bytes + Array("]".utf8)
        finish(HTTPResponse(status: 200, json: text))
    }

    private func record(_ identifier: RequestIdentifier, _ result: Result<RPCResult, RPCError>) {
        if case .success = result, identifier == .absent { return }
        RPCEnvelope.answer(identifier, result, into: &answers)
        answerCount += 1
    }

    private func start(
        _ value: JSONNode,
        _ answer: @escaping (RequestIdentifier, Result<RPCResult, RPCError>) -> Void
    ) {
        do throws(RPCError) {
            let envelope = try RPCEnvelope(value)
            guard answers.bytes.count <= RPCServices.batchBytesLimit else {
                return answer(envelope.identifier, .failure(.busy))
            }
            call = services.start(envelope, permissions: permissions, channels: nil) {
                answer(envelope.identifier, $0)
            }
        } catch {
            answer(.absent, .failure(error))
        }
    }

    private func fail(_ error: RPCError) {
        let text = JSONWriter.text { RPCEnvelope.answer(.absent, .failure(error), into: &$0) }
        finish(HTTPResponse(status: error.status, json: text))
    }

    private func finish(_ response: HTTPResponse) {
        let then = then
        self.then = nil
        call = nil
        then?(response)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0d).contains(byte)
    }
}
