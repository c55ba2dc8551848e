// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// A statement as one member of the committee sends it: with its place, its time and a signature.
///
/// Wire form: `SignedStatement {uint32 kind=1; uint64 epoch=2; uint64 view=3; BlockReference
/// block=4; uint32 place=5; Timestamp timestamp=6; bytes signature=7}`. The signature is not
/// verified by reading. Specified in Protocol/20-agreement.md#statements.
public struct SignedStatement: Hashable, Sendable, CustomStringConvertible {
    /// What is said.
    public let statement: Statement
    /// Who says it: a place in the epoch's set.
    public let place: Int
    /// When it was signed; `Timestamp.zero` where the kind is not timed.
    public let timestamp: Timestamp
    /// The signature.
    public let signature: Bytes64

    /// Takes the parts; a time that the kind does not sign is dropped.
    public init(_ statement: Statement, place: Int, timestamp: Timestamp, signature: Bytes64) {
        self.statement = statement
        self.place = place
        self.timestamp = statement.isTimed ? timestamp : .zero
        self.signature = signature
    }

    /// The statement's line.
    public var description: String { statement.description }

    /// Whether a key signed it.
    public func isValid(by key: ValidatorKey, chainID: String) -> Bool {
        key.isValid(
            signature, for: statement.signBytes(chainID: chainID, timestamp: timestamp))
    }

    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        var (kind, epoch, view, place) = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        var block: BlockReference?
        var timestamp: Timestamp?
        var signature: Bytes64?
        while let field = try reader.next() {
            switch field.number {
            case 1: kind = try field.varint()
            case 2: epoch = try field.varint()
            case 3: view = try field.varint()
            case 4: block = try BlockReference(protobuf: try field.bytes())
            case 5: place = try field.varint()
            case 6: timestamp = try Timestamp(protobuf: try field.bytes())
            case 7: signature = try field.fixed()
            default: throw .malformed("an unknown field", at: field.offset)
            }
        }
        let statement = try Statement(kind: kind, epoch: epoch, view: view, block: block)
        guard place < UInt64(QuorumCertificate.membersMax) else {
            throw DecodeFault(
                .overLimit(
                    field: "place", limit: QuorumCertificate.membersMax - 1,
                    actual: Int(clamping: place)))
        }
        guard let signature else { throw .malformed("a statement without a signature") }
        guard (timestamp != nil) == statement.isTimed else {
            throw .malformed("a statement with a time too many or too few")
        }
        self.init(
            statement, place: Int(place), timestamp: timestamp ?? .zero, signature: signature)
    }

    /// Reads the wire form from a whole array.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 192)
        writer.varint(1, UInt64(statement.kind.rawValue))
        writer.varint(2, statement.epoch.value)
        writer.varint(3, statement.view.value)
        if let block = statement.block { writer.presentBytes(4, block.protobuf) }
        writer.varint(5, UInt64(place))
        if statement.isTimed { writer.presentBytes(6, timestamp.protobuf) }
        writer.bytes(7, signature)
        return writer.bytes
    }
}
