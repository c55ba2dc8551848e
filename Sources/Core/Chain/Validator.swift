// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import Cryptography

/// The key a validator votes with.
public enum ValidatorKey: Hashable, Sendable {
    /// What nearly every chain uses.
    case ed25519(Ed25519PublicKey)
    /// Allowed by the format.
    case secp256k1(Secp256k1PublicKey)

    /// The first 20 bytes of SHA-256 of an Ed25519 key, RIPEMD-160 of SHA-256 of the other kind.
    public var address: Bytes20 {
        switch self {
        case .ed25519(let key):
            guard let address = Bytes20(SHA256.hash(key.bytes).array.prefix(20)) else {
                preconditionFailure("a digest has 20 first bytes")
            }
            return address
        case .secp256k1(let key):
            return RIPEMD160.hash(SHA256.hash(key.bytes).array)
        }
    }

    /// Whether `signature` is one of `message`; Ed25519 by ZIP 215.
    public func isValid(_ signature: Bytes64, for message: [UInt8]) -> Bool {
        switch self {
        case .ed25519(let key): key.isValid(signature, for: message)
        case .secp256k1(let key): key.isValid(signature, digest: SHA256.hash(message))
        }
    }

    /// Reads `PublicKey {bytes ed25519=1 | bytes secp256k1=2}`.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        var key: ValidatorKey?
        while let field = try reader.next() {
            switch field.number {
            case 1: key = .ed25519(Ed25519PublicKey(try field.fixed()))
            case 2: key = .secp256k1(Secp256k1PublicKey(try field.fixed()))
            default: break
            }
        }
        guard let key else { throw .malformed("a validator has no key of a known kind") }
        self = key
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 36)
        switch self {
        case .ed25519(let key): writer.bytes(1, key.bytes)
        case .secp256k1(let key): writer.bytes(2, key.bytes)
        }
        return writer.bytes
    }
}

/// A member of a committee.
///
/// Wire form: `Validator {bytes address=1; PublicKey pub_key=2; int64 voting_power=3; int64
/// proposer_priority=4}`.
public struct Validator: Hashable, Sendable {
    /// The key it votes with.
    public var key: ValidatorKey
    /// The key's address.
    public let address: Bytes20
    /// Its weight, positive in a set.
    public var votingPower: Int64
    /// CometBFT's turn-taking counter; carried, not used here.
    public var proposerPriority: Int64

    /// Names a validator; the address comes from the key.
    public init(key: ValidatorKey, votingPower: Int64, proposerPriority: Int64 = 0) {
        self.key = key
        address = key.address
        self.votingPower = votingPower
        self.proposerPriority = proposerPriority
    }

    /// The leaf of a set's hash: `SimpleValidator {PublicKey pub_key=1; int64 voting_power=2}`.
    var simpleProtobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 48)
        writer.presentBytes(1, key.protobuf)
        writer.signed(2, votingPower)
        return writer.bytes
    }

    /// Reads the wire form; an address that is not the key's is refused.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        var key: ValidatorKey?
        var address: Bytes20?
        var power: Int64 = 0
        var priority: Int64 = 0
        while let field = try reader.next() {
            switch field.number {
            case 1: address = try field.optionalAddress()
            case 2: key = try ValidatorKey(protobuf: try field.bytes())
            case 3: power = try field.signed()
            case 4: priority = try field.signed()
            default: break
            }
        }
        guard let key else { throw .malformed("a validator has no key") }
        self.init(key: key, votingPower: power, proposerPriority: priority)
        guard address == self.address else {
            throw .malformed("a validator's address is not its key's")
        }
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 84)
        writer.bytes(1, address)
        writer.presentBytes(2, key.protobuf)
        writer.signed(3, votingPower)
        writer.signed(4, proposerPriority)
        return writer.bytes
    }
}
