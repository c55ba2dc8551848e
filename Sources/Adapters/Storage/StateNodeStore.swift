// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import StateTree
internal import Synchronization

/// Nodes of a state tree that go to disk together, and those that may go.
package struct StateNodeChange: Sendable {
    /// Nodes by their keys.
    package var written: [(key: [UInt8], bytes: [UInt8])] = []
    /// Nodes that no version has.
    package var removed: [[UInt8]] = []
    /// For each version, the nodes that it has no more and earlier ones have.
    package var stale: [(version: UInt64, keys: [[UInt8]])] = []
    /// No version below this one is to be read again.
    package var oldestRead: UInt64 = 0
    /// Versions of which all nodes go, before anything is written.
    package var dropped: Range<UInt64> = 0..<0

    /// No change.
    package init() {}
}

/// The nodes of a validator's state tree, by their keys, and which of them may go when.
///
/// The tree verifies what it reads, so what lies here needs no trust. Specified in
/// Protocol/18-storage-formats.md#state-nodes.
package final class StateNodeStore: WatchedNodeStore {
    /// The most nodes that one change removes, but for the rest of one list.
    package static let prunedAtOnce = 8_192
    /// The most keys of one list of stale nodes.
    package static let listedMax = 1_024
    /// The most lists that one change takes away.
    private static let listsAtOnce = 64

    private let index: KeyValueStore
    private let failure = Mutex<StateTreeFault?>(nil)

    /// Why the nodes cannot be trusted any more; nil while they can.
    package var fault: StateTreeFault? { failure.withLock { $0 } }

    /// Takes note of a node that could not be had; the first one counts.
    package func note(_ fault: StateTreeFault) {
        failure.withLock { $0 = $0 ?? fault }
    }

    /// Keeps nodes in an index.
    package init(index: KeyValueStore) {
        self.index = index
    }

    /// The bytes of a node, or nil where it is not.
    package func read(_ key: NodeKey) throws(StateTreeFault) -> [UInt8]? {
        let bytes = key.bytes
        do throws(StorageFault) {
            return try index.read { (view) throws(StorageFault) in
                try view.get(.stateNodes, bytes)
            }
        } catch {
            throw .store("\(error)")
        }
    }

    /// How many nodes are kept, and how many lists of those that may go.
    package func counts() throws(StorageFault) -> (nodes: Int, lists: Int) {
        try index.read { (view) throws(StorageFault) in
            (try view.count(.stateNodes), try view.count(.stateStale))
        }
    }

    /// Changes nodes by themselves.
    package func apply(_ nodes: StateNodeChange) throws(StorageFault) {
        try index.write { (change) throws(StorageFault) in try Self.apply(nodes, in: change) }
    }

    /// Changes nodes as part of a larger change.
    static func apply(
        _ nodes: StateNodeChange, in change: borrowing KeyValueChange
    ) throws(StorageFault) {
        try drop(nodes.dropped, in: change)
        for node in nodes.written { try change.put(.stateNodes, node.key, node.bytes) }
        for key in nodes.removed { try change.delete(.stateNodes, key) }
        for (version, keys) in nodes.stale {
            for (part, start) in stride(from: 0, to: keys.count, by: listedMax).enumerated() {
                var list: [UInt8] = []
                for key in keys[start...].prefix(listedMax) { list.append(lengthPrefixed: key) }
                try change.put(.stateStale, listKey(version, UInt32(part)), list)
            }
        }
        try prune(through: nodes.oldestRead, in: change)
    }

    /// Removes what no version from `oldest` on has, a limited number at once.
    private static func prune(
        through oldest: UInt64, in change: borrowing KeyValueChange
    ) throws(StorageFault) {
        let lists = try change.view.range(
            .stateStale, from: [], to: listKey(oldest &+ 1, 0), limit: listsAtOnce)
        var count = 0
        for list in lists where count < prunedAtOnce {
            for key in try keys(in: list.value) {
                try change.delete(.stateNodes, key)
                count += 1
            }
            try change.delete(.stateStale, list.key)
        }
    }

    private static func drop(
        _ versions: Range<UInt64>, in change: borrowing KeyValueChange
    ) throws(StorageFault) {
        guard !versions.isEmpty else { return }
        for table in [Table.stateNodes, .stateStale] {
            var from: [UInt8] = []
            from.append(bigEndian: versions.lowerBound)
            var end: [UInt8] = []
            end.append(bigEndian: versions.upperBound)
            while true {
                let keys = try change.view.keys(table, from: from, limit: prunedAtOnce)
                for key in keys {
                    guard key.lexicographicallyPrecedes(end) else { break }
                    try change.delete(table, key)
                }
                guard let last = keys.last, last.lexicographicallyPrecedes(end) else { break }
                from = last + [0]
            }
        }
    }

    private static func keys(in list: [UInt8]) throws(StorageFault) -> [[UInt8]] {
        var reader = ByteReader(list)
        var keys: [[UInt8]] = []
        do throws(DecodeFault) {
            while !reader.isAtEnd {
                keys.append(
                    [UInt8](
                        try reader.lengthPrefixed(limit: KeyValueStore.keyMax, field: "key")))
            }
        } catch {
            throw .malformed(path: "index table stateStale", error)
        }
        return keys
    }

    private static func listKey(_ version: UInt64, _ part: UInt32) -> [UInt8] {
        var key: [UInt8] = []
        key.append(bigEndian: version)
        key.append(bigEndian: part)
        return key
    }
}
