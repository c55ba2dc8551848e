// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import DataSquare
internal import Storage
internal import Syncing

extension FuzzTarget {
    /// Records on disk: a file that rots, or that somebody copied here, is a stranger too.
    static let storage: [FuzzTarget] = [
        .roundTrip(
            "pinned-record", isCanonical: true,
            decode: { input throws(DecodeFault) in
                let count = try PinnedRecord.partCount(input)
                precondition(count > 0, "a record has a part")
                return try PinnedRecord.decode(input)
            },
            encode: { PinnedRecord.encode($0).flatMap { $0 } }),
        FuzzTarget("row-file") { input in
            do throws(DecodeFault) {
                let (slice, rows) = try RowFile.decode(input)
                let again = RowFile.encodeHeader(rows.header, slice: slice) + rows.bytes
                precondition(again == input, "row-file: not canonical")
            } catch {
                precondition(error.offset >= 0, "row-file: a fault before the input: \(error)")
            }
        },
        .roundTrip(
            "scrub-position", isCanonical: true,
            decode: { input throws(DecodeFault) in try ScrubPosition(decoding: input) },
            encode: { $0.encoded }),
        .roundTrip(
            "square-record", isCanonical: true,
            decode: { input throws(DecodeFault) in try SquareRecord(decoding: input) },
            encode: { $0.encode() }),
    ]
}
