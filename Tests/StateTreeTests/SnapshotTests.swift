// SPDX-License-Identifier: Apache-2.0

import Bytes
import StateTree
import TestSupport
import Testing

/// Snapshots: whole states from chunks of strangers.
@Suite struct SnapshotTests {
    /// A state of several chunks: large values, so that few entries fill one.
    private static func large(_ count: Int) throws -> StateTree {
        var tree = StateTree()
        let writes = (0..<count).map { index in
            StateWrite(
                key: Array("large/\(index)".utf8),
                value: [UInt8](repeating: UInt8(index), count: 60_000 + index))
        }
        _ = try tree.update(TreeExamples.sorted(writes), version: 9)
        return tree
    }

    private static func chunks(_ tree: StateTree, _ manifest: SnapshotManifest) throws -> [[UInt8]]
    {
        try manifest.ends.indices.map {
            try #require(try tree.chunk(after: manifest.start(of: $0))).encode()
        }
    }

    /// States of all small sizes go through one chunk.
    @Test(arguments: 0...20) func smallStates(count: Int) throws {
        let tree = try TreeExamples.tree("small", count: count)
        let manifest = try tree.snapshotManifest()
        #expect(manifest.ends.count == (count == 0 ? 0 : 1))
        #expect(try SnapshotManifest.decode(manifest.encode()) == manifest)
        var restore = try SnapshotRestore(manifest, root: tree.root)
        #expect(restore.isComplete == (count == 0))
        for (number, chunk) in try Self.chunks(tree, manifest).enumerated() {
            _ = try restore.take(chunk, as: number)
        }
        #expect(restore.isComplete && restore.missing.isEmpty)
        #expect(try restore.tree.entries(limit: 100) == (try tree.entries(limit: 100)))
        #expect(restore.tree.version == tree.version)
    }

    /// Chunks in any order, through restarts, give the same tree in a store.
    @Test func largeStateInAnyOrderWithRestarts() throws {
        let tree = try Self.large(90)
        let manifest = try tree.snapshotManifest()
        let chunks = try Self.chunks(tree, manifest)
        #expect(chunks.count >= 5)
        for chunk in chunks { #expect(chunk.count <= StateChunk.sizeBytesMax) }
        let store = MemoryNodeStore()
        var restore = try SnapshotRestore(manifest, root: tree.root, store: store)
        let order = chunks.indices.reversed().map { $0 }
        for number in order {
            #expect(!restore.isComplete)
            store.apply(try restore.take(chunks[number], as: number))
            #expect(try restore.take(chunks[number], as: number).written.isEmpty)
            restore = try SnapshotRestore(resuming: restore.progress, store: store)
        }
        #expect(restore.isComplete)
        let opened = StateTree(restore.tree.head, store: store)
        #expect(opened.root == tree.root && opened.count == 90)
        #expect(try opened.entries(limit: 100) == (try tree.entries(limit: 100)))
    }

    /// Chunks in another's place, of another state, left out or altered are refused, and what was
    /// there stays.
    @Test func hostileChunks() throws {
        let tree = try Self.large(40)
        let manifest = try tree.snapshotManifest()
        let chunks = try Self.chunks(tree, manifest)
        var restore = try SnapshotRestore(manifest, root: tree.root)
        _ = try restore.take(chunks[0], as: 0)
        let root = restore.tree.root
        #expect(throws: SnapshotFault.otherBounds(chunk: 1)) {
            try restore.take(chunks[2], as: 1)
        }
        #expect(throws: SnapshotFault.unknownChunk(99)) { try restore.take(chunks[2], as: 99) }
        let other = try #require(try Self.large(41).chunk(after: nil)).encode()
        #expect(throws: SnapshotFault.self) { try restore.take(other, as: 1) }
        #expect(throws: SnapshotFault.otherState(root: tree.root, expected: root)) {
            _ = try SnapshotRestore(manifest, root: root)
        }
        let whole = chunks[1]
        for place in stride(from: 0, to: whole.count, by: 1 + whole.count / 40) {
            var changed = whole
            changed[place] ^= 0x10
            #expect(throws: SnapshotFault.self) { try restore.take(changed, as: 1) }
            #expect(throws: SnapshotFault.self) {
                try restore.take(Array(whole[..<place]), as: 1)
            }
        }
        #expect(throws: SnapshotFault.self) { try restore.take(whole + [0], as: 1) }
        #expect(restore.tree.root == root && restore.missing == Array(1..<chunks.count))
    }

    /// Every bit of small chunks; none can be changed.
    @Test(arguments: [1, 2, 7]) func everyBitFlip(count: Int) throws {
        let tree = try TreeExamples.tree("bits", count: count)
        let leaves = (0..<count).map { Array("bits/\($0)".utf8) }
            .map { StateEntry.path(of: $0) }.sorted()
        for after in [nil] + leaves.dropLast().map(Optional.some) {
            let chunk = try #require(try tree.chunk(after: after))
            try chunk.verify(root: tree.root)
            #expect(chunk.isLast && chunk.end == leaves.last)
            let bytes = chunk.encode()
            #expect(try StateChunk.decode(bytes) == chunk)
            for bit in 0..<8 * bytes.count {
                var changed = bytes
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                #expect(throws: DecodeFault.self) {
                    try StateChunk.decode(changed).verify(root: tree.root)
                }
            }
        }
    }

    /// An entry left out anywhere is noticed.
    @Test func leftOut() throws {
        let tree = try TreeExamples.tree("out", count: 12)
        let chunk = try #require(try tree.chunk(after: nil))
        for index in chunk.entries.indices {
            var other = StateTree()
            let rest = chunk.entries.indices.filter { $0 != index }.map {
                StateWrite(key: chunk.entries[$0].key, value: chunk.entries[$0].value)
            }
            _ = try other.update(TreeExamples.sorted(rest), version: 1)
            let made = try #require(try other.chunk(after: nil))
            #expect(throws: DecodeFault.self) { try made.verify(root: tree.root) }
        }
    }

    /// Manifests that contradict themselves are refused.
    @Test func hostileManifests() throws {
        let manifest = try Self.large(40).snapshotManifest()
        let bytes = manifest.encode()
        for end in bytes.indices {
            #expect(throws: DecodeFault.self) { try SnapshotManifest.decode(Array(bytes[..<end])) }
        }
        var swapped = bytes
        let (first, second) = (bytes.count - 64, bytes.count - 32)
        swapped.replaceSubrange(first..<second, with: bytes[second...])
        #expect(throws: DecodeFault.self) { try SnapshotManifest.decode(swapped) }
        var many = bytes
        many.replaceSubrange(49..<53, with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(throws: DecodeFault.self) { try SnapshotManifest.decode(many) }
    }
}
