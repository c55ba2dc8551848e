// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// Streams of an open session.
///
/// Specified in Protocol/09-peer-layer.md#stream-protocol.
extension SessionMachine {
    /// Opens a stream and proposes `name` on it; data may follow before the answer.
    ///
    /// - Returns: The stream, or nil when the session is not open or too many wait to be accepted.
    package mutating func open(_ name: String, at now: Instant) -> UInt32? {
        guard isOpen, let stream = yamux.open() else { return nil }
        var negotiation = MultistreamMachine(proposing: [name])
        yamux.write(negotiation.start(), on: stream)
        begin(negotiation, on: stream, isInbound: false, at: now)
        return stream
    }

    /// Queues data on a stream.
    package mutating func write(_ bytes: [UInt8], on stream: UInt32) {
        yamux.write(bytes, on: stream)
    }

    /// Ends our side of a stream after what is queued.
    package mutating func finish(_ stream: UInt32) {
        yamux.finish(stream)
    }

    /// Ends a stream in both directions at once.
    package mutating func reset(_ stream: UInt32, code: ResetCode) {
        endNegotiation(stream)
        yamux.reset(stream, code: code)
    }

    /// Gives the window back for data that was used.
    package mutating func consume(_ count: Int, of stream: UInt32, at now: Instant) {
        yamux.consume(count, of: stream, at: now)
    }

    /// Lets the other side send so much at a time on a stream.
    package mutating func widen(_ stream: UInt32, to bytes: Int) {
        yamux.widen(stream, to: bytes)
    }

    /// Asks the other side for a sign of life, and measures how long it takes.
    package mutating func ping(at now: Instant) {
        guard isOpen, pingSent == nil else { return }
        pingNumber &+= 1
        pingSent = now
        yamux.ping(pingNumber)
    }

    /// The next moment at which `tick` has something to do.
    package var nextDeadline: Instant? {
        switch stage {
        case .closed:
            return nil
        case .open:
            let life =
                pingSent?.advanced(byMilliseconds: limits.silenceMilliseconds)
                ?? lastReceived.advanced(byMilliseconds: limits.quietMilliseconds)
            guard let (first, _) = negotiationDeadlines.first else { return life }
            return min(first, life)
        default:
            return handshakeDeadline
        }
    }

    /// Ends what took too long and asks for signs of life.
    package mutating func tick(at now: Instant, into events: inout [Event]) {
        switch stage {
        case .closed:
            return
        case .open:
            endLateNegotiations(at: now, &events)
            if let pingSent {
                if now >= pingSent.advanced(byMilliseconds: limits.silenceMilliseconds) {
                    close(.silent, &events)
                }
            } else if now >= lastReceived.advanced(byMilliseconds: limits.quietMilliseconds) {
                ping(at: now)
            }
        default:
            if now >= handshakeDeadline { close(.handshakeTimedOut, &events) }
        }
    }

    mutating func receivePlain(
        _ plain: ArraySlice<UInt8>, at now: Instant, _ served: Set<String>,
        _ events: inout [Event]
    ) throws(SessionEnd) {
        var muxed: [YamuxMachine.Event] = []
        var fault: YamuxFault?
        do throws(YamuxFault) {
            try yamux.receive(plain, at: now, into: &muxed)
        } catch {
            fault = error
        }
        for event in muxed { handle(event, at: now, served, &events) }
        if let fault { throw .yamux(fault) }
    }

    private mutating func handle(
        _ event: YamuxMachine.Event, at now: Instant, _ served: Set<String>,
        _ events: inout [Event]
    ) {
        switch event {
        case .opened(let stream):
            guard inboundNegotiations < limits.negotiatingStreams else {
                return yamux.reset(stream, code: .resourceLimit)
            }
            begin(
                MultistreamMachine(acceptingUpTo: limits.streamProposals), on: stream,
                isInbound: true, at: now)
        case .data(let stream, let bytes):
            if negotiations[stream] == nil {
                events.append(.received(stream, bytes))
            } else {
                negotiate(bytes, on: stream, at: now, served, &events)
            }
        case .finished(let stream):
            guard let negotiation = endNegotiation(stream) else {
                return events.append(.finished(stream))
            }
            // The refusal that a peer has not read yet may still be on its way out.
            if negotiation.isInbound { return yamux.finish(stream) }
            yamux.reset(stream, code: .none)
            events.append(.ended(stream, .refused))
        case .reset(let stream, let code):
            let negotiation = endNegotiation(stream)
            if negotiation?.isInbound == true { return }
            // Data that follows a proposal at once can hide the refusal behind a reset.
            let isRefused = negotiation != nil && code == .negotiation
            events.append(.ended(stream, isRefused ? .refused : .reset(code)))
        case .pong(let number):
            guard number == pingNumber, let sent = pingSent else { return }
            pingSent = nil
            let time = now.nanoseconds - min(sent.nanoseconds, now.nanoseconds)
            events.append(.measured(roundTripNanoseconds: time))
        case .wentAway(let code):
            events.append(.wentAway(code))
        }
    }

    private mutating func negotiate(
        _ bytes: ArraySlice<UInt8>, on stream: UInt32, at now: Instant, _ served: Set<String>,
        _ events: inout [Event]
    ) {
        guard var negotiation = negotiations[stream] else { return }
        let rest: ArraySlice<UInt8>
        do throws(MultistreamFault) {
            let (output, after) = try negotiation.machine.receive(bytes, isServed: served.contains)
            yamux.write(output, on: stream)
            rest = after
        } catch {
            reset(stream, code: .negotiation)
            if !negotiation.isInbound { events.append(.ended(stream, .negotiation(error))) }
            return
        }
        yamux.consume(bytes.count - rest.count, of: stream, at: now)
        switch negotiation.machine.outcome {
        case .pending:
            negotiations[stream] = negotiation
        case .refused:
            reset(stream, code: .negotiation)
            events.append(.ended(stream, .refused))
        case .agreed(let name):
            endNegotiation(stream)
            events.append(negotiation.isInbound ? .opened(stream, name: name) : .agreed(stream))
            if !rest.isEmpty { events.append(.received(stream, rest)) }
        }
    }

    private mutating func begin(
        _ machine: MultistreamMachine, on stream: UInt32, isInbound: Bool, at now: Instant
    ) {
        negotiations[stream] = Negotiation(machine: machine, isInbound: isInbound)
        if isInbound { inboundNegotiations += 1 }
        negotiationDeadlines.append(
            (now.advanced(byMilliseconds: limits.negotiationMilliseconds), stream))
    }

    @discardableResult
    private mutating func endNegotiation(_ stream: UInt32) -> Negotiation? {
        guard let negotiation = negotiations.removeValue(forKey: stream) else { return nil }
        if negotiation.isInbound { inboundNegotiations -= 1 }
        while let (_, first) = negotiationDeadlines.first, negotiations[first] == nil {
            _ = negotiationDeadlines.popFirst()
        }
        return negotiation
    }

    private mutating func endLateNegotiations(at now: Instant, _ events: inout [Event]) {
        while let (deadline, stream) = negotiationDeadlines.first, deadline <= now {
            _ = negotiationDeadlines.popFirst()
            guard let negotiation = endNegotiation(stream) else { continue }
            yamux.reset(stream, code: .negotiation)
            if !negotiation.isInbound { events.append(.ended(stream, .negotiationTimedOut)) }
        }
    }
}
