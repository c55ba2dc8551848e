// SPDX-License-Identifier: Apache-2.0

import Bytes
import StateTree
import Storage
import Testing

/// One version of a state tree, as it goes to disk.
struct SweptState {
    static let record = "state.head"

    let nodes: StateNodeChange
    let head: [UInt8]
    let entries: [StateEntry]

    func put(in store: NodeStorage) throws {
        try store.put(nodes, records: [(Self.record, head)])
    }

    /// Opens the version and reads all of it.
    func check(_ store: NodeStorage) throws {
        let tree = StateTree(try StateTreeHead.decode(head), store: store.stateNodes)
        #expect(try tree.entries(limit: .max) == entries)
        for entry in entries.prefix(8) { #expect(try tree.value(of: entry.key) == entry.value) }
    }
}

/// A state tree that changes by a rule, from version to version.
struct SweptTree {
    private(set) var tree = StateTree()
    private var round: UInt8 = 0

    /// What changes from one version to the next; the version before the last stays readable.
    mutating func next(_ count: Int = 40) throws -> SweptState {
        round += 1
        var writes: [StateWrite] = []
        for number in 0..<count {
            let value: [UInt8]? =
                (number + Int(round)) % 5 == 0 ? nil : [round, UInt8(number % 251)]
            if number % 3 == Int(round) % 3 {
                writes.append(
                    StateWrite(key: Array("key \(1_000_000 + number)".utf8), value: value))
            }
        }
        let change = try tree.update(writes, version: tree.version + 1)
        var nodes = StateNodeChange()
        nodes.written = change.written.map { ($0.key.bytes, $0.bytes) }
        nodes.removed = change.removed.map(\.bytes)
        nodes.stale = [(change.version, change.stale.map(\.bytes))]
        nodes.oldestRead = change.version - 1
        return SweptState(
            nodes: nodes, head: tree.head.encode(), entries: try tree.entries(limit: .max))
    }
}

/// Nodes of the state tree in the index.
@Suite struct StateNodeStoreTests {
    /// A tree lives on disk over many versions and openings; what no version needs goes, and no more.
    @Test func aTreeLivesOnDisk() throws {
        let scratch = try ScratchDirectory(inMemory: true)
        var swept = SweptTree()
        var earlier: SweptState?
        for round in 0..<8 {
            let store = try NodeStorage(scratch.path)
            for _ in 0..<3 {
                let state = try swept.next(240)
                try state.put(in: store)
                try state.check(store)
                // The version before can still be read.
                try earlier?.check(store)
                earlier = state
            }
            // A tree of the same entries made at once has as many nodes.
            var last = StateNodeChange()
            last.oldestRead = swept.tree.version
            try store.stateNodes.apply(last)
            var alone = StateTree()
            let entries = try #require(earlier).entries
            let all = try alone.update(
                entries.map { StateWrite(key: $0.key, value: $0.value) }, version: 1)
            let counts = try store.stateNodes.counts()
            #expect(counts.nodes == all.written.count, "round \(round)")
            #expect(counts.lists == 0)
            #expect(alone.root == swept.tree.root)
        }
    }

    /// One change removes a limited number of nodes, and the next ones the rest.
    @Test func pruningIsBounded() throws {
        let scratch = try ScratchDirectory(inMemory: true)
        let store = try NodeStorage(scratch.path)
        var change = StateNodeChange()
        let keys = (0..<20_000).map { Array("node \($0)".utf8) }
        change.written = keys.map { ($0, [1]) }
        change.stale = [(5, keys)]
        try store.stateNodes.apply(change)
        var next = StateNodeChange()
        next.oldestRead = 4
        try store.stateNodes.apply(next)
        #expect(try store.stateNodes.counts() == (20_000, 20))
        next.oldestRead = 5
        var counts: [Int] = []
        for _ in 0..<3 {
            try store.stateNodes.apply(next)
            counts.append(try store.stateNodes.counts().nodes)
        }
        #expect(counts == [20_000 - 8_192, 20_000 - 16_384, 0])
    }

    /// A node that rotted is told as such, not read as another.
    @Test func rotIsTold() throws {
        let scratch = try ScratchDirectory(inMemory: true)
        let store = try NodeStorage(scratch.path)
        var swept = SweptTree()
        var state = try swept.next(600)
        try state.put(in: store)
        var rotten = state.nodes
        for index in rotten.written.indices {
            rotten.written[index].bytes[rotten.written[index].bytes.count - 1] ^= 1
        }
        try store.stateNodes.apply(rotten)
        let tree = StateTree(try StateTreeHead.decode(state.head), store: store.stateNodes)
        #expect(throws: StateTreeFault.self) { try tree.entries(limit: 1) }
        #expect(throws: StateTreeFault.self) { try tree.value(of: state.entries[0].key) }
        state = try swept.next()
    }
}
