// SPDX-License-Identifier: Apache-2.0

package import Chain
internal import DataSquare
package import Roles

/// What every call can use: the node behind the server, its heads, and the table of methods.
///
/// It knows nothing of sockets, so requests can be served from bytes alone. All of it belongs to the
/// loop's thread.
package final class RPCServices {
    /// Hands a request to the node; the answer comes once, now or later, on the same thread.
    package typealias Node = (
        RPCRequest, @escaping (Result<RPCResponse, RPCFault>) -> Void
    ) -> Void

    let configuration: RPCConfiguration
    let heads = HeadBoard()
    let events: EventLog
    let callClock = CallClock()
    let methods: [String: RPCMethod]
    /// Requests that are being served, of all connections.
    var activeCount = 0
    /// Answers that do not end.
    var eventSessionCount = 0
    /// Bytes of requests and answers that HTTP connections hold.
    var heldBytes = 0

    /// Whether nothing is being served and nothing held.
    package var isIdle: Bool { activeCount == 0 && heldBytes == 0 && eventSessionCount == 0 }

    /// Channels that watch for fraud.
    var fraudChannels: [Subscription] = []

    private let node: Node
    private let startedAt: Timestamp

    /// Seconds since the start.
    package var upSeconds: UInt64 {
        let now = configuration.clock().seconds
        return UInt64(clamping: now - min(now, startedAt.seconds))
    }

    package init(_ configuration: RPCConfiguration, node: @escaping Node) {
        self.configuration = configuration
        self.node = node
        events = EventLog(run: configuration.entropy(4))
        startedAt = configuration.clock()
        var methods: [String: RPCMethod] = [:]
        let generic = configuration.servesGenericModule ? GenericService.methods : []
        for method in RPCMethod.all + generic { methods[method.name] = method }
        self.methods = methods
    }

    /// Tells subscribers and waiting calls of the newest head; heights must not fall.
    ///
    /// A header without roots is fetched from the node by whoever wants it whole.
    package func publish(head: ChainHeader) {
        heads.publish(head)
        events.publish(.head(height: head.height.value))
    }

    /// Tells those who watch what else happened.
    package func publish(_ event: NodeEvent) {
        events.publish(event)
    }

    /// Tells who watches for fraud of a proof that the node acted on.
    package func publishFraud() {
        fraudChannels.removeAll { $0.isClosed }
        guard !fraudChannels.isEmpty else { return }
        ask(
            .fraudProofs,
            {
                if case .fraudProofs(let proofs) = $0 { proofs } else { nil }
            },
            then: { result in
                guard case .success(let proofs) = result else { return }
                for proof in proofs {
                    for channel in self.fraudChannels {
                        channel.emit { FraudService.write(proof, to: &$0) }
                    }
                }
            })
    }

    /// Lets what polls or waits look again; the host calls it about once a second.
    package func tick() {
        heads.tick()
        events.tick()
        callClock.tick()
    }

    /// Asks the node for something, and gives what `pick` makes of its answer.
    func ask<Value>(
        _ request: RPCRequest, _ pick: @escaping (RPCResponse) -> Value?,
        then: @escaping (Result<Value, RPCFault>) -> Void
    ) {
        node(request) { result in
            switch result {
            case .failure(let fault): then(.failure(fault))
            case .success(let response):
                guard let value = pick(response) else {
                    return then(.failure(.failed("the node gave another answer than was asked")))
                }
                then(.success(value))
            }
        }
    }

    /// The header at a height.
    func header(_ height: UInt64, then: @escaping (Result<ExtendedHeader, RPCFault>) -> Void) {
        if height == 0 { return then(.failure(.heightIsZero)) }
        header(.header(height: height), then: then)
    }

    /// The header of an event.
    func eventHeader(
        _ height: UInt64, then: @escaping (Result<ExtendedHeader, RPCFault>) -> Void
    ) {
        if let header = heads.recent(height) { return then(.success(header)) }
        header(height, then: then)
    }

    /// The header at a height; the very next one is waited for, as celestia-node does.
    func header(
        _ height: UInt64, for call: RPCCall,
        then: @escaping (Result<ExtendedHeader, RPCFault>) -> Void
    ) {
        header(height) { result in
            switch result {
            case .failure(.heightInFuture(let head, _)) where height - 1 == head,
                .failure(.headerIsSyncing(let head, _)) where height - 1 == head:
                self.heads.wait(call, for: height) { self.header(height, then: then) }
            default: then(result)
            }
        }
    }

    /// The header that a request names.
    func header(
        _ request: RPCRequest, then: @escaping (Result<ExtendedHeader, RPCFault>) -> Void
    ) {
        ask(
            request,
            {
                if case .header(let header) = $0 { header } else { nil }
            }, then: then)
    }

    /// The square of a height.
    func square(
        _ height: UInt64, then: @escaping (Result<ExtendedDataSquare, RPCFault>) -> Void
    ) {
        ask(
            .square(height: height),
            {
                if case .square(let square) = $0 { square } else { nil }
            }, then: then)
    }

    /// Everything that a height has of a namespace.
    func namespaceData(
        _ height: UInt64, _ namespace: Namespace,
        then: @escaping (Result<NamespaceData, RPCFault>) -> Void
    ) {
        ask(
            .namespaceData(height: height, namespace),
            {
                if case .namespaceData(let data) = $0 { data } else { nil }
            }, then: then)
    }

    /// Asks the node to do something that gives nothing back, and answers `null`.
    func perform(_ request: RPCRequest, for call: RPCCall) {
        call.answer(request) {
            if case .done = $0 { { $0.null() } } else { nil }
        }
    }
}

extension RPCCall {
    /// Answers with what `write` makes of the node's answer, or with the node's fault.
    func answer(_ request: RPCRequest, _ write: @escaping (RPCResponse) -> RPCResult?) {
        server.ask(request, write) { self.answer($0) { $0 } }
    }

    /// Answers with a header.
    func answer(header request: RPCRequest) {
        server.header(request) {
            self.answer($0) { header in { HeaderJSON.write(header, to: &$0) } }
        }
    }

    /// Answers with what `write` makes of a value, or with the fault.
    func answer<Value>(_ result: Result<Value, RPCFault>, _ write: (Value) -> RPCResult) {
        switch result {
        case .failure(let fault): fail(RPCError(fault))
        case .success(let value): reply(write(value))
        }
    }

    /// The value of a result; without one the call is answered by the fault.
    func value<Value>(_ result: Result<Value, RPCFault>) -> Value? {
        switch result {
        case .success(let value): return value
        case .failure(let fault):
            fail(RPCError(fault))
            return nil
        }
    }
}
