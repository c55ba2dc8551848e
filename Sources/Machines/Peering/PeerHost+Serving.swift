// SPDX-License-Identifier: Apache-2.0

internal import Machinery

/// Questions that peers ask.
extension PeerHost {
    struct Service {
        /// Limits of questions; nil when the role handles the streams itself.
        let limits: ServiceLimits?
        let streamsPerPeer: Int
        /// What a peer may send at a time on a stream; nil for what streams begin with.
        let windowBytes: Int?
    }

    /// Where questions are counted: by peer and protocol, or by network and group.
    enum QuestionSource: Hashable {
        case peer(PeerIdentifier, String)
        case network([UInt8], String)
    }

    /// Sources whose rates are remembered.
    private static let meterLimit = 65_536

    /// Takes questions of a protocol from peers; each is told by `asked`.
    package mutating func serve(_ name: String, _ limits: ServiceLimits) {
        services[name] = Service(
            limits: limits, streamsPerPeer: limits.streamsPerPeer, windowBytes: limits.windowBytes)
        served.insert(name)
    }

    /// Takes no more streams of a protocol; those that are open go on.
    package mutating func stopServing(_ name: String) {
        services[name] = nil
        served.remove(name)
    }

    /// The protocols that are served, in order.
    package var servedProtocols: [String] { served.sorted() }

    /// Queues a part of an answer, or its last part.
    ///
    /// Give parts of at most 256 KiB, the next when `wantsMore` is told: more is kept as well, but
    /// counts against the node's memory.
    package mutating func answer(_ inbound: InboundNumber, _ bytes: [UInt8], isLast: Bool) {
        let stream = inbound.stream
        guard connections[stream.connection]?.uses[stream.identifier]?.purpose == .answer else {
            return
        }
        send(bytes, on: stream)
        markDirty(stream.connection)
        if isLast { finish(stream) }
    }

    /// Whether at most so many bytes of an answer wait to be sent; if not, `wantsMore` is told when
    /// they do.
    package mutating func hasRoom(_ inbound: InboundNumber, waiting: Int) -> Bool {
        let stream = inbound.stream
        return connections[stream.connection]?.session.yamux
            .hasRoom(stream.identifier, waiting: waiting) ?? false
    }

    /// Refuses a question.
    package mutating func reset(_ inbound: InboundNumber, code: ResetCode) {
        guard
            connections[inbound.stream.connection]?.uses[inbound.stream.identifier]?.purpose
                == .answer
        else { return }
        reset(inbound.stream, code: code)
    }

    /// Bytes of an answer that wait to be sent.
    package func queuedBytes(of inbound: InboundNumber) -> Int {
        queuedBytes(of: inbound.stream)
    }

    /// Why a peer's stream is not taken, or nil; counts the question.
    mutating func whyNotServed(
        _ name: String, _ peer: PeerIdentifier, _ address: IPAddress, at now: Instant
    ) -> ResetCode? {
        let open = peers[peer]?.openStreams[name] ?? 0
        switch name {
        case Self.pingProtocol:
            return open < limits.pingStreamsPerPeer ? nil : .resourceLimit
        case Self.perfProtocol:
            return open < limits.perfStreamsPerPeer ? nil : .resourceLimit
        case Self.identifyProtocol, Self.pushProtocol:
            return mayAskIdentity(address, at: now) ? nil : .rateLimited
        default:
            break
        }
        guard let service = services[name] else { return .negotiation }
        guard open < service.streamsPerPeer,
            memoryUsed < memoryRefusalBytes
        else { return .resourceLimit }
        if let rate = service.limits?.perPeer {
            guard take(rate, .peer(peer, name), at: now) else { return .rateLimited }
        }
        // On one machine all nodes share an address; who is there needs no limit by address.
        if let rate = service.limits?.perAddress, !address.isLoopback {
            let (network, _) = AdmissionControl.networks(of: address)
            let source = QuestionSource.network(network, service.limits?.group ?? "")
            guard take(rate, source, at: now) else { return .rateLimited }
        }
        return nil
    }

    mutating func receiveQuestion(
        _ bytes: ArraySlice<UInt8>, _ name: String, _ stream: StreamNumber, at now: Instant
    ) {
        guard let service = services[name]?.limits else { return reset(stream, code: .none) }
        connections[stream.connection]?.collect(bytes, on: stream.identifier)
        guard let question = connections[stream.connection]?.uses[stream.identifier]?.buffer
        else { return }
        switch service.completion {
        case .atEnd(let limit):
            if question.count > limit { refuse(stream, name) }
        case .exactly(let count):
            if question.count == count { ask(stream, name, service, at: now) }
            if question.count > count { refuse(stream, name) }
        case .lengthPrefixed(let limit):
            switch Self.sizeOfPrefixed(question, limit: limit) {
            case .some(let size) where question.count == size && size > 0:
                ask(stream, name, service, at: now)
            case .some(let size) where question.count > size && size > 0 && service.isRepeated:
                ask(stream, name, service, count: size, at: now)
            case .some(let size) where question.count > size || size <= 0:
                refuse(stream, name)
            default:
                break
            }
        }
    }

    mutating func finishQuestion(_ name: String, _ stream: StreamNumber, at now: Instant) {
        guard let service = services[name]?.limits, case .atEnd = service.completion else {
            return isAtQuestionsEnd(stream, name) ? finish(stream) : refuse(stream, name)
        }
        ask(stream, name, service, at: now)
    }

    /// Bytes after a whole question: the next one, where it may follow.
    mutating func receiveAfterQuestion(
        _ bytes: ArraySlice<UInt8>, _ stream: StreamNumber, _ name: String
    ) {
        if mayFollow(bytes, stream, name) { return }
        tell(.abandoned(InboundNumber(stream: stream)))
        refuse(stream, name)
    }

    private mutating func ask(
        _ stream: StreamNumber, _ name: String, _ service: ServiceLimits, count: Int = .max,
        at now: Instant
    ) {
        guard let peer = connections[stream.connection]?.peer,
            mayGoOn(stream, name, service, peer, at: now),
            let question = connections[stream.connection]?.takeCollected(
                stream.identifier, count: count)
        else { return }
        connections[stream.connection]?.uses[stream.identifier]?.purpose = .answer
        setDeadline(of: stream, afterMilliseconds: service.answerMilliseconds, at: now)
        tell(.asked(InboundNumber(stream: stream), name: name, from: peer, question))
    }

    /// Resets a stream whose question is malformed.
    mutating func refuse(_ stream: StreamNumber, _ name: String) {
        if let peer = connections[stream.connection]?.peer {
            tell(.observed(.streamRefused(peer, name: name, .none)))
        }
        reset(stream, code: .none)
    }

    mutating func take(
        _ rate: RateLimit, _ source: QuestionSource, at now: Instant
    ) -> Bool {
        if questionMeters.count >= Self.meterLimit, questionMeters[source] == nil {
            questionMeters = questionMeters.filter { !$0.value.isIdle(at: now) }
            guard questionMeters.count < Self.meterLimit else { return false }
        }
        return questionMeters[source, default: RateMeter()].take(of: rate, at: now)
    }

    /// How long a message is with its prefix: nil when the prefix is not there yet, -1 when the
    /// message is over `limit`.
    static func sizeOfPrefixed(_ bytes: [UInt8], limit: Int) -> Int? {
        var length = 0
        for (index, byte) in bytes.prefix(4).enumerated() {
            length |= Int(byte & 127) << (7 * index)
            if byte < 128 { return length <= limit ? index + 1 + length : -1 }
        }
        return bytes.count < 4 ? nil : -1
    }
}
