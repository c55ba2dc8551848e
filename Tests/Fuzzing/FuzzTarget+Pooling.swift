// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Bytes
internal import Machinery
internal import Peering
internal import Pooling
internal import Roles
internal import Syncing

extension FuzzTarget {
    /// Messages and records of the machines above the peer layer.
    static let pooling: [FuzzTarget] = [
        .roundTrip(
            "submission-request",
            decode: { input throws(DecodeFault) in try SubmissionRequest(protobuf: input) },
            encode: { $0.protobuf }),
        .reader("submission-response") { input throws(DecodeFault) in
            _ = try SubmissionResponse(protobuf: input)
        },
        .roundTrip(
            "state-question",
            decode: { input throws(DecodeFault) in try StateQuestion(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "state-response",
            decode: { input throws(DecodeFault) in try StateResponse(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "snapshot-question",
            decode: { input throws(DecodeFault) in try SnapshotQuestion(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "snapshot-answer",
            decode: { input throws(DecodeFault) in try SnapshotAnswer(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "row-message",
            decode: { input throws(DecodeFault) in try RowMessage(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "height-ranges", isCanonical: true,
            decode: { input throws(DecodeFault) in try HeightRanges(decoding: input) },
            encode: { $0.encoded }),
        .roundTrip(
            "sampling-record",
            decode: { input throws(DecodeFault) in try SamplingRecord(decoding: input) },
            encode: { $0.encode() }),
        .roundTrip(
            "sampling-evidence",
            decode: { input throws(DecodeFault) in try SamplingEvidence(decoding: input) },
            encode: { $0.encode() }),
    ]
}
