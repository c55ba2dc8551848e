// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import Cryptography
public import DataSquare

/// Makes headers and commits of our own chain.
///
/// A block is proposed on its parent; the state in its header is the one after the parent. The
/// part set that votes name has one part, whose hash is the data root.
public struct BlockBuilding: Hashable, Sendable {
    /// What a block stands on.
    public enum Parent: Hashable, Sendable {
        /// Nothing: the block is the first.
        case none
        /// A block and the votes for it.
        case block(SignedHeader)
    }

    /// The chain's name.
    public var chainID: String
    /// The version of the state machine.
    public var appVersion: UInt64
    /// What `consensusHash` covers beside the extension.
    public var consensusParameters: ConsensusParameters

    /// Takes the chain's constants.
    public init(
        chainID: String, appVersion: UInt64, consensusParameters: ConsensusParameters
    ) {
        self.chainID = chainID
        self.appVersion = appVersion
        self.consensusParameters = consensusParameters
    }

    /// The chain that a genesis begins.
    public init(_ genesis: Genesis) {
        self.init(
            chainID: genesis.chainID, appVersion: genesis.appVersion,
            consensusParameters: genesis.consensusParameters)
    }

    /// The header of the block on top of `parent`.
    ///
    /// `time` is put after the parent's by a millisecond at least, as the rules demand.
    public func header(
        on parent: Parent, dataRoot: Bytes32, time: Timestamp, appHash: Bytes32,
        lastResultsHash: Bytes32 = MerkleTree.emptyRoot,
        evidenceHash: Bytes32 = MerkleTree.emptyRoot, validatorSet: ValidatorSet,
        nextValidatorSet: ValidatorSet, proposer: Bytes20, extension: HeaderExtension
    ) -> BlockHeader {
        var header = BlockHeader(
            appVersion: appVersion, chainID: chainID, height: Height(1), time: time,
            lastBlockID: .none, lastCommitHash: MerkleTree.emptyRoot, dataHash: dataRoot,
            validatorsHash: validatorSet.hash, nextValidatorsHash: nextValidatorSet.hash,
            consensusHash: `extension`.consensusHash(consensusParameters),
            appHash: appHash.array, lastResultsHash: lastResultsHash, evidenceHash: evidenceHash,
            proposerAddress: proposer)
        if case .block(let signed) = parent {
            header.height = signed.header.height.next
            header.time = max(time, signed.header.time.advanced(byNanoseconds: 1_000_000))
            header.lastBlockID = signed.commit.blockID
            header.lastCommitHash = signed.commit.hash
        }
        return header
    }

    /// The deciding vote of one member for a header, as it stands in a commit.
    public static func vote(
        for header: BlockHeader, round: Int32, by key: Ed25519PrivateKey, at time: Timestamp
    ) -> CommitSignature {
        let vote = Vote(
            kind: .precommit, height: header.height, round: round,
            blockID: BlockID(header: header), timestamp: time)
        return CommitSignature(
            flag: .commit, validatorAddress: ValidatorKey.ed25519(key.publicKey).address,
            timestamp: time, signature: key.sign(vote.signBytes(chainID: header.chainID)))
    }

    /// The commit of a header from the votes that came, each put at its member's place.
    ///
    /// Votes of strangers are left out; places without a vote are absent.
    public static func commit(
        for header: BlockHeader, round: Int32, votes: [CommitSignature], of set: ValidatorSet
    ) -> Commit {
        var places = [CommitSignature](repeating: .absent, count: set.count)
        for vote in votes {
            if let address = vote.validatorAddress, let place = set.place(of: address) {
                places[place] = vote
            }
        }
        return Commit(
            height: header.height, round: round, blockID: BlockID(header: header),
            signatures: places)
    }

    /// The whole extended header of a committee that signs at once with the keys at hand.
    public func extendedHeader(
        _ header: BlockHeader, round: Int32, signedBy keys: [Ed25519PrivateKey],
        of set: ValidatorSet, roots: DataAvailabilityHeader
    ) -> ExtendedHeader {
        let votes = keys.map {
            Self.vote(for: header, round: round, by: $0, at: header.time)
        }
        return ExtendedHeader(
            header: header,
            commit: Self.commit(for: header, round: round, votes: votes, of: set),
            validatorSet: set, dataAvailabilityHeader: roots)
    }
}
