// SPDX-License-Identifier: Apache-2.0

/// Why a session is over.
package enum SessionEnd: Error, Hashable, Sendable {
    /// The handshake took longer than its limit.
    case handshakeTimedOut
    /// More bytes came before the end of the handshake than its limit.
    case handshakeOverLimit
    /// A protocol agreement on the connection failed.
    case negotiation(MultistreamFault)
    /// The other side takes no security protocol or muxer that we have.
    case nothingInCommon
    /// The handshake or a sealed frame was wrong.
    case noise(NoiseFault)
    /// Another peer answered than the one that was dialled.
    case wrongPeer(PeerIdentifier)
    /// The other side is this node.
    case ourselves
    /// The muxer's rules were broken.
    case yamux(YamuxFault)
    /// No sign of life within the limit.
    case silent
    /// The other side does not read.
    case writeStalled
    /// This node ended it, for the reason that the peer was told.
    case endedHere(GoAwayCode)
    /// The connection is gone.
    case disconnected

    /// Whether the other side broke a rule that no honest implementation breaks.
    package var isViolation: Bool {
        switch self {
        case .handshakeOverLimit, .negotiation, .noise, .wrongPeer: true
        case .yamux(let fault): fault != .resetRate
        default: false
        }
    }

    /// What the other side is told, where a muxer is there to tell it.
    var goAwayCode: GoAwayCode {
        switch self {
        case .yamux(let fault): fault.goAwayCode
        case .endedHere(let code): code
        case .noise, .negotiation: .protocolError
        default: .normal
        }
    }
}

/// How a stream ended other than by both sides finishing it.
package enum StreamEnd: Hashable, Sendable {
    /// The other side does not speak the protocol.
    case refused
    /// The other side reset it.
    case reset(ResetCode)
    /// The agreement on a protocol took longer than its limit.
    case negotiationTimedOut
    /// The agreement on a protocol broke its rules.
    case negotiation(MultistreamFault)
    /// The session ended.
    case disconnected
}
