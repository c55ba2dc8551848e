// SPDX-License-Identifier: Apache-2.0

internal import Machinery

/// What the peer host knows about one connection.
///
/// A class, because every event looks at several of its parts: as a value it was copied out of its
/// table for each look, which was two fifths of the cost of a question (measured).
final class PeerConnection {
    let number: ConnectionNumber
    let remote: SocketAddress
    /// When it was opened.
    let opened: Instant
    var session: SessionMachine
    /// What each stream is for.
    var uses: [UInt32: StreamUse] = [:]
    /// Bytes of questions and answers that are not complete.
    var collectedBytes = 0
    /// What this connection is counted as in the memory budget.
    var countedBytes = 0
    /// Bytes sent since the host last said that few wait.
    var sentSinceDrained = 0
    /// When the connection must have taken some bytes; nil when it is not waited for.
    var drainDeadline: Instant?
    /// The earliest entry among the deadlines for its session.
    var scheduled: Instant?
    /// What it carried, sealed.
    var traffic = Traffic()
    var isDirty = false
    var hasGoneAway = false

    init(
        number: ConnectionNumber, remote: SocketAddress, session: SessionMachine,
        at now: Instant
    ) {
        self.number = number
        self.remote = remote
        opened = now
        self.session = session
    }

    var peer: PeerIdentifier? { session.peer }

    /// Whether there is something to send that the host may be given now.
    var mustSend: Bool { drainDeadline == nil && session.hasOutput }

    /// Bytes of buffers.
    var heldBytes: Int { session.bufferedBytes + collectedBytes }

    /// Starts to use a stream.
    func use(_ identifier: UInt32, as use: StreamUse) {
        uses[identifier] = use
    }

    /// Adds what came on a stream to what was collected on it.
    func collect(_ bytes: ArraySlice<UInt8>, on identifier: UInt32) {
        uses[identifier]?.buffer += bytes
        collectedBytes += bytes.count
    }

    /// Takes the first `count` bytes that were collected on a stream; all when there are fewer.
    func takeCollected(_ identifier: UInt32, count: Int = .max) -> [UInt8] {
        guard let buffer = uses[identifier]?.buffer else { return [] }
        let taken = count >= buffer.count ? buffer : Array(buffer.prefix(count))
        uses[identifier]?.buffer = Array(buffer.dropFirst(taken.count))
        collectedBytes -= taken.count
        return taken
    }

    /// Counts what the role holds of a stream, which may be more or less than before.
    func hold(_ count: Int, on identifier: UInt32) {
        guard let held = uses[identifier]?.heldBytes else { return }
        uses[identifier]?.heldBytes = count
        collectedBytes += count - held
    }

    /// Ends the use of a stream.
    @discardableResult
    func endUse(_ identifier: UInt32) -> StreamUse? {
        guard let use = uses.removeValue(forKey: identifier) else { return nil }
        collectedBytes -= use.buffer.count + use.heldBytes
        return use
    }
}

/// What a stream is for.
struct StreamUse {
    enum Purpose: Equatable {
        /// The role handles the stream itself.
        case raw
        /// Our question.
        case request(RequestNumber)
        /// A peer's question, being read.
        case question
        /// A peer's question, being answered by the role.
        case answer
        /// Our question who the peer is.
        case identify
        /// The peer's news about itself.
        case push
        /// What we tell about ourselves.
        case telling
        /// A peer's pings.
        case ping
        /// A peer's measurement of throughput.
        case perf
    }

    var purpose: Purpose
    let name: String
    let isInbound: Bool
    /// What has come and is not complete.
    var buffer: [UInt8] = []
    /// What the role holds of it, because it is not complete.
    var heldBytes = 0
    /// When it must be over, or have moved on.
    var deadline: Instant?
    /// Questions that were read on it.
    var questionCount = 0
    /// Whether the peer finished its side while a question of it was answered.
    var hasPeerFinished = false
    /// Whether all is sent and only the other side's end is missing.
    var isLingering = false
    /// Bytes that a measurement still has to send; nil before that is known.
    var bytesToSend: UInt64?
    /// The earliest entry for the stream among the deadlines.
    var scheduled: Instant?
    /// What waited to be sent when the deadline was set.
    var queuedAtDeadline = 0
}
