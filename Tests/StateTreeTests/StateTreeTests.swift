// SPDX-License-Identifier: Apache-2.0

import Bytes
import StateTree
import TestSupport
import Testing

/// The tree against its definition.
@Suite struct StateTreeTests {
    private static func orders(_ count: Int) -> [[Int]] {
        guard count > 0 else { return [[]] }
        return orders(count - 1).flatMap { order in
            (0...order.count).map {
                var longer = order
                longer.insert(count - 1, at: $0)
                return longer
            }
        }
    }

    /// Up to six keys, put in and taken out one by one in every order: the root is always that of
    /// what is there, and a removal in another order passes the same roots.
    @Test(arguments: 0...6) func everyOrder(count: Int) throws {
        var keys = TreeExamples.nearKeys + (0..<4).map { [UInt8]([7, $0]) }
        keys = Array(keys.prefix(count))
        var roots: [Int: Bytes32] = [:]
        for set in 0..<(1 << count) {
            let entries = (0..<count).filter { set & 1 << $0 != 0 }.map {
                StateEntry(key: keys[$0], value: [UInt8($0 + 1)])
            }
            roots[set] = StateTreeDefinition.root(of: entries)
        }
        for order in Self.orders(count) {
            var tree = StateTree()
            var set = 0
            for index in order {
                set |= 1 << index
                let write = StateWrite(key: keys[index], value: [UInt8(index + 1)])
                _ = try tree.update([write], version: 1)
                #expect(tree.root == roots[set])
            }
            #expect(tree.count == count)
            for index in order {
                set &= ~(1 << index)
                _ = try tree.update([StateWrite(key: keys[index], value: nil)], version: 2)
                #expect(tree.root == roots[set])
            }
            #expect(tree.count == 0 && tree.root == StateTree.emptyRoot)
        }
    }

    /// Batches of sets and removals on every state of five keys.
    @Test func everyBatch() throws {
        let keys = TreeExamples.sorted(
            (TreeExamples.nearKeys + [[1], [2], [2, 0]]).map { StateWrite(key: $0, value: nil) }
        ).map(\.key)
        for before in 0..<32 {
            let first = (0..<5).filter { before & 1 << $0 != 0 }.map {
                StateWrite(key: keys[$0], value: [1])
            }
            // For each key: nothing, the same value, another value, removal.
            for batch in stride(from: before % 7, to: 1024, by: 7) {
                let writes = (0..<5).compactMap { index -> StateWrite? in
                    switch batch >> (2 * index) & 3 {
                    case 0: nil
                    case 1: StateWrite(key: keys[index], value: [1])
                    case 2: StateWrite(key: keys[index], value: [2])
                    default: StateWrite(key: keys[index], value: nil)
                    }
                }
                var tree = StateTree()
                var plain = PlainState()
                for (version, part) in [first, writes].enumerated() {
                    _ = try tree.update(part, version: UInt64(version))
                    plain.apply(part)
                }
                #expect(tree.root == plain.root)
                #expect(try tree.entries(limit: 9) == plain.entries)
                #expect(tree.count == plain.entries.count)
            }
        }
    }

    /// Random batches: roots, values, order of keys, proofs, and versions that stay as they were.
    @Test(arguments: [1, 2, 3]) func randomBatches(seed: UInt64) throws {
        var numbers = SeededNumbers(seed)
        let store = MemoryNodeStore()
        var tree = StateTree(store: store)
        var plain = PlainState()
        var versions: [(tree: StateTree, head: StateTreeHead, plain: PlainState)] = []
        for version in 1...30 {
            var writes: [[UInt8]: [UInt8]?] = [:]
            for _ in 0..<numbers.next(60) {
                let key = DeterministicBytes.make(
                    seed: "key\(numbers.next(150))", count: 1 + numbers.next(3))
                let value = [UInt8](repeating: UInt8(version), count: 1 + numbers.next(30))
                writes[key] = .some(numbers.next(3) == 0 ? nil : value)
            }
            let batch = TreeExamples.sorted(writes.map { StateWrite(key: $0, value: $1) })
            store.apply(try tree.update(batch, version: UInt64(version)))
            plain.apply(batch)
            #expect(tree.root == plain.root)
            if version % 7 == 0 { tree.release(keeping: numbers.next(8)) }
            versions.append((tree, tree.head, plain))
        }
        for (tree, head, plain) in versions {
            let opened = StateTree(try StateTreeHead.decode(head.encode()), store: store)
            for tree in [tree, opened] {
                #expect(tree.root == plain.root && head.root == plain.root)
                #expect(try tree.entries(limit: 1000) == plain.entries)
                #expect(tree.count == plain.entries.count)
                for entry in plain.entries.prefix(5) {
                    #expect(try tree.value(of: entry.key) == entry.value)
                    let proof = try tree.proof(of: entry.key)
                    #expect(proof.verify(entry.key, root: plain.root) == .value(entry.value))
                }
            }
        }
    }

    /// Entries by prefix and from a key on, against a filter.
    @Test func prefixes() throws {
        var writes: [StateWrite] = []
        for first in 0..<4 {
            writes.append(StateWrite(key: [UInt8(first)], value: [9]))
            for second in 0..<4 {
                writes.append(StateWrite(key: [UInt8(first), UInt8(second)], value: [1]))
                for third in 0..<3 {
                    writes.append(
                        StateWrite(key: [UInt8(first), UInt8(second), 5, UInt8(third)], value: [2]))
                }
            }
        }
        var tree = StateTree()
        _ = try tree.update(TreeExamples.sorted(writes), version: 0)
        let all = try tree.entries(limit: 1000)
        #expect(all.map(\.key) == TreeExamples.sorted(writes).map(\.key))
        let places: [[UInt8]] =
            [[], [0], [1, 2], [1, 2, 5], [1, 2, 5, 2], [3, 3, 5, 2, 0], [2, 9], [9], [3, 3]]
        for prefix in places {
            for after in [nil] + places.map(Optional.some) {
                let expected = all.filter { entry in
                    entry.key.starts(with: prefix)
                        && (after.map { $0.lexicographicallyPrecedes(entry.key) } ?? true)
                }
                #expect(try tree.entries(prefix: prefix, after: after, limit: 1000) == expected)
                #expect(
                    try tree.entries(prefix: prefix, after: after, limit: 2)
                        == Array(expected.prefix(2)))
            }
        }
    }

    /// Writes that cannot be are refused, and change nothing.
    @Test func refusedWrites() throws {
        var tree = try TreeExamples.tree("refused", count: 3)
        let root = tree.root
        func fault(_ writes: [StateWrite], version: UInt64 = 1) -> StateTreeFault? {
            do throws(StateTreeFault) {
                _ = try tree.update(writes, version: version)
                return nil
            } catch {
                return error
            }
        }
        let long = [UInt8](repeating: 1, count: StateEntry.keySizeBytesMax + 1)
        let large = [UInt8](repeating: 1, count: StateEntry.valueSizeBytesMax + 1)
        #expect(fault([StateWrite(key: [], value: [1])]) == .keySize(0))
        #expect(fault([StateWrite(key: long, value: [1])]) == .keySize(257))
        #expect(fault([StateWrite(key: [1], value: [])]) == .valueSize(0))
        #expect(fault([StateWrite(key: [1], value: large)]) == .valueSize(65_537))
        #expect(fault([], version: 0) == .oldVersion(0, newest: 1))
        let twice = [StateWrite(key: [1], value: [1]), StateWrite(key: [1], value: [2])]
        #expect(fault(twice) == .unsortedWrites(1))
        #expect(tree.root == root && tree.count == 3)
    }
}
