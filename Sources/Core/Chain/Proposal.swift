// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import DataSquare

/// A leader's block of a view: everything but the data, which travels as shares.
///
/// Wire form: `Proposal {uint64 epoch=1; uint64 view=2; Header header=3; HeaderExtension extension=4;
/// DataAvailabilityHeader roots=5; QuorumCertificate parent=6; bytes signature=7}`. Reading checks
/// form alone; `check` the rules. Specified in Protocol/20-agreement.md#proposals.
public struct Proposal: Hashable, Sendable {
    /// The largest wire form: an extension with all its certificates, the widest square's roots.
    public static let sizeMax = 640 * 1024

    /// Which committee is asked.
    public let epoch: Epoch
    /// In which view it is proposed; later than the extension's for a block proposed again.
    public let view: View
    /// The block's header.
    public let header: BlockHeader
    /// What the header's `consensusHash` covers beside the parameters.
    public let `extension`: HeaderExtension
    /// The square's roots, which the header's `dataHash` covers.
    public let roots: DataAvailabilityHeader
    /// What certifies the block that this one builds on; of a block proposed again, that one.
    ///
    /// Nil on top of the genesis alone.
    public let parent: QuorumCertificate?
    /// The leader's, over `statement`.
    public let signature: Bytes64
    /// The block's name.
    public let block: BlockReference

    /// Puts a proposal together, or is nil when the header names no data or another square.
    public init?(
        epoch: Epoch, view: View, header: BlockHeader, extension: HeaderExtension,
        roots: DataAvailabilityHeader, parent: QuorumCertificate?, signature: Bytes64
    ) {
        guard let block = BlockReference(header), block.dataRoot == roots.dataRoot else {
            return nil
        }
        self.epoch = epoch
        self.view = view
        self.header = header
        self.extension = `extension`
        self.roots = roots
        self.parent = parent
        self.signature = signature
        self.block = block
    }

    /// The same block proposed in another view, on the certificate that it has already.
    public func again(in view: View, on certificate: QuorumCertificate) -> Proposal {
        Proposal(repeating: self, view: view, parent: certificate, signature: signature)
    }

    /// The same with its leader's signature.
    public func signed(_ signature: Bytes64) -> Proposal {
        Proposal(repeating: self, view: view, parent: parent, signature: signature)
    }

    private init(
        repeating other: Proposal, view: View, parent: QuorumCertificate?, signature: Bytes64
    ) {
        epoch = other.epoch
        self.view = view
        header = other.header
        `extension` = other.extension
        roots = other.roots
        self.parent = parent
        self.signature = signature
        block = other.block
    }

    /// What the leader signs.
    public var statement: Statement { .propose(block, epoch, view) }

    /// Whether it proposes once more a block that is certified already.
    public var isRepeated: Bool { parent?.statement.block == block }

    /// The view of the certificate that it builds on; `View.base` on the block before the epoch.
    public var parentView: View {
        guard let parent, parent.statement.epoch == epoch else { return .base }
        return parent.statement.view
    }

    /// The block before it, as its header names it; nil for the first of the chain.
    public var parentBlock: BlockReference? {
        guard let hash = header.lastBlockID.hash, let height = header.height.previous,
            let dataRoot = header.lastBlockID.partSetHash
        else { return nil }
        return BlockReference(height: height, hash: hash, dataRoot: dataRoot)
    }
}

/// The wire form.
extension Proposal {
    /// Reads the wire form.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        guard bytes.count <= Self.sizeMax else {
            throw DecodeFault(
                .overLimit(field: "proposal", limit: Self.sizeMax, actual: bytes.count))
        }
        var reader = ProtobufReader(bytes)
        var (epoch, view) = (Epoch(0), View.base)
        var header: BlockHeader?
        var found: HeaderExtension?
        var roots: DataAvailabilityHeader?
        var parent: QuorumCertificate?
        var signature: Bytes64?
        while let field = try reader.next() {
            switch field.number {
            case 1: epoch = Epoch(try field.varint())
            case 2: view = try View(decoding: try field.varint(), at: field.offset)
            case 3: header = try BlockHeader(protobuf: try field.bytes())
            case 4: found = try HeaderExtension(protobuf: try field.bytes())
            case 5: roots = try DataAvailabilityHeader(protobuf: try field.bytes())
            case 6: parent = try QuorumCertificate(protobuf: try field.bytes())
            case 7: signature = try field.fixed()
            default: throw .malformed("an unknown field", at: field.offset)
            }
        }
        guard let header, let found, let roots, let signature, view != .base else {
            throw .malformed("a proposal lacks one of its parts")
        }
        guard
            let proposal = Proposal(
                epoch: epoch, view: view, header: header, extension: found, roots: roots,
                parent: parent, signature: signature)
        else { throw .malformed("a proposal whose roots are not its header's") }
        self = proposal
    }

    /// Reads the wire form from a whole array.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 2_048)
        writer.varint(1, epoch.value)
        writer.varint(2, view.value)
        writer.presentBytes(3, header.protobuf)
        writer.presentBytes(4, `extension`.protobuf)
        writer.presentBytes(5, roots.protobuf)
        if let parent { writer.presentBytes(6, parent.protobuf) }
        writer.bytes(7, signature)
        return writer.bytes
    }
}
