// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// A blob as transactions carry it (proto.blob.v1.BlobProto; Protocol/wire/blob.proto).
///
/// ```text
/// namespace_id = 1 (28 bytes)   data = 2   share_version = 3   namespace_version = 4   signer = 5
/// ```
extension Blob {
    /// Reads a message; unknown fields are passed over and the last of a repeated one counts.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        self = try BlobFields(bytes).blob()
    }

    /// Reads a message that fills an array.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The canonical message: fields in order, defaults left out (a blob's namespace has version 0).
    public var protobuf: [UInt8] {
        var message: [UInt8] = []
        message.reserveCapacity(protobufSizeBytes)
        appendProtobuf(to: &message)
        return message
    }

    /// Appends the canonical message; data is copied once, straight to its place.
    func appendProtobuf(to message: inout [UInt8]) {
        message.append(0x0a)
        message.append(UInt8(Namespace.identifierSizeBytes))
        message.append(contentsOf: namespace.identifier)
        message.append(0x12)
        message.append(varint: UInt64(data.count))
        message.append(contentsOf: data)
        if shareVersion != 0 { message.append(contentsOf: [0x18, shareVersion]) }
        if let signer {
            message.append(contentsOf: [0x2a, UInt8(Share.signerSizeBytes)])
            message.append(signer)
        }
    }

    /// Bytes of the canonical message, known without making it.
    var protobufSizeBytes: Int {
        2 + Namespace.identifierSizeBytes
            + 1 + Varint.size(UInt64(data.count)) + data.count
            + (shareVersion == 0 ? 0 : 2)
            + (signer == nil ? 0 : 2 + Share.signerSizeBytes)
    }
}

/// The fields of a blob's message before their meaning is checked; data is still a view.
struct BlobFields {
    var identifier: ArraySlice<UInt8> = []
    var data: ArraySlice<UInt8> = []
    var shareVersion: UInt32 = 0
    var namespaceVersion: UInt32 = 0
    var signer: ArraySlice<UInt8> = []
    /// Whether a field came that the schema does not name.
    var hasUnknownFields = false
    /// Whether the fields came in the order of their numbers.
    var isAscending = true

    /// Reads the fields of one message.
    init(_ bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        var last = 0
        while let field = try reader.next() {
            isAscending = isAscending && field.number >= last
            last = field.number
            switch field.number {
            case 1: identifier = try field.bytes()
            case 2: data = try field.bytes()
            case 3: shareVersion = UInt32(truncatingIfNeeded: try field.varint())
            case 4: namespaceVersion = UInt32(truncatingIfNeeded: try field.varint())
            case 5: signer = try field.bytes()
            default: hasUnknownFields = true
            }
        }
    }

    /// The blob that the fields describe; its data is copied here, once.
    func blob() throws(DecodeFault) -> Blob {
        guard let namespaceVersion = UInt8(exactly: namespaceVersion) else {
            throw DecodeFault(
                .overLimit(
                    field: "namespace version", limit: 255, actual: Int(namespaceVersion)))
        }
        guard let shareVersion = UInt8(exactly: shareVersion),
            shareVersion <= ShareVersion.maximum
        else {
            throw DecodeFault(
                .overLimit(
                    field: "share version", limit: Int(ShareVersion.maximum),
                    actual: Int(shareVersion)))
        }
        let namespace = try Namespace(version: namespaceVersion, identifier: identifier)
        let signer: Bytes20? =
            signer.isEmpty ? nil : try Bytes20(decoding: signer, field: "signer")
        do throws(BlobFault) {
            return try Blob(
                namespace: namespace, data: [UInt8](data), shareVersion: shareVersion,
                signer: signer)
        } catch {
            throw .malformed(error.description)
        }
    }
}
