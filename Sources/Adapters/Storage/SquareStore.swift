// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain
package import DataSquare
internal import Synchronization

/// Squares on this machine's disk: one file each, and an index that knows their checksums.
///
/// ```text
/// put:     write ROOT.ods.temporary → fsync → rename to ROOT.ods → fsync blocks/
///          → link heights/H.ods → fsync heights/ → commit the index
/// remove:  commit the index, with what is to be removed → unlink → fsync → commit its end
/// read:    index → pread of the 16 KiB segments in question → checksums → bytes
/// ```
/// Only what the index names is visible, so a process may die between any two steps: at start-up
/// `sweep` completes what was complete and removes the rest. Bytes that do not match their checksum
/// make the block `damaged`: it is no longer held, and putting it again heals it.
package final class SquareStore: BlockStore {
    let directory: DataDirectory
    let index: KeyValueStore
    /// What is kept of each square; nil for all of it.
    package let slice: RowSlice?
    var disk: Disk { directory.disk }
    let cache: CommittedSquareCache
    let diskUse = DiskUse()
    private let writing = Mutex<Void>(())

    /// How much memory the squares take that are kept at hand.
    package static let cacheSizeBytes = 512 << 20

    /// Opens the squares of a directory; `sweep` must follow before anything else.
    ///
    /// `slice` says that no more is kept of each square than some rows; `cacheSizeBytes` limits the
    /// memory of extended squares that are kept at hand.
    package init(
        directory: DataDirectory, index: KeyValueStore, slice: RowSlice? = nil,
        cacheSizeBytes: Int = SquareStore.cacheSizeBytes
    ) {
        cache = CommittedSquareCache(sizeBytesMax: cacheSizeBytes)
        self.directory = directory
        self.index = index
        self.slice = slice
        suffix = slice == nil ? ".ods" : ".rows"
    }

    /// Runs `body` while nothing else writes; readers need none of this.
    func exclusively(
        _ body: () throws(StorageFault) -> Void
    ) throws(StorageFault) {
        try writing.withLock { (_) throws(StorageFault) in try body() }
    }

    // MARK: Names

    func path(_ dataRoot: Bytes32) -> String {
        directory.blocks + "/" + fileName(dataRoot)
    }

    func path(height: Height) -> String {
        directory.heights + "/\(height)" + suffix
    }

    let suffix: String

    func fileName(_ dataRoot: Bytes32) -> String {
        Hex.encode(dataRoot.array, uppercase: true) + suffix
    }

    static func dataRoot(_ bytes: some Collection<UInt8>) throws(StorageFault) -> Bytes32 {
        guard let dataRoot = Bytes32(bytes) else { throw .corrupt(.index) }
        return dataRoot
    }

    // MARK: What is held

    /// The data root at a height, held or damaged.
    package func dataRoot(at height: Height) throws(StorageFault) -> Bytes32? {
        let bytes = try index.read { (view) throws(StorageFault) in
            try view.get(.heights, height.key)
        }
        return if let bytes { try Self.dataRoot(bytes) } else { nil }
    }

    /// Whether the block is held, as far as is known without reading it.
    package func contains(_ key: BlockKey) throws(StorageFault) -> Bool {
        try index.read { (view) throws(StorageFault) in
            switch key {
            case .dataRoot(let dataRoot): return try view.contains(.squares, dataRoot.array)
            case .height(let height):
                guard let dataRoot = try view.get(.heights, height.key) else {
                    return false
                }
                return try view.contains(.squares, dataRoot)
            }
        }
    }

    /// At most `limit` heights from `from` on that have a square, held or damaged, ascending.
    package func heights(from: Height, limit: Int) throws(StorageFault) -> [Height] {
        let pairs = try index.read { (view) throws(StorageFault) in
            try view.range(.heights, from: from.key, limit: limit)
        }
        var heights: [Height] = []
        for pair in pairs { heights.append(try Height(key: pair.key)) }
        return heights
    }

    /// The stretches of heights whose squares are held, ascending; no two of them touch.
    package func ranges() throws(StorageFault) -> [ClosedRange<Height>] {
        var lost: Set<Height> = []
        for root in try damaged(limit: .max) { lost.formUnion(try heights(of: root, limit: .max)) }
        var ranges: [ClosedRange<Height>] = []
        try index.scan(.heights) { (key) throws(StorageFault) in
            let height = try Height(key: key)
            if !lost.contains(height) { ranges.append(next: height) }
        }
        return ranges
    }

    /// At most `limit` squares that were lost to damage and wait to be put again.
    package func damaged(limit: Int) throws(StorageFault) -> [Bytes32] {
        let pairs = try index.read { (view) throws(StorageFault) in
            try view.range(.damaged, from: [], limit: limit)
        }
        var roots: [Bytes32] = []
        for pair in pairs { roots.append(try Self.dataRoot(pair.key)) }
        return roots
    }

    /// At most `limit` of the heights that have this square.
    package func heights(
        of dataRoot: Bytes32, limit: Int
    ) throws(StorageFault) -> [Height] {
        let pairs = try index.read { (view) throws(StorageFault) in
            try view.prefixed(.squareHeights, dataRoot.array, limit: limit)
        }
        var heights: [Height] = []
        for pair in pairs { heights.append(try Height(key: pair.key.dropFirst(32))) }
        return heights
    }
}
