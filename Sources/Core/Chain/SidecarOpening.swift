// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography
public import DataSquare

/// Opens a header's `consensusHash` far enough to read which encoding sidecar it binds.
///
/// It goes with every sidecar that is sent, for the header carries only the hash. Wire form:
/// `SidecarOpening { bytes parameters_hash = 1; bytes extension = 2 }`. Specified in
/// Protocol/14-encoding-fraud.md#sidecar-binding.
public struct SidecarOpening: Hashable, Sendable {
    /// The largest wire form: the parameters' hash and an extension with all its certificates.
    public static let sizeLimit =
        HeaderExtension.nullificationLimit * (HeaderExtension.nullificationSizeLimit + 8) + 256

    /// The hash of the chain's consensus parameters.
    public let parametersHash: Bytes32
    /// The extension, encoded as it was hashed.
    public let `extension`: HeaderExtension

    /// Takes the parts as they came.
    public init(parametersHash: Bytes32, extension: HeaderExtension) {
        self.parametersHash = parametersHash
        self.extension = `extension`
    }

    /// Returns if a header binds a sidecar by this opening, and throws otherwise.
    public func verify(
        _ sidecar: EncodingSidecar, of header: BlockHeader
    ) throws(SidecarFault) {
        let opened = SHA256.hash(parametersHash.array + `extension`.hash.array)
        guard opened == header.consensusHash else { throw .opening }
        guard let binding = `extension`.sidecarBinding else { throw .unbound }
        guard let root = header.dataHash, binding == sidecar.binding(dataRoot: root) else {
            throw .values
        }
    }

    /// Reads the wire form; one over `sizeLimit` is refused unread.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        guard bytes.count <= Self.sizeLimit else {
            throw DecodeFault(
                .overLimit(field: "opening", limit: Self.sizeLimit, actual: bytes.count))
        }
        var parametersHash: Bytes32?
        var found: HeaderExtension?
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            switch field.number {
            case 1: parametersHash = try field.fixed()
            case 2: found = try HeaderExtension(protobuf: try field.bytes())
            default: throw .malformed("an unknown field", at: field.offset)
            }
        }
        guard let parametersHash, let found else {
            throw .malformed("an opening lacks one of its two parts")
        }
        self.init(parametersHash: parametersHash, extension: found)
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.presentBytes(1, parametersHash.array)
        writer.presentBytes(2, `extension`.protobuf)
        return writer.bytes
    }
}

/// Why a sidecar is not the one that a header binds.
public enum SidecarFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The opening is not of this header.
    case opening
    /// The header binds no sidecar.
    case unbound
    /// The header binds other values.
    case values

    /// One line: what was wrong.
    public var description: String {
        switch self {
        case .opening: "the opening is of another header"
        case .unbound: "the header binds no sidecar"
        case .values: "the header binds other values"
        }
    }
}
