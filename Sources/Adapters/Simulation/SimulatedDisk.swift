// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Chain
package import DataSquare
package import Machinery
internal import Peering
package import Roles

/// A disk in memory: what it said is stored survives a crash of its node, what it did not say may
/// be gone or there, whole.
package struct SimulatedDisk: Sendable {
    private var headers: [UInt64: ChainHeader] = [:]
    private var squares: [UInt64: CommittedSquare] = [:]
    private var rows: [UInt64: KeptRows] = [:]
    private var values: [String: [UInt8]] = [:]
    private var heights = HeightRanges()
    private var squareHeights = HeightRanges()
    /// How many stores were asked for.
    package private(set) var storeCount = 0
    /// The store with this number, counted from 1, fails; nil for none.
    package var failingStore: Int?
    /// Squares that read as damaged until they are stored again.
    package var damagedSquares = HeightRanges()

    /// Which rows of which squares peers are given, where it is not everything.
    package var rowsGiven: [UInt64: @Sendable (Int) -> Bool] = [:]
    /// What squares may take in all, in bytes; a square that does not fit is refused.
    package var capacityBytes: UInt64 = .max
    /// What pinned namespaces have.
    private var pins: [Namespace: [UInt64: [UInt8]]] = [:]
    /// What the squares take, in bytes.
    package private(set) var usedBytes: UInt64 = 0
    /// Squares that read as missing although they are there: what a withholding node does.
    package var hiddenSquares = HeightRanges()

    /// The nodes of the ledger's tree; copies of a disk share them.
    package let stateNodes = SimulatedNodes()

    /// Pairs of heights whose squares read as each other's: what a lying node does.
    package var swappedSquares: [(UInt64, UInt64)] = []

    /// An empty disk.
    package init() {}

    /// What a node that starts on this disk is told.
    package var restored: RestoredState {
        var state = RestoredState()
        state.stateNodes = stateNodes.opened
        state.headers = heights
        state.squares = squareHeights
        for namespace in pins.keys.sorted() {
            var kept = HeightRanges()
            for height in (pins[namespace] ?? [:]).keys.sorted() { kept.insert(height) }
            state.pins.append((namespace, kept))
        }
        state.head = heights.ranges.last.flatMap { headers[$0.upperBound] }
        for name in values.keys.sorted()
        where RestoredState.prefixes.contains(where: { name.hasPrefix($0) }) {
            state.values.append((name, values[name] ?? []))
        }
        return state
    }

    /// A small record by its name.
    package func value(_ name: String) -> [UInt8]? { values[name] }

    /// Puts a small record there, as somebody with access to the disk could.
    package mutating func forge(_ name: String, _ bytes: [UInt8]?) { values[name] = bytes }

    /// Takes the nodes of the ledger's tree away.
    package func forgetNodes() { stateNodes.forget() }

    /// Puts a header in the place of the newest one, as somebody with access to the disk could.
    package mutating func forge(_ header: ExtendedHeader) { keep(ChainHeader(header)) }

    /// The header of a height.
    package func header(_ height: UInt64) -> ChainHeader? { headers[height] }

    /// The square of a height, whatever a load would say.
    package func square(_ height: UInt64) -> CommittedSquare? { squares[height] }

    /// The rows that are kept of the square of a height.
    package func rows(_ height: UInt64) -> KeptRows? { rows[height] }

    /// Whether a record is a square that there is no room for.
    func isFull(for record: StoreRecord) -> Bool {
        switch record {
        case .block(_, let square, _, _), .square(_, let square):
            Self.sizeBytes(of: square) > capacityBytes - min(usedBytes, capacityBytes)
        case .rows(_, let rows):
            Self.sizeBytes(of: rows) > capacityBytes - min(usedBytes, capacityBytes)
        case .headers, .refusal, .values, .pins, .removal, .state: false
        }
    }

    private static func sizeBytes(of square: CommittedSquare) -> UInt64 {
        UInt64(square.square.originalWidth * square.square.originalWidth * Share.sizeBytes)
    }

    private static func sizeBytes(of rows: KeptRows) -> UInt64 {
        UInt64(rows.indexes.count * rows.header.originalWidth * Share.sizeBytes)
    }

    /// Stores a record; false when this store fails.
    mutating func store(_ record: StoreRecord) -> Bool {
        storeCount += 1
        if storeCount == failingStore { return false }
        switch record {
        case .block(let header, let square, let values, let state):
            keep(ChainHeader(header))
            keep(square, at: header.height.value)
            keep(values)
            if let state { stateNodes.apply(state) }
        case .state(let state, let values):
            keep(values)
            stateNodes.apply(state)
        case .headers(let list, let values):
            for header in list { keep(header) }
            keep(values)
        case .square(let height, let square):
            keep(square, at: height)
        case .rows(let height, let kept):
            remove(height)
            usedBytes += Self.sizeBytes(of: kept)
            rows[height] = kept
            squareHeights.insert(height)
            damagedSquares.remove(height)
        case .refusal(let height, let values):
            keep(values)
            headers = headers.filter { $0.key < height }
            squares = squares.filter { $0.key < height }
            rows = rows.filter { $0.key < height }
            heights.removeAll(from: height)
            squareHeights.removeAll(from: height)
        case .values(let values):
            keep(values)
        case .pins(let height, let list):
            for pin in list { pins[pin.namespace, default: [:]][height] = pin.bytes }
        case .removal(let heights):
            for height in heights { remove(height) }
        }
        return true
    }

    /// Reads from the disk.
    func load(_ query: LoadQuery) -> LoadedValue {
        switch query {
        case .header(let height):
            return headers[height].map { .header($0) } ?? .nothing
        case .headerByHash(let hash):
            for range in heights.ranges {
                for height in range {
                    if let header = headers[height], header.hash == hash { return .header(header) }
                }
            }
            return .nothing
        case .headers(let from, let count):
            var found: [ChainHeader] = []
            while UInt64(found.count) < count, let header = headers[from + UInt64(found.count)] {
                found.append(header)
            }
            return found.isEmpty ? .nothing : .headers(found)
        case .square(let height):
            if hiddenSquares.contains(height) { return .nothing }
            if damagedSquares.contains(height) { return .damaged("a checksum differs") }
            let swap = swappedSquares.first { $0.0 == height || $0.1 == height }
            let read = swap.map { $0.0 == height ? $0.1 : $0.0 } ?? height
            return squares[read].map { .square($0) } ?? .nothing
        case .piece(let request):
            return piece(request)
        case .samples(let request, let places):
            return samples(request, places)
        case .pin(let height, let namespace):
            guard let bytes = pins[namespace]?[height], let roots = headers[height]?.roots else {
                return .nothing
            }
            return .pin(bytes, roots)
        case .usage:
            return .usage(used: usedBytes, free: .max)
        case .integrity(let height, _):
            if damagedSquares.contains(height) { return .damaged("a checksum differs") }
            if let rows = rows[height] { return .intact(bytes: Self.sizeBytes(of: rows)) }
            return squares[height].map { .intact(bytes: Self.sizeBytes(of: $0)) } ?? .nothing
        case .value(let name):
            return values[name].map { .value($0) } ?? .nothing
        }
    }

    private mutating func keep(_ header: ChainHeader) {
        headers[header.height.value] = header
        heights.insert(header.height.value)
    }

    private mutating func keep(_ square: CommittedSquare, at height: UInt64) {
        remove(height)
        usedBytes += Self.sizeBytes(of: square)
        squares[height] = square
        squareHeights.insert(height)
        damagedSquares.remove(height)
    }

    private func piece(_ request: ShareRequest) -> LoadedValue {
        let height = request.height
        if let rowsGiven = rowsGiven[height] {
            switch request {
            case .row(let id) where rowsGiven(Int(id.row)): break
            case .sample(let id) where rowsGiven(Int(id.row)): break
            default: return .nothing
            }
        }
        if let rows = rows[height] {
            if damagedSquares.contains(height) { return .damaged("a checksum differs") }
            return .piece(ShareExchange.encodeAnswer(to: request, from: rows))
        }
        guard case .square(let square) = load(.square(height)) else {
            return load(.square(height))
        }
        return .piece(ShareExchange.encodeAnswer(to: request, from: square))
    }

    private func samples(_ request: SampleManyRequest, _ places: Range<Int>) -> LoadedValue {
        if let rows = rows[request.height] {
            let width = rows.header.width
            guard !damagedSquares.contains(request.height), let first = rows.indexes.first,
                let slice = RowSlice(first + 1, of: width / rows.indexes.count)
            else { return .damaged("a checksum differs") }
            return .piece(
                SampleManyExchange.encodeAnswer(
                    to: request, from: rows, slice: slice, places: places))
        }
        guard case .square(let square) = load(.square(request.height)) else {
            return load(.square(request.height))
        }
        return .piece(
            SampleManyExchange.encodeAnswer(to: request, from: square, places: places))
    }

    private mutating func remove(_ height: UInt64) {
        if let kept = rows.removeValue(forKey: height) {
            usedBytes -= Self.sizeBytes(of: kept)
            squareHeights.remove(height)
        }
        guard let square = squares.removeValue(forKey: height) else { return }
        usedBytes -= Self.sizeBytes(of: square)
        squareHeights.remove(height)
    }

    private mutating func keep(_ records: [(name: String, bytes: [UInt8])]) {
        for record in records {
            values[record.name] = record.bytes.isEmpty ? nil : record.bytes
        }
    }
}
