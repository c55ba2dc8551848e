// SPDX-License-Identifier: Apache-2.0

/// What one connection may cost.
///
/// Specified in Protocol/09-peer-layer.md#limits.
package struct SessionLimits: Hashable, Sendable {
    /// From the connection to the open session, in milliseconds.
    package var handshakeMilliseconds: UInt64 = 10_000
    /// Bytes received until the session is open.
    package var handshakeBytes = 64 * 1024
    /// Proposals heard while a connection is set up, in each of the two agreements.
    package var connectionProposals = 64
    /// Proposals heard on a stream.
    package var streamProposals = 8
    /// From a stream's opening to the agreement on its protocol, in milliseconds.
    package var negotiationMilliseconds: UInt64 = 10_000
    /// Inbound streams whose protocol is not agreed on yet.
    package var negotiatingStreams = 256
    /// Quiet time after which a sign of life is asked for, in milliseconds.
    package var quietMilliseconds: UInt64 = 30_000
    /// Time in which it must come, in milliseconds.
    package var silenceMilliseconds: UInt64 = 10_000
    /// The muxer's limits.
    package var yamux = YamuxLimits()

    /// The limits of the peer-layer chapter, part "Limits".
    package init() {}
}
