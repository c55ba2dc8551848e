// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// What our chain's headers commit to beyond CometBFT's fields.
///
/// No light verifier opens `consensusHash`, so it carries both: SHA-256 of the parameters' hash and
/// this extension's hash. Wire form: fields 1 to 5 in the order of the properties. Specified in
/// Protocol/10-chain-and-ledger.md#consensus-hash.
public struct HeaderExtension: Hashable, Sendable {
    /// The most nullification certificates that stand in a header.
    public static let nullificationLimit = 16
    /// The largest such certificate, in bytes.
    public static let nullificationSizeLimit = 16_384

    /// The view in which the block was first proposed.
    public var view: UInt64
    /// The view of its parent.
    public var parentView: UInt64
    /// The certificates, encoded, that no block was decided in the views between the two.
    public var nullifications: [[UInt8]]
    /// What the assignment of rows and columns to custodians is drawn from.
    public var custodySeed: Bytes32
    /// SHA-256 of the data root and the encoding sidecar, where there is one.
    public var sidecarBinding: Bytes32?

    /// Takes the parts.
    public init(
        view: UInt64, parentView: UInt64, nullifications: [[UInt8]] = [],
        custodySeed: Bytes32 = Bytes32(), sidecarBinding: Bytes32? = nil
    ) {
        self.view = view
        self.parentView = parentView
        self.nullifications = nullifications
        self.custodySeed = custodySeed
        self.sidecarBinding = sidecarBinding
    }

    /// SHA-256 of a domain and the wire form.
    public var hash: Bytes32 {
        SHA256.hash(Array("QDR1/header-extension\0".utf8) + protobuf)
    }

    /// What stands in the header's `consensusHash`.
    public func consensusHash(_ parameters: ConsensusParameters) -> Bytes32 {
        SHA256.hash(parameters.hash.array + hash.array)
    }

    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        self.init(view: 0, parentView: 0)
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: view = try field.varint()
            case 2: parentView = try field.varint()
            case 3: try appendNullification(field)
            case 4: custodySeed = try field.fixed()
            case 5: sidecarBinding = try field.fixed()
            default: throw .malformed("an unknown field", at: field.offset)
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
        writer.varint(1, view)
        writer.varint(2, parentView)
        for nullification in nullifications { writer.presentBytes(3, nullification) }
        writer.bytes(4, custodySeed)
        writer.digest(5, sidecarBinding)
        return writer.bytes
    }

    private mutating func appendNullification(_ field: ProtobufField) throws(DecodeFault) {
        let bytes = try field.bytes()
        guard nullifications.count < Self.nullificationLimit,
            bytes.count <= Self.nullificationSizeLimit
        else {
            throw DecodeFault(
                .overLimit(
                    field: "nullifications", limit: Self.nullificationSizeLimit,
                    actual: bytes.count), at: field.offset)
        }
        nullifications.append([UInt8](bytes))
    }
}
