// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
package import DataSquare
internal import Machinery
internal import Peering
package import Roles
package import Storage

/// A node's disk: squares in files, headers and small records in the index.
///
/// A block's header, square and small records become visible together or not at all.
package final class NodeStore: Sendable {
    private let storage: NodeStorage
    /// What the start found and put right.
    package var swept: SweepReport { storage.sweepReport }

    /// Opens the store of a data directory and heals what a crash left.
    ///
    /// `slice` says that no more is kept of each square than some rows, as when the directory was
    /// made; `squareCacheBytes` limits the memory of extended squares that are kept at hand.
    package init(
        _ directory: String, slice: RowSlice? = nil,
        squareCacheBytes: Int = SquareStore.cacheSizeBytes
    ) throws(StorageFault) {
        storage = try NodeStorage(directory, slice: slice, cacheSizeBytes: squareCacheBytes)
    }

    /// What a node that starts on this disk is told.
    package func restored() throws(StorageFault) -> RestoredState {
        var state = RestoredState()
        state.head = try storage.headers.head()
        for range in try storage.headers.ranges() {
            state.headers.insert(range.lowerBound.value...range.upperBound.value)
        }
        for range in try storage.squares.ranges() {
            state.squares.insert(range.lowerBound.value...range.upperBound.value)
        }
        for (namespace, ranges) in try storage.pins.ranges() {
            var heights = HeightRanges()
            for range in ranges { heights.insert(range.lowerBound.value...range.upperBound.value) }
            state.pins.append((namespace, heights))
        }
        state.stateNodes = storage.stateNodes
        for prefix in RestoredState.prefixes {
            // An earlier format of the ledger has a record for each of its entries.
            let limit = prefix == "ledger" ? Int.max : 16_384
            state.values += try storage.states.records(prefix: prefix, limit: limit).map {
                ($0.name, $0.record)
            }
        }
        return state
    }

    /// Makes records durable, each all of it or nothing; says of each what went wrong.
    ///
    /// Several headers, small records and versions of the ledger become durable together, at the cost
    /// of one.
    package func store(_ records: [StoreRecord]) -> [StorageFault?] {
        if records.count > 1, let (headers, values, state) = Self.together(records) {
            do throws(StorageFault) {
                try storage.put(headers, records: values, state: state)
                return records.map { _ in nil }
            } catch {
                // Whose fault it is shows one by one.
            }
        }
        return records.map { record in
            do throws(StorageFault) {
                try store(record)
                return nil
            } catch {
                return error
            }
        }
    }

    /// What one transaction takes, where all of it is headers and small records and not too much.
    private static func together(
        _ records: [StoreRecord]
    ) -> (
        headers: [ChainHeader], values: [(name: String, record: [UInt8]?)],
        state: StateNodeChange
    )? {
        var headers: [ChainHeader] = []
        var nodes = StateNodeChange()
        var all: [(name: String, record: [UInt8]?)] = []
        for record in records {
            switch record {
            case .values(let values):
                all += values.map { ($0.name, $0.bytes.isEmpty ? nil : $0.bytes) }
            case .headers(let list, let values):
                headers += list
                all += values.map { ($0.name, $0.bytes) }
            case .state(let state, let values):
                // What takes nodes away goes alone, since the order counts.
                guard state.dropped.isEmpty, state.removed.isEmpty else { return nil }
                all += values.map { ($0.name, $0.bytes.isEmpty ? nil : $0.bytes) }
                nodes.written += state.written
                nodes.stale += state.stale
                nodes.oldestRead = max(nodes.oldestRead, state.oldestRead)
            default: return nil
            }
        }
        return headers.count <= HeaderStore.batchMax ? (headers, all, nodes) : nil
    }

    /// Makes a record durable, all of it or nothing.
    package func store(_ record: StoreRecord) throws(StorageFault) {
        switch record {
        case .block(let header, let square, let values, let state):
            try storage.put(
                header, square,
                records: values.map { ($0.name, $0.bytes.isEmpty ? nil : $0.bytes) },
                state: state.map { Self.nodes($0) } ?? StateNodeChange())
        case .state(let state, let values):
            try storage.put(
                Self.nodes(state),
                records: values.map { ($0.name, $0.bytes.isEmpty ? nil : $0.bytes) })
        case .square(let height, let square):
            try storage.put(square, at: Height(height))
        case .rows(let height, let rows):
            try storage.put(rows, at: Height(height))
        case .headers(let list, let values):
            var records = values.map { (name: $0.name, record: Optional($0.bytes)) }
            for start in stride(from: 0, to: list.count, by: HeaderStore.batchMax) {
                try storage.put(
                    Array(list[start...].prefix(HeaderStore.batchMax)), records: records)
                records = []
            }
        case .refusal(let height, let values):
            try storage.states.put(values.map { ($0.name, $0.bytes) })
            try storage.forget(from: Height(height))
        case .values(let values):
            try storage.states.put(
                values.map { ($0.name, $0.bytes.isEmpty ? nil : Optional($0.bytes)) })
        case .pins(let height, let pins):
            try storage.pins.put(pins.map { ($0.namespace, $0.bytes) }, at: Height(height))
        case .removal(let heights):
            try storage.squares.remove(heights: heights.map { Height($0) })
        }
    }

    private static func nodes(_ state: StateCommit) -> StateNodeChange {
        var change = StateNodeChange()
        change.written = state.written
        change.removed = state.removed
        change.stale = state.stale
        change.oldestRead = state.oldestRead
        change.dropped = state.dropped
        return change
    }

    /// Reads what a node asks for; damage is told as such.
    package func load(_ query: LoadQuery) -> LoadedValue {
        do throws(StorageFault) {
            switch query {
            case .header(let height):
                return try storage.headers.header(at: Height(height)).map { .header($0) }
                    ?? .nothing
            case .headerByHash(let hash):
                return try storage.headers.header(hash: hash).map { .header($0) } ?? .nothing
            case .headers(let from, let count):
                var found: [ChainHeader] = []
                while UInt64(found.count) < count {
                    let rest = Int(clamping: count) - found.count
                    let some = try storage.headers.headers(
                        from: Height(from + UInt64(found.count)),
                        limit: min(rest, HeaderStore.batchMax))
                    if some.isEmpty { break }
                    found += some
                }
                return found.isEmpty ? .nothing : .headers(found)
            case .value(let name):
                return try storage.states.get(name).map { .value($0) } ?? .nothing
            case .square(let height):
                if storage.squares.slice != nil { return .nothing }
                return .square(try storage.squares.committedSquare(.height(Height(height))))
            case .piece(let request):
                return .piece(try piece(request))
            case .samples(let request, let places):
                return .piece(try samples(request, places))
            case .pin(let height, let namespace):
                return try pin(namespace, at: Height(height))
            case .usage:
                let usage = try storage.usage()
                return .usage(used: usage.used, free: usage.free)
            case .integrity(let height, let rows):
                let count = try storage.squares.integrity(.height(Height(height)), rows: rows)
                return .intact(bytes: UInt64(count))
            }
        } catch {
            return error.isDamage ? .damaged("\(error)") : .nothing
        }
    }

    private func piece(_ request: ShareRequest) throws(StorageFault) -> [UInt8] {
        let key = BlockKey.height(Height(request.height))
        guard storage.squares.slice != nil else {
            return ShareExchange.encodeAnswer(
                to: request, from: try storage.squares.committedSquare(key))
        }
        return ShareExchange.encodeAnswer(
            to: request, from: try storage.squares.rows(key) { request.rows(of: $0) })
    }

    private func samples(
        _ request: SampleManyRequest, _ places: Range<Int>
    ) throws(StorageFault) -> [UInt8] {
        let key = BlockKey.height(Height(request.height))
        guard let slice = storage.squares.slice else {
            return SampleManyExchange.encodeAnswer(
                to: request, from: try storage.squares.committedSquare(key), places: places)
        }
        let rows = request.coordinates[places].map(\.row)
        return SampleManyExchange.encodeAnswer(
            to: request, from: try storage.squares.rows(key) { _ in rows }, slice: slice,
            places: places)
    }

    /// A fault of the index is damage here: the pin has to be kept anew.
    private func pin(
        _ namespace: Namespace, at height: Height
    ) throws(StorageFault) -> LoadedValue {
        guard let roots = try storage.headers.header(at: height)?.roots else { return .nothing }
        do throws(StorageFault) {
            guard let data = try storage.pins.get(namespace, at: height) else { return .nothing }
            return .pin(data, roots)
        } catch {
            return .damaged("\(error)")
        }
    }
}
