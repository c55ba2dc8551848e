// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// What a transaction does.
///
/// Wire form: `TxBody {repeated Any messages=1; string memo=2; uint64 timeout_height=3; repeated
/// Any non_critical_extension_options=2047}`. Extensions that change the meaning are refused.
public struct TransactionBody: Hashable, Sendable {
    /// The most messages in one transaction.
    public static let messageLimit = 100
    /// The longest memo, in bytes.
    public static let memoLimit = 256

    /// What is to be done, in order.
    public var messages: [TypedMessage]
    /// A remark.
    public var memo: String
    /// The last height at which it may be in a block; 0 for none.
    public var timeoutHeight: UInt64

    /// Takes the parts.
    public init(messages: [TypedMessage], memo: String = "", timeoutHeight: UInt64 = 0) {
        self.messages = messages
        self.memo = memo
        self.timeoutHeight = timeoutHeight
    }

    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        self.init(messages: [])
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1:
                guard messages.count < Self.messageLimit else {
                    throw DecodeFault(
                        .overLimit(
                            field: "messages", limit: Self.messageLimit,
                            actual: messages.count + 1), at: field.offset)
                }
                messages.append(try TypedMessage(protobuf: try field.bytes()))
            case 2: memo = try field.string()
            case 3: timeoutHeight = try field.varint()
            case 2047: break
            default: throw field.unknown
            }
        }
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        for message in messages { writer.presentBytes(1, message.protobuf) }
        writer.string(2, memo)
        writer.varint(3, timeoutHeight)
        return writer.bytes
    }
}
