// SPDX-License-Identifier: Apache-2.0

/// One line of the table from which dispatch, permissions and the API's description derive.
struct RPCMethod {
    /// Module and method, as requests name it.
    let name: String
    /// What a token must allow.
    let level: Permission
    /// Names and types of the parameters, in order.
    let parameters: [(name: String, type: String)]
    /// How many of the last parameters may be left out.
    let optionalCount: Int
    /// Whether it waits by contract, for as long as its connection stands.
    let waits: Bool
    /// Whether the answer is a channel, which only a WebSocket has.
    let isSubscription: Bool
    /// Reads the parameters and does the call.
    let invoke: (RPCCall, [JSONNode]) throws(RPCError) -> Void

    /// A method whose parameters are read, one after another, before `body` is called.
    init<each Value>(
        _ name: String, _ level: Permission, _ codecs: repeat Parameter<each Value>,
        optionalCount: Int = 0, subscribes: Bool = false, waits: Bool = false,
        body: @escaping (RPCCall, repeat each Value) -> Void
    ) {
        self.name = name
        self.level = level
        self.optionalCount = optionalCount
        self.waits = waits
        isSubscription = subscribes
        var parameters: [(name: String, type: String)] = []
        for codec in repeat each codecs { parameters.append((codec.name, codec.type)) }
        self.parameters = parameters
        invoke = { call, values throws(RPCError) in
            var index = 0
            body(call, repeat try Self.read(each codecs, values, &index, of: name))
        }
    }

    /// Every method that is served, module by module.
    static var all: [RPCMethod] {
        BlobService.methods + HeaderService.methods + ShareService.methods
            + SamplingService.methods + FraudService.methods + EvidenceService.methods
            + BlobstreamService.methods + StateService.methods + StakingService.methods
            + NodeService.methods + PeerService.methods
            + EventService.methods
    }

    private static func read<Value>(
        _ codec: Parameter<Value>, _ values: [JSONNode], _ index: inout Int, of method: String
    ) throws(RPCError) -> Value {
        defer { index += 1 }
        do throws(ParameterFault) {
            return try codec.decode(index < values.count ? values[index] : .null)
        } catch {
            throw .parameter(method, type: codec.type, error)
        }
    }
}

/// Writes the `result` of a call.
typealias RPCResult = (inout JSONWriter) -> Void

/// One call on its way: what it may use, and where its answer goes, exactly once.
final class RPCCall {
    let server: RPCServices
    /// The connection's subscriptions, or nil over plain HTTP.
    let channels: SubscriptionTable?
    /// The request's id, by which a subscription is cancelled.
    let identifier: RequestIdentifier

    private var answer: ((Result<RPCResult, RPCError>) -> Void)?

    init(
        server: RPCServices, channels: SubscriptionTable?, identifier: RequestIdentifier,
        answer: @escaping (Result<RPCResult, RPCError>) -> Void
    ) {
        self.server = server
        self.channels = channels
        self.identifier = identifier
        self.answer = answer
    }

    /// Whether the answer is still wanted; false once given or when the connection has gone.
    var isOpen: Bool { answer != nil }

    /// Gives the answer; later ones are ignored.
    func reply(_ result: Result<RPCResult, RPCError>) {
        let answer = answer
        self.answer = nil
        answer?(result)
    }

    /// Gives a result.
    func reply(_ write: @escaping RPCResult) {
        reply(.success(write))
    }

    /// Gives an error.
    func fail(_ error: RPCError) {
        reply(.failure(error))
    }

    /// Gives `null`.
    func replyNull() {
        reply { $0.null() }
    }

    /// Nobody waits any more.
    func abandon() {
        answer = nil
    }
}
