// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// `share.eds.byzantine.pb.BadEncoding`, with `Share { bytes Data = 1; proof.pb.Proof Proof = 2;
/// axis ProofAxis = 3 }`; an empty share message stands for one that is not known.
extension BadEncodingProof {
    /// The most bytes of a header hash.
    private static let headerHashSizeBytesMax = 64

    /// Decodes the message; more shares than a line has are refused.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var headerHash: [UInt8] = []
        var height: UInt64 = 0
        var shares: [ProvenShare?] = []
        var index: UInt32 = 0
        var axis = Axis.row
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1:
                let hash = try field.bytes()
                try Self.check(
                    hash.count, "header hash", limit: Self.headerHashSizeBytesMax, field)
                headerHash = Array(hash)
            case 2: height = try field.varint()
            case 3:
                try Self.check(
                    shares.count + 1, "shares", limit: DataAvailabilityHeader.widthMax, field)
                shares.append(try Self.share(field))
            case 4: index = try field.varint32()
            case 5: axis = try Axis(field: field)
            default: break
            }
        }
        self.init(
            headerHash: headerHash, height: height, shares: shares, index: Int(index), axis: axis)
    }

    /// Decodes the message.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The canonical message.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.bytes(1, headerHash)
        writer.varint(2, height)
        for share in shares {
            writer.message(3) { nested in
                guard let share else { return }
                nested.presentBytes(1, share.share.bytes)
                nested.presentBytes(2, share.proof.protobuf)
                nested.varint(3, share.proofAxis.wireValue)
            }
        }
        writer.varint(4, UInt64(index))
        writer.varint(5, axis.wireValue)
        return writer.bytes
    }

    private static func share(_ field: ProtobufField) throws(DecodeFault) -> ProvenShare? {
        var share: Share?
        var proof: NamespaceProof?
        var axis = Axis.row
        var reader = try field.message()
        while let part = try reader.next() {
            switch part.number {
            case 1:
                let data = try part.bytes()
                share = data.isEmpty ? nil : try Share(decoding: data)
            case 2: proof = try NamespaceProof(protobuf: part.bytes())
            case 3: axis = try Axis(field: part)
            default: break
            }
        }
        guard let share else { return nil }
        guard let proof else { throw .malformed("a share without a proof", at: field.offset) }
        return ProvenShare(share: share, proof: proof, proofAxis: axis)
    }

    private static func check(
        _ count: Int, _ name: String, limit: Int, _ field: ProtobufField
    ) throws(DecodeFault) {
        guard count <= limit else {
            throw DecodeFault(
                .overLimit(field: name, limit: limit, actual: count), at: field.offset)
        }
    }
}
