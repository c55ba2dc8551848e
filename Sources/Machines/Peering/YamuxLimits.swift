// SPDX-License-Identifier: Apache-2.0

/// What one yamux session may hold and take.
///
/// Specified in Protocol/09-peer-layer.md#limits.
package struct YamuxLimits: Hashable, Sendable {
    /// The window of a stream at its start, in bytes; the protocol fixes it.
    package static let initialWindowBytes = 256 * 1024
    /// The most data in a frame that is sent, so that header and data fill one sealed frame.
    package static let frameDataBytes = NoiseTransport.plaintextLimit - YamuxFrame.sizeBytes
    /// Bytes waiting on a stream above which its writer is asked to wait.
    package static let highWaterBytes = 256 * 1024
    /// Bytes waiting on a stream at which its writer may go on.
    package static let lowWaterBytes = 128 * 1024

    /// Inbound streams that may be open.
    package var inboundStreams = 1024
    /// Outbound streams that may wait for their acceptance.
    package var unacceptedStreams = 256
    /// The largest window that a stream's may grow to, in bytes.
    package var windowMaximumBytes = 1 << 20
    /// What all windows of a session may grow by together, in bytes.
    package var windowGrowthBytes = 4 << 20
    /// Pings to be answered that may wait.
    package var pendingPongs = 32
    /// Bytes of control frames that may wait.
    package var pendingControlBytes = 64 * 1024
    /// Control frames that no data explains.
    package var controlFrames = RateLimit(perSecond: 1000, burst: 2000)
    /// Streams that the peer resets.
    package var resets = RateLimit(perSecond: 200, burst: 400)

    /// The limits of peer-layer chapter, part "Limits".
    package init() {}
}

/// Why a session ends; the reason goes to the peer in a GOAWAY frame.
package enum YamuxFault: Error, Hashable, Sendable {
    /// A header cannot be read.
    case frame
    /// A stream's id is 0, has the wrong parity or is in use.
    case streamIdentifier
    /// A frame announces more data than the stream's window.
    case window
    /// Data came after the end of its stream.
    case dataAfterEnd
    /// More control frames a second than the limit.
    case controlRate
    /// More resets a second than the limit.
    case resetRate
    /// The peer does not read what it makes us answer.
    case unread

    /// What the peer is told.
    package var goAwayCode: GoAwayCode {
        switch self {
        case .frame, .streamIdentifier, .window, .dataAfterEnd: .protocolError
        case .controlRate, .resetRate: .rateLimited
        case .unread: .resourceLimit
        }
    }
}
