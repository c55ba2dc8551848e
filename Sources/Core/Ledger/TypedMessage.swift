// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// A message with the name of its type: `google.protobuf.Any {string type_url=1; bytes value=2}`.
public struct TypedMessage: Hashable, Sendable {
    /// The name, such as `/celestia.blob.v1.MsgPayForBlobs`.
    public var typeURL: String
    /// The message.
    public var value: [UInt8]

    /// Joins the two.
    public init(typeURL: String, value: [UInt8]) {
        self.typeURL = typeURL
        self.value = value
    }

    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        typeURL = ""
        value = []
        while let field = try reader.next() {
            switch field.number {
            case 1: typeURL = try field.string(limit: 256)
            case 2: value = [UInt8](try field.bytes())
            default: throw field.unknown
            }
        }
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: value.count + 64)
        writer.string(1, typeURL)
        writer.bytes(2, value)
        return writer.bytes
    }
}
