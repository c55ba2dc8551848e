// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// The message of one row.
extension UnverifiedRowNamespaceData {
    /// Decodes the message; a missing proof is refused.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var shares: [Share] = []
        var proof: NamespaceProof?
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1:
                try ShareMessage.append(
                    field, to: &shares, limit: DataAvailabilityHeader.widthMax)
            case 2: proof = try NamespaceProof(protobuf: field.bytes())
            default: break
            }
        }
        guard let proof else { throw .malformed("row namespace data without a proof") }
        self.init(shares: shares, proof: proof)
    }

    /// Decodes the message.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The canonical message.
    public var protobuf: [UInt8] {
        let proof = proof.protobuf
        var writer = ProtobufWriter(capacity: shares.count * 520 + proof.count + 8)
        for share in shares { ShareMessage.encode(share, as: 1, into: &writer) }
        writer.presentBytes(2, proof)
        return writer.bytes
    }
}

/// The rows one after another, or in one message.
extension UnverifiedNamespaceData {
    /// The most bytes of one row's message.
    public static let rowSizeBytesMax = 1 << 20

    /// Reads rows, each under its length as a varint, until the bytes end.
    public init(decoding bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var rows: [UnverifiedRowNamespaceData] = []
        var reader = ByteReader(bytes)
        while !reader.isAtEnd {
            try Self.check(rows.count, at: reader.offset)
            let row = try reader.lengthPrefixed(limit: Self.rowSizeBytesMax, field: "row")
            rows.append(try UnverifiedRowNamespaceData(protobuf: row))
        }
        self.init(rows: rows)
    }

    /// Reads rows, each under its length as a varint, until the bytes end.
    public init(decoding bytes: [UInt8]) throws(DecodeFault) {
        try self.init(decoding: bytes[...])
    }

    /// The rows, each under its length as a varint.
    public func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        for row in rows { bytes.append(lengthPrefixed: row.protobuf) }
        return bytes
    }

    /// Decodes the single message.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var rows: [UnverifiedRowNamespaceData] = []
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            guard field.number == 1 else { continue }
            try Self.check(rows.count, at: field.offset)
            rows.append(try UnverifiedRowNamespaceData(protobuf: field.bytes()))
        }
        self.init(rows: rows)
    }

    /// Decodes the single message.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The canonical single message.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        for row in rows { writer.presentBytes(1, row.protobuf) }
        return writer.bytes
    }

    private static func check(_ count: Int, at offset: Int) throws(DecodeFault) {
        guard count < DataAvailabilityHeader.widthMax else {
            throw DecodeFault(
                .overLimit(
                    field: "rows", limit: DataAvailabilityHeader.widthMax, actual: count + 1),
                at: offset)
        }
    }
}
