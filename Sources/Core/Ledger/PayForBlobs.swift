// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import DataSquare

/// The message that pays for blobs and commits to them.
///
/// Wire form: `MsgPayForBlobs {string signer=1; repeated bytes namespaces=2; repeated uint32
/// blob_sizes=3 (packed); repeated bytes share_commitments=4; repeated uint32 share_versions=8
/// (packed)}`; the four lists go in step.
public struct PayForBlobs: Hashable, Sendable {
    /// The name of its type.
    public static let typeURL = "/celestia.blob.v1.MsgPayForBlobs"
    /// The most blobs of one message: one each share of the widest square.
    public static let blobLimit = SquareSize.upperBound * SquareSize.upperBound

    /// The account that pays, in bech32.
    public var signer: String
    /// Where each blob goes, 29 bytes each.
    public var namespaces: [[UInt8]]
    /// How many bytes each blob has.
    public var blobSizes: [UInt32]
    /// The commitment of each blob, 32 bytes each.
    public var shareCommitments: [[UInt8]]
    /// How each blob is laid into shares.
    public var shareVersions: [UInt32]

    /// The message that pays for `blobs`.
    public init(signer: String, blobs: [Blob]) {
        self.signer = signer
        namespaces = blobs.map { $0.namespace.bytes.array }
        blobSizes = blobs.map { UInt32($0.data.count) }
        shareCommitments = blobs.map { ShareCommitment(of: $0).bytes.array }
        shareVersions = blobs.map { UInt32($0.shareVersion) }
    }

    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        self.init(signer: "", blobs: [])
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: signer = try field.string(limit: Bech32.limit)
            case 2: try Self.append(field, to: &namespaces)
            case 3: try Self.append(field, to: &blobSizes)
            case 4: try Self.append(field, to: &shareCommitments)
            case 8: try Self.append(field, to: &shareVersions)
            default: throw field.unknown
            }
        }
    }

    /// Reads the wire form from a whole array.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.string(1, signer)
        for namespace in namespaces { writer.presentBytes(2, namespace) }
        writer.packed(3, blobSizes.map { UInt64($0) })
        for commitment in shareCommitments { writer.presentBytes(4, commitment) }
        writer.packed(8, shareVersions.map { UInt64($0) })
        return writer.bytes
    }

    private static func append(
        _ field: ProtobufField, to list: inout [[UInt8]]
    ) throws(DecodeFault) {
        guard list.count < blobLimit else {
            throw DecodeFault(
                .overLimit(field: "blobs", limit: blobLimit, actual: list.count + 1),
                at: field.offset)
        }
        let value = try field.bytes()
        guard value.count <= 64 else {
            throw DecodeFault(
                .overLimit(field: "field \(field.number)", limit: 64, actual: value.count),
                at: field.offset)
        }
        list.append([UInt8](value))
    }

    private static func append(
        _ field: ProtobufField, to list: inout [UInt32]
    ) throws(DecodeFault) {
        var values: [UInt64] = []
        try field.appendVarints(to: &values, limit: blobLimit - list.count)
        for value in values {
            guard let value = UInt32(exactly: value) else {
                throw .malformed("field \(field.number) exceeds 32 bits", at: field.offset)
            }
            list.append(value)
        }
    }
}
