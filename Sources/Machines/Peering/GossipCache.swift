// SPDX-License-Identifier: Apache-2.0

internal import Machinery

/// Values by message id that are forgotten after a time, the oldest first when there are too many.
struct GossipMemory<Value> {
    private var values: [GossipID: Value] = [:]
    private var order = FirstInFirstOut<(end: Instant, id: GossipID)>()

    var count: Int { values.count }

    subscript(id: GossipID) -> Value? { values[id] }

    /// Remembers a value, once: what is there stays.
    mutating func insert(_ id: GossipID, _ value: Value, at now: Instant) {
        guard values[id] == nil else { return }
        values[id] = value
        order.append((now.advanced(byMilliseconds: GossipLimits.seenMilliseconds), id))
        if values.count > GossipLimits.seen, let oldest = order.popFirst() {
            values[oldest.id] = nil
        }
    }

    mutating func update(_ id: GossipID, _ change: (inout Value) -> Void) {
        guard var value = values.removeValue(forKey: id) else { return }
        change(&value)
        values[id] = value
    }

    /// Forgets what is too old.
    mutating func expire(at now: Instant) {
        while let first = order.first, first.end <= now {
            values[first.id] = nil
            _ = order.popFirst()
        }
    }
}

/// The messages of the last heartbeats, for those who ask for them.
struct GossipCache {
    private struct Entry {
        let message: GossipMessage
        let size: Int
        var sent: [PeerIdentifier: Int] = [:]
    }

    private var entries: [GossipID: Entry] = [:]
    /// What came in each heartbeat, the newest first.
    private var windows: [[(topic: String, id: GossipID)]]
    private let gossipWindows: Int
    private(set) var bytes = 0

    init(_ parameters: GossipParameters) {
        windows = Array(repeating: [], count: max(1, parameters.historyHeartbeats))
        gossipWindows = min(parameters.gossipHeartbeats, windows.count)
    }

    mutating func put(_ message: GossipMessage, id: GossipID) {
        guard entries[id] == nil else { return }
        let size = (message.data?.count ?? 0) + 512
        entries[id] = Entry(message: message, size: size)
        windows[0].append((message.topic, id))
        bytes += size
        while bytes > GossipLimits.cacheBytes, dropOldest() {}
    }

    /// The message for a peer that asks for it; nil when it is gone or was sent too often.
    mutating func take(_ id: GossipID, for peer: PeerIdentifier) -> GossipMessage? {
        guard let entry = entries[id] else { return nil }
        let count = entry.sent[peer] ?? 0
        guard count < GossipLimits.retransmissions else { return nil }
        entries[id]?.sent[peer] = count + 1
        return entry.message
    }

    /// The ids of a topic that others are told of.
    func ids(of topic: String) -> [GossipID] {
        windows.prefix(gossipWindows).flatMap { $0 }.filter { $0.topic == topic }.map { $0.id }
    }

    /// A heartbeat went by.
    mutating func shift() {
        for (_, id) in windows.removeLast() { forget(id) }
        windows.insert([], at: 0)
    }

    private mutating func dropOldest() -> Bool {
        guard let index = windows.lastIndex(where: { !$0.isEmpty }) else { return false }
        forget(windows[index].removeFirst().id)
        return true
    }

    private mutating func forget(_ id: GossipID) {
        bytes -= entries.removeValue(forKey: id)?.size ?? 0
    }
}
