// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// ICS-23's messages, Protocol/wire/commitment_proof.proto.
extension StateProof {
    /// The most bytes of a proof: two of the largest entries, with 256 nodes each, take 152,883.
    public static let sizeBytesMax = 153_600

    /// `CommitmentProof {ExistenceProof exist=1; NonExistenceProof nonexist=2}`.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        switch self {
        case .present(let proof): writer.presentBytes(1, proof.protobuf)
        case .absent(let proof):
            writer.message(2) {
                $0.bytes(1, proof.key)
                if let left = proof.left { $0.presentBytes(2, left.protobuf) }
                if let right = proof.right { $0.presentBytes(3, right.protobuf) }
            }
        }
        return writer.bytes
    }

    /// Reads a proof; refuses every form but the one that `protobuf` gives.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        guard bytes.count <= Self.sizeBytesMax else {
            throw DecodeFault(
                .overLimit(field: "proof", limit: Self.sizeBytesMax, actual: bytes.count))
        }
        var reader = ProtobufReader(bytes)
        guard let field = try reader.next() else { throw .malformed("a proof of nothing") }
        switch field.number {
        case 1: self = .present(try StatePresence(reading: try field.message()))
        case 2: self = .absent(try Self.absence(try field.message()))
        default: throw field.unknown
        }
        guard protobuf == bytes else {
            throw .malformed("a proof in another form than that of the state tree")
        }
    }

    private static func absence(_ message: ProtobufReader) throws(DecodeFault) -> StateAbsence {
        var message = message
        var key: [UInt8] = []
        var left: StatePresence?
        var right: StatePresence?
        while let field = try message.next() {
            switch field.number {
            case 1: key = [UInt8](try field.bytes())
            case 2: left = try StatePresence(reading: try field.message())
            case 3: right = try StatePresence(reading: try field.message())
            default: throw field.unknown
            }
        }
        return StateAbsence(key: key, left: left, right: right)
    }
}

extension StatePresence {
    /// SHA-256 as ICS-23 numbers it.
    private static let sha256: UInt64 = 1

    /// `ExistenceProof {key=1; value=2; LeafOp leaf=3; repeated InnerOp path=4}`.
    var protobuf: [UInt8] {
        let path = StateEntry.path(of: entry.key)
        var writer = ProtobufWriter(
            capacity: entry.key.count + entry.value.count + siblings.count * 44 + 32)
        writer.bytes(1, entry.key)
        writer.bytes(2, entry.value)
        writer.message(3) {
            for field in 1...3 { $0.varint(field, Self.sha256) }
            $0.bytes(5, [0])
        }
        for (index, sibling) in siblings.enumerated() {
            // Beyond 256 nodes no tree goes; such a proof is not read again.
            let isRight = path.bit(min(siblings.count - 1 - index, 255))
            writer.message(4) {
                $0.varint(1, Self.sha256)
                $0.bytes(2, isRight ? [1] + sibling.array : [1])
                if !isRight { $0.bytes(3, sibling) }
            }
        }
        return writer.bytes
    }

    /// Reads key, value and the nodes beside the way; all else is told by writing it again.
    init(reading message: ProtobufReader) throws(DecodeFault) {
        var message = message
        var key: [UInt8] = []
        var value: [UInt8] = []
        var siblings: [Bytes32] = []
        while let field = try message.next() {
            switch field.number {
            case 1: key = [UInt8](try field.bytes())
            case 2: value = [UInt8](try field.bytes())
            case 3: _ = try field.bytes()
            case 4:
                guard siblings.count < 256 else {
                    throw DecodeFault(
                        .overLimit(field: "path", limit: 256, actual: 257), at: field.offset)
                }
                siblings.append(try Self.sibling(try field.message()))
            default: throw field.unknown
            }
        }
        let entry = StateEntry(key: key, value: value)
        guard entry.hasLegalSizes else { throw .malformed("a key or value of a wrong size") }
        self.init(entry: entry, siblings: siblings)
    }

    /// `InnerOp {HashOp hash=1; bytes prefix=2; bytes suffix=3}`: the sibling is the suffix, or all
    /// of the prefix but its first byte.
    private static func sibling(_ message: ProtobufReader) throws(DecodeFault) -> Bytes32 {
        var message = message
        var found: Bytes32?
        while let field = try message.next() {
            switch field.number {
            case 1: _ = try field.varint()
            case 2:
                let prefix = try field.bytes()
                if prefix.count > 1 {
                    found = try Bytes32(
                        decoding: prefix.dropFirst(), field: "sibling", at: field.offset)
                }
            case 3: found = try field.fixed()
            default: throw field.unknown
            }
        }
        guard let found else { throw .malformed("a step without a sibling") }
        return found
    }
}

extension ProtobufField {
    /// The fault of a field that the schema does not have.
    var unknown: DecodeFault { .malformed("unknown field \(number)", at: offset) }
}
