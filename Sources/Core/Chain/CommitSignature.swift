// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// One validator's place in a commit: its vote, or that it gave none.
///
/// Wire form: `CommitSig {int32 block_id_flag=1; bytes validator_address=2; Timestamp timestamp=3;
/// bytes signature=4}`. Absent ones carry Go's zero time, which counts in hashes.
public struct CommitSignature: Hashable, Sendable {
    /// What a place says; the numbers are those of the wire.
    public enum Flag: UInt8, Sendable {
        /// No vote came.
        case absent = 1
        /// A vote for the block.
        case commit = 2
        /// A vote for no block.
        case `nil` = 3
    }

    /// No vote.
    public static let absent = CommitSignature(
        flag: .absent, validatorAddress: nil, timestamp: .zero, signature: nil)

    /// What the place says.
    public var flag: Flag
    /// Whose vote, unless absent.
    public var validatorAddress: Bytes20?
    /// When it was signed.
    public var timestamp: Timestamp
    /// The signature, unless absent.
    public var signature: Bytes64?

    /// Takes the parts as they are; `isWellFormed` judges them.
    public init(
        flag: Flag, validatorAddress: Bytes20?, timestamp: Timestamp, signature: Bytes64?
    ) {
        self.flag = flag
        self.validatorAddress = validatorAddress
        self.timestamp = timestamp
        self.signature = signature
    }

    /// Whether address and signature are there exactly when a vote is.
    ///
    /// The time of an absent vote is not looked at here; some chains write 1970 there.
    public var isWellFormed: Bool {
        flag == .absent
            ? validatorAddress == nil && signature == nil
            : validatorAddress != nil && signature != nil
    }

    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        var flag: Flag?
        self = .absent
        while let field = try reader.next() {
            switch field.number {
            case 1: flag = Flag(rawValue: UInt8(clamping: try field.varint()))
            case 2: validatorAddress = try field.optionalAddress()
            case 3: timestamp = try Timestamp(protobuf: try field.bytes())
            case 4: signature = try field.bytes().isEmpty ? nil : try field.fixed()
            default: break
            }
        }
        guard let flag else { throw .malformed("a vote in a commit has no known flag") }
        self.flag = flag
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 112)
        writer.varint(1, UInt64(flag.rawValue))
        writer.bytes(2, validatorAddress?.array ?? [])
        writer.presentBytes(3, timestamp.protobuf)
        writer.bytes(4, signature?.array ?? [])
        return writer.bytes
    }
}
