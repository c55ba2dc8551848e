// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// What a pinned namespace has at one height, as the index keeps it.
///
/// ```text
/// record   version u8 = 1 ‖ size u32 ‖ size bytes: the rows as nd_v0 sends them
/// key      namespace (29 bytes) ‖ height u64 ‖ part u16, from 0
/// value    the next 1 MiB of the record; the last part is what is left
/// ```
/// The height's header stays as well, so the rows can be verified by whoever reads them. Specified in
/// Protocol/18-storage-formats.md#pinned-record.
package enum PinnedRecord {
    /// How much of a record one value of the index takes.
    package static let partSizeBytes = 1 << 20
    /// The largest record: a whole square with a proof for each row.
    package static let sizeMax = 256 << 20
    private static let version: UInt8 = 1
    private static let headSizeBytes = 5

    /// The values of the index, in order.
    package static func encode(_ data: [UInt8]) -> [[UInt8]] {
        var record: [UInt8] = [version]
        record.reserveCapacity(headSizeBytes + data.count)
        record.append(bigEndian: UInt32(data.count))
        record += data
        return stride(from: 0, to: record.count, by: partSizeBytes).map {
            Array(record[$0...].prefix(partSizeBytes))
        }
    }

    /// How many values a record has, from the first of them.
    package static func partCount(_ first: [UInt8]) throws(DecodeFault) -> Int {
        (headSizeBytes + (try size(first)) + partSizeBytes - 1) / partSizeBytes
    }

    /// The rows, from all values one after another.
    package static func decode(_ record: [UInt8]) throws(DecodeFault) -> [UInt8] {
        let size = try size(record)
        guard record.count == headSizeBytes + size else {
            throw DecodeFault(
                .wrongSize(
                    field: "pinned record", expected: headSizeBytes + size, actual: record.count))
        }
        return Array(record[headSizeBytes...])
    }

    private static func size(_ record: [UInt8]) throws(DecodeFault) -> Int {
        var reader = ByteReader(record)
        guard try reader.byte() == version else {
            throw .malformed("unknown version of a pinned record", at: 0)
        }
        let size = Int(try reader.bigEndian(UInt32.self))
        guard size <= sizeMax else {
            throw DecodeFault(
                .overLimit(field: "pinned record", limit: sizeMax, actual: size), at: 1)
        }
        return size
    }
}
