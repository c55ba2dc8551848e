// SPDX-License-Identifier: Apache-2.0

package import Chain
package import DataSquare

/// Everything that one node keeps, opened together and put right.
///
/// Files and index share one fault plan, so that a sweep counts every step of both.
package final class NodeStorage: Sendable {
    /// The directory, locked while this lives.
    package let directory: DataDirectory
    /// Squares by height and data root.
    package let squares: SquareStore
    /// Headers by height and hash.
    package let headers: HeaderStore
    /// Small records by name.
    package let states: StateStore
    /// What pinned namespaces have.
    package let pins: PinStore
    /// Private keys.
    package let keys: KeyStore
    /// What the start-up sweep found.
    package let sweepReport: SweepReport
    /// The nodes of a validator's state tree.
    package let stateNodes: StateNodeStore
    private let index: KeyValueStore

    /// Opens or makes a data directory and puts right what an earlier process left half done.
    package init(
        _ path: String, fault: WriteFault = .fromEnvironment(), slice: RowSlice? = nil,
        cacheSizeBytes: Int = SquareStore.cacheSizeBytes
    ) throws(StorageFault) {
        directory = try DataDirectory(path, disk: Disk(fault: fault))
        index = try KeyValueStore(directory: directory.index, fault: fault)
        squares = SquareStore(
            directory: directory, index: index, slice: slice, cacheSizeBytes: cacheSizeBytes)
        headers = HeaderStore(index: index)
        states = StateStore(index: index)
        pins = PinStore(index: index)
        stateNodes = StateNodeStore(index: index)
        keys = KeyStore(directory: directory.keys, disk: directory.disk)
        try Self.claim(path, slice, squares, states)
        sweepReport = try squares.sweep()
    }

    /// What a directory keeps of each square is decided when it is made, and does not change: its
    /// index cannot tell one kind of file from the other.
    private static func claim(
        _ path: String, _ slice: RowSlice?, _ squares: SquareStore, _ states: StateStore
    ) throws(StorageFault) {
        let said = try states.get(sliceRecord)
        let kept = said.map { String(decoding: $0, as: UTF8.self) }
        if kept == slice?.description { return }
        guard let slice, kept == nil, try squares.heights(from: Height(0), limit: 1).isEmpty else {
            throw .otherSlice(path: path, kept: kept)
        }
        try states.put([(sliceRecord, Array("\(slice)".utf8))])
    }

    /// The small record that says which slice is kept; there is none where whole squares are.
    private static let sliceRecord = "store.slice"

    /// Keeps a block: its header, its square and the records that go with them, all or nothing.
    ///
    /// The square stays at hand, since a new block is what others ask for.
    package func put(
        _ header: ExtendedHeader, _ square: CommittedSquare,
        records: [(name: String, record: [UInt8]?)] = [],
        state: StateNodeChange = StateNodeChange()
    ) throws(StorageFault) {
        precondition(
            header.dataAvailabilityHeader == square.header, "the square is the header's")
        let forms = try HeaderStore.forms(of: [ChainHeader(header)])
        try squares.put([StoredBlock(height: header.height, square)]) {
            (change) throws(StorageFault) in
            try HeaderStore.put(forms, in: change)
            try StateStore.put(records, in: change)
            try StateNodeStore.apply(state, in: change)
        }
        squares.keepAtHand(square)
    }

    /// Keeps the square of a height.
    package func put(_ square: CommittedSquare, at height: Height) throws(StorageFault) {
        try squares.put([StoredBlock(height: height, square)])
        squares.keepAtHand(square)
    }

    /// Keeps rows of the square of a height.
    package func put(_ rows: KeptRows, at height: Height) throws(StorageFault) {
        try squares.put(rows, at: height)
    }

    /// Forgets all blocks from a height on, squares before headers, so that what a crash leaves is
    /// forgotten by the next call.
    package func forget(from height: Height) throws(StorageFault) {
        for isSquares in [true, false] {
            let ranges = isSquares ? try squares.ranges() : try headers.ranges()
            for range in ranges where range.upperBound >= height {
                var next = max(range.lowerBound.value, height.value)
                while next <= range.upperBound.value {
                    let end = min(next + UInt64(HeaderStore.batchMax) - 1, range.upperBound.value)
                    let heights = (next...end).map { Height($0) }
                    if isSquares {
                        try squares.remove(heights: heights)
                    } else {
                        try headers.remove(heights: heights)
                    }
                    next = end + 1
                }
            }
        }
    }

    /// Keeps headers and the records that go with them, all or nothing.
    package func put(
        _ headers: [ChainHeader], records: [(name: String, record: [UInt8]?)],
        state: StateNodeChange = StateNodeChange()
    ) throws(StorageFault) {
        let forms = try HeaderStore.forms(of: headers)
        try index.write { (change) throws(StorageFault) in
            try HeaderStore.put(forms, in: change)
            try StateStore.put(records, in: change)
            try StateNodeStore.apply(state, in: change)
        }
    }

    /// Keeps nodes of the state and the records that go with them, all or nothing.
    package func put(
        _ state: StateNodeChange, records: [(name: String, record: [UInt8]?)]
    ) throws(StorageFault) {
        try index.write { (change) throws(StorageFault) in
            try StateStore.put(records, in: change)
            try StateNodeStore.apply(state, in: change)
        }
    }

    /// What the node's files take, and what the disk has left, in bytes.
    package func usage() throws(StorageFault) -> (used: UInt64, free: UInt64) {
        let index = try directory.disk.status(directory.index + "/data.mdb")?.allocatedBytes ?? 0
        return (
            UInt64(squares.diskUseBytes + index), try directory.disk.freeBytes(directory.path)
        )
    }
}
