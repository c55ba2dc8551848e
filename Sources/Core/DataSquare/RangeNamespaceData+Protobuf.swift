// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// Two wire forms: the single message `shwap.RangeNamespaceData { repeated RowShares shares = 1;
/// Proof firstIncompleteRowProof = 2; Proof lastIncompleteRowProof = 3 }`, and the share exchange's
/// stream, where each row is a row's namespace data under its length.
extension UnverifiedRangeNamespaceData {
    /// Decodes the single message.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var rows: [[Share]] = []
        var first: NamespaceProof?
        var last: NamespaceProof?
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1:
                try Self.check(rows.count, at: field.offset)
                rows.append(try Self.rowShares(field))
            case 2: first = try NamespaceProof(protobuf: field.bytes())
            case 3: last = try NamespaceProof(protobuf: field.bytes())
            default: break
            }
        }
        self.init(rows: rows, firstRowProof: first, lastRowProof: last)
    }

    /// Decodes the single message.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The canonical single message.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        for row in rows {
            writer.message(1) { for share in row { ShareMessage.encode(share, as: 1, into: &$0) } }
        }
        if let firstRowProof { writer.presentBytes(2, firstRowProof.protobuf) }
        if let lastRowProof { writer.presentBytes(3, lastRowProof.protobuf) }
        return writer.bytes
    }

    /// Reads the stream: rows, each under its length as a varint, until the bytes end.
    ///
    /// Only the first and the last row may carry a proof.
    public init(decoding bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var rows: [[Share]] = []
        var proofs: [NamespaceProof?] = []
        var reader = ByteReader(bytes)
        while !reader.isAtEnd {
            try Self.check(rows.count, at: reader.offset)
            let row = try Self.row(
                reader.lengthPrefixed(limit: UnverifiedNamespaceData.rowSizeBytesMax))
            rows.append(row.shares)
            proofs.append(row.proof)
        }
        guard proofs.dropFirst().dropLast().allSatisfy({ $0 == nil }) else {
            throw .malformed("a row in the middle of a range has a proof")
        }
        self.init(
            rows: rows, firstRowProof: proofs.first ?? nil,
            lastRowProof: proofs.count > 1 ? proofs[proofs.count - 1] : nil)
    }

    /// Reads the stream.
    public init(decoding bytes: [UInt8]) throws(DecodeFault) {
        try self.init(decoding: bytes[...])
    }

    /// The stream: rows, each under its length as a varint.
    public func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, row) in rows.enumerated() {
            var writer = ProtobufWriter()
            for share in row { ShareMessage.encode(share, as: 1, into: &writer) }
            let proof =
                index == 0 ? firstRowProof : index == rows.count - 1 ? lastRowProof : nil
            if let proof { writer.presentBytes(2, proof.protobuf) }
            bytes.append(lengthPrefixed: writer.bytes)
        }
        return bytes
    }

    private static func rowShares(_ field: ProtobufField) throws(DecodeFault) -> [Share] {
        var shares: [Share] = []
        var reader = try field.message()
        while let part = try reader.next() {
            guard part.number == 1 else { continue }
            try ShareMessage.append(part, to: &shares, limit: SquareSize.upperBound)
        }
        return shares
    }

    private static func row(
        _ bytes: ArraySlice<UInt8>
    ) throws(DecodeFault) -> (shares: [Share], proof: NamespaceProof?) {
        var shares: [Share] = []
        var proof: NamespaceProof?
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: try ShareMessage.append(field, to: &shares, limit: SquareSize.upperBound)
            case 2: proof = try NamespaceProof(protobuf: field.bytes())
            default: break
            }
        }
        return (shares, proof)
    }

    private static func check(_ count: Int, at offset: Int) throws(DecodeFault) {
        guard count < SquareSize.upperBound else {
            throw DecodeFault(
                .overLimit(field: "rows", limit: SquareSize.upperBound, actual: count + 1),
                at: offset)
        }
    }
}
