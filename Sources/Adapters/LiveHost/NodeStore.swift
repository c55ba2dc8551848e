// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery
package import Roles
package import Storage

/// A node's disk: squares in files, headers and small records in the index.
///
/// A block's parts become durable in the order square, small records, header: the header is what
/// makes the rest count, so a crash in between leaves nothing half visible.
package final class NodeStore: Sendable {
    /// How many heights are read at once at the start.
    private static let heightsAtOnce = 4_096

    private let squares: SquareStore
    private let headers: HeaderStore
    private let records: StateStore
    /// What the start found and put right.
    package let swept: SweepReport

    /// Opens the store of a data directory and heals what a crash left.
    package init(_ directory: DataDirectory) throws(StorageFault) {
        let index = try KeyValueStore(directory: directory.index, fault: directory.disk.fault)
        squares = SquareStore(directory: directory, index: index)
        headers = HeaderStore(index: index)
        records = StateStore(index: index)
        swept = try squares.sweep()
    }

    /// What a node that starts on this disk is told.
    package func restored() throws(StorageFault) -> RestoredState {
        var state = RestoredState()
        state.head = try headers.head()
        for range in try headers.ranges() {
            state.headers.insert(range.lowerBound.value...range.upperBound.value)
        }
        var from = Height(1)
        while true {
            let heights = try squares.heights(from: from, limit: Self.heightsAtOnce)
            for height in heights { state.squares.insert(height.value) }
            guard let last = heights.last, heights.count == Self.heightsAtOnce else { break }
            from = last.next
        }
        state.values = try records.records(prefix: "", limit: 1_024).map { ($0.name, $0.record) }
        return state
    }

    /// Makes a record durable.
    package func store(_ record: StoreRecord) throws(StorageFault) {
        switch record {
        case .block(let header, let square, let values):
            try put(square, at: header.height.value)
            try put(values)
            try headers.put([header])
        case .square(let height, let square):
            try put(square, at: height)
        case .headers(let list, let values):
            try put(values)
            for start in stride(from: 0, to: list.count, by: HeaderStore.batchMax) {
                try headers.put(Array(list[start...].prefix(HeaderStore.batchMax)))
            }
        case .values(let values):
            try put(values)
        }
    }

    /// Reads what a node asks for; damage is told as such.
    package func load(_ query: LoadQuery) -> LoadedValue {
        do throws(StorageFault) {
            switch query {
            case .header(let height):
                return try headers.header(at: Height(height)).map { .header($0) } ?? .nothing
            case .headerByHash(let hash):
                return try headers.header(hash: hash).map { .header($0) } ?? .nothing
            case .headers(let from, let count):
                var found: [ExtendedHeader] = []
                while UInt64(found.count) < count {
                    let rest = Int(clamping: count) - found.count
                    let some = try headers.headers(
                        from: Height(from + UInt64(found.count)),
                        limit: min(rest, HeaderStore.batchMax))
                    if some.isEmpty { break }
                    found += some
                }
                return found.isEmpty ? .nothing : .headers(found)
            case .square(let height):
                return .square(try squares.committedSquare(.height(Height(height))))
            }
        } catch {
            return error.isDamage ? .damaged("\(error)") : .nothing
        }
    }

    private func put(_ square: CommittedSquare, at height: UInt64) throws(StorageFault) {
        try squares.put([StoredBlock(height: Height(height), square)])
        squares.keepAtHand(square)
    }

    private func put(_ values: [(name: String, bytes: [UInt8])]) throws(StorageFault) {
        guard !values.isEmpty else { return }
        try records.put(values.map { ($0.name, $0.bytes) })
    }
}
