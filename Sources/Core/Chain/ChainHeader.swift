// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import DataSquare

/// A header that a node follows: what makes it final, and of the data as much as the node keeps.
///
/// A node that keeps squares keeps their roots too. A light node keeps only how wide the square is:
/// the roots of a square of 256 original shares a side take 92 KiB, and single ones come with their
/// proofs when they are needed. Specified in Protocol/15-light-clients.md#kept.
public struct ChainHeader: Hashable, Sendable {
    /// The header.
    public let header: BlockHeader
    /// The votes that make it final.
    public let commit: Commit
    /// The committee whose votes they are.
    public let validatorSet: ValidatorSet
    /// Shares along one side of the extended square, as the data root was seen to say.
    public let width: Int
    /// The roots of the extended square, where this node keeps them.
    public let roots: DataAvailabilityHeader?

    /// A header with all roots.
    public init(_ extended: ExtendedHeader) {
        header = extended.header
        commit = extended.commit
        validatorSet = extended.validatorSet
        width = extended.dataAvailabilityHeader.width
        roots = extended.dataAvailabilityHeader
    }

    /// A header whose data root was proven to be that of a square of some width.
    ///
    /// - Throws: `dataHash` when the root was proven to another data root than the header's.
    public init(
        signedHeader: SignedHeader, validatorSet: ValidatorSet, root: VerifiedAxisRoot
    ) throws(HeaderFault) {
        guard signedHeader.header.dataHash == root.dataRoot else {
            throw .dataHash(named: signedHeader.header.dataHash, given: root.dataRoot)
        }
        self.init(signedHeader: signedHeader, validatorSet: validatorSet, width: root.width)
    }

    private init(signedHeader: SignedHeader, validatorSet: ValidatorSet, width: Int) {
        header = signedHeader.header
        commit = signedHeader.commit
        self.validatorSet = validatorSet
        self.width = width
        roots = nil
    }

    /// The same without roots.
    public var withoutRoots: ChainHeader {
        ChainHeader(signedHeader: signedHeader, validatorSet: validatorSet, width: width)
    }

    /// The header with its roots, where this node keeps them.
    public var extended: ExtendedHeader? { roots.map(extended(with:)) }

    /// The header with its roots, as somebody gave them; `validate` judges the whole.
    public func extended(with roots: DataAvailabilityHeader) -> ExtendedHeader {
        ExtendedHeader(
            header: header, commit: commit, validatorSet: validatorSet,
            dataAvailabilityHeader: roots)
    }

    /// The header's hash.
    public var hash: Bytes32 { header.hash }
    /// Which block of the chain.
    public var height: Height { header.height }
    /// When it was proposed.
    public var time: Timestamp { header.time }
    /// Header and commit alone.
    public var signedHeader: SignedHeader { SignedHeader(header: header, commit: commit) }
    /// What light verification looks at.
    public var lightBlock: LightBlock {
        LightBlock(signedHeader: signedHeader, validatorSet: validatorSet)
    }
    /// The data root; nil in headers of chains without data.
    public var dataRoot: Bytes32? { header.dataHash }

    /// Checks all that `ExtendedHeader.validate` does, of the roots only what is there.
    ///
    /// Without roots nothing says that the rows and columns are those of one square; who has them
    /// all can check just that they lead to the data root, and not more either.
    public func validate() throws(HeaderFault) {
        guard (1...ExtendedHeader.appVersionLimit).contains(header.appVersion) else {
            throw .appVersion(header.appVersion)
        }
        try signedHeader.check(names: validatorSet)
        if let roots, header.dataHash != roots.dataRoot {
            throw .dataHash(named: header.dataHash, given: roots.dataRoot)
        }
        try signedHeader.checkVotes(of: validatorSet)
    }
}

/// The form in which a light node keeps a header: `quadrat.v1.KeptHeader {tendermint.types.Header
/// header=1; tendermint.types.Commit commit=2; uint32 width=5}`; the set stands elsewhere, once.
extension ChainHeader {
    /// The kept form.
    public var keptForm: [UInt8] {
        var writer = ProtobufWriter()
        writer.presentBytes(1, header.protobuf)
        writer.presentBytes(2, commit.protobuf)
        writer.varint(5, UInt64(width))
        return writer.bytes
    }

    /// Reads the kept form, or nil when the bytes are an `ExtendedHeader`'s.
    ///
    /// `set` gives the validator set with a hash, which the header names.
    public init?(
        kept bytes: [UInt8], set: (Bytes32) throws(DecodeFault) -> ValidatorSet
    ) throws(DecodeFault) {
        var reader = ProtobufReader(bytes)
        var header: BlockHeader?
        var commit: Commit?
        var width: UInt64 = 0
        while let field = try reader.next() {
            switch field.number {
            case 1: header = try BlockHeader(protobuf: try field.bytes())
            case 2: commit = try Commit(protobuf: try field.bytes())
            case 3, 4: return nil
            case 5: width = try field.varint()
            default: break
            }
        }
        guard let header, let commit, let named = header.validatorsHash else {
            throw .malformed("a kept header lacks its header, its commit or its set")
        }
        guard width >= 2, width <= UInt64(DataAvailabilityHeader.widthMax),
            width & (width - 1) == 0
        else { throw .malformed("no square is \(width) wide") }
        self.init(
            signedHeader: SignedHeader(header: header, commit: commit),
            validatorSet: try set(named), width: Int(width))
    }
}
