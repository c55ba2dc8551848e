// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain
package import DataSquare

/// What a committee's machine is told once.
package struct AgreementConfiguration: Sendable {
    /// The chain's constants.
    package var rules: ProposalRules
    /// Which validator this node is; nil for one that only follows.
    package var ownAddress: Bytes20?
    /// The time for encoding that a view has beside three Δ.
    package var encodeMilliseconds: UInt64
    /// How long a leader may wait for transactions before it makes a block without any.
    package var idleMilliseconds: UInt64
    /// Whether a member that was slow still votes for a final block, since votes are counted.
    package var isVotingLate = false
    /// The bug that the machine has, for tests of what watches it; nil everywhere else.
    package var mutant: AgreementMutant?

    /// Takes the parts.
    package init(
        rules: ProposalRules, ownAddress: Bytes20?,
        encodeMilliseconds: UInt64 = AgreementLimits.encodeMilliseconds,
        idleMilliseconds: UInt64 = 0
    ) {
        self.rules = rules
        self.ownAddress = ownAddress
        self.encodeMilliseconds = encodeMilliseconds
        self.idleMilliseconds = idleMilliseconds
    }
}

/// A block that others are built on, with what a child's header needs of it.
package struct ChainPoint: Hashable, Sendable {
    /// Its name; nil before the first block.
    package var block: BlockReference?
    /// Its time; nil where its header has not come yet.
    package var time: Timestamp?
    /// What certifies it; nil before the first block.
    package var certificate: QuorumCertificate?

    /// Takes the parts.
    package init(block: BlockReference?, time: Timestamp?, certificate: QuorumCertificate?) {
        self.block = block
        self.time = time
        self.certificate = certificate
    }
}

/// Where an epoch begins.
package struct EpochStart: Hashable, Sendable {
    /// Which.
    package var epoch: Epoch
    /// Who decides it.
    package var validatorSet: ValidatorSet
    /// Who certified the block that it stands on; for the first epoch the same.
    package var earlierSet: ValidatorSet
    /// What the order of leaders is drawn from.
    package var seed: Bytes32
    /// The block that it stands on.
    package var base: ChainPoint

    /// Takes the parts.
    package init(
        epoch: Epoch, validatorSet: ValidatorSet, earlierSet: ValidatorSet, seed: Bytes32,
        base: ChainPoint
    ) {
        self.epoch = epoch
        self.validatorSet = validatorSet
        self.earlierSet = earlierSet
        self.seed = seed
        self.base = base
    }

    /// Where a chain begins.
    package init(genesis time: Timestamp, validatorSet: ValidatorSet, seed: Bytes32) {
        self.init(
            epoch: Epoch(0), validatorSet: validatorSet, earlierSet: validatorSet, seed: seed,
            base: ChainPoint(block: nil, time: time, certificate: nil))
    }
}

/// What a node knows when it starts: nothing but the epoch's beginning, or what it kept.
package struct AgreementStart: Sendable {
    /// The epoch.
    package var epoch: EpochStart
    /// The highest final block of the epoch, if there is one.
    package var final: ChainPoint?
    /// Final blocks of the epoch that have no commit.
    package var openCommits: [BlockReference]
    /// What this validator said above the final block, and for open commits.
    package var said: [SignedStatement]
    /// Certificates above the final block.
    package var certificates: [QuorumCertificate]
    /// Proposals above the final block whose rows it stored.
    package var proposals: [Proposal]

    /// Takes the parts.
    package init(
        epoch: EpochStart, final: ChainPoint? = nil, openCommits: [BlockReference] = [],
        said: [SignedStatement] = [], certificates: [QuorumCertificate] = [],
        proposals: [Proposal] = []
    ) {
        self.epoch = epoch
        self.final = final
        self.openCommits = openCommits
        self.said = said
        self.certificates = certificates
        self.proposals = proposals
    }
}

/// What a block of one's own is to be built on.
package struct BlockRequest: Hashable, Sendable {
    /// For which committee.
    package let epoch: Epoch
    /// For which view.
    package let view: View
    /// The block before it.
    package let parent: ChainPoint
    /// The view of the parent's certificate; `View.base` on the block before the epoch.
    package let parentView: View
    /// The set that certified the parent.
    package let parentSet: ValidatorSet
    /// The epoch's members.
    package let validatorSet: ValidatorSet
    /// What goes into the extension: that the views between passed.
    package let nullifications: [QuorumCertificate]

    /// Takes the parts.
    package init(
        epoch: Epoch, view: View, parent: ChainPoint, parentView: View, parentSet: ValidatorSet,
        validatorSet: ValidatorSet, nullifications: [QuorumCertificate]
    ) {
        self.epoch = epoch
        self.view = view
        self.parent = parent
        self.parentView = parentView
        self.parentSet = parentSet
        self.validatorSet = validatorSet
        self.nullifications = nullifications
    }
}

/// A block of one's own, not yet signed.
package struct BuiltBlock: Hashable, Sendable {
    /// Its header.
    package let header: BlockHeader
    /// The header's extension.
    package let `extension`: HeaderExtension
    /// The square's roots.
    package let roots: DataAvailabilityHeader

    /// Takes the parts.
    package init(header: BlockHeader, extension: HeaderExtension, roots: DataAvailabilityHeader) {
        self.header = header
        self.extension = `extension`
        self.roots = roots
    }
}

/// Blocks that became final by one certificate.
package struct Finality: Hashable, Sendable {
    /// Those that are known, lowest first; the last is the certificate's.
    ///
    /// Where the first does not follow the one that was final before, the blocks between have not
    /// come to this node; whoever follows the chain fetches them.
    package let blocks: [BlockReference]
    /// The last one's certificate.
    package let certificate: QuorumCertificate
    /// Who signed it.
    package let validatorSet: ValidatorSet

    /// The last one's certificate as light clients verify it.
    package var commit: Commit? { certificate.commit(of: validatorSet) }
}

/// For what a member loses its connection; each is a lie and none is slowness.
package enum AgreementOffence: String, Hashable, Sendable {
    /// A vote in another member's name.
    case foreignVote
    /// A signature that does not hold.
    case signature
    /// A certificate without a quorum, or of a statement that it cannot be of.
    case certificate
    /// A proposal by somebody who does not lead.
    case foreignProposal
    /// A proposal that breaks a rule.
    case proposal
}

/// How much a machine keeps, for whoever watches over its bounds.
package struct AgreementLoad: Hashable, Sendable {
    /// Views of which something is known.
    package let views: Int
    /// Views whose single votes are kept.
    package let talliedViews: Int
    /// Blocks whose proposal is kept.
    package let blocks: Int
    /// Batches of signatures that are being verified.
    package let checks: Int
    /// Views that are asked for.
    package let questions: Int
    /// Heights whose commit votes are kept.
    package let openCommits: Int
}
