// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Machinery

/// One connection from its first byte on: security agreed, handshake, muxer agreed, then streams,
/// each with its protocol agreed.
///
///     multistream ─ /noise ─ handshake ─┬─ muxer chosen inside ──────────┬─ yamux ─ streams
///                                       └─ multistream ─ /yamux/1.0.0 ───┘
///
/// Bytes in, events and bytes out; no clock but the instants it is given.
/// Specified in Protocol/09-peer-layer.md#muxer.
package struct SessionMachine {
    /// What happened on the connection.
    package enum Event: Equatable {
        /// The other side is proven and streams can be opened.
        case secured(PeerIdentifier)
        /// The other side opened a stream for a protocol that is served.
        case opened(UInt32, name: String)
        /// The other side took our stream's protocol.
        case agreed(UInt32)
        /// Data of a stream whose protocol is agreed on.
        case received(UInt32, ArraySlice<UInt8>)
        /// The other side sends no more on the stream.
        case finished(UInt32)
        /// The stream is over in both directions.
        case ended(UInt32, StreamEnd)
        /// The other side takes no new streams.
        case wentAway(GoAwayCode)
        /// The time from a ping to its answer, in nanoseconds.
        case measured(roundTripNanoseconds: UInt64)
        /// The session is over; the connection is to be closed after what is still to be sent.
        case closed(SessionEnd)
    }

    enum Stage {
        case securing(MultistreamMachine)
        case handshaking(NoiseMachine)
        case choosingMuxer(MultistreamMachine)
        case open
        case closed
    }

    struct Negotiation {
        var machine: MultistreamMachine
        let isInbound: Bool
    }

    static let securityProtocol = "/noise"
    static let muxerProtocol = "/yamux/1.0.0"

    let isDialer: Bool
    let identity: NoiseIdentity
    let expectedPeer: PeerIdentifier?
    let limits: SessionLimits
    let cipher: BulkCipher
    let ephemeralKey: Bytes32
    let handshakeDeadline: Instant

    var stage: Stage {
        didSet { if case .open = stage { isProven = true } }
    }
    var transport: NoiseTransport?
    var yamux: YamuxMachine
    var handshakeBytesLeft: Int
    /// Bytes that go out as they are, before the channel is sealed.
    var rawOutput: [UInt8] = []
    /// Bytes that go out sealed, before the muxer speaks.
    var sealedOutput: [UInt8] = []

    var negotiations: [UInt32: Negotiation] = [:]
    var inboundNegotiations = 0
    var negotiationDeadlines = FirstInFirstOut<(Instant, UInt32)>()

    var lastReceived: Instant
    var pingSent: Instant?
    var pingNumber: UInt32 = 0

    /// Who is at the other end, once that is proven.
    package internal(set) var peer: PeerIdentifier?

    /// Starts one side of a connection; `ephemeralKey` is 32 secret bytes for it alone.
    package init(
        isDialer: Bool, identity: NoiseIdentity, expecting peer: PeerIdentifier? = nil,
        ephemeralKey: Bytes32, cipher: BulkCipher, limits: SessionLimits = SessionLimits(),
        at now: Instant
    ) {
        self.isDialer = isDialer
        self.identity = identity
        expectedPeer = peer
        self.limits = limits
        self.cipher = cipher
        self.ephemeralKey = ephemeralKey
        handshakeDeadline = now.advanced(byMilliseconds: limits.handshakeMilliseconds)
        handshakeBytesLeft = limits.handshakeBytes
        lastReceived = now
        yamux = YamuxMachine(isDialer: isDialer, limits: limits.yamux)
        if isDialer {
            var negotiation = MultistreamMachine(proposing: [Self.securityProtocol])
            rawOutput = negotiation.start()
            stage = .securing(negotiation)
        } else {
            stage = .securing(MultistreamMachine(acceptingUpTo: limits.connectionProposals))
        }
    }

    /// Whether streams can be opened.
    package var isOpen: Bool {
        if case .open = stage { true } else { false }
    }

    /// Whether it is or was open, so that the other side is known.
    package private(set) var isProven = false

    /// Whether it is over.
    package var isClosed: Bool {
        if case .closed = stage { true } else { false }
    }

    /// Bytes that this side holds for the connection.
    package var bufferedBytes: Int {
        yamux.queuedBytes + yamux.control.count + (transport?.partialSizeBytes ?? 0)
            + rawOutput.count + sealedOutput.count
    }

    /// Whether there is anything that `takeOutput` would give.
    package var hasOutput: Bool {
        !rawOutput.isEmpty || !sealedOutput.isEmpty || yamux.hasOutput
    }

    /// Takes bytes of the connection, cut anywhere.
    package mutating func receive(
        _ bytes: [UInt8], at now: Instant, serving served: Set<String>,
        into events: inout [Event]
    ) {
        lastReceived = now
        var rest = bytes[...]
        do throws(SessionEnd) {
            while !rest.isEmpty {
                let before = rest.count
                switch stage {
                case .securing(let negotiation):
                    rest = try secure(rest, negotiation)
                case .handshaking(let noise):
                    rest = try shakeHands(rest, noise, &events)
                case .choosingMuxer(let negotiation):
                    try chooseMuxer(try openFrames(rest), negotiation, at: now, served, &events)
                    rest = []
                case .open:
                    try receivePlain(try openFrames(rest)[...], at: now, served, &events)
                    rest = []
                case .closed:
                    return
                }
                if !isOpen { try countHandshake(before - rest.count) }
            }
        } catch {
            close(error, &events)
        }
    }

    /// What to send now, about `limit` bytes of it when data waits.
    package mutating func takeOutput(limit: Int) -> [UInt8] {
        var output = rawOutput
        rawOutput = []
        guard var channel = transport else { return output }
        transport = nil
        var plain = sealedOutput
        sealedOutput = []
        switch stage {
        case .open, .closed: Self.append(yamux.takeOutput(limit: limit), to: &plain)
        default: break
        }
        do throws(NoiseFault) {
            if !plain.isEmpty { Self.append(try channel.seal(plain), to: &output) }
            transport = channel
        } catch {
            stage = .closed
        }
        return output
    }

    /// Appends without a copy when there was nothing before.
    private static func append(_ bytes: [UInt8], to all: inout [UInt8]) {
        if all.isEmpty { all = bytes } else { all += bytes }
    }

    /// Ends the session from this side; the peer is told why if it can be.
    package mutating func end(_ code: GoAwayCode, into events: inout [Event]) {
        close(.endedHere(code), &events)
    }

    /// What follows the handshake at once is the muxer's, and is not counted.
    private mutating func countHandshake(_ count: Int) throws(SessionEnd) {
        handshakeBytesLeft -= count
        guard handshakeBytesLeft >= 0 else { throw .handshakeOverLimit }
    }

    mutating func close(_ end: SessionEnd, _ events: inout [Event]) {
        if isClosed { return }
        if isOpen { yamux.goAway(end.goAwayCode) }
        stage = .closed
        events.append(.closed(end))
    }
}
