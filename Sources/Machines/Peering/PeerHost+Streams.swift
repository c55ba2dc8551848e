// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// Streams whose bytes the role handles itself.
extension PeerHost {
    /// Takes streams of a protocol from peers and hands their bytes to the role.
    ///
    /// `windowBytes` is what a peer may send at a time: over a long way, what is under way on it.
    package mutating func serveStreams(
        _ name: String, streamsPerPeer: Int, windowBytes: Int? = nil
    ) {
        services[name] = Service(
            limits: nil, streamsPerPeer: streamsPerPeer, windowBytes: windowBytes)
        served.insert(name)
    }

    /// Opens a stream to a peer; bytes may be written before it has agreed to the protocol.
    ///
    /// - Throws: `notConnected` or `busy`.
    package mutating func openStream(
        _ name: String, to peer: PeerIdentifier, at now: Instant
    ) throws(RequestFault) -> StreamNumber {
        let stream = try open(name, to: peer, at: now)
        connections[stream.connection]?.use(
            stream.identifier, as: StreamUse(purpose: .raw, name: name, isInbound: false))
        return stream
    }

    /// Queues bytes on a stream; when more than 256 KiB wait, go on at `streamDrained`.
    package mutating func write(_ bytes: [UInt8], on stream: StreamNumber) {
        send(bytes, on: stream)
        markDirty(stream.connection)
    }

    /// Bytes of a stream that wait to be sent.
    package func queuedBytes(of stream: StreamNumber) -> Int {
        connections[stream.connection]?.session.yamux.queuedBytes(of: stream.identifier) ?? 0
    }

    /// Ends this node's side of a stream after what is queued.
    package mutating func finish(_ stream: StreamNumber) {
        connections[stream.connection]?.session.finish(stream.identifier)
        markDirty(stream.connection)
    }

    /// Ends a stream at once in both directions; nothing more is told about it.
    package mutating func reset(_ stream: StreamNumber, code: ResetCode) {
        connections[stream.connection]?.session.reset(stream.identifier, code: code)
        endUse(stream)
        markDirty(stream.connection)
    }

    /// Says that so many received bytes were used, so that as many more may come.
    package mutating func consume(_ count: Int, of stream: StreamNumber, at now: Instant) {
        connections[stream.connection]?.session.consume(count, of: stream.identifier, at: now)
        markDirty(stream.connection)
    }

    /// Says how many bytes of a stream the role holds because they are not complete: they count
    /// against the node's memory until it says otherwise, or the stream ends.
    package mutating func hold(_ count: Int, of stream: StreamNumber) {
        connections[stream.connection]?.hold(count, on: stream.identifier)
        markDirty(stream.connection)
    }

    /// Opens a stream on the oldest session to a peer.
    mutating func open(
        _ name: String, to peer: PeerIdentifier, at now: Instant
    ) throws(RequestFault) -> StreamNumber {
        let numbers = peers[peer]?.connections ?? []
        guard let number = numbers.first(where: { connections[$0]?.hasGoneAway == false }) else {
            throw .notConnected
        }
        guard let stream = connections[number]?.session.open(name, at: now) else { throw .busy }
        markDirty(number)
        return StreamNumber(number, stream)
    }

    /// A peer opened a stream for a protocol that is served.
    mutating func begin(_ stream: StreamNumber, name: String, at now: Instant) {
        guard let remote = connections[stream.connection]?.remote,
            let peer = connections[stream.connection]?.peer
        else { return }
        if let code = whyNotServed(name, peer, remote.ip, at: now) {
            connections[stream.connection]?.session.reset(stream.identifier, code: code)
            return tell(.observed(.streamRefused(peer, name: name, code)))
        }
        peers[peer]?.openStreams[name, default: 0] += 1
        var use = StreamUse(purpose: .raw, name: name, isInbound: true)
        var milliseconds: UInt64?
        switch name {
        case Self.pingProtocol:
            use.purpose = .ping
            milliseconds = limits.pingIdleMilliseconds
        case Self.pushProtocol:
            use.purpose = .push
            milliseconds = limits.identifyMilliseconds
        case Self.identifyProtocol:
            use.purpose = .telling
        case Self.perfProtocol:
            use.purpose = .perf
            milliseconds = 60_000
        default:
            if let service = services[name]?.limits {
                use.purpose = .question
                milliseconds = service.readMilliseconds
            }
        }
        connections[stream.connection]?.use(stream.identifier, as: use)
        if let bytes = services[name]?.windowBytes {
            connections[stream.connection]?.session.widen(stream.identifier, to: bytes)
            markDirty(stream.connection)
        }
        if let milliseconds { setDeadline(of: stream, afterMilliseconds: milliseconds, at: now) }
        if use.purpose == .raw { tell(.streamOpened(stream, name: name, from: peer)) }
        if use.purpose == .telling { tellIdentity(stream, to: remote, at: now) }
    }

    mutating func receive(_ bytes: ArraySlice<UInt8>, on stream: StreamNumber, at now: Instant) {
        guard let purpose = connections[stream.connection]?.uses[stream.identifier]?.purpose,
            let name = connections[stream.connection]?.uses[stream.identifier]?.name
        else { return }
        protocolTraffic[name, default: Traffic()].add(in: bytes.count, at: now)
        switch purpose {
        case .raw:
            return tell(.streamReceived(stream, bytes))
        case .request(let number): receiveAnswer(bytes, number, stream, at: now)
        case .question: receiveQuestion(bytes, name, stream, at: now)
        case .answer: receiveAfterQuestion(bytes, stream, name)
        case .identify, .push: receiveIdentity(bytes, stream, at: now)
        case .telling: reset(stream, code: .violation)
        case .ping: receivePing(bytes, stream, at: now)
        case .perf: receivePerf(bytes, stream)
        }
        connections[stream.connection]?.session.consume(
            bytes.count, of: stream.identifier, at: now)
    }

    mutating func finished(_ stream: StreamNumber, at now: Instant) {
        guard let purpose = connections[stream.connection]?.uses[stream.identifier]?.purpose,
            let name = connections[stream.connection]?.uses[stream.identifier]?.name
        else { return }
        switch purpose {
        case .raw: tell(.streamFinished(stream))
        case .request(let number): finishAnswer(number, stream)
        case .question: finishQuestion(name, stream, at: now)
        case .answer:
            connections[stream.connection]?.uses[stream.identifier]?.hasPeerFinished = true
        case .telling: break
        case .identify, .push: finishIdentity(stream, at: now)
        case .ping: finish(stream)
        case .perf: continuePerf(stream, at: now)
        }
    }

    /// The stream is over in both directions, by the peer or with its connection.
    mutating func ended(_ stream: StreamNumber, _ end: StreamEnd) {
        guard let use = endUse(stream) else { return }
        switch use.purpose {
        case .raw: tell(.streamEnded(stream, end))
        case .request(let number): fail(number, RequestFault(end))
        case .answer: tell(.abandoned(InboundNumber(stream: stream)))
        case .question, .identify, .push, .telling, .ping, .perf: break
        }
    }

    /// Stops following the streams that both sides have finished, and waits a little for the other
    /// side where only this one has.
    mutating func endFinished(_ number: ConnectionNumber, at now: Instant) {
        for identifier in connections[number]?.session.yamux.takeEnded() ?? [] {
            let stream = StreamNumber(number, identifier)
            guard connections[number]?.session.yamux.isOpen(identifier) == true else {
                endUse(stream)
                continue
            }
            switch connections[number]?.uses[identifier]?.purpose {
            case .answer, .telling, .push, .ping, .perf:
                connections[number]?.uses[identifier]?.isLingering = true
                setDeadline(of: stream, afterMilliseconds: limits.lingerMilliseconds, at: now)
            case .raw, .request, .question, .identify, nil: break
            }
        }
    }

    /// Stops following a stream.
    @discardableResult
    mutating func endUse(_ stream: StreamNumber) -> StreamUse? {
        guard let use = connections[stream.connection]?.endUse(stream.identifier) else {
            return nil
        }
        if use.isInbound, let peer = connections[stream.connection]?.peer {
            let count = peers[peer]?.openStreams[use.name] ?? 0
            peers[peer]?.openStreams[use.name] = count > 1 ? count - 1 : nil
        }
        return use
    }
}
