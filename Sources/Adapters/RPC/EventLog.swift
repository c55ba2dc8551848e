// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// The newest events of the node, in order, and the streams that tell them to watchers.
///
/// A stream holds no events, only how far it is in this log; who falls behind further than is kept
/// is told so and dropped. Specified in Protocol/17-json-rpc.md#watching.
final class EventLog {
    /// How many events are kept for those who come back.
    static let keptMax = 1_024

    /// This life of the process.
    let run: String
    /// The number of the oldest event that is kept.
    private(set) var first: UInt64 = 1
    private var events: [NodeEvent] = []
    private var lastHead: UInt64 = 0
    private var streams: [EventStream] = []

    init(run: [UInt8]) {
        self.run = Hex.encode(run)
    }

    /// The number that the next event will have.
    var next: UInt64 { first + UInt64(events.count) }

    /// The newest head that was told.
    var head: UInt64 { lastHead }

    /// Where a new watcher begins, or one that comes back with the last event that it knows.
    struct Start: Hashable {
        /// The next event of the log.
        var cursor: UInt64
        /// Heights to be told first, whose events are no longer here.
        var heights: ClosedRange<UInt64>?
        /// Whether something was missed that cannot be told again.
        var hasMissed = false
    }

    /// Finds the place behind an event, as far as that is possible.
    func start(after last: EventIdentifier?, topics: [EventTopic]) -> Start {
        guard let last else { return Start(cursor: next) }
        if last.run == run, last.sequence < next, last.sequence + 1 >= first {
            return Start(cursor: last.sequence + 1)
        }
        var start = Start(cursor: next, hasMissed: !topics.allSatisfy(\.isOfTheChain))
        guard topics.contains(where: \.isOfTheChain), last.height != lastHead else { return start }
        if last.height < lastHead, lastHead - last.height <= UInt64(Self.keptMax) {
            start.heights = last.height + 1...lastHead
        } else {
            start.hasMissed = true
        }
        return start
    }

    /// An event by its number; nil for one that is no longer here.
    subscript(number: UInt64) -> NodeEvent? {
        guard number >= first, number < next else { return nil }
        return events[Int(number - first)]
    }

    /// Tells every watcher; heads in between that were not told are told as well.
    func publish(_ event: NodeEvent) {
        if case .head(let height) = event {
            guard height > lastHead else { return }
            let kept = UInt64(Self.keptMax)
            let from = lastHead == 0 ? height : max(lastHead + 1, height - min(height, kept) + 1)
            for height in from...height { append(.head(height: height)) }
            lastHead = height
        } else {
            append(event)
        }
        for stream in streams { stream.advance() }
        streams.removeAll { $0.isClosed }
    }

    func add(_ stream: EventStream) {
        streams.append(stream)
    }

    /// Tries again what could not be told; about once a second.
    func tick() {
        for stream in streams { stream.retry() }
        streams.removeAll { $0.isClosed }
    }

    private func append(_ event: NodeEvent) {
        if events.count >= Self.keptMax {
            events.removeFirst()
            first += 1
        }
        events.append(event)
    }
}
