// SPDX-License-Identifier: Apache-2.0

internal import Bytes

extension StateTree {
    /// Applies writes, whose keys are in strictly rising order, and moves to `version`.
    ///
    /// It costs what the writes touch: the pages on the ways to their leaves, hashed level by level
    /// with many nodes at once, and the nodes of the index above keys that are new or gone. A write
    /// that changes nothing costs its look-up. Several updates may make one version together.
    ///
    /// - Throws: for writes of wrong sizes or order, for a version below the tree's, and when a
    ///   stored node cannot be had; the tree is then as it was.
    public mutating func update(
        _ writes: [StateWrite], version: UInt64
    ) throws(StateTreeFault) -> StateTreeChange {
        guard version >= self.version else {
            throw .oldVersion(version, newest: self.version)
        }
        try Self.check(writes)
        var update = TreeUpdate(writes, version: version, store: store)
        let child = try update.run(from: child)
        var indexUpdate = IndexUpdate(version: version, store: store)
        let edits = update.edits.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        let index = try indexUpdate.apply(edits[...], to: index)
        self.child = child
        self.index = index
        self.version = version
        count += edits.reduce(0) { $0 + ($1.isThere ? 1 : -1) }
        var change = update.change
        change.indexPages = indexUpdate.written
        change.stale += indexUpdate.stale
        change.settle()
        return change
    }

    private static func check(_ writes: [StateWrite]) throws(StateTreeFault) {
        for (index, write) in writes.enumerated() {
            try write.check()
            guard index == 0 || writes[index - 1].key.lexicographicallyPrecedes(write.key) else {
                throw .unsortedWrites(index)
            }
        }
    }
}
