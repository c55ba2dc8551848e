// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Foundation
import LiveHost
import Roles
import Testing

/// Which records become durable together, and in what order.
@Suite struct StoreLineTests {
    private static func value(_ name: String, _ count: Int = 1) -> StoreRecord {
        .values([(name, [UInt8](repeating: 7, count: count))])
    }

    private static func square(_ height: UInt64) throws -> StoreRecord {
        let original = try OriginalDataSquare(
            width: 1, bytes: [UInt8](repeating: 0, count: Share.sizeBytes))
        return .square(
            height: height, CommittedSquare(ExtendedDataSquare(extending: original)))
    }

    /// A line with these records, their tickets being their places from 1 on.
    private static func line(_ records: [StoreRecord]) -> StoreLine {
        var line = StoreLine()
        for (place, record) in records.enumerated() {
            line.append(Ticket(UInt64(place + 1)), record)
        }
        return line
    }

    /// The tickets of what may begin next.
    private static func next(_ line: inout StoreLine) -> (StoreLine.Lane, [UInt64])? {
        line.next().map { ($0.lane, $0.wishes.map(\.ticket.number)) }
    }

    /// Small records of one time go together, a square meanwhile; what concerns all waits for both,
    /// and holds up what comes after it.
    @Test func lanesKeepTheirOrder() throws {
        var line = Self.line([
            Self.value("a"), try Self.square(1), Self.value("b"), try Self.square(2),
            .removal([9]), Self.value("c"),
        ])
        var begun: [StoreLine.Lane: [UInt64]] = [:]
        while let (lane, tickets) = Self.next(&line) { begun[lane] = tickets }
        #expect(begun == [.squares: [2], .index: [1, 3]])
        line.ended(.index)
        #expect(line.next() == nil, "the second square is before the removal")
        line.ended(.squares)
        #expect(Self.next(&line).map { $0 == (.squares, [4]) } == true)
        #expect(line.next() == nil)
        line.ended(.squares)
        #expect(Self.next(&line).map { $0 == (.alone, [5]) } == true)
        #expect(line.next() == nil)
        #expect(!line.isIdle)
        line.ended(.alone)
        #expect(Self.next(&line).map { $0 == (.index, [6]) } == true)
        line.ended(.index)
        #expect(line.isIdle)
    }

    /// One transaction takes so many records and bytes and no more; a larger record goes by itself.
    @Test func batchesAreLimited() {
        var line = Self.line((0..<70).map { Self.value("\($0)") })
        #expect(Self.next(&line)?.1 == Array(1...64))
        line.ended(.index)
        #expect(Self.next(&line)?.1 == Array(65...70))
        let half = StoreLine.batchBytesMax / 2
        var large = Self.line([
            Self.value("a", half), Self.value("b", half), Self.value("c", 1),
            Self.value("d", 3 * half),
        ])
        var batches: [[UInt64]] = []
        while let (lane, tickets) = Self.next(&large) {
            batches.append(tickets)
            large.ended(lane)
        }
        #expect(batches == [[1, 2], [3], [4]])
    }

    /// Of records that are stored together one that cannot be is told of, and all others are there.
    @Test func oneThatFailsIsAlone() throws {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "quadrat-line-\(UUID().uuidString)"
        ).path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let store = try NodeStore(directory)
        let long = String(repeating: "n", count: 1_000)
        let faults = store.store([Self.value("a"), Self.value(long), Self.value("b")])
        #expect(faults.map { $0 == nil } == [true, false, true])
        for name in ["a", "b"] {
            guard case .value([7]) = store.load(.value(name)) else {
                Issue.record("\(name) is not there")
                continue
            }
        }
        let together = store.store([Self.value("c", 2), .values([("a", [])])])
        #expect(together.map { $0 == nil } == [true, true])
        guard case .value([7, 7]) = store.load(.value("c")), case .nothing = store.load(.value("a"))
        else {
            Issue.record("what was stored together is not there")
            return
        }
    }
}
