// SPDX-License-Identifier: Apache-2.0

internal import Chain
internal import Roles

/// One channel of a connection: it walks from height to height, one event for each.
///
/// It holds no events, only how far it is: an event is made when the connection can take it. Who
/// falls more than 16 heights behind is a slow reader, and the channel is closed; a height is never
/// left out in silence.
/// Specified in Protocol/17-json-rpc.md#channels.
final class Subscription {
    /// Makes a height's event.
    typealias Producer = (
        ExtendedHeader, @escaping (Result<RPCResult, RPCFault>) -> Void
    ) -> Void

    /// Heights that may wait for a reader (Protocol/17-json-rpc.md#slow-readers).
    static let lagLimit: UInt64 = 16
    /// How often a height's event may fail before the channel is closed; one try a second.
    static let attemptLimit = 60

    /// The number that the client knows it by.
    let channel: Int
    /// The request that opened it.
    let identifier: RequestIdentifier
    private(set) var isClosed = false

    /// It outlives every subscription: the connection that holds one holds it, too.
    private unowned let services: RPCServices
    private weak var table: SubscriptionTable?
    private let produce: Producer
    private var next: UInt64?
    private var target: UInt64 = 0
    private var isBusy = false
    private var failedAttempts = 0

    init(
        channel: Int, identifier: RequestIdentifier, services: RPCServices,
        table: SubscriptionTable, produce: @escaping Producer
    ) {
        self.channel = channel
        self.identifier = identifier
        self.services = services
        self.table = table
        self.produce = produce
        if let head = services.heads.newest {
            target = head.height.value
            next = target + 1
        }
    }

    /// Sends an event that has nothing to do with heads.
    func emit(_ write: @escaping RPCResult) {
        guard !isClosed else { return }
        table?.send(
            RPCEnvelope.notification("xrpc.ch.val") {
                $0.number(channel)
                write(&$0)
            })
    }

    /// Takes note of a new head.
    func headsGrew(to height: UInt64) {
        if isClosed { return }
        target = max(target, height)
        let first = next ?? height
        next = first
        if target >= first, target - first >= Self.lagLimit { return close() }
        advance()
    }

    /// Tries again what failed.
    func retry() {
        if failedAttempts > 0 { advance() }
    }

    /// Sends what the connection takes now.
    func advance() {
        guard !isClosed, !isBusy, let next, next <= target, table?.isWritable == true else {
            return
        }
        isBusy = true
        header(next) { [weak self] result in
            switch result {
            case .failure: self?.finish(nil)
            case .success(let header): self?.produce(header) { self?.finish($0) }
            }
        }
    }

    /// Ends the channel and says so.
    func close() {
        if isClosed { return }
        isClosed = true
        table?.send(RPCEnvelope.notification("xrpc.ch.close") { $0.number(channel) })
        table?.remove(self)
    }

    /// Ends it because its connection has gone.
    func abandon() {
        isClosed = true
    }

    private func header(
        _ height: UInt64, then: @escaping (Result<ExtendedHeader, RPCFault>) -> Void
    ) {
        if let header = services.heads.recent(height) { return then(.success(header)) }
        services.header(height, then: then)
    }

    private func finish(_ result: Result<RPCResult, RPCFault>?) {
        isBusy = false
        guard !isClosed, let table else { return }
        guard case .success(let write) = result else {
            failedAttempts += 1
            if failedAttempts >= Self.attemptLimit { close() }
            return
        }
        failedAttempts = 0
        next = next.map { $0 + 1 }
        table.send(
            RPCEnvelope.notification("xrpc.ch.val") {
                $0.number(channel)
                write(&$0)
            })
        advance()
    }
}

/// The channels of one connection.
final class SubscriptionTable {
    /// The most channels that one connection may have.
    static let limit = 64

    /// Subscriptions of the standard kind.
    let standard: EventSubscriptions

    private let services: RPCServices
    private let transmit: ([UInt8]) -> Void
    private let canTransmit: () -> Bool
    private var subscriptions: [Subscription] = []
    private var lastChannel = 0

    /// Takes how messages are sent, and whether another may be sent now.
    init(
        services: RPCServices, send: @escaping ([UInt8]) -> Void,
        isWritable: @escaping () -> Bool
    ) {
        self.services = services
        transmit = send
        canTransmit = isWritable
        standard = EventSubscriptions(services: services, send: send, isWritable: isWritable)
    }

    var isWritable: Bool { canTransmit() }

    func send(_ message: [UInt8]) {
        transmit(message)
    }

    /// Opens a channel, answers the call with its number and begins at the next head.
    func open(_ call: RPCCall, produce: @escaping Subscription.Producer) {
        guard let subscription = begin(call, produce: produce) else { return }
        services.heads.add(subscription)
    }

    /// Opens a channel that follows no heads, and answers the call with its number; whoever has events
    /// emits them.
    func openApart(_ call: RPCCall) -> Subscription? {
        begin(call) { _, then in then(.failure(.failed("no event of a head"))) }
    }

    private func begin(
        _ call: RPCCall, produce: @escaping Subscription.Producer
    ) -> Subscription? {
        guard subscriptions.count < Self.limit else {
            call.fail(.application("too many subscriptions on one connection"))
            return nil
        }
        lastChannel += 1
        let subscription = Subscription(
            channel: lastChannel, identifier: call.identifier, services: services, table: self,
            produce: produce)
        subscriptions.append(subscription)
        call.reply { $0.number(subscription.channel) }
        return subscription
    }

    /// Closes what a request opened; false when it opened nothing.
    func cancel(_ identifier: RequestIdentifier) -> Bool {
        guard let subscription = subscriptions.first(where: { $0.identifier == identifier }) else {
            return false
        }
        subscription.close()
        return true
    }

    /// Goes on after the connection could take no more.
    func advance() {
        for subscription in subscriptions { subscription.advance() }
        standard.advance()
    }

    /// Drops all, since the connection has gone.
    func abandon() {
        for subscription in subscriptions { subscription.abandon() }
        subscriptions = []
        standard.abandon()
    }

    func remove(_ subscription: Subscription) {
        subscriptions.removeAll { $0 === subscription }
    }
}
