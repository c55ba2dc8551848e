// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// The message that moves coins: `MsgSend {string from_address=1; string to_address=2; repeated
/// Coin amount=3}`.
public struct SendMessage: Hashable, Sendable {
    /// The name of its type.
    public static let typeURL = "/cosmos.bank.v1beta1.MsgSend"

    /// Who gives, in bech32.
    public var sender: String
    /// Who gets, in bech32.
    public var recipient: String
    /// What.
    public var amount: [Coin]

    /// Takes the parts.
    public init(sender: String, recipient: String, amount: [Coin]) {
        self.sender = sender
        self.recipient = recipient
        self.amount = amount
    }

    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        self.init(sender: "", recipient: "", amount: [])
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: sender = try field.string(limit: Bech32.limit)
            case 2: recipient = try field.string(limit: Bech32.limit)
            case 3:
                guard amount.count < TransactionFee.coinLimit else {
                    throw DecodeFault(
                        .overLimit(
                            field: "coins", limit: TransactionFee.coinLimit,
                            actual: amount.count + 1), at: field.offset)
                }
                amount.append(try Coin(protobuf: try field.bytes()))
            default: throw field.unknown
            }
        }
    }

    /// Reads the wire form from a whole array.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.string(1, sender)
        writer.string(2, recipient)
        for coin in amount { writer.presentBytes(3, coin.protobuf) }
        return writer.bytes
    }
}
