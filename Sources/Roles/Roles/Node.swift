// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Availability
internal import Bytes
internal import Chain
internal import DataSquare
internal import Ledger
package import Machinery
internal import Peering
internal import Pooling
internal import StateTree
internal import Syncing

/// One node of the network: told what happened, it says what to do.
///
/// It owns the machines that its kind is made of and carries words between them; each conversation
/// is one file, `Node+….swift`. It is the same value in production and in simulation.
package struct Node {
    let configuration: NodeConfiguration
    var peerHost: PeerHost
    var peers = PeerBook()
    var gossip: GossipState
    var headers: HeaderSyncMachine
    var squares = SquareSyncMachine()
    var sampling: SamplingState
    var fraud = FraudState()
    var attacks = AttackBook()
    var sidecars = SidecarState()
    var rowAlarm = RowAlarmMachine()
    var rowDraws: [RowDraw] = []
    var submission = SubmissionMachine()
    var prices = PriceBook()
    var snapshots = SnapshotFetch()
    var snapshotJobs = 0
    /// Where the ledger's nodes lie.
    var stateNodes: any WatchedNodeStore = NoStoredNodes()
    var inquiries: [(number: UInt64, inquiry: LedgerInquiry)] = []
    var inquiryCount: UInt64 = 0
    var producer: Producer?
    /// What only one of several validators has.
    var committee: CommitteeState?
    /// What only a validator has that answers for its stake.
    var duties: DutyState?
    var chain = ChainView()
    /// Troubles that stay until something clears them; see `currentHealth`.
    var health = NodeHealth()
    var retrievals: [Retrieval] = []
    var retention: Retention
    var repair: SquareRepair?
    var repairsWaiting: [UInt64] = []
    var entropy: SeededGenerator
    var hasBegun = false
    var startedAt: Instant?
    var nextRedial: Instant?
    var dialling: [PeerIdentifier] = []
    var discovery: DiscoveryState
    var outgoing: [InboundNumber: ArraySlice<UInt8>] = [:]
    var sampleAnswers: [InboundNumber: SampleAnswer] = [:]
    var rowsFetches: [RowsFetch] = []
    var rowsFetchCount: UInt64 = 0
    var traffic = Traffic()
    var protections: [(peer: String, tag: String)] = []
    var inclusions: [(ticket: Ticket, record: InclusionRecord, until: Instant)] = []
    var rootsFetches: [RootsFetch] = []
    var rootsFetchCount: UInt64 = 0
    var rootsAtHand = RootsAtHand()
    /// Validators and relays that did not answer the last time, who are asked after the others.
    var silentValidators: [PeerIdentifier] = []
    var unstored: [(headers: [ChainHeader], due: Instant)] = []
    var pings: [(peer: PeerIdentifier, asker: Ticket)] = []

    var lastTicket: UInt64 = 0
    var loads: [Ticket: LoadPurpose] = [:]
    var stores: [Ticket: StorePurpose] = [:]
    var jobs: [Ticket: JobPurpose] = [:]
    var requests: [RequestNumber: RequestPurpose] = [:]

    /// Makes a node that waits for `RoleEvent.began`.
    package init(_ configuration: NodeConfiguration) {
        self.configuration = configuration
        entropy = SeededGenerator(seed: Bytes32())
        peerHost = PeerHost(Node.peerConfiguration(configuration, seed: Bytes32()))
        gossip = GossipState(configuration, seed: Bytes32())
        headers = HeaderSyncMachine(
            rules: HeaderRules(
                chainID: configuration.rules.chainID, trust: configuration.trust,
                isDeciding: configuration.isInCommittee,
                genesisTime: configuration.genesis?.time),
            pollMilliseconds: configuration.pollMilliseconds, floor: configuration.headersFrom)
        sampling = SamplingState(schedule: SamplingSchedule(tail: 1))
        discovery = DiscoveryState(configuration, seed: Bytes32())
        retention = Retention(configuration)
    }

    /// Takes one event at time `now` and appends, in order, what must be done about it.
    package mutating func handle(
        _ event: RoleEvent, at now: Instant, into effects: inout [RoleEffect]
    ) {
        switch event {
        case .began(let restored, let entropy):
            precondition(!hasBegun, "a node begins once")
            begin(restored, seed: entropy, at: now, into: &effects)
        case .connected(let number, let remote):
            tell(.connected(number, remote: remote), now, &effects)
        case .received(let number, let bytes):
            traffic.add(in: bytes.count, at: now)
            tell(.received(number, bytes), now, &effects)
        case .drained(let number):
            tell(.drained(number), now, &effects)
        case .disconnected(let number):
            tell(.disconnected(number), now, &effects)
        case .stored(let ticket):
            stored(ticket, failure: nil, at: now, into: &effects)
        case .storeFailed(let ticket, let reason):
            stored(ticket, failure: reason, at: now, into: &effects)
        case .storeFull(let ticket, let reason):
            tellSpace(.refusedByDisk, now, &effects)
            stored(ticket, failure: reason, at: now, into: &effects)
        case .signed(let ticket, let outcome):
            signed(ticket, outcome, at: now, into: &effects)
        case .loaded(let ticket, let value):
            loaded(ticket, value, at: now, into: &effects)
        case .computed(let ticket, let result):
            computed(ticket, result, at: now, into: &effects)
        case .asked(let ticket, let request):
            asked(ticket, request, at: now, into: &effects)
        case .woke:
            woke(at: now, into: &effects)
        }
        if hasBegun { flushPeers(at: now, into: &effects) }
    }

    private mutating func begin(
        _ restored: RestoredState, seed: Bytes32, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        hasBegun = true
        startedAt = now
        entropy = SeededGenerator(seed: seed)
        let restored = recallFraud(restored, into: &effects)
        guard let hostSeed = Bytes32(entropy.bytes(32)) else {
            preconditionFailure("32 bytes are 32 bytes")
        }
        peerHost = PeerHost(Node.peerConfiguration(configuration, seed: hostSeed))
        guard let gossipSeed = Bytes32(entropy.bytes(32)) else {
            preconditionFailure("32 bytes are 32 bytes")
        }
        gossip = GossipState(configuration, seed: gossipSeed)
        chain = ChainView(restored)
        stateNodes = restored.stateNodes
        if let refusal = fraud.refusal { forget(from: refusal.record.height, into: &effects) }
        duties = DutyState(configuration)
        beginSampling(restored, at: now, into: &effects)
        if !configuration.isFollowing {
            beginProducing(restored, at: now, into: &effects)
        } else {
            haltAfterDivergence(restored, at: now, into: &effects)
            tellHeaders(.began(head: restored.head, held: restored.headers), now, &effects)
            if let refusal = fraud.refusal { tellHeaders(refusal.ending, now, &effects) }
        }
        if configuration.isInCommittee { beginCommittee(restored, at: now, into: &effects) }
        beginDiscovery(restored, at: now, into: &effects)
        beginRetention(restored, at: now, into: &effects)
        if configuration.kind == .storage || configuration.isInCommittee {
            wantMissingSquares(at: now, into: &effects)
        }
        fraudHeadersCame(at: now, into: &effects)
        wakeFraud(at: now, into: &effects)
        beginPeering(at: now, into: &effects)
    }

    private mutating func woke(at now: Instant, into effects: inout [RoleEffect]) {
        guard hasBegun else { return }
        tell(.woke, now, &effects)
        redial(at: now, into: &effects)
        wakeGossip(at: now, into: &effects)
        wakeDiscovery(at: now, into: &effects)
        tellSubmission(.woke, now, &effects)
        if configuration.kind == .validator {
            tellAgreement(.woke, now, &effects)
            wakeSubmissionServer(at: now, into: &effects)
        }
        if configuration.isFollowing {
            tellHeaders(.woke, now, &effects)
            tellSquares(.woke, now, &effects)
        }
        wakeCommittee(at: now, into: &effects)
        tellDuties(.woke, now, &effects)
        wakeSnapshots(at: now, into: &effects)
        storeAgain(at: now, into: &effects)
        wakeFraud(at: now, into: &effects)
        wakeRows(at: now, into: &effects)
        wakeSampling(at: now, into: &effects)
        wakeRetention(at: now, into: &effects)
        answerInclusions(at: now, into: &effects)
        endRetrievals(at: now, into: &effects)
    }

    /// A name for something that is asked of the host.
    mutating func ticket() -> Ticket {
        lastTicket += 1
        return Ticket(lastTicket)
    }
}
