// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// Two statements that one honest key cannot make; it stands alone, whoever brings it.
///
/// The two are kept in the order of their wire forms, so that a pair has one form and one id.
/// Wire form: `SlashingEvidence {bytes address=1; SignedStatement first=2; SignedStatement
/// second=3}`. Specified in Protocol/20-agreement.md#faults.
public struct SlashingEvidence: Hashable, Sendable {
    /// Whose statements they are.
    public let address: Bytes20
    /// The one whose wire form comes first.
    public let first: SignedStatement
    /// The other.
    public let second: SignedStatement
    /// What they break together.
    public let fault: VotingFault

    /// Pairs two statements of one member, or is nil where they break nothing together.
    public init?(_ one: SignedStatement, _ other: SignedStatement, by address: Bytes20) {
        guard let fault = one.statement.fault(with: other.statement), one.place == other.place
        else { return nil }
        let isOrdered = one.protobuf.lexicographicallyPrecedes(other.protobuf)
        self.address = address
        first = isOrdered ? one : other
        second = isOrdered ? other : one
        self.fault = fault
    }

    /// What the same pair is known by everywhere.
    public var id: Bytes32 { SHA256.hash(Array("QDR1/evidence\0".utf8) + protobuf) }

    /// Whether both signatures are those of the member that stands at their place in the epoch's set.
    public func isValid(by set: ValidatorSet, chainID: String) -> Bool {
        guard first.place < set.count else { return false }
        let member = set.validators[first.place]
        return member.address == address && first.isValid(by: member.key, chainID: chainID)
            && second.isValid(by: member.key, chainID: chainID)
    }

    /// Reads the wire form; a pair that breaks nothing, or stands in the other order, is refused.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        var address: Bytes20?
        var first: SignedStatement?
        var second: SignedStatement?
        while let field = try reader.next() {
            switch field.number {
            case 1: address = try field.fixed()
            case 2: first = try SignedStatement(protobuf: try field.bytes())
            case 3: second = try SignedStatement(protobuf: try field.bytes())
            default: throw .malformed("an unknown field", at: field.offset)
            }
        }
        guard let address, let first, let second,
            let evidence = SlashingEvidence(first, second, by: address)
        else { throw .malformed("no two statements that conflict") }
        guard evidence.first == first else { throw .malformed("evidence out of order") }
        self = evidence
    }

    /// Reads the wire form from a whole array.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 420)
        writer.bytes(1, address)
        writer.presentBytes(2, first.protobuf)
        writer.presentBytes(3, second.protobuf)
        return writer.bytes
    }
}
