// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Chain
package import DataSquare
package import Machinery
package import Roles

/// A disk in memory: what it said is stored survives a crash of its node, what it did not say may
/// be gone or there, whole.
package struct SimulatedDisk: Sendable {
    private var headers: [UInt64: ChainHeader] = [:]
    private var squares: [UInt64: CommittedSquare] = [:]
    private var values: [String: [UInt8]] = [:]
    private var heights = HeightRanges()
    private var squareHeights = HeightRanges()
    /// How many stores were asked for.
    package private(set) var storeCount = 0
    /// The store with this number, counted from 1, fails; nil for none.
    package var failingStore: Int?
    /// Squares that read as damaged until they are stored again.
    package var damagedSquares = HeightRanges()

    /// Squares that read as missing although they are there: what a withholding node does.
    package var hiddenSquares = HeightRanges()

    /// Pairs of heights whose squares read as each other's: what a lying node does.
    package var swappedSquares: [(UInt64, UInt64)] = []

    /// An empty disk.
    package init() {}

    /// What a node that starts on this disk is told.
    package var restored: RestoredState {
        var state = RestoredState()
        state.headers = heights
        state.squares = squareHeights
        state.head = heights.ranges.last.flatMap { headers[$0.upperBound] }
        for name in values.keys.sorted()
        where RestoredState.prefixes.contains(where: { name.hasPrefix($0) }) {
            state.values.append((name, values[name] ?? []))
        }
        return state
    }

    /// A small record by its name.
    package func value(_ name: String) -> [UInt8]? { values[name] }

    /// The header of a height.
    package func header(_ height: UInt64) -> ChainHeader? { headers[height] }

    /// The square of a height, whatever a load would say.
    package func square(_ height: UInt64) -> CommittedSquare? { squares[height] }

    /// Stores a record; false when this store fails.
    mutating func store(_ record: StoreRecord) -> Bool {
        storeCount += 1
        if storeCount == failingStore { return false }
        switch record {
        case .block(let header, let square, let values):
            keep(ChainHeader(header))
            keep(square, at: header.height.value)
            keep(values)
        case .headers(let list, let values):
            for header in list { keep(header) }
            keep(values)
        case .square(let height, let square):
            keep(square, at: height)
        case .values(let values):
            keep(values)
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
        }
    }

    private mutating func keep(_ header: ChainHeader) {
        headers[header.height.value] = header
        heights.insert(header.height.value)
    }

    private mutating func keep(_ square: CommittedSquare, at height: UInt64) {
        squares[height] = square
        squareHeights.insert(height)
        damagedSquares.remove(height)
    }

    private mutating func keep(_ records: [(name: String, bytes: [UInt8])]) {
        for record in records { values[record.name] = record.bytes }
    }
}
