// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import Cryptography

/// Who signs a transaction and what it pays: `AuthInfo {repeated SignerInfo signer_infos=1; Fee
/// fee=2}`.
public struct TransactionAuthorization: Hashable, Sendable {
    /// The most signers that are read.
    public static let signerLimit = 8

    /// The signers.
    public var signers: [TransactionSignerInfo]
    /// What is paid.
    public var fee: TransactionFee

    /// Takes the parts.
    public init(signers: [TransactionSignerInfo], fee: TransactionFee) {
        self.signers = signers
        self.fee = fee
    }

    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        self.init(signers: [], fee: TransactionFee(amount: [], gasLimit: 0))
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1:
                guard signers.count < Self.signerLimit else {
                    throw DecodeFault(
                        .overLimit(
                            field: "signers", limit: Self.signerLimit, actual: signers.count + 1),
                        at: field.offset)
                }
                signers.append(try TransactionSignerInfo(protobuf: try field.bytes()))
            case 2: fee = try TransactionFee(protobuf: try field.bytes())
            default: throw field.unknown
            }
        }
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        for signer in signers { writer.presentBytes(1, signer.protobuf) }
        writer.presentBytes(2, fee.protobuf)
        return writer.bytes
    }
}

/// One signer: `SignerInfo {Any public_key=1; ModeInfo mode_info=2; uint64 sequence=3}`.
public struct TransactionSignerInfo: Hashable, Sendable {
    /// How the signed bytes are made.
    public enum Mode: Hashable, Sendable {
        /// Over the protobuf `SignDoc`.
        case direct
        /// Another way of one key; 127 is Amino's JSON, which hardware wallets use.
        case single(UInt64)
        /// Several keys together.
        case multiple
    }

    /// The type name of the only kind of key that accounts here have.
    public static let keyType = "/cosmos.crypto.secp256k1.PubKey"

    /// The key with its type; may be missing once the chain knows it.
    public var publicKey: TypedMessage?
    /// How it signs.
    public var mode: Mode
    /// How many transactions of the account came before.
    public var sequence: UInt64

    /// A signer with a key, in the mode that all software uses.
    public init(key: Secp256k1PublicKey, sequence: UInt64) {
        var writer = ProtobufWriter()
        writer.bytes(1, key.bytes)
        publicKey = TypedMessage(typeURL: Self.keyType, value: writer.bytes)
        mode = .direct
        self.sequence = sequence
    }

    /// The key, when it is there and of the known kind.
    public func key() throws(DecodeFault) -> Secp256k1PublicKey? {
        guard let publicKey else { return nil }
        guard publicKey.typeURL == Self.keyType else {
            throw .malformed("a key of type \(publicKey.typeURL)")
        }
        var reader = ProtobufReader(publicKey.value)
        var key: Secp256k1PublicKey?
        while let field = try reader.next() {
            guard field.number == 1 else { throw field.unknown }
            key = Secp256k1PublicKey(try field.fixed())
        }
        return key
    }

    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        publicKey = nil
        mode = .single(0)
        sequence = 0
        while let field = try reader.next() {
            switch field.number {
            case 1: publicKey = try TypedMessage(protobuf: try field.bytes())
            case 2: mode = try Self.mode(try field.bytes())
            case 3: sequence = try field.varint()
            default: throw field.unknown
            }
        }
    }

    /// The wire form of a signer by one key.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        if let publicKey { writer.presentBytes(1, publicKey.protobuf) }
        writer.message(2) { info in
            switch mode {
            case .direct: info.message(1) { $0.varint(1, 1) }
            case .single(let number): info.message(1) { $0.varint(1, number) }
            case .multiple: info.message(2) { _ in }
            }
        }
        writer.varint(3, sequence)
        return writer.bytes
    }

    /// `ModeInfo {Single {SignMode mode=1} single=1 | Multi multi=2}`.
    private static func mode(_ bytes: ArraySlice<UInt8>) throws(DecodeFault) -> Mode {
        var reader = ProtobufReader(bytes)
        var mode = Mode.single(0)
        while let field = try reader.next() {
            switch field.number {
            case 1:
                var single = try field.message()
                mode = .single(0)
                while let field = try single.next() {
                    guard field.number == 1 else { throw field.unknown }
                    let number = try field.varint()
                    mode = number == 1 ? .direct : .single(number)
                }
            case 2: mode = .multiple
            default: throw field.unknown
            }
        }
        return mode
    }
}

/// What a transaction pays: `Fee {repeated Coin amount=1; uint64 gas_limit=2; string payer=3;
/// string granter=4}`.
public struct TransactionFee: Hashable, Sendable {
    /// The most kinds of coin that are read.
    public static let coinLimit = 8

    /// The coins.
    public var amount: [Coin]
    /// The most gas that may be used.
    public var gasLimit: UInt64
    /// Who pays, when it is not the signer.
    public var payer: String
    /// Whose allowance is used.
    public var granter: String

    /// Takes the parts.
    public init(amount: [Coin], gasLimit: UInt64, payer: String = "", granter: String = "") {
        self.amount = amount
        self.gasLimit = gasLimit
        self.payer = payer
        self.granter = granter
    }

    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        self.init(amount: [], gasLimit: 0)
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1:
                guard amount.count < Self.coinLimit else {
                    throw DecodeFault(
                        .overLimit(
                            field: "coins", limit: Self.coinLimit, actual: amount.count + 1),
                        at: field.offset)
                }
                amount.append(try Coin(protobuf: try field.bytes()))
            case 2: gasLimit = try field.varint()
            case 3: payer = try field.string(limit: Bech32.limit)
            case 4: granter = try field.string(limit: Bech32.limit)
            default: throw field.unknown
            }
        }
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        for coin in amount { writer.presentBytes(1, coin.protobuf) }
        writer.varint(2, gasLimit)
        writer.string(3, payer)
        writer.string(4, granter)
        return writer.bytes
    }
}
