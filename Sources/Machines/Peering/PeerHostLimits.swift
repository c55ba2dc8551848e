// SPDX-License-Identifier: Apache-2.0

/// What a node gives to strangers; the table of the peer-layer chapter, part "Limits".
///
/// Specified in Protocol/09-peer-layer.md#limits.
package struct PeerHostLimits: Sendable {
    /// Who may connect.
    package var admission = AdmissionLimits()
    /// What a connection may cost.
    package var session = SessionLimits()
    /// Connections to one peer.
    package var connectionsPerPeer = 8
    /// Bytes given to the host of a connection before it is waited for.
    package var inFlightBytes = 256 * 1024
    /// How long a connection may take no bytes, in milliseconds.
    package var stallMilliseconds: UInt64 = 10_000
    /// Bytes of buffers, all connections together.
    package var memoryBytes = 256 << 20
    /// What a connection is counted as, beside its buffers.
    package var connectionBytes = 4096
    /// Attempts to connect that may be open.
    package var dials = 64
    /// The first pause after a failed attempt, in milliseconds; it doubles each time.
    package var backoffMilliseconds: UInt64 = 5_000
    /// The longest pause, in milliseconds.
    package var backoffMaximumMilliseconds: UInt64 = 300_000
    /// The first pause after an attempt to come back to a peer that had been there, in milliseconds;
    /// the next ones are twice as long.
    package var returnMilliseconds: UInt64 = 500
    /// How many such attempts are made before the pauses grow.
    package var returnAttempts = 32
    /// The pause after each attempt that follows them, in milliseconds.
    package var lastingMilliseconds: UInt64 = 3_000
    /// How many of those are made before the peer is left alone as any other: for ten minutes.
    package var lastingAttempts = 200
    /// How long a session must have lasted for that, in milliseconds.
    package var returnAfterMilliseconds: UInt64 = 5_000
    /// Penalty points at which a peer is blocked.
    package var penaltyMaximum = 100
    /// How long it is blocked then, in milliseconds.
    package var blockMilliseconds: UInt64 = 3_600_000
    /// One penalty point is forgiven every so many milliseconds.
    package var forgivenessMilliseconds: UInt64 = 10_000

    /// Questions about ourselves, from one /24 or /56; loopback is free.
    package var identifyPerSubnet = RateLimit(everySeconds: 5, burst: 10)
    /// Questions about ourselves, from all.
    package var identifyOverall = RateLimit(perSecond: 2000, burst: 2000)
    /// How long an identify or push may take, in milliseconds.
    package var identifyMilliseconds: UInt64 = 5_000
    /// Ping streams of a peer.
    package var pingStreamsPerPeer = 2
    /// How long a ping stream may be idle, in milliseconds.
    package var pingIdleMilliseconds: UInt64 = 30_000
    /// Perf streams of a peer.
    package var perfStreamsPerPeer = 4
    /// How long an answered stream is kept for the peer to finish it, in milliseconds.
    package var lingerMilliseconds: UInt64 = 10_000

    /// The defaults.
    package init() {}
}

/// What a protocol gives to those who ask.
package struct ServiceLimits: Sendable {
    /// When a question is complete.
    package enum Completion: Hashable, Sendable {
        /// At the end of the peer's side, with at most so many bytes.
        case atEnd(limit: Int)
        /// At exactly so many bytes; fewer at the end, or more, are refused.
        case exactly(Int)
        /// At the end of a length-prefixed message of at most so many bytes.
        case lengthPrefixed(limit: Int)
    }

    /// When a question is complete.
    package var completion: Completion
    /// The time for it to be complete, in milliseconds.
    package var readMilliseconds: UInt64 = 5_000
    /// The time in which some of the answer must be taken, in milliseconds.
    package var answerMilliseconds: UInt64 = 60_000
    /// Streams of this protocol that one peer may have.
    package var streamsPerPeer = 64
    /// What a peer may send of a question at a time, in bytes; nil for what streams begin with.
    package var windowBytes: Int?
    /// Questions of one peer.
    package var perPeer: RateLimit?
    /// Questions from one address, of all protocols of the group together.
    package var perAddress: RateLimit?
    /// Whether more questions may follow the answer on a stream; then this side finishes after the
    /// peer has, and a stream that is quiet for `readMilliseconds` is reset.
    package var isRepeated = false
    /// The group that `perAddress` counts.
    package var group = ""

    /// Limits with the defaults for the rest.
    package init(completion: Completion) {
        self.completion = completion
    }
}
