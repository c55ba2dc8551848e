// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Availability
internal import Bytes
internal import Chain
internal import Cryptography
internal import DataSquare
internal import Ledger
internal import Machinery
internal import Peering
internal import Pooling
internal import Syncing

/// The conversation of a committee's member with its agreement: what it asks for, what it is told.
///
/// Specified in Protocol/20-agreement.md.
extension Node {
    mutating func beginCommittee(
        _ restored: RestoredState, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let genesis = configuration.genesis, fraud.refusal == nil else { return }
        guard configuration.rules.staking == nil else {
            return effects.append(
                .report(.incident("several validators with stake are not in this version")))
        }
        let memberCount = genesis.validatorSet.count
        guard memberCount <= QuorumCertificate.membersMax else {
            return effects.append(
                .report(
                    .incident(
                        "the genesis committee has \(memberCount) members, and at most "
                            + "\(QuorumCertificate.membersMax) can agree; nothing is decided here"))
            )
        }
        guard let greeting = configuration.greeting else {
            return effects.append(
                .report(.incident("a validator without a signer decides nothing")))
        }
        let records: CommitteeRecords
        do {
            producer = try Producer(configuration, member: greeting.address, restored: restored)
            records = try CommitteeRecords(restored, genesis: genesis)
        } catch {
            producer = nil
            return effects.append(.report(.incident("nothing is decided here: \(error)")))
        }
        let ledgerHeight = producer?.restoredHeight ?? 0
        let isAtHead = ledgerHeight == chain.height
        committee = CommitteeState(
            configuration, greeting: greeting, genesis: genesis, start: records.start,
            ledgerHeight: ledgerHeight, ledgerBlock: isAtHead ? chain.head?.hash : nil)
        committee?.kept = records.kept
        for (slot, proposal) in records.proposals {
            committee?.take(proposal)
            committee?.blocks[proposal.block.hash]?.slot = slot
            committee?.blocks[proposal.block.hash]?.isProposalKept = true
            committee?.blocks[proposal.block.hash]?.isRowsTold = true
            let ticket = ticket()
            loads[ticket] = .pendingSquare(proposal.block.hash)
            effects.append(.load(ticket, .value(CommitteeRecord.squareName(slot))))
        }
        committee?.talk.begin(on: &peerHost)
        committee?.rows.begin(on: &peerHost)
        tellCommittee(.began, now, &effects)
        tellSets(after: records.start.epoch.epoch, at: now, into: &effects)
        for (proposal, certificate) in records.finals {
            decide(proposal.block, by: certificate, at: now, into: &effects)
        }
        advanceLedger(at: now, into: &effects)
    }

    /// The members of the next two epochs, which are the same as long as nobody can be elected.
    private mutating func tellSets(
        after epoch: Epoch, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let set = committee?.set else { return }
        tellCommittee(.epochSet(epoch.next, set), now, &effects)
        tellCommittee(.epochSet(epoch.next.next, set), now, &effects)
    }

    mutating func tellCommittee(
        _ event: AgreementMachine.Event, _ now: Instant, _ effects: inout [RoleEffect]
    ) {
        // A block that is proven wrong ends the chain here; see `refuse`.
        guard committee != nil, fraud.refusal == nil else { return }
        committee?.inbox.append(event)
        guard committee?.isTelling == false else { return }
        committee?.isTelling = true
        while let next = committee?.inbox.first {
            committee?.inbox.removeFirst()
            var asked: [AgreementMachine.Effect] = []
            committee?.agreement.handle(next, at: now, into: &asked)
            for effect in asked { carryOut(effect, at: now, into: &effects) }
        }
        committee?.isTelling = false
    }

    private mutating func carryOut(
        _ effect: AgreementMachine.Effect, at now: Instant, into effects: inout [RoleEffect]
    ) {
        switch effect {
        case .sign(let intent): committee?.unsigned.append(intent); askSigner(into: &effects)
        case .keep(let certificate): keep(certificate, into: &effects)
        case .verify(let number, let claims):
            let ticket = ticket()
            jobs[ticket] = .statements(number)
            effects.append(
                .compute(
                    ticket, .verifyStatements(claims, chainID: configuration.rules.chainID)))
        case .broadcast(let message): broadcast(message, into: &effects)
        case .send(let message, let member): send(message, to: member)
        case .buildBlock(let request):
            committee?.building = CommitteeState.Building(request: request, since: now)
            buildIfDue(at: now, into: &effects)
        case .awaitRows(let proposal): awaitRows(of: proposal, at: now, into: &effects)
        case .startCertify(let proposal): certify(proposal, at: now, into: &effects)
        case .recertify(let block): recertify(block, at: now, into: &effects)
        case .notarized(let block, _): mark(.notarized, block.hash, at: now)
        case .finalized(let finality): finalized(finality, at: now, into: &effects)
        case .committed(let certificate, _):
            if let block = certificate.statement.block {
                decide(block, by: certificate, at: now, into: &effects)
            }
        case .epochBegan(let start): epochBegan(start, at: now, into: &effects)
        case .serveCommit(let height, let member): serveCommit(height, to: member, into: &effects)
        case .evidence(let evidence): keep(evidence, into: &effects)
        case .penalise(let member, let offence):
            guard let peer = committee?.peerOf[member] else { return }
            penalize(
                Peer(peer.text), "broke a rule of the committee: \(offence.rawValue)", at: now,
                into: &effects)
        case .wake(let moment): effects.append(.wake(at: moment))
        }
    }

    // MARK: Signing

    /// Hands on what is to be signed, unless something must be durable first.
    private mutating func askSigner(into effects: inout [RoleEffect]) {
        guard let place = committee?.place, committee?.keeping == 0 else { return }
        let due = committee?.unsigned ?? []
        committee?.unsigned = []
        for intent in due {
            let ticket = ticket()
            committee?.signing.append((ticket, intent))
            effects.append(.sign(ticket, intent, place: place))
        }
    }

    /// The signer answered.
    mutating func signed(
        _ ticket: Ticket, _ outcome: SigningOutcome, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard let index = committee?.signing.firstIndex(where: { $0.ticket == ticket }),
            let intent = committee?.signing.remove(at: index).intent
        else { return }
        switch outcome {
        case .signed(let timestamp, let signature):
            committee?.silence = nil
            tellCommittee(
                .signed(intent, timestamp: timestamp, signature: signature), now, &effects)
        case .refused:
            tellCommittee(.signingRefused(intent), now, &effects)
        case .unable(let reason):
            if committee?.silence != reason {
                effects.append(.report(.incident("nothing is signed: \(reason)")))
            }
            committee?.silence = reason
            tellCommittee(.signingRefused(intent), now, &effects)
        }
    }

    private mutating func keep(
        _ certificate: QuorumCertificate, into effects: inout [RoleEffect]
    ) {
        let name = CommitteeRecord.certificateName(certificate)
        let statement = certificate.statement
        committee?.kept.append(
            CommitteeState.Kept(name: name, epoch: statement.epoch, view: statement.view))
        committee?.keeping += 1
        let ticket = ticket()
        stores[ticket] = .certificate(certificate)
        effects.append(.store(ticket, .values([(name, certificate.protobuf)])))
    }

    /// A certificate is durable: what waited for it may be signed, what it settles is forgotten.
    mutating func certificateKept(
        _ certificate: QuorumCertificate, failure: String?, into effects: inout [RoleEffect]
    ) {
        if let failure {
            // Nothing is signed on what may be forgotten; a restart reads what the disk has.
            return effects.append(
                .report(.incident("nothing is signed any more, the disk failed: \(failure)")))
        }
        committee?.keeping -= 1
        let statement = certificate.statement
        if statement.kind == .finalize, let block = statement.block {
            effects.append(.settleSigning(block, statement.epoch, statement.view))
            let settled =
                committee?.kept.filter {
                    ($0.epoch, $0.view) < (statement.epoch, statement.view)
                } ?? []
            committee?.kept.removeAll {
                ($0.epoch, $0.view) < (statement.epoch, statement.view)
            }
            if !settled.isEmpty {
                let ticket = ticket()
                stores[ticket] = .forgotten
                effects.append(.store(ticket, .values(settled.map { ($0.name, []) })))
            }
        }
        askSigner(into: &effects)
    }

    // MARK: Epochs

    private mutating func epochBegan(
        _ start: EpochStart, at now: Instant, into effects: inout [RoleEffect]
    ) {
        committee?.keeping += 1
        let ticket = ticket()
        stores[ticket] = .epoch
        effects.append(
            .store(ticket, .values([(CommitteeRecord.epochName, CommitteeRecord.encode(start))])))
        tellSets(after: start.epoch, at: now, into: &effects)
    }

    mutating func epochKept(failure: String?, into effects: inout [RoleEffect]) {
        if let failure {
            return effects.append(
                .report(.incident("nothing is signed any more, the disk failed: \(failure)")))
        }
        committee?.keeping -= 1
        askSigner(into: &effects)
    }

    // MARK: Commits for those who missed them

    private mutating func serveCommit(
        _ height: Height, to member: Bytes20, into effects: inout [RoleEffect]
    ) {
        let ticket = ticket()
        loads[ticket] = .serveCommit(member)
        effects.append(.load(ticket, .header(height.value)))
    }

    /// A header's commit is the certificate again: its votes were given for it alone.
    mutating func serveLoadedCommit(_ value: LoadedValue, to member: Bytes20) {
        guard case .header(let header) = value, let committee,
            let block = BlockReference(header.header),
            let view = View(UInt64(header.commit.round.magnitude))
        else { return }
        let epoch = Epoch(of: header.height, length: committee.rules.epochLength)
        // A finalization names its view as round, a commit vote none.
        let statement: Statement =
            view == .base ? .commit(block, epoch) : .finalize(block, epoch, view)
        var signed: [SignedStatement] = []
        for (place, vote) in header.commit.signatures.enumerated() where vote.flag == .commit {
            guard let signature = vote.signature else { continue }
            signed.append(
                SignedStatement(
                    statement, place: place, timestamp: vote.timestamp, signature: signature))
        }
        send(.certificate(QuorumCertificate(statement, signed)), to: member)
    }

    // MARK: Evidence

    private mutating func keep(
        _ evidence: SlashingEvidence, into effects: inout [RoleEffect]
    ) {
        committee?.evidenceCount += 1
        let number = (committee?.evidenceCount ?? 0) % NodeLimits.slashingEvidenceMax
        let ticket = ticket()
        stores[ticket] = .forgotten
        effects.append(.store(ticket, .values([("evidence/\(number)", evidence.protobuf)])))
        effects.append(
            .report(
                .incident(
                    "a validator signed two statements that conflict: \(evidence.first) and "
                        + "\(evidence.second)")))
    }

    // MARK: Time

    mutating func wakeCommittee(at now: Instant, into effects: inout [RoleEffect]) {
        guard committee != nil else { return }
        tellCommittee(.woke, now, &effects)
        tellAttestation(.woke, now, &effects)
        buildIfDue(at: now, into: &effects)
        wakeChannels(at: now, into: &effects)
    }
}
