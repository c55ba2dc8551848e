// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// An amount of one kind of coin.
///
/// Wire form: `Coin {string denom=1; string amount=2}`, the amount in decimal. Amounts beyond 64
/// bits exist on no chain that this is for, and are refused.
public struct Coin: Hashable, Sendable, CustomStringConvertible {
    /// The kind.
    public var denom: String
    /// How much, in the smallest unit.
    public var amount: UInt64

    /// Names an amount.
    public init(denom: String, amount: UInt64) {
        self.denom = denom
        self.amount = amount
    }

    /// As Cosmos shows it: `320utia`.
    public var description: String { "\(amount)\(denom)" }

    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        denom = ""
        amount = 0
        while let field = try reader.next() {
            switch field.number {
            case 1: denom = try field.string(limit: 128)
            case 2:
                let digits = try field.string(limit: 20)
                guard let value = UInt64(digits), String(value) == digits else {
                    throw .malformed("not an amount of coins", at: field.offset)
                }
                amount = value
            default: throw field.unknown
            }
        }
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.string(1, denom)
        writer.string(2, String(amount))
        return writer.bytes
    }
}

extension ProtobufField {
    /// The fault of a field that a message does not have; what is signed must be understood.
    var unknown: DecodeFault {
        .malformed("field \(number) is not known", at: offset)
    }
}
