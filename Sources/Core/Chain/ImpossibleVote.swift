// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// A deciding vote for a header that no honest member could have certified; it stands alone.
///
/// It is what light clients are attacked with: a header that contradicts what the chain had settled
/// before. Wire form: `ImpossibleVote {Header header=4; BlockID block_id=5; int32 round=6; CommitSig
/// vote=7; Header chain_header=8; uint64 epoch=9}`; its fields begin where those of a pair of statements
/// end, so that the first byte tells the two apart. Specified in Protocol/22-slashing.md#impossible.
public struct ImpossibleVote: Hashable, Sendable {
    /// The largest wire form, in bytes; two headers of at most 1,100 bytes and a vote.
    public static let sizeLimit = 4_096

    /// What was voted for.
    public let header: BlockHeader
    /// The block as the vote names it.
    public let blockID: BlockID
    /// The round of the vote.
    public let round: Int32
    /// The vote, as it stood in a commit.
    public let vote: CommitSignature
    /// The chain's header of that height, where the two have to be compared.
    public let chainHeader: BlockHeader?
    /// The epoch in whose committee the signer stands.
    public let epoch: Epoch

    /// Takes the parts, or is nil for a vote that is for no block, or for another than the header's.
    public init?(
        header: BlockHeader, blockID: BlockID, round: Int32, vote: CommitSignature,
        chainHeader: BlockHeader?, epoch: Epoch
    ) {
        guard vote.flag == .commit, vote.isWellFormed, round >= 0, blockID.isComplete,
            blockID.hash == header.hash, header.height > Height(0), header.height <= .largest,
            chainHeader.map({ $0.height == header.height && $0.hash != blockID.hash }) ?? true
        else { return nil }
        self.header = header
        self.blockID = blockID
        self.round = round
        self.vote = vote
        self.chainHeader = chainHeader
        self.epoch = epoch
    }

    /// Whose vote it is.
    public var address: Bytes20 { vote.validatorAddress ?? Bytes20() }

    /// Whether a key signed it.
    public func isValid(by key: ValidatorKey, chainID: String) -> Bool {
        guard let signature = vote.signature else { return false }
        let signed = Vote(
            kind: .precommit, height: header.height, round: round, blockID: blockID,
            timestamp: vote.timestamp)
        return key.isValid(signature, for: signed.signBytes(chainID: chainID))
    }

    /// What must be known of the chain to judge such a vote.
    public struct Ground: Sendable {
        /// The chain's name.
        public var chainID: String
        /// The committee of the header's height.
        public var committee: ValidatorSet
        /// The committee of the height above, where it is known.
        public var nextCommittee: ValidatorSet?
        /// The hash of the chain's block of that height, where it is known.
        public var blockHash: Bytes32?

        /// Takes the parts.
        public init(
            chainID: String, committee: ValidatorSet, nextCommittee: ValidatorSet?,
            blockHash: Bytes32?
        ) {
            self.chainID = chainID
            self.committee = committee
            self.nextCommittee = nextCommittee
            self.blockHash = blockHash
        }
    }

    /// What of the header no honest member could have certified, or nil where one may have.
    ///
    /// Committees are fixed by blocks that were final before anybody voted in the epoch; what a block
    /// leads to follows from it alone. Nothing else is held against anybody: another block of the same
    /// height may honestly be voted for in another view.
    public func reason(on ground: Ground) -> Reason? {
        if header.chainID != ground.chainID { return .chain }
        if blockID.partSetTotal != 1 || blockID.partSetHash != header.dataHash { return .partSet }
        if header.validatorsHash != ground.committee.hash { return .committee }
        if let next = ground.nextCommittee, header.nextValidatorsHash != next.hash {
            return .nextCommittee
        }
        if ground.committee.place(of: address) == nil { return .noSeat }
        guard let chain = chainHeader, let known = ground.blockHash, chain.hash == known,
            chain.lastBlockID.hash == header.lastBlockID.hash
        else { return nil }
        if header.appHash != chain.appHash { return .state }
        if header.lastResultsHash != chain.lastResultsHash { return .results }
        return nil
    }

    /// Why nobody honest can have certified a header.
    public enum Reason: String, CaseIterable, Sendable {
        /// It is of another chain.
        case chain
        /// The vote names another part set than one of its data root.
        case partSet
        /// It names another committee than the height's.
        case committee
        /// It names another committee of the next height.
        case nextCommittee
        /// The signer had no seat at that height.
        case noSeat
        /// On the same parent it names another state.
        case state
        /// On the same parent it names other results.
        case results
    }

    /// What the same vote is known by everywhere.
    public var id: Bytes32 { SHA256.hash(Array("QDR1/evidence\0".utf8) + protobuf) }

    /// Reads the wire form; only the form that writing gives is taken.
    public init(protobuf bytes: [UInt8]) throws(DecodeFault) {
        guard bytes.count <= Self.sizeLimit else {
            throw DecodeFault(
                .overLimit(field: "evidence", limit: Self.sizeLimit, actual: bytes.count))
        }
        var reader = ProtobufReader(bytes[...])
        var (header, chainHeader): (BlockHeader?, BlockHeader?)
        var (blockID, vote) = (BlockID.none, CommitSignature.absent)
        var (round, epoch) = (UInt64(0), UInt64(0))
        while let field = try reader.next() {
            switch field.number {
            case 4: header = try BlockHeader(protobuf: try field.bytes())
            case 5: blockID = try BlockID(protobuf: try field.bytes())
            case 6: round = try field.varint()
            case 7: vote = try CommitSignature(protobuf: try field.bytes())
            case 8: chainHeader = try BlockHeader(protobuf: try field.bytes())
            case 9: epoch = try field.varint()
            default: throw .malformed("an unknown field", at: field.offset)
            }
        }
        guard let header, let round = Int32(exactly: round),
            let read = ImpossibleVote(
                header: header, blockID: blockID, round: round, vote: vote,
                chainHeader: chainHeader, epoch: Epoch(epoch))
        else { throw .malformed("no vote for a header") }
        guard read.protobuf == bytes else { throw .malformed("another form of a vote") }
        self = read
    }

    /// The wire form.
    public var protobuf: [UInt8] {
        var writer = ProtobufWriter(capacity: 1_400)
        writer.presentBytes(4, header.protobuf)
        writer.presentBytes(5, blockID.protobuf)
        writer.varint(6, UInt64(round))
        writer.presentBytes(7, vote.protobuf)
        if let chainHeader { writer.presentBytes(8, chainHeader.protobuf) }
        writer.varint(9, epoch.value)
        return writer.bytes
    }
}
