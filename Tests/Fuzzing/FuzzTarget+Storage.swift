// SPDX-License-Identifier: Apache-2.0

internal import Bytes
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
