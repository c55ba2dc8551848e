// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography
internal import DataSquare

extension FuzzTarget {
    /// Proofs, roots, names and containers of pieces of a square.
    static let shareExchange: [FuzzTarget] = identifiers + proofs + containers

    private static let identifiers: [FuzzTarget] = [
        .roundTrip(
            "square-id", isCanonical: true,
            decode: { input throws(DecodeFault) in try SquareID(decoding: input) },
            encode: { $0.encode() }),
        .roundTrip(
            "row-id", isCanonical: true,
            decode: { input throws(DecodeFault) in try RowID(decoding: input) },
            encode: { $0.encode() }),
        .roundTrip(
            "sample-id", isCanonical: true,
            decode: { input throws(DecodeFault) in try SampleID(decoding: input) },
            encode: { $0.encode() }),
        .roundTrip(
            "row-namespace-data-id", isCanonical: true,
            decode: { input throws(DecodeFault) in try RowNamespaceDataID(decoding: input) },
            encode: { $0.encode() }),
        .roundTrip(
            "namespace-data-id", isCanonical: true,
            decode: { input throws(DecodeFault) in try NamespaceDataID(decoding: input) },
            encode: { $0.encode() }),
        .roundTrip(
            "range-namespace-data-id", isCanonical: true,
            decode: { input throws(DecodeFault) in try RangeNamespaceDataID(decoding: input) },
            encode: { $0.encode() }),
        .roundTrip(
            "range-namespace-data-id-compact", isCanonical: true,
            decode: { input throws(DecodeFault) in
                try RangeNamespaceDataID(decodingCompact: input)
            },
            encode: { $0.encodeCompact() ?? [] }),
    ]

    private static let proofs: [FuzzTarget] = [
        .roundTrip(
            "merkle-proof",
            decode: { input throws(DecodeFault) in try MerkleProof(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "namespace-proof",
            decode: { input throws(DecodeFault) in try NamespaceProof(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "row-proof", decode: { input throws(DecodeFault) in try RowProof(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "share-proof",
            decode: { input throws(DecodeFault) in try ShareProof(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "bad-encoding-proof",
            decode: { input throws(DecodeFault) in try BadEncodingProof(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "axis-root",
            decode: { input throws(DecodeFault) in try UnverifiedAxisRoot(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "data-availability-header",
            decode: { input throws(DecodeFault) in try DataAvailabilityHeader(protobuf: input) },
            encode: { $0.protobuf }),
    ]

    private static let containers: [FuzzTarget] = [
        .roundTrip(
            "sample",
            decode: { input throws(DecodeFault) in try UnverifiedSample(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "row", decode: { input throws(DecodeFault) in try UnverifiedRow(protobuf: input) },
            encode: { $0.protobuf }),
        .roundTrip(
            "row-namespace-data",
            decode: { input throws(DecodeFault) in
                try UnverifiedRowNamespaceData(protobuf: input)
            },
            encode: { $0.protobuf }),
        .roundTrip(
            "namespace-data",
            decode: { input throws(DecodeFault) in try UnverifiedNamespaceData(decoding: input) },
            encode: { $0.encode() }),
        .roundTrip(
            "range-namespace-data",
            decode: { input throws(DecodeFault) in
                try UnverifiedRangeNamespaceData(decoding: input)
            },
            encode: { $0.encode() }),
        .roundTrip(
            "range-namespace-data-message",
            decode: { input throws(DecodeFault) in
                try UnverifiedRangeNamespaceData(protobuf: input)
            },
            encode: { $0.protobuf }),
    ]
}
