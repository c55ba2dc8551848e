// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Availability
internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery
internal import Peering
internal import Pooling

/// What only a validator has that makes blocks together with others.
struct CommitteeState {
    /// A block of this node's own that is wanted.
    struct Building {
        let request: BlockRequest
        /// When it was asked for.
        let since: Instant
        /// Whether its square is being committed to.
        var isUnderWay = false
    }

    /// A certificate that is on disk until what it says is settled.
    struct Kept {
        let name: String
        let epoch: Epoch
        let view: View
    }

    /// A question to the signer that waits for its answer.
    typealias Signing = (ticket: Ticket, intent: SigningIntent)

    let greeting: Greeting
    /// The members of the present epoch and of those around it.
    var sets: CommitteeSets
    let rules: ProposalRules
    var agreement: AgreementMachine
    var attestation: AttestationMachine
    var talk: MessageChannel
    var rows: MessageChannel
    /// Members that have greeted on a connection that stands.
    var peerOf: [Bytes20: PeerIdentifier] = [:]
    var addressOf: [PeerIdentifier: Bytes20] = [:]
    /// Greetings of validators that are in no set yet, by connection.
    var waitingGreetings: [PeerIdentifier: Greeting] = [:]
    /// Blocks that are not in the chain yet, and the newest that are, by their headers' hashes.
    var blocks: [Bytes32: CommitteeBlock] = [:]
    var building: Building?
    /// How wide a square is proposed.
    var pace: BlockPace

    /// What the machine is told when it has finished with what it is told now.
    var inbox: [AgreementMachine.Event] = []
    var isTelling = false

    /// Records that must be durable before anything is signed.
    var keeping = 0
    /// What is to be signed when they are.
    var unsigned: [SigningIntent] = []
    var signing: [Signing] = []
    var kept: [Kept] = []
    /// Why the signer signs nothing.
    var silence: String?

    /// Final headers with their commits that do not follow the newest header yet, by height.
    var decided: [UInt64: ExtendedHeader] = [:]
    /// The last block whose transactions are in the ledger; its hash is nil where it is not at hand.
    var ledgerHeight: UInt64
    var ledgerBlock: Bytes32?
    /// The height that is being put into the ledger from the store.
    var executing: UInt64?
    /// Final blocks without a commit that are verified once more, by height.
    var recertifying: [UInt64: BlockReference] = [:]
    private var slotCount = 0
    /// Votes for blocks of one's own.
    var harvest: VoteHarvest
    /// Faults of members.
    var evidence: EvidenceBook
    /// Whether this node has finalized two blocks of one view on purpose.
    var hasSignedTwice = false
    /// The epoch whose end was asked of the store.
    var epochAsked: Epoch?

    init(
        _ configuration: NodeConfiguration, greeting: Greeting, genesis: Genesis,
        start: AgreementStart, evidence: EvidenceBook, ledgerHeight: UInt64,
        ledgerBlock: Bytes32?
    ) {
        self.greeting = greeting
        self.evidence = evidence
        sets = CommitteeSets(start.epoch)
        harvest = VoteHarvest(height: ledgerHeight)
        rules = ProposalRules(
            chainID: genesis.chainID, consensusParameters: genesis.consensusParameters,
            epochLength: genesis.staking?.epochBlocks ?? configuration.epochLength)
        var agreement = AgreementConfiguration(
            rules: rules, ownAddress: greeting.address,
            idleMilliseconds: configuration.committeeIdleMilliseconds)
        agreement.isVotingLate = genesis.staking != nil
        self.agreement = AgreementMachine(agreement, start)
        attestation = AttestationMachine(
            place: start.epoch.validatorSet.place(of: greeting.address) ?? -1)
        pace = BlockPace(widthMax: genesis.squareSizeMax)
        talk = MessageChannel(
            "/\(configuration.network)/quadrat/agreement/v0.0.1",
            limits: MessageChannelLimits(
                messageBytes: AgreementMessage.sizeMax, queueBytes: NodeLimits.channelQueueBytes,
                incompleteBytes: NodeLimits.channelIncompleteBytes))
        rows = MessageChannel(
            "/\(configuration.network)/quadrat/rows/v0.0.1",
            limits: MessageChannelLimits(
                messageBytes: RowMessage.sizeMax, queueBytes: NodeLimits.rowsQueueBytes,
                incompleteBytes: NodeLimits.channelIncompleteBytes,
                windowBytes: NodeLimits.rowsWindowBytes))
        self.ledgerHeight = ledgerHeight
        self.ledgerBlock = ledgerBlock
    }

    /// The members of the present epoch.
    var set: ValidatorSet { sets.present }

    /// This node's place among them; nil where it has none.
    var place: Int? { self.set.place(of: greeting.address) }

    /// Members that are heard, this node among them.
    private var heard: [Validator] {
        self.set.validators.filter { peerOf[$0.address] != nil || $0.address == greeting.address }
    }

    /// Why nothing is decided here; nil while it can be, or is not this node's to decide.
    var silenceText: String? {
        if let silence { return "nothing is signed: \(silence)" }
        let heardPower = heard.reduce(0) { $0 + $1.votingPower }
        guard place != nil, heardPower < self.set.quorumPower else { return nil }
        return "\(heard.count) of \(self.set.count) members heard, which have \(heardPower) of "
            + "\(self.set.totalVotingPower) votes; a quorum needs \(self.set.quorumPower)"
    }

    /// The blocks in an order that all nodes agree on.
    var blocksInOrder: [Bytes32] {
        blocks.values.map(\.proposal)
            .sorted {
                ($0.block.height, $0.view, $0.block.hash.hex)
                    < ($1.block.height, $1.view, $1.block.hash.hex)
            }
            .map(\.block.hash)
    }

    /// The place on disk for the next block that is not in the chain yet.
    mutating func nextSlot() -> Int {
        slotCount += 1
        return slotCount % NodeLimits.committeeBlocksMax
    }

    /// Takes a block up; the oldest that is open makes room.
    mutating func take(_ proposal: Proposal) {
        guard blocks[proposal.block.hash] == nil else { return }
        if blocks.count >= NodeLimits.committeeBlocksMax, let oldest = blocksInOrder.first {
            blocks[oldest] = nil
        }
        blocks[proposal.block.hash] = CommitteeBlock(proposal)
    }
}

/// What is known of one block of the committee.
struct CommitteeBlock {
    let proposal: Proposal
    /// Where it lies on disk while it is not in the chain.
    var slot: Int?
    /// Whether its rows were asked for.
    var isAttesting = false
    /// Whether the rows that this member is owed are here.
    var isRowsHeld = false
    /// Whether the proposal is durable, or on its way to the disk.
    var isProposalKept = false
    /// Whether agreement knows of the rows.
    var isRowsTold = false
    /// The whole square, extended again by this node.
    var square: CertifiableSquare?
    /// What its transactions lead to.
    var execution: BlockExecution?
    var isExecuting = false
    /// Whether the square is durable, or on its way to the disk.
    var isSquareKept = false
    /// Whether agreement knows that it is available.
    var certified: CertifiedAvailable?
    /// Whether it breaks a rule for good.
    var isRefused = false
    /// When it got how far.
    var milestones = BlockMilestones()

    init(_ proposal: Proposal) {
        self.proposal = proposal
    }
}
