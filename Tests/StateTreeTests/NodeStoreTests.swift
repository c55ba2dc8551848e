// SPDX-License-Identifier: Apache-2.0

import StateTree
import TestSupport
import Testing

/// Trees whose nodes are in a store.
@Suite struct NodeStoreTests {
    /// With only the newest version kept, the store has exactly the nodes of that version.
    @Test func prunedStoreHoldsOneVersion() throws {
        var numbers = SeededNumbers(5)
        let store = MemoryNodeStore()
        var tree = StateTree(store: store)
        var plain = PlainState()
        for version in 1...40 {
            let batch = TreeExamples.sorted(
                Set((0..<20).map { _ in UInt8(numbers.next(80)) }).map {
                    StateWrite(
                        key: [$0], value: numbers.next(3) == 0 ? nil : [UInt8(version), $0])
                })
            // Two updates make one version.
            store.apply(
                try tree.update(Array(batch.prefix(7)), version: UInt64(version)), isPruning: true)
            store.apply(
                try tree.update(Array(batch.dropFirst(7)), version: UInt64(version)),
                isPruning: true)
            plain.apply(batch)
            if version % 3 == 0 { tree = StateTree(tree.head, store: store) }
            #expect(tree.root == plain.root)
        }
        let fresh = MemoryNodeStore()
        var again = StateTree()
        let writes = plain.entries.map { StateWrite(key: $0.key, value: $0.value) }
        fresh.apply(try again.update(writes, version: 1))
        #expect(again.root == tree.root)
        // The same nodes, whichever versions wrote them.
        #expect(
            store.keys.map { Array($0.bytes.dropFirst(8)) }.sorted(by: Self.precedes)
                == fresh.keys.map { Array($0.bytes.dropFirst(8)) }.sorted(by: Self.precedes))
        let opened = StateTree(tree.head, store: store)
        #expect(try opened.entries(limit: 1000) == plain.entries)
    }

    private static func precedes(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.lexicographicallyPrecedes(other)
    }

    /// One write to a large state writes and reads only the way to its leaf.
    @Test func costIsWhatIsTouched() throws {
        let store = MemoryNodeStore()
        var tree = StateTree(store: store)
        store.apply(try tree.update(TreeExamples.writes("cost", 0..<4096), version: 1))
        var opened = StateTree(tree.head, store: store)
        let before = store.reads
        let key = Array("cost/77".utf8)
        let change = try opened.update([StateWrite(key: key, value: [1, 2, 3])], version: 2)
        #expect(store.reads - before <= 6)
        #expect(change.counts.pages <= 6 && change.counts.leaves == 1)
        #expect(change.counts.indexNodes == 0, "a new value does not change the index")
        #expect(change.stale.count == change.counts.pages + 1)
        let gone = try opened.update([StateWrite(key: key, value: nil)], version: 3)
        #expect(gone.counts.leaves == 0 && gone.counts.indexNodes > 0)
        #expect(opened.residentCount <= 12)
    }

    /// Memory is bounded: after `release` only the upper levels are there, and all can be read.
    @Test func releasedTree() throws {
        let store = MemoryNodeStore()
        var tree = StateTree(store: store)
        store.apply(try tree.update(TreeExamples.writes("release", 0..<3000), version: 1))
        let (root, all) = (tree.root, try tree.entries(limit: 5000))
        #expect(tree.residentCount > 600)
        for limit in [300, 17, 1, 0] {
            tree.release(keeping: limit)
            #expect(tree.residentCount <= 2 * limit)
            #expect(try tree.entries(limit: 5000) == all && tree.root == root)
        }
        let change = try tree.update(
            [StateWrite(key: Array("release/5".utf8), value: nil)], version: 2)
        #expect(change.counts.pages <= 6 && tree.count == 2999)
    }

    /// Any byte of any node changed, any node missing: a fault that names it, and never a trap.
    @Test func damagedNodes() throws {
        let store = MemoryNodeStore()
        var tree = StateTree(store: store)
        store.apply(try tree.update(TreeExamples.writes("damage", 0..<12), version: 1))
        let head = tree.head
        let all = try tree.entries(limit: 100)
        for key in store.keys {
            let whole = try #require(store[key])
            for place in whole.indices {
                var bytes = whole
                bytes[place] ^= 1 << UInt8(place % 8)
                store[key] = bytes
                #expect(throws: StateTreeFault.self) { try Self.readAll(head, store, all) }
            }
            for count in stride(from: 0, to: whole.count, by: 5) {
                store[key] = Array(whole.prefix(count))
                #expect(throws: StateTreeFault.self) { try Self.readAll(head, store, all) }
            }
            store[key] = nil
            #expect(throws: StateTreeFault.self) { try Self.readAll(head, store, all) }
            store[key] = whole
        }
        try Self.readAll(head, store, all)
    }

    private static func readAll(
        _ head: StateTreeHead, _ store: MemoryNodeStore, _ all: [StateEntry]
    ) throws {
        let opened = StateTree(head, store: store)
        #expect(try opened.entries(limit: 100) == all)
        for entry in all { _ = try opened.proof(of: entry.key) }
    }
}
