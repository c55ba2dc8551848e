// SPDX-License-Identifier: Apache-2.0

import StateTree
import TestSupport
import Testing

/// Changes on top of a tree, against the tree that has them.
@Suite struct StateOverlayTests {
    @Test(arguments: [1, 2]) func randomChanges(seed: UInt64) throws {
        var numbers = SeededNumbers(seed)
        var tree = StateTree()
        var plain = PlainState()
        for version in 1...20 {
            var overlay = StateOverlay(tree)
            for _ in 0..<numbers.next(20) {
                let mark = overlay.mark
                var writes: [StateWrite] = []
                for _ in 0..<3 {
                    let key = [UInt8(numbers.next(6)), UInt8(numbers.next(6))]
                    let value = numbers.next(3) == 0 ? nil : [UInt8(version)]
                    try overlay.set(key, to: value)
                    writes.append(StateWrite(key: key, value: value))
                }
                if numbers.next(4) == 0 {
                    overlay.undo(to: mark)
                } else {
                    plain.apply(writes)
                }
                for first in 0..<6 {
                    let expected = plain.entries.filter { $0.key[0] == first }
                    #expect(try overlay.entries(prefix: [UInt8(first)], limit: 99) == expected)
                    let part = try overlay.entries(
                        prefix: [UInt8(first)], after: [UInt8(first), 2], limit: 2)
                    #expect(part == Array(expected.filter { $0.key[1] > 2 }.prefix(2)))
                    let key = [UInt8(first), 3]
                    #expect(try overlay.value(of: key) == plain.value(of: key))
                }
            }
            _ = try tree.update(overlay.writes, version: UInt64(version))
            #expect(tree.root == plain.root)
            #expect(try tree.entries(limit: 99) == plain.entries)
        }
    }

    /// What no tree would take, no overlay takes.
    @Test func refusedWrites() throws {
        var overlay = StateOverlay(StateTree())
        #expect(throws: StateTreeFault.keySize(0)) { try overlay.set([], to: [1]) }
        #expect(throws: StateTreeFault.valueSize(0)) { try overlay.set([1], to: []) }
        #expect(overlay.writes.isEmpty)
    }
}
