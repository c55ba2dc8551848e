// SPDX-License-Identifier: Apache-2.0

internal import Agreement
package import Bytes
internal import Chain
internal import Cryptography
package import DataSquare
package import Ledger
internal import Machinery
internal import Peering
internal import Pooling
internal import Staking

/// What only a validator has: the pool, the ledger, and the rhythm in which they become blocks.
struct Producer {

    /// A question about a transaction that waits for news.
    struct Waiter {
        let hash: Bytes32
        let until: Instant
        let reply: Reply
    }

    /// Where an answer about a transaction goes.
    enum Reply {
        case peer(InboundNumber)
        case member(InboundNumber)
        case own(SubmissionKey)
        case duty
    }

    let building: BlockBuilding
    let rules: LedgerRules
    let appVersion: UInt64
    let squareWidthMaximum: Int
    let validatorSet: ValidatorSet
    /// The key of a validator that decides alone.
    let key: Ed25519PrivateKey?
    /// The height of the ledger that was stored.
    let restoredHeight: UInt64
    var agreement: SoleAgreementMachine
    var pool: TransactionPool
    var ledger: LedgerState
    var lastResultsHash: Bytes32
    /// The newest version of the ledger whose nodes are on disk; 0 for none.
    private var storedVersion: UInt64
    /// Records of an earlier format, which go with the next ledger that is stored.
    private var obsoleteRecords: [String]
    /// How far above the ledger's the versions are under which snapshots are restored.
    static let restoredVersions: UInt64 = 1 << 32
    /// Versions of restorations that an earlier run may have left behind go with the first ledger.
    private var leftovers: Range<UInt64>
    /// Every how many blocks a snapshot is taken; 0 for never.
    private let snapshotBlocks: UInt64
    /// The newest snapshots, the oldest first.
    var snapshots: [LedgerSnapshot] = []
    /// States, each with the height of the header whose app hash is its root, the oldest first.
    private(set) var provable: [(height: UInt64, state: LedgerState)] = []
    var waiters: [Waiter] = []
    var readingCount = 0
    private var included: [Bytes32: InclusionRecord] = [:]
    private var includedByBlock: [(height: UInt64, hashes: [Bytes32])] = []

    /// Takes up the chain where the store left it; throws when the store contradicts itself.
    init(
        _ configuration: NodeConfiguration, member address: Bytes20,
        key: Ed25519PrivateKey? = nil, restored: RestoredState
    ) throws(ProducerFault) {
        guard let genesis = configuration.genesis else { throw .noGenesis }
        let height = restored.head?.height.value ?? 0
        self.key = key
        building = BlockBuilding(genesis)
        rules = LedgerRules(genesis)
        appVersion = genesis.appVersion
        squareWidthMaximum = min(configuration.squareWidthMaximum, genesis.squareSizeMax)
        validatorSet = genesis.validatorSet
        // With staking, who is no member may become one.
        guard validatorSet.place(of: address) != nil || (key == nil && rules.staking != nil) else {
            throw .notAMember
        }
        guard key == nil || validatorSet.count == 1 else {
            throw .committeeOfMany(validatorSet.count)
        }
        let newest: LedgerRecord
        if let stored = try LedgerRecord.newest(restored) {
            newest = stored
        } else if height == 0 || key == nil {
            newest = try LedgerRecord.genesis(
                genesis, restored, resultsHash: MerkleTree.emptyRoot)
        } else {
            throw .ledgerMissing(height: height)
        }
        // Who decides alone stores a block and its ledger together.
        guard key == nil || newest.height == height else {
            throw .ledgerMissing(height: height)
        }
        (ledger, lastResultsHash) = (newest.state, newest.resultsHash)
        restoredHeight = newest.height
        (storedVersion, obsoleteRecords) = (newest.storedVersion, newest.obsolete)
        leftovers = ledger.version + Self.restoredVersions..<UInt64.max
        snapshotBlocks = configuration.snapshotBlocks
        agreement = SoleAgreementMachine(
            intervalMilliseconds: configuration.blockIntervalMilliseconds,
            heartbeatMilliseconds: configuration.heartbeatMilliseconds)
        pool = TransactionPool(
            rules: rules, price: genesis.minimumGasPrice, state: ledger,
            height: Height(restoredHeight))
        for record in restored.values where record.name.hasPrefix(InclusionList.prefix) {
            do throws(DecodeFault) {
                remember(try InclusionList(decoding: record.bytes))
            } catch {
                throw .record(record.name, error)
            }
        }
    }

    /// What became of a transaction, if it is in one of the last blocks.
    func inclusion(of hash: Bytes32) -> InclusionRecord? {
        included[hash]
    }

    /// Goes on to the state after a block; the one before is what the block's header commits to.
    mutating func advance(to state: LedgerState, resultsHash: Bytes32, after height: UInt64) {
        provable.append((height, ledger))
        if UInt64(provable.count) > StateExchange.heightsKept { provable.removeFirst() }
        if snapshotBlocks > 0, height > 1, (height - 1) % snapshotBlocks == 0 {
            snapshots.append(LedgerSnapshot(height: height, state: ledger))
            if snapshots.count > NodeLimits.snapshotsKept { snapshots.removeFirst() }
        }
        ledger = state
        lastResultsHash = resultsHash
    }

    /// What goes to disk of the ledger after a block, whose parent's is this one or is on its way.
    func commit(
        _ state: LedgerState, resultsHash: Bytes32, after height: UInt64
    ) -> (state: StateCommit, values: [(name: String, bytes: [UInt8])]) {
        (
            StateCommit(
                state.nodes(after: storedVersion), oldestRead: oldestRead, dropped: leftovers),
            LedgerRecord.make(
                height: height, state: state, resultsHash: resultsHash,
                obsolete: obsoleteRecords)
        )
    }

    /// The oldest version that somebody may still want to be shown.
    private var oldestRead: UInt64 {
        let proven = provable.first?.state.version ?? min(ledger.version, storedVersion)
        return min(proven, snapshots.first?.state.version ?? proven)
    }

    /// What goes to disk with a ledger that was restored from a snapshot, whose nodes lie there.
    func commit(
        restored state: LedgerState, resultsHash: Bytes32, after height: UInt64
    ) -> (state: StateCommit, values: [(name: String, bytes: [UInt8])]) {
        (
            StateCommit(dropping: 0..<state.version),
            LedgerRecord.make(
                height: height, state: state, resultsHash: resultsHash,
                obsolete: obsoleteRecords)
        )
    }

    /// Goes on from a ledger that was restored and is on disk.
    mutating func restore(_ state: LedgerState, resultsHash: Bytes32, after height: UInt64) {
        provable = []
        snapshots = []
        ledger = state
        lastResultsHash = resultsHash
        leftovers = 0..<0
        _ = pool.committed([], state: state, height: Height(height))
        stored(state.version)
    }

    /// A ledger is on disk: it may be let go from memory.
    mutating func stored(_ version: UInt64) {
        storedVersion = max(storedVersion, version)
        obsoleteRecords = []
        leftovers = 0..<0
        ledger.stored(through: storedVersion)
    }

    /// Remembers what a block included, and forgets the oldest.
    mutating func remember(_ list: InclusionList) {
        for record in list.records { included[record.transactionHash] = record }
        let place =
            includedByBlock.firstIndex { $0.height > list.height } ?? includedByBlock.count
        includedByBlock.insert(
            (list.height, list.records.map(\.transactionHash)), at: place)
        while UInt64(includedByBlock.count) > NodeLimits.inclusionBlocks {
            for hash in includedByBlock.removeFirst().hashes { included[hash] = nil }
        }
    }

    /// Makes the next block's draft on `parent`.
    func draft(
        on parent: ChainHeader?, height: UInt64, at now: Instant
    ) throws(ProducerFault) -> BlockDraft {
        let time = Timestamp(nanosecondsSince1970: now.nanoseconds)
        let committees: (next: ValidatorSet, afterNext: ValidatorSet)
        let opening: BlockOpening
        do throws(LedgerFault) {
            committees = try self.committees()
            let header = building.header(
                on: parent.map { .block($0.signedHeader) } ?? .none, dataRoot: Bytes32(),
                time: time, appHash: ledger.hash, validatorSet: committees.next,
                nextValidatorSet: committees.afterNext, proposer: proposer,
                extension: HeaderExtension(view: height, parentView: height - 1))
            opening = try LedgerTransition(rules: rules).open(
                header, votes: parent.flatMap { IncludedVotes($0.signedHeader.commit) },
                evidence: [], on: ledger)
        } catch {
            throw .ledger(error)
        }
        guard committees.next.count == 1 else { throw .committeeOfMany(committees.next.count) }
        guard committees.next.place(of: proposer) != nil else { throw .notAMember }
        let proposal: TransactionPool.Proposal
        do throws(SquareBuildFault) {
            proposal = try pool.propose(
                on: opening.state, opening: opening.transactions, sizeMaximum: squareWidthMaximum,
                appVersion: appVersion)
        } catch {
            throw .square(error)
        }
        if let fault = proposal.state.storeFault { throw .ledger(.store(fault)) }
        return BlockDraft(
            height: height, parent: parent, time: time, validatorSet: committees.next,
            nextValidatorSet: committees.afterNext, opening: opening.block, proposal: proposal)
    }

    /// What a signed draft does to the ledger, now that its square and its hash are known.
    func executed(
        _ draft: BlockDraft, _ header: ExtendedHeader
    ) throws(LedgerFault) -> TransactionPool.Proposal {
        guard rules.staking != nil else { return draft.proposal }
        var proposal = draft.proposal
        var state = ledger
        proposal.results = try LedgerTransition(rules: rules).apply(
            draft.opening.with(proposal.transactions), of: header.header,
            width: header.dataAvailabilityHeader.width, to: &state)
        proposal.state = state
        return proposal
    }

    /// Whose blocks these are: those of a validator that decides alone.
    private var proposer: Bytes20 {
        guard let key else { preconditionFailure("who decides alone has the key") }
        return ValidatorKey.ed25519(key.publicKey).address
    }

    /// The committees of the next block and of the one after it.
    private func committees() throws(LedgerFault) -> (next: ValidatorSet, afterNext: ValidatorSet) {
        try committees(after: ledger)
    }

    /// The committees of the block after a state and of the one after it.
    func committees(
        after state: LedgerState
    ) throws(LedgerFault) -> (next: ValidatorSet, afterNext: ValidatorSet) {
        guard let staking = rules.staking else { return (validatorSet, validatorSet) }
        return try state.committees(staking)
    }

    /// The members of an epoch, as soon as the ledger has fixed them.
    func members(of epoch: Epoch) -> ValidatorSet? {
        guard let staking = rules.staking else { return validatorSet }
        do {
            return try ledger.staking(staking).committee(of: epoch.value)?.validatorSet()
        } catch {
            return nil
        }
    }

    /// Signs a draft whose square is committed to; gives what opens the binding of its sidecar, too.
    func sign(
        _ draft: BlockDraft, _ square: CommittedSquare, _ sidecar: EncodingSidecar
    ) -> (ExtendedHeader, SidecarOpening) {
        guard let key else { preconditionFailure("who decides alone has the key") }
        let dataRoot = square.header.dataRoot
        let `extension` = HeaderExtension(
            view: draft.height, parentView: draft.height - 1,
            sidecarBinding: sidecar.binding(dataRoot: dataRoot))
        let header = building.header(
            on: draft.parent.map { .block($0.signedHeader) } ?? .none,
            dataRoot: dataRoot, time: draft.time, appHash: ledger.hash,
            lastResultsHash: lastResultsHash, validatorSet: draft.validatorSet,
            nextValidatorSet: draft.nextValidatorSet, proposer: proposer,
            extension: `extension`)
        let signed = building.extendedHeader(
            header, round: 1, signedBy: [key], of: draft.validatorSet, roots: square.header)
        let opening = SidecarOpening(
            parametersHash: building.consensusParameters.hash, extension: `extension`)
        return (signed, opening)
    }
}

/// A block from its proposal until it is stored.
struct BlockDraft: Sendable {
    let height: UInt64
    let parent: ChainHeader?
    let time: Timestamp
    let validatorSet: ValidatorSet
    let nextValidatorSet: ValidatorSet
    /// What the proposer says, ahead of the pool's transactions.
    let opening: ReadBlock
    var proposal: TransactionPool.Proposal
    var header: ExtendedHeader?

    /// What the block includes.
    var inclusions: InclusionList {
        InclusionList(height: height, results: proposal.results)
    }
}

/// Why a validator cannot begin.
package enum ProducerFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// No genesis was given; only those who follow a chain can do without.
    case noGenesis
    /// The key is not of the genesis committee.
    case notAMember
    /// More than one member where one alone decides: stake does not change who agrees in this version.
    case committeeOfMany(Int)
    /// The disk has the chain but not the ledger of its head.
    case ledgerMissing(height: UInt64)
    /// The ledger refuses the genesis, or contradicts itself.
    case ledger(LedgerFault)
    /// The square cannot be built.
    case square(SquareBuildFault)
    /// A small record does not decode.
    case record(String, DecodeFault)
    /// The ledger is in an earlier format, and cannot be taken over.
    case earlierFormat(height: UInt64, DecodeFault)

    package var description: String {
        switch self {
        case .noGenesis: "a validator needs the chain's genesis"
        case .notAMember: "the validator key is not in the genesis committee"
        case .committeeOfMany(let count):
            "the committee has \(count) members, and this validator makes blocks alone"
        case .ledgerMissing(let height):
            "the store has no ledger of height \(height); restore the data directory"
        case .ledger(let fault): "the ledger: \(fault)"
        case .square(let fault): "the square: \(fault)"
        case .earlierFormat(let height, let fault):
            "the ledger of height \(height) is in the format of an earlier version that cannot be "
                + "taken over (\(fault)); move the data directory away, so that the chain is fetched "
                + "anew or begun anew"
        case .record(let name, let fault): "the stored record \(name) is damaged: \(fault)"
        }
    }
}
