// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import Cryptography

/// The first message on a connection of the committee: which validator speaks from this peer.
///
/// The signature covers the speaker's own peer id, which the connection proves; so it is of no use to
/// whoever hears it. Wire form: `Greeting {bytes address=1; bytes signature=2}`. Specified in
/// Protocol/20-agreement.md#greeting.
public struct Greeting: Hashable, Sendable {
    /// The validator.
    public var address: Bytes20
    /// Its signature of `signBytes`.
    public var signature: Bytes64

    /// Takes the parts.
    public init(address: Bytes20, signature: Bytes64) {
        self.address = address
        self.signature = signature
    }

    /// Greets from a peer by its key.
    public init(by key: Ed25519PrivateKey, from peer: [UInt8], chainID: String) {
        self.init(
            address: ValidatorKey.ed25519(key.publicKey).address,
            signature: key.sign(Self.signBytes(chainID: chainID, peer: peer)))
    }

    /// `domain ‖ length ‖ chain id ‖ peer id`, the length as a varint.
    public static func signBytes(chainID: String, peer: [UInt8]) -> [UInt8] {
        var bytes = Array("QDR1/greeting\0".utf8)
        bytes.append(lengthPrefixed: Array(chainID.utf8))
        return bytes + peer
    }

    /// Whether the member of a set whose address it names greets from a peer.
    public func isValid(by set: ValidatorSet, from peer: [UInt8], chainID: String) -> Bool {
        guard let place = set.place(of: address) else { return false }
        return set.validators[place].key.isValid(
            signature, for: Self.signBytes(chainID: chainID, peer: peer))
    }

    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        var address: Bytes20?
        var signature: Bytes64?
        while let field = try reader.next() {
            switch field.number {
            case 1: address = try field.fixed()
            case 2: signature = try field.fixed()
            default: throw .malformed("an unknown field", at: field.offset)
            }
        }
        guard let address, let signature else { throw .malformed("a greeting of nobody") }
        self.init(address: address, signature: signature)
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 88)
        writer.bytes(1, address)
        writer.bytes(2, signature)
        return writer.bytes
    }
}
