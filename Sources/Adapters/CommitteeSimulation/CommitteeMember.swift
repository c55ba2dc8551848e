// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Bytes
internal import Chain

/// One member of a simulated committee: its machine while it runs, and what it keeps.
final class CommitteeMember {
    let index: Int
    /// Whose key it has: its own number, but for a second instance of a key.
    let identity: Int
    let address: Bytes20
    let key: ValidatorKey
    let isFaulty: Bool

    var machine: AgreementMachine?
    /// How often it started; what an earlier life asked for is of no interest to the present one.
    var incarnation = 0
    /// The signer's memory, with what is not durable yet.
    var signer = SigningGuard()
    /// Members that it does not listen to any more.
    var banned: Set<Int> = []

    /// Records that were written and are not durable yet, oldest first.
    var tail: [AgreementRecord] = []
    /// Faults that it told of in this life.
    var told: Set<ToldFault> = []

    /// The stakes by its own final blocks; nil where nobody keeps any.
    var stakes: StakeReplica?

    // What survives a crash.
    var log: [AgreementRecord] = []
    var epoch: EpochStart
    var final: ChainPoint?
    var finalHeight: UInt64 = 0
    var openCommits: [BlockReference] = []
    var proposals: [Proposal] = []
    /// Certificates above the final block.
    var open: [QuorumCertificate] = []
    var certificates: [UInt64: QuorumCertificate] = [:]
    var passed: Set<Bytes32> = []
    /// Blocks whose first rows came.
    var rowsHeld: Set<Bytes32> = []

    // What a faulty one remembers for its tricks.
    var heard: [AgreementMessage] = []
    var spoken: Set<Statement> = []
    var lastRequest: BlockRequest?

    init(
        index: Int, identity: Int, key: ValidatorKey, isFaulty: Bool, epoch: EpochStart
    ) {
        self.index = index
        self.identity = identity
        self.key = key
        address = key.address
        self.isFaulty = isFaulty
        self.epoch = epoch
    }

    /// What the machine is given when the member starts.
    var start: AgreementStart {
        let said: [SignedStatement] = log.compactMap { record in
            if case .said(let signed) = record { signed } else { nil }
        }
        return AgreementStart(
            epoch: epoch, final: final, openCommits: openCommits,
            said: said.filter { $0.statement.epoch == epoch.epoch }, certificates: open,
            proposals: proposals)
    }

    /// The oldest record that was written is durable now.
    func sync(_ mutant: CommitteeMutant?) {
        guard !tail.isEmpty else { return }
        keep(tail.removeFirst(), mutant)
    }

    /// Keeps one record for good, and lets go of what the floor covers.
    func keep(_ record: AgreementRecord, _ mutant: CommitteeMutant?) {
        if mutant == .proposalsUnlogged, case .said(let signed) = record,
            signed.statement.kind == .propose
        {
            return
        }
        log.append(record)
        if mutant == .floorForgets, case .floor = record { log = [record] }
        guard case .floor(_, let epoch, let view) = record else { return }
        log.removeAll { record in
            guard case .said(let signed) = record, signed.statement.kind != .commit else {
                return false
            }
            return (signed.statement.epoch, signed.statement.view) <= (epoch, view)
        }
    }
}

/// One kind of fault of one member in one epoch.
struct ToldFault: Hashable {
    let place: Int
    let epoch: Epoch
    let fault: VotingFault
}

/// What a second instance of a key starts from.
extension CommitteeMember {
    /// Takes over what another has kept.
    func copyDisk(of other: CommitteeMember) {
        (log, epoch, final, finalHeight) = (other.log, other.epoch, other.final, other.finalHeight)
        (openCommits, proposals, open) = (other.openCommits, other.proposals, other.open)
        (certificates, passed, rowsHeld) = (other.certificates, other.passed, other.rowsHeld)
    }
}
