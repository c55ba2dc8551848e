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
        let evidence: EvidenceBook
        do {
            producer = try Producer(configuration, member: greeting.address, restored: restored)
            records = try CommitteeRecords(restored, genesis: genesis)
            evidence = try EvidenceBook(restored)
        } catch {
            producer = nil
            return effects.append(.report(.incident("nothing is decided here: \(error)")))
        }
        let ledgerHeight = producer?.restoredHeight ?? 0
        let isAtHead = ledgerHeight == chain.height
        committee = CommitteeState(
            configuration, greeting: greeting, genesis: genesis, start: records.start,
            evidence: evidence, ledgerHeight: ledgerHeight,
            ledgerBlock: isAtHead ? chain.head?.hash : nil)
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
        tellSets(at: now, into: &effects)
        for (proposal, certificate) in records.finals {
            decide(proposal.block, by: certificate, at: now, into: &effects)
        }
        advanceLedger(at: now, into: &effects)
        followEpoch(at: now, into: &effects)
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
        // Whoever is no member takes blocks as all who follow the chain do.
        case .awaitRows(let proposal):
            if committee?.place != nil { awaitRows(of: proposal, at: now, into: &effects) }
        case .startCertify(let proposal):
            if committee?.place != nil { certify(proposal, at: now, into: &effects) }
        case .recertify(let block):
            if committee?.place != nil { recertify(block, at: now, into: &effects) }
        case .notarized(let block, _): mark(.notarized, block.hash, at: now)
        case .finalized(let finality): finalized(finality, at: now, into: &effects)
        case .committed(let certificate, _):
            harvest(certificate)
            if let block = certificate.statement.block {
                decide(block, by: certificate, at: now, into: &effects)
            }
        case .epochBegan(let start): epochBegan(start, at: now, into: &effects)
        case .serveCommit(let height, let member): serveCommit(height, to: member, into: &effects)
        case .evidence(let evidence): keep(.pair(evidence), into: &effects)
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
    mutating func askSigner(into effects: inout [RoleEffect]) {
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
            harvest(intent.statement, timestamp, signature)
            tellCommittee(
                .signed(intent, timestamp: timestamp, signature: signature), now, &effects)
            signTwice(intent.statement, timestamp, into: &effects)
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
        guard case .header(let header) = value, let certificate = certificate(of: header) else {
            return
        }
        send(.certificate(certificate), to: member)
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
