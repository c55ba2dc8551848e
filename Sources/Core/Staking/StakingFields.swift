// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// An amount of one kind of coin in a message of staking.
///
/// Wire form: `Coin {string denom=1; string amount=2}`, the amount in decimal.
public struct StakedCoin: Hashable, Sendable {
    /// The kind.
    public var denom: String
    /// How much, in the smallest unit.
    public var amount: UInt64

    /// Names an amount.
    public init(denom: String, amount: UInt64) {
        self.denom = denom
        self.amount = amount
    }

    /// Reads the wire form.
    init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        denom = ""
        amount = 0
        while let field = try reader.next() {
            switch field.number {
            case 1: denom = try field.string(limit: 128)
            case 2: amount = try field.amount()
            default: throw field.foreign
            }
        }
    }

    var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.string(1, denom)
        writer.string(2, String(amount))
        return writer.bytes
    }
}

extension ProtobufField {
    /// The fault of a field that a message does not have; what is signed must be understood.
    var foreign: DecodeFault {
        .malformed("field \(number) is not known", at: offset)
    }

    /// A whole number of 64 bits in decimal, Cosmos's `Int`.
    func amount() throws(DecodeFault) -> UInt64 {
        let digits = try string(limit: 20)
        guard let value = UInt64(digits), String(value) == digits else {
            throw .malformed("field \(number) is no whole number", at: offset)
        }
        return value
    }

    /// A decimal in Cosmos's form.
    func scaledDecimal() throws(DecodeFault) -> Decimal18 {
        try Decimal18(scaledText: try string(limit: 39))
    }

    /// An address in text.
    func address() throws(DecodeFault) -> String { try string(limit: Bech32.limit) }
}

/// What a validator says of itself.
///
/// Wire form: Cosmos's `Description {string moniker=1; string identity=2; string website=3; string
/// security_contact=4; string details=5}`, which is also its byte form in the state.
public struct ValidatorDescription: Hashable, Sendable {
    /// What edits put where a field stays as it is.
    public static let unchanged = "[do-not-modify]"
    /// The most bytes of each field, in their order.
    public static let fieldsMax = [70, 3000, 140, 140, 280]

    /// The fields in their order: name, identity, website, contact, details.
    public private(set) var fields = ["", "", "", "", ""]

    /// One that says nothing.
    public init() {}

    /// Takes the name; the other fields are empty.
    public init(moniker: String) {
        fields[0] = moniker
    }

    /// Takes the fields; a message with longer ones than `fieldsMax` is refused.
    public init(
        moniker: String, identity: String, website: String, contact: String, details: String
    ) {
        fields = [moniker, identity, website, contact, details]
    }

    /// The fields of an edit in place of these, but for those that stay.
    func edited(by other: ValidatorDescription) -> ValidatorDescription {
        var edited = self
        for index in fields.indices where other.fields[index] != Self.unchanged {
            edited.fields[index] = other.fields[index]
        }
        return edited
    }

    /// Reads the wire form.
    init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            guard fields.indices.contains(field.number - 1) else { throw field.foreign }
            fields[field.number - 1] = try field.string(limit: Self.fieldsMax[field.number - 1])
        }
    }

    var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        for (index, field) in fields.enumerated() { writer.string(index + 1, field) }
        return writer.bytes
    }
}

extension ValidatorDescription: StakingEntity {
    package init(from reader: inout ByteReader) throws(DecodeFault) {
        try self.init(protobuf: reader.rest())
    }

    package func encode() -> [UInt8] { protobuf }
}

/// What an operator may keep of rewards.
///
/// Wire form: Cosmos's `CommissionRates {string rate=1; string max_rate=2; string
/// max_change_rate=3}`, each times 10¹⁸ in decimal digits.
public struct CommissionRates: Hashable, Sendable {
    /// Now.
    public var rate: Decimal18
    /// At most, ever.
    public var maximum: Decimal18
    /// The most that it rises in a day.
    public var rise: Decimal18

    /// Takes the rates.
    public init(rate: Decimal18, maximum: Decimal18, rise: Decimal18) {
        self.rate = rate
        self.maximum = maximum
        self.rise = rise
    }

    /// Reads the wire form.
    init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        self.init(rate: .zero, maximum: .zero, rise: .zero)
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: rate = try field.scaledDecimal()
            case 2: maximum = try field.scaledDecimal()
            case 3: rise = try field.scaledDecimal()
            default: throw field.foreign
            }
        }
    }

    var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.string(1, rate.scaledText)
        writer.string(2, maximum.scaledText)
        writer.string(3, rise.scaledText)
        return writer.bytes
    }
}

/// A consensus key as Cosmos writes it: `Any {string type_url=1; bytes value=2}` around
/// `/cosmos.crypto.ed25519.PubKey {bytes key=1}`.
enum ConsensusKeyField {
    static let typeURL = "/cosmos.crypto.ed25519.PubKey"

    /// The key; nil for one of another kind, whose name is then given.
    static func decode(
        _ bytes: ArraySlice<UInt8>
    ) throws(DecodeFault) -> (key: Bytes32?, kind: String) {
        var reader = ProtobufReader(bytes)
        var kind = ""
        var value: ArraySlice<UInt8> = []
        while let field = try reader.next() {
            switch field.number {
            case 1: kind = try field.string(limit: 256)
            case 2: value = try field.bytes()
            default: throw field.foreign
            }
        }
        guard kind == typeURL else { return (nil, kind) }
        var inner = ProtobufReader(value)
        var key: Bytes32?
        while let field = try inner.next() {
            guard field.number == 1 else { throw field.foreign }
            key = try field.fixed()
        }
        guard let key else { throw .malformed("a key without its bytes") }
        return (key, kind)
    }

    static func encode(_ key: Bytes32) -> [UInt8] {
        var writer = ProtobufWriter()
        writer.string(1, typeURL)
        var inner = ProtobufWriter()
        inner.bytes(1, key)
        writer.bytes(2, inner.bytes)
        return writer.bytes
    }
}
