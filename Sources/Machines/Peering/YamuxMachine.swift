// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// Many streams over one channel, each with its own window: yamux, without I/O.
///
/// Incoming data is handed on as it comes and never kept here: the window that a consumer gives
/// back by `consume` is what bounds the data in flight. Outgoing data waits per stream; streams that
/// may send take turns of one frame each, control frames go first. Source: libp2p/specs, yamux.
/// Specified in Protocol/09-peer-layer.md#muxing.
package struct YamuxMachine {
    /// What the other side did.
    package enum Event: Equatable {
        /// It opened a stream.
        case opened(UInt32)
        /// It sent data.
        case data(UInt32, ArraySlice<UInt8>)
        /// It sends no more on the stream.
        case finished(UInt32)
        /// It ended the stream in both directions.
        case reset(UInt32, ResetCode)
        /// It answered a ping.
        case pong(UInt32)
        /// It takes no new stream.
        case wentAway(GoAwayCode)
    }

    struct Stream {
        /// What the other side lets us send.
        var sendWindow = YamuxLimits.initialWindowBytes
        /// What we let the other side send.
        var receiveWindow = YamuxLimits.initialWindowBytes
        /// What `receiveWindow` is raised to when data is consumed.
        var windowSize = YamuxLimits.initialWindowBytes
        /// By how much of that `widen` raised it.
        var widened = 0
        var consumed = 0
        var lastUpdate: Instant?
        var outgoing = ByteQueue()
        var isInbound: Bool
        var isSYNPending: Bool
        var isACKPending: Bool
        var isAccepted: Bool
        var isFinishing = false
        var isFinished = false
        var isRemoteFinished = false
        var isReady = false
        var isOverHighWater = false
        /// Bytes waiting at which the writer may go on.
        var lowWaterBytes = YamuxLimits.lowWaterBytes

        mutating func append(_ bytes: [UInt8]) {
            outgoing.append(bytes)
            if outgoing.count > YamuxLimits.highWaterBytes { isOverHighWater = true }
        }
    }

    let isDialer: Bool
    let limits: YamuxLimits
    var streams: [UInt32: Stream] = [:]
    var nextIdentifier: UInt32
    var inboundCount = 0
    var unacceptedCount = 0
    var windowGrowth = 0

    // Receiving.
    var header: [UInt8] = []
    var dataStream: UInt32 = 0
    var dataLeft = 0
    var dataFlags: YamuxFrame.Flags = []
    var controlMeter = RateMeter()
    var resetMeter = RateMeter()
    /// Control frames that the data sent so far explains.
    var explainedFrames = 64

    // Sending.
    var control: [UInt8] = []
    var pendingPongs = 0
    var unacknowledged: [UInt32] = []
    var ready = FirstInFirstOut<UInt32>()
    var drained: [UInt32] = []
    var ended: [UInt32] = []
    /// Bytes of all streams that wait to be sent.
    package internal(set) var queuedBytes = 0
    /// Whether the other side takes no new stream.
    package internal(set) var isRemoteGone = false

    /// Starts one side of a session.
    package init(isDialer: Bool, limits: YamuxLimits = YamuxLimits()) {
        self.isDialer = isDialer
        self.limits = limits
        nextIdentifier = isDialer ? 1 : 2
    }

    /// Streams that are open in either direction.
    package var streamCount: Int { streams.count }

    /// Whether there is anything that `takeOutput` would give.
    package var hasOutput: Bool {
        !control.isEmpty || !ready.isEmpty || !unacknowledged.isEmpty
    }

    /// Whether the stream is open in one direction at least.
    package func isOpen(_ stream: UInt32) -> Bool {
        streams[stream] != nil
    }

    /// Whether the other side has finished the stream, or it is gone.
    package func isRemoteFinished(_ stream: UInt32) -> Bool {
        streams[stream]?.isRemoteFinished ?? true
    }

    /// Bytes of the stream that wait to be sent.
    package func queuedBytes(of stream: UInt32) -> Int {
        streams[stream]?.outgoing.count ?? 0
    }

    /// Opens a stream; the other side learns of it with the first data.
    ///
    /// - Returns: Its id, or nil when too many wait for acceptance, the other side has gone away or
    ///   all ids are used.
    package mutating func open() -> UInt32? {
        guard !isRemoteGone, unacceptedCount < limits.unacceptedStreams,
            nextIdentifier < UInt32.max - 1
        else { return nil }
        let identifier = nextIdentifier
        nextIdentifier += 2
        streams[identifier] = Stream(
            isInbound: false, isSYNPending: true, isACKPending: false, isAccepted: false)
        unacceptedCount += 1
        return identifier
    }

    /// Queues data; of no effect on a stream that has ended here.
    package mutating func write(_ bytes: [UInt8], on identifier: UInt32) {
        guard !bytes.isEmpty, streams[identifier]?.isFinishing == false else { return }
        streams[identifier]?.append(bytes)
        queuedBytes += bytes.count
        markReady(identifier)
    }

    /// Ends our side of a stream after what is queued.
    package mutating func finish(_ identifier: UInt32) {
        guard streams[identifier]?.isFinishing == false else { return }
        streams[identifier]?.isFinishing = true
        markReady(identifier)
    }

    /// Ends a stream in both directions at once; queued data is dropped.
    package mutating func reset(_ identifier: UInt32, code: ResetCode) {
        guard let stream = streams[identifier] else { return }
        if !stream.isSYNPending {
            YamuxFrame(.windowUpdate, .rst, stream: identifier, length: code.rawValue)
                .append(to: &control)
        }
        remove(identifier)
    }

    /// Says that `count` bytes of a stream were used, so that as many more may come.
    ///
    /// A stream whose window is used up quickly gets a larger one, within the session's limit.
    package mutating func consume(_ count: Int, of identifier: UInt32, at now: Instant) {
        guard count > 0, var stream = streams[identifier], !stream.isRemoteFinished else { return }
        stream.consumed += count
        defer { streams[identifier] = stream }
        guard stream.consumed >= stream.windowSize / 2 else { return }
        if let last = stream.lastUpdate, now.milliseconds(since: last) < 100 {
            let growth = min(stream.windowSize, limits.windowMaximumBytes - stream.windowSize)
            if growth > 0, windowGrowth + growth <= limits.windowGrowthBytes {
                windowGrowth += growth
                stream.windowSize += growth
                stream.consumed += growth
            }
        }
        YamuxFrame(.windowUpdate, stream: identifier, length: UInt32(stream.consumed))
            .append(to: &control)
        stream.receiveWindow += stream.consumed
        stream.consumed = 0
        stream.lastUpdate = now
    }

    /// Lets the other side send up to `bytes` at a time on a stream, from now on.
    ///
    /// For streams whose data is used as soon as it comes, and bounded there: it counts against no
    /// limit of the session.
    package mutating func widen(_ identifier: UInt32, to bytes: Int) {
        guard var stream = streams[identifier], !stream.isRemoteFinished,
            bytes > stream.windowSize
        else { return }
        let more = bytes - stream.windowSize
        stream.windowSize = bytes
        stream.receiveWindow += more
        stream.widened += more
        streams[identifier] = stream
        YamuxFrame(.windowUpdate, stream: identifier, length: UInt32(more)).append(to: &control)
    }

    /// Asks the other side for a sign of life.
    package mutating func ping(_ number: UInt32) {
        YamuxFrame(.ping, .syn, length: number).append(to: &control)
    }

    /// Tells the other side that the session ends.
    package mutating func goAway(_ code: GoAwayCode) {
        YamuxFrame(.goAway, length: code.rawValue).append(to: &control)
    }

    /// Streams whose queue fell from the high to the low mark since the last call.
    package mutating func takeDrained() -> [UInt32] {
        if drained.isEmpty { return [] }
        defer { drained = [] }
        return drained
    }

    /// Streams whose last byte this side has sent since the last call, or that are over since then
    /// because both sides have finished them.
    package mutating func takeEnded() -> [UInt32] {
        if ended.isEmpty { return [] }
        defer { ended = [] }
        return ended
    }

    mutating func markReady(_ identifier: UInt32) {
        guard var stream = streams[identifier], !stream.isReady, canSend(stream) else { return }
        stream.isReady = true
        streams[identifier] = stream
        ready.append(identifier)
    }

    func canSend(_ stream: Stream) -> Bool {
        if stream.outgoing.isEmpty { return stream.isFinishing && !stream.isFinished }
        return stream.sendWindow > 0
    }

    mutating func remove(_ identifier: UInt32) {
        guard let stream = streams.removeValue(forKey: identifier) else { return }
        queuedBytes -= stream.outgoing.count
        windowGrowth -= stream.windowSize - stream.widened - YamuxLimits.initialWindowBytes
        explainedFrames = min(explainedFrames + 2, 4096)
        if stream.isInbound { inboundCount -= 1 }
        if !stream.isInbound && !stream.isAccepted { unacceptedCount -= 1 }
    }
}
