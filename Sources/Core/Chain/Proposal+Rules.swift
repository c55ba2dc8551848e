// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// The rule that a proposal breaks.
public enum ProposalFault: Error, Hashable, Sendable {
    /// It is of another chain.
    case chain(String)
    /// Its height does not follow its parent's, or lies beyond the epoch.
    case height(Height)
    /// It names another block than the certified one as its parent.
    case parent
    /// Its certificate is of another statement than a proposal may build on.
    case certificate
    /// Its extension is of another view, or of another parent's.
    case view(UInt64)
    /// Its extension carries other certificates than those of the views between.
    case nullifications
    /// Its time is not after its parent's, or lies too far in the future.
    case time(Timestamp)
    /// Its validators are not the epoch's.
    case validators
    /// Its proposer is not the leader of the view.
    case proposer
    /// Its header does not cover its extension.
    case consensusHash
    /// Its header does not cover its parent's certificate.
    case lastCommitHash
    /// It repeats a block that is not the epoch's last.
    case repetition
}

/// What a proposal is held against.
public struct ProposalRules: Hashable, Sendable {
    /// The least time from one block to the next, in nanoseconds.
    public static let stepNanoseconds: Int64 = 1_000_000
    /// How far ahead of one's own clock a block's time may be, in milliseconds.
    public static let driftMilliseconds: UInt64 = 500

    /// The chain's name.
    public var chainID: String
    /// What `consensusHash` covers beside the extension.
    public var consensusParameters: ConsensusParameters
    /// How many heights an epoch has.
    public var epochLength: UInt64

    /// Takes the chain's constants.
    public init(chainID: String, consensusParameters: ConsensusParameters, epochLength: UInt64) {
        precondition((1...Epoch.lengthMax).contains(epochLength), "an epoch has some heights")
        self.chainID = chainID
        self.consensusParameters = consensusParameters
        self.epochLength = epochLength
    }

    /// The block that a proposal builds on.
    public struct Parent: Hashable, Sendable {
        /// Its name, or nil before the first block.
        public var block: BlockReference?
        /// Its time.
        public var time: Timestamp
        /// The set that certified it.
        public var validatorSet: ValidatorSet

        /// Takes the parts.
        public init(block: BlockReference?, time: Timestamp, validatorSet: ValidatorSet) {
            self.block = block
            self.time = time
            self.validatorSet = validatorSet
        }
    }

    /// Throws unless a proposal of `leader` follows the rules; signatures are not looked at.
    ///
    /// `latest` is the last moment that its time may name. What needs the chain's state (the
    /// application's and the results' hashes, the evidence, the next validators) is the block's
    /// executor to check.
    public func check(
        _ proposal: Proposal, on parent: Parent, of set: ValidatorSet, leader: Bytes20,
        latest: Timestamp
    ) throws(ProposalFault) {
        let header = proposal.header
        guard header.chainID == chainID else { throw .chain(header.chainID) }
        guard header.validatorsHash == set.hash else { throw .validators }
        guard header.consensusHash == proposal.extension.consensusHash(consensusParameters) else {
            throw .consensusHash
        }
        guard header.height == (parent.block?.height ?? Height(0)).next,
            Epoch(of: header.height, length: epochLength) == proposal.epoch
        else { throw .height(header.height) }
        guard header.lastBlockID == (parent.block?.blockID ?? .none) else { throw .parent }
        guard header.proposerAddress == leader else { throw .proposer }
        let earliest = parent.time.advanced(byNanoseconds: Self.stepNanoseconds)
        guard header.time >= earliest, header.time <= latest else { throw .time(header.time) }
        try checkCertificate(proposal, on: parent)
    }

    /// The certificate is of the parent, the header covers it, and the extension tells its view.
    private func checkCertificate(
        _ proposal: Proposal, on parent: Parent
    ) throws(ProposalFault) {
        guard proposal.parent?.statement.block == parent.block else { throw .certificate }
        let hash = proposal.parent.map { $0.commit(of: parent.validatorSet)?.hash }
        guard proposal.header.lastCommitHash == (hash ?? MerkleTree.emptyRoot) else {
            throw .lastCommitHash
        }
        let `extension` = proposal.extension
        guard `extension`.view == proposal.view.value,
            `extension`.parentView == proposal.parentView.value,
            `extension`.parentView < `extension`.view
        else { throw .view(`extension`.view) }
        let gap = Int(`extension`.view - `extension`.parentView - 1)
        guard `extension`.nullifications.count == min(gap, HeaderExtension.nullificationLimit)
        else { throw .nullifications }
    }
}
