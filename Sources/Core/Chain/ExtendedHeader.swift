// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import DataSquare

/// A header with all that a light node needs: its commit, the set that signed, the data's roots.
///
/// Wire form: `header.pb.ExtendedHeader {Header header=1; Commit commit=2; ValidatorSet
/// validator_set=3; DataAvailabilityHeader dah=4}`.
public struct ExtendedHeader: Hashable, Sendable {
    /// The newest version of the state machine that is known; it only changes what is in blocks.
    public static let appVersionLimit: UInt64 = 10
    /// The largest wire form that is read: a header of the widest square and the largest set fits.
    public static let sizeLimit = 4 << 20

    /// The header.
    public var header: BlockHeader
    /// The votes that make it final.
    public var commit: Commit
    /// The committee whose votes they are.
    public var validatorSet: ValidatorSet
    /// The roots of the block's extended square.
    public var dataAvailabilityHeader: DataAvailabilityHeader

    /// Takes the parts; `validate` judges them.
    public init(
        header: BlockHeader, commit: Commit, validatorSet: ValidatorSet,
        dataAvailabilityHeader: DataAvailabilityHeader
    ) {
        self.header = header
        self.commit = commit
        self.validatorSet = validatorSet
        self.dataAvailabilityHeader = dataAvailabilityHeader
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

    /// Checks that the parts belong together and that more than two thirds of the set signed.
    ///
    /// Whether the set itself is to be trusted is `LightVerification`'s question. Specified in
    /// Protocol/10-chain-and-ledger.md#valid-header.
    public func validate() throws(HeaderFault) {
        guard (1...Self.appVersionLimit).contains(header.appVersion) else {
            throw .appVersion(header.appVersion)
        }
        try signedHeader.check(names: validatorSet)
        guard header.dataHash == dataAvailabilityHeader.dataRoot else {
            throw .dataHash(named: header.dataHash, given: dataAvailabilityHeader.dataRoot)
        }
        try signedHeader.checkVotes(of: validatorSet)
    }

    /// Reads the wire form; one over `sizeLimit` is refused unread.
    public init(protobuf bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        guard bytes.count <= Self.sizeLimit else {
            throw DecodeFault(
                .overLimit(field: "header", limit: Self.sizeLimit, actual: bytes.count))
        }
        var reader = ProtobufReader(bytes)
        var header: BlockHeader?
        var commit: Commit?
        var validatorSet: ValidatorSet?
        var roots: DataAvailabilityHeader?
        while let field = try reader.next() {
            switch field.number {
            case 1: header = try BlockHeader(protobuf: try field.bytes())
            case 2: commit = try Commit(protobuf: try field.bytes())
            case 3: validatorSet = try ValidatorSet(protobuf: try field.bytes())
            case 4: roots = try DataAvailabilityHeader(protobuf: try field.bytes())
            default: break
            }
        }
        guard let header, let commit, let validatorSet, let roots else {
            throw .malformed("an extended header lacks one of its four parts")
        }
        self.init(
            header: header, commit: commit, validatorSet: validatorSet,
            dataAvailabilityHeader: roots)
    }

    /// Reads the wire form from a whole array.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        try self.init(protobuf: bytes[...])
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter()
        writer.presentBytes(1, header.protobuf)
        writer.presentBytes(2, commit.protobuf)
        writer.presentBytes(3, validatorSet.protobuf)
        writer.presentBytes(4, dataAvailabilityHeader.protobuf)
        return writer.bytes
    }
}
