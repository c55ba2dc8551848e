// SPDX-License-Identifier: Apache-2.0

package import Roles

/// Records that wait for the disk: which of them may be made durable now, and which together.
///
/// Headers and small records go to the index, all that wait in one transaction, since a disk takes as
/// long to sync one as to sync many. Squares are files, which take long; they go in a lane of their
/// own, one after another. Within a lane the order stays that in which the node asked, and whatever
/// belongs to neither lane comes after all that was asked before it and before all that is asked
/// after it.
package struct StoreLine {
    /// The most records of one transaction, and the most bytes of small records.
    package static let batchMax = 64
    package static let batchBytesMax = 16 << 20

    /// What is made durable one after another.
    package enum Lane: Hashable, Sendable {
        /// Headers and small records.
        case index
        /// Squares.
        case squares
        /// What waits for all before it, and lets all after it wait.
        case alone
    }

    /// A record with the ticket that it is answered under.
    package typealias Wish = (ticket: Ticket, record: StoreRecord)

    private var waiting: [Wish] = []
    private var busy: Set<Lane> = []

    /// Nothing waits.
    package init() {}

    /// Whether nothing waits and nothing is under way.
    package var isIdle: Bool { waiting.isEmpty && busy.isEmpty }

    /// Takes a record in line.
    package mutating func append(_ ticket: Ticket, _ record: StoreRecord) {
        waiting.append((ticket, record))
    }

    /// What is to be made durable now, on which lane; that lane is busy until `ended`.
    package mutating func next() -> (lane: Lane, wishes: [Wish])? {
        if let first = waiting.first, Self.lane(of: first.record) == .alone {
            guard busy.isEmpty else { return nil }
            return begin(.alone, [0])
        }
        guard !busy.contains(.alone) else { return nil }
        var indexes: [Int] = []
        var bytes = 0
        let end = waiting.firstIndex { Self.lane(of: $0.record) == .alone } ?? waiting.count
        for place in 0..<end {
            switch Self.lane(of: waiting[place].record) {
            case .squares:
                if !busy.contains(.squares) { return begin(.squares, [place]) }
            case .index:
                guard !busy.contains(.index), indexes.count < Self.batchMax else { continue }
                bytes += Self.bytes(of: waiting[place].record)
                guard indexes.isEmpty || bytes <= Self.batchBytesMax else { continue }
                indexes.append(place)
            case .alone: break
            }
        }
        return indexes.isEmpty ? nil : begin(.index, indexes)
    }

    /// What was under way on a lane is durable, or failed.
    package mutating func ended(_ lane: Lane) {
        busy.remove(lane)
    }

    private mutating func begin(
        _ lane: Lane, _ places: [Int]
    ) -> (lane: Lane, wishes: [Wish]) {
        busy.insert(lane)
        let wishes = places.map { waiting[$0] }
        for place in places.reversed() { waiting.remove(at: place) }
        return (lane, wishes)
    }

    private static func lane(of record: StoreRecord) -> Lane {
        switch record {
        case .values, .headers: .index
        case .square: .squares
        default: .alone
        }
    }

    private static func bytes(of record: StoreRecord) -> Int {
        switch record {
        case .values(let values), .headers(_, let values):
            values.reduce(0) { $0 + $1.bytes.count }
        default: 0
        }
    }
}
