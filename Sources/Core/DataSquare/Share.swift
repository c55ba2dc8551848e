// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// The unit of a square: 512 bytes, of which the first 29 are a namespace and the next the info byte.
///
/// ```text
/// sparse, first     namespace 29 | info 1 | sequence length 4 | [signer 20] | content 478 or 458
/// sparse, further   namespace 29 | info 1 | content 482
/// compact, first    namespace 29 | info 1 | sequence length 4 | reserved 4 | content 474
/// compact, further  namespace 29 | info 1 | reserved 4 | content 478
/// ```
///
/// Parity shares are 512 bytes too, but have no form; ask the accessors only of original ones.
/// Specified in Protocol/01-namespaces-and-shares.md#share.
public struct Share: Hashable, Sendable {
    /// Bytes of every share.
    public static let sizeBytes = 512
    /// Bytes of the info byte.
    public static let infoSizeBytes = 1
    /// Bytes of the length that a sequence's first share states.
    public static let sequenceLengthSizeBytes = 4
    /// Bytes that say, in a compact share, where the first unit starts.
    public static let reservedSizeBytes = 4
    /// Bytes of the account that signed for a blob, where the version has one.
    public static let signerSizeBytes = 20

    /// All 512 bytes.
    public let bytes: [UInt8]

    /// Takes exactly 512 bytes.
    public init(decoding bytes: some Collection<UInt8>) throws(DecodeFault) {
        guard bytes.count == Self.sizeBytes else {
            throw DecodeFault(
                .wrongSize(field: "share", expected: Self.sizeBytes, actual: bytes.count))
        }
        self.bytes = [UInt8](bytes)
    }

    /// Takes bytes that this module has counted.
    init(counted bytes: [UInt8]) {
        precondition(bytes.count == Self.sizeBytes, "a share has 512 bytes")
        self.bytes = bytes
    }

    /// The first 29 bytes, whose form is not checked.
    public var namespace: Namespace { header.namespace }
    /// The byte after the namespace.
    public var infoByte: InfoByte { header.infoByte }
    /// How the content is laid out.
    public var version: UInt8 { infoByte.shareVersion }
    /// Whether the share is the first of its sequence.
    public var isSequenceStart: Bool { infoByte.isSequenceStart }
    /// Bytes of the whole sequence's content; nil unless the share is the first of it.
    public var sequenceLength: Int? { header.sequenceLength }
    /// The account that signed for the blob, where this is the first share of one that has a signer.
    public var signer: Bytes20? { header.signer }
    /// Whether the share is transactions, by its namespace.
    public var isCompact: Bool { namespace.isCompact }
    /// Whether the share says nothing: a sequence of no bytes, or one of the padding namespaces.
    public var isPadding: Bool { header.isPadding }
    /// The part that carries data, zeros after its end included.
    public var content: ArraySlice<UInt8> { bytes[header.contentStart...] }

    /// What the first bytes say.
    var header: ShareHeader { ShareHeader(of: bytes[...]) }
}
