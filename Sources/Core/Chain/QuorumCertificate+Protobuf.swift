// SPDX-License-Identifier: Apache-2.0

public import Bytes

extension QuorumCertificate {
    /// Reads the wire form; a set bit too many, a missing signature or padding is refused.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        guard bytes.count <= Self.sizeMax else {
            throw DecodeFault(
                .overLimit(field: "certificate", limit: Self.sizeMax, actual: bytes.count))
        }
        var reader = ProtobufReader(bytes)
        var (kind, epoch, view) = (UInt64(0), UInt64(0), UInt64(0))
        var block: BlockReference?
        var signers: ArraySlice<UInt8> = []
        var timestamps: [Timestamp] = []
        var signatures: ArraySlice<UInt8> = []
        while let field = try reader.next() {
            switch field.number {
            case 1: kind = try field.varint()
            case 2: epoch = try field.varint()
            case 3: view = try field.varint()
            case 4: block = try BlockReference(protobuf: try field.bytes())
            case 5: signers = try field.bytes()
            case 6:
                guard timestamps.count < Self.membersMax else {
                    throw .malformed("more times than members", at: field.offset)
                }
                timestamps.append(try Timestamp(protobuf: try field.bytes()))
            case 7: signatures = try field.bytes()
            default: throw .malformed("an unknown field", at: field.offset)
            }
        }
        let statement = try Statement(kind: kind, epoch: epoch, view: view, block: block)
        guard statement.kind != .propose else { throw .malformed("a certificate of a proposal") }
        let places = try Self.places(of: signers)
        guard signatures.count == 64 * places.count,
            timestamps.count == (statement.isTimed ? places.count : 0)
        else { throw .malformed("signers, times and signatures are not equally many") }
        var signed: [SignedStatement] = []
        for (index, place) in places.enumerated() {
            let start = signatures.startIndex + 64 * index
            signed.append(
                SignedStatement(
                    statement, place: place,
                    timestamp: statement.isTimed ? timestamps[index] : .zero,
                    signature: try Bytes64(decoding: signatures[start..<start + 64])))
        }
        self.init(statement, signed)
    }

    /// Reads the wire form from a whole array.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 128 + 82 * signatures.count)
        writer.varint(1, UInt64(statement.kind.rawValue))
        writer.varint(2, statement.epoch.value)
        writer.varint(3, statement.view.value)
        if let block = statement.block { writer.presentBytes(4, block.protobuf) }
        var bits: [UInt8] = []
        var all: [UInt8] = []
        for one in signatures {
            while bits.count <= one.place / 8 { bits.append(0) }
            bits[one.place / 8] |= 1 << UInt8(one.place % 8)
            all += one.signature.array
        }
        writer.bytes(5, bits)
        if statement.isTimed {
            for one in signatures { writer.presentBytes(6, one.timestamp.protobuf) }
        }
        writer.bytes(7, all)
        return writer.bytes
    }

    /// The places whose bits are set; a last byte of zero is refused, for there is one form only.
    private static func places(of bits: ArraySlice<UInt8>) throws(DecodeFault) -> [Int] {
        guard bits.count <= (membersMax + 7) / 8, bits.last != 0 else {
            throw .malformed("a list of signers that is too long or padded")
        }
        var places: [Int] = []
        for (index, byte) in bits.enumerated() {
            for bit in 0..<8 where byte >> UInt8(bit) & 1 == 1 { places.append(8 * index + bit) }
        }
        guard places.last.map({ $0 < membersMax }) ?? false else {
            throw .malformed("a certificate of nobody, or of a place beyond the last")
        }
        return places
    }
}
