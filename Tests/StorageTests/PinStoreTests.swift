// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Storage
import TestSupport
import Testing

/// What pinned namespaces have, kept in the index.
@Suite struct PinStoreTests {
    /// What was put comes back, height by height, after reopening too; other heights have nothing.
    @Test func keepsWhatWasPut() throws {
        let scratch = try ScratchDirectory()
        let (one, other) = (try Namespace(userID: [1]), try Namespace(userID: [2]))
        // Nothing, a little, and what takes several values of the index.
        let sizes = [0, 1, 700, PinnedRecord.partSizeBytes - 5, 3 * PinnedRecord.partSizeBytes]
        do {
            let storage = try NodeStorage(scratch.path)
            for (index, size) in sizes.enumerated() {
                let data = DeterministicBytes.make(seed: "pin \(index)", count: size)
                try storage.pins.put([(one, data), (other, [7])], at: Height(UInt64(index + 1)))
            }
            try storage.pins.put([(other, [9])], at: Height(9))
        }
        let storage = try NodeStorage(scratch.path)
        for (index, size) in sizes.enumerated() {
            let data = DeterministicBytes.make(seed: "pin \(index)", count: size)
            let found = try storage.pins.get(one, at: Height(UInt64(index + 1)))
            #expect(found == data)
        }
        #expect(try storage.pins.get(one, at: Height(9)) == nil)
        #expect(try storage.pins.get(other, at: Height(9)) == [9])
        let ranges = try storage.pins.ranges()
        #expect(ranges.map(\.0) == [one, other])
        #expect(
            ranges.map(\.1) == [
                [Height(1)...Height(5)], [Height(1)...Height(5), Height(9)...Height(9)],
            ])
    }

    /// A record is read whole or refused; every shorter and longer form is refused.
    @Test func recordsAreReadWholeOrNotAtAll() throws {
        let data = DeterministicBytes.make(seed: "record", count: 64)
        let record = PinnedRecord.encode(data).flatMap { $0 }
        #expect(try PinnedRecord.decode(record) == data)
        for count in 0..<record.count {
            #expect(throws: DecodeFault.self) { try PinnedRecord.decode(Array(record[..<count])) }
        }
        #expect(throws: DecodeFault.self) { try PinnedRecord.decode(record + [0]) }
        #expect(throws: DecodeFault.self) { try PinnedRecord.decode([2] + record.dropFirst()) }
        let huge: [UInt8] = [1, 255, 255, 255, 255]
        #expect(throws: DecodeFault.self) { try PinnedRecord.partCount(huge) }
    }

    /// A pin costs what the namespace has, and little more: bytes kept against bytes of shares and
    /// proofs, where the namespace has much, little, and nothing.
    @Test func costsItsBytesOnly() throws {
        let scratch = try ScratchDirectory()
        let storage = try NodeStorage(scratch.path)
        let square = CommittedSquare(
            ExtendedDataSquare(extending: try SampleSquares.make(width: 16, seed: "cost", tail: 20))
        )
        let prover = SquareProver(square)
        // Each share of the sample has a namespace of its own: one that is there, one before all of
        // them, and one between the last of them and the padding of its row.
        let there = square.square.originalSquare.namespaceOfShare(77)
        let before = try Namespace(userID: [1])
        let between = try Namespace(userID: [255, 255])
        for (namespace, name) in [
            (there, "one share"), (between, "absent within a row"), (before, "in no row"),
        ] {
            var bytes = 0
            for height in 1...50 as ClosedRange<UInt64> {
                let data = try prover.namespaceData(namespace).container.encode()
                bytes += data.count
                try storage.pins.put([(namespace, data)], at: Height(height))
            }
            let leaves = try prover.namespaceData(namespace).shares.count
            #expect(leaves == (namespace == there ? 1 : 0))
            #expect((bytes == 0) == (namespace == before))
            let kept = try storage.pins.sizeBytes(of: namespace)
            print("pin, \(name): \(kept) bytes kept for \(bytes) bytes of data, 50 heights")
            // Key 39, version and size 5, checksum 4.
            #expect(kept == bytes + 50 * 48)
        }
    }

    /// Damage in the index is a fault, never other data.
    @Test func missingPartIsDamage() throws {
        let scratch = try ScratchDirectory()
        let directory = scratch.file("index")
        try Disk().makeDirectories(directory)
        let index = try KeyValueStore(directory: directory)
        let store = PinStore(index: index)
        let namespace = try Namespace(userID: [3])
        let data = [UInt8](repeating: 5, count: 2 * PinnedRecord.partSizeBytes)
        try store.put([(namespace, data)], at: Height(4))
        var key = namespace.bytes.array
        key.append(bigEndian: UInt64(4))
        key.append(bigEndian: UInt16(1))
        try index.write { (change) throws(StorageFault) in _ = try change.delete(.pins, key) }
        #expect(throws: StorageFault.corrupt(.value(table: "pins"))) {
            try store.get(namespace, at: Height(4))
        }
    }
}

extension OriginalDataSquare {
    /// The namespace of a share by its index.
    fileprivate func namespaceOfShare(_ index: Int) -> Namespace {
        do {
            return try Namespace(decoding: shareBytes(at: index).prefix(Namespace.sizeBytes))
        } catch {
            preconditionFailure("shares of a square bear namespaces: \(error)")
        }
    }
}
