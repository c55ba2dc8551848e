// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import Testing

/// Blob transactions as bytes that somebody sent.
@Suite struct BlobTransactionTests {
    /// The three readings differ exactly where they say they do.
    @Test func readingsDiffer() throws {
        let blob = try Blob(namespace: try Namespace(userID: [1]), data: [1, 2])
        let value = try BlobTransaction(transaction: [8, 8], blobs: [blob])
        let canonical = value.encode()
        let unknownField = canonical + [0x78, 0x01]
        let anotherOrder = [0x1a, 0x04] + Array("BLOB".utf8) + canonical.dropLast(6)
        let twice = canonical + [0x1a, 0x04] + Array("BLOB".utf8)
        let withDefault = canonical.dropLast(6) + [0x12, 0x02, 0x18, 0x00] + canonical.suffix(6)
        let nested = try BlobTransaction(transaction: canonical, blobs: [blob]).encode()
        let cases: [(bytes: [UInt8], historical: Bool, current: Bool, canonical: Bool)] = [
            (canonical, true, true, true),
            (anotherOrder, true, true, false),
            (unknownField, true, false, false),
            (nested, true, false, false),
            (twice, true, true, false),
            (Array(withDefault), false, false, false),
            (Self.withExplicitDefault(canonical), true, true, false),
        ]
        for test in cases {
            #expect(Self.isRead(test.bytes, .historical) == test.historical)
            #expect(Self.isRead(test.bytes, .current) == test.current)
            #expect(Self.isRead(test.bytes, .canonical) == test.canonical)
        }
    }

    /// The same message with the blob's share version written out as zero, in its right place.
    private static func withExplicitDefault(_ canonical: [UInt8]) -> [UInt8] {
        // 0a 02 08 08 | 12 length … | 1a 04 "BLOB"
        var bytes = canonical
        bytes[5] += 2
        bytes.insert(contentsOf: [0x18, 0x00], at: bytes.count - 6)
        return bytes
    }

    private static func isRead(_ bytes: [UInt8], _ reading: BlobTransaction.Reading) -> Bool {
        do {
            _ = try BlobTransaction.decode(bytes, reading: reading)
            return true
        } catch {
            return false
        }
    }

    /// Every truncation and every changed byte is refused, or read as what it then says.
    @Test func everyTruncationAndEveryChangedByte() throws {
        var generator = BlobGenerator(seed: 3)
        for _ in 0..<4 {
            let bytes = try generator.blobTransaction(blobSizeMax: 60).encode()
            for count in 0..<bytes.count {
                #expect(!Self.isRead(Array(bytes[..<count]), .canonical), "\(count)")
            }
            for index in bytes.indices {
                for bit in 0..<8 {
                    var changed = bytes
                    changed[index] ^= 1 << UInt8(bit)
                    let value = try? BlobTransaction.decodeIfMarked(changed)
                    // What canonical reading accepts is exactly what we would write.
                    if let value { #expect(value.encode() == changed) }
                }
            }
        }
    }

    /// The largest blob transaction is read, and one byte more is refused.
    @Test func largestIsReadAndOneMoreRefused() throws {
        let room = BlobTransaction.sizeBytesMax
        func make(_ sizeBytes: Int) throws -> [UInt8] {
            let blob = try Blob(
                namespace: try Namespace(userID: [1]),
                data: [UInt8](repeating: 7, count: sizeBytes))
            return try BlobTransaction(transaction: [1], blobs: [blob]).encode()
        }
        let overhead = try make(room - 1_000).count - (room - 1_000)
        let largest = try make(room - overhead)
        #expect(largest.count == room)
        let value = try BlobTransaction.decode(largest)
        #expect(value.blobs[0].data.count == room - overhead)
        let fault = DecodeFault(
            .overLimit(field: "blob transaction", limit: room, actual: room + 1))
        let larger = try make(room - overhead + 1)
        #expect(throws: fault) { try BlobTransaction.decode(larger) }
    }

    /// Blobs are counted before they are kept.
    @Test func manyTinyBlobsAreRefused() throws {
        let count = BlobTransaction.blobCountMax + 1
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * 2 + 6)
        for _ in 0..<count { bytes += [0x12, 0x00] }
        bytes += [0x1a, 0x04] + Array("BLOB".utf8)
        let fault = DecodeFault(.overLimit(field: "blobs", limit: count - 1, actual: count))
        #expect(throws: fault) { try BlobTransaction.decode(bytes, reading: .historical) }
    }
}
