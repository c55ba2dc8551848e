// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// What a host tells the peer host.
package enum PeerEvent: Sendable {
    /// A connection is there: one that was accepted, or one that `.dial` asked for.
    case connected(ConnectionNumber, remote: SocketAddress)
    /// Bytes came.
    case received(ConnectionNumber, [UInt8])
    /// What `.awaitDrain` asked for: few bytes, or none, wait to be sent.
    case drained(ConnectionNumber)
    /// A connection is gone, or never came to be.
    case disconnected(ConnectionNumber)
    /// The moment of the last `.wake` has come.
    case woke
}

/// What the peer host asks of its host.
package enum PeerEffect: Sendable {
    /// Send bytes, after those before.
    case send(ConnectionNumber, [UInt8])
    /// Report `drained` as soon as 128 KiB or less of the connection wait to be sent, at once if so.
    ///
    /// Nothing but this holds the peer host's sending back.
    case awaitDrain(ConnectionNumber)
    /// Connect; report `connected` or `disconnected` with this number.
    case dial(ConnectionNumber, SocketAddress)
    /// Close after what was given to send.
    ///
    /// No event about the connection is needed any more.
    case hangUp(ConnectionNumber)
    /// Report `woke` at this moment; replaces the moment asked for before.
    case wake(at: Instant)
    /// Tell the role.
    case notice(PeerNotice)
}

/// What the peer host tells the role that owns it.
package enum PeerNotice: Sendable {
    /// The first connection to a peer is secured, or one more.
    case peerConnected(PeerIdentifier, ConnectionNumber, remote: SocketAddress)
    /// The last connection to a peer is gone.
    case peerDisconnected(PeerIdentifier)
    /// A peer told about itself.
    case identified(PeerIdentifier, IdentifyMessage)
    /// An attempt to connect came to nothing.
    case dialFailed(Multiaddress, expecting: PeerIdentifier?, DialFault)

    /// A question is over.
    case answered(RequestNumber, Result<[UInt8], RequestFault>)
    /// Whole messages of an answer came that is told in parts; `answered` follows.
    case answeredInPart(RequestNumber, [UInt8])
    /// A peer asks; the role answers by `answer` or `reset`.
    case asked(InboundNumber, name: String, from: PeerIdentifier, [UInt8])
    /// There is room for more of an answer that was not the last.
    case wantsMore(InboundNumber)
    /// The peer will not take the answer any more.
    case abandoned(InboundNumber)

    /// A peer opened a stream of a protocol served by `serveStreams`.
    case streamOpened(StreamNumber, name: String, from: PeerIdentifier)
    /// The peer took the protocol of a stream that this node opened.
    case streamAgreed(StreamNumber)
    /// Data came; the role gives its size back by `consume`.
    case streamReceived(StreamNumber, ArraySlice<UInt8>)
    /// The peer sends no more.
    case streamFinished(StreamNumber)
    /// There is room to write again.
    case streamDrained(StreamNumber)
    /// The stream is over in both directions.
    case streamEnded(StreamNumber, StreamEnd)

    /// Something to count.
    case observed(PeerObservation)
}

/// What is worth counting.
package enum PeerObservation: Hashable, Sendable {
    /// A connection was not let in.
    case refused(SocketAddress, AdmissionFault)
    /// A session ended.
    case sessionEnded(ConnectionNumber, PeerIdentifier?, SessionEnd)
    /// A peer answered a ping.
    case roundTrip(PeerIdentifier, nanoseconds: UInt64)
    /// A stream of a peer was reset by us.
    case streamRefused(PeerIdentifier, name: String, ResetCode)
    /// A peer was blocked for its penalties.
    case blocked(PeerIdentifier)
}

/// Why a connection attempt came to nothing.
package enum DialFault: Error, Hashable, Sendable {
    /// The address is not plain TCP over IP.
    case address
    /// An earlier attempt failed; the next is allowed at this moment.
    case backingOff(until: Instant)
    /// The peer or its address is blocked, or is this node.
    case blocked
    /// Too many connections are being opened.
    case busy
    /// Nobody answered.
    case unreachable
    /// The session could not be opened.
    case session(SessionEnd)
}

/// Why a question got no answer.
package enum RequestFault: Error, Hashable, Sendable {
    /// There is no open session to the peer.
    case notConnected
    /// Too many of our streams wait for the peer.
    case busy
    /// The peer does not speak the protocol.
    case unsupported
    /// The peer reset the stream.
    case reset(ResetCode)
    /// No whole answer came in time.
    case timedOut
    /// The answer is longer than its limit.
    case answerOverLimit(Int)
    /// The agreement on the protocol broke its rules.
    case negotiation(MultistreamFault)
    /// The connection went.
    case disconnected

    init(_ end: StreamEnd) {
        switch end {
        case .refused: self = .unsupported
        case .reset(let code): self = .reset(code)
        case .negotiationTimedOut: self = .timedOut
        case .negotiation(let fault): self = .negotiation(fault)
        case .disconnected: self = .disconnected
        }
    }

    /// Whether the peer is only overloaded, so that it may answer later.
    package var isOverload: Bool {
        switch self {
        case .busy, .reset(.rateLimited), .reset(.resourceLimit): true
        default: false
        }
    }
}
