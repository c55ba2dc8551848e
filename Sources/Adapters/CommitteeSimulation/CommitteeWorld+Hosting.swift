// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Bytes
internal import Chain
internal import Machinery
internal import Staking

/// What a member's host does for its machine: signing, sending, storing, verifying.
extension CommitteeWorld {
    /// Starts a member with what it has kept.
    func begin(_ member: CommitteeMember) {
        member.incarnation += 1
        member.told = []
        if scenario.isEncoded { member.log = member.log.map(Self.throughBytes) }
        member.signer = SigningGuard(member.log)
        let rules = ProposalRules(
            chainID: MockBlocks.chainID, consensusParameters: MockBlocks.parameters,
            epochLength: scenario.epochLength)
        var configuration = AgreementConfiguration(rules: rules, ownAddress: member.address)
        configuration.isVotingLate = scenario.isVotingLate
        if !member.isFaulty { configuration.mutant = scenario.mutant?.ofMachine }
        member.machine = AgreementMachine(configuration, member.start)
        tell(member, .began)
        announceSets(to: member)
        // A host asks for headers that it has not got, whatever became of the asking before.
        if member.epoch.base.time == nil, let base = member.epoch.base.block {
            queue.add(
                .headerFollowed(member.index, life: member.incarnation, base),
                at: now + 2 * scenario.delayMax)
        }
    }

    private func announceSets(to member: CommitteeMember) {
        for ahead in 1...2 {
            let epoch = member.epoch.epoch.value + UInt64(ahead)
            tell(member, .epochSet(Epoch(epoch), sets.set(of: epoch)))
        }
    }

    /// Does what a machine asks for; returns what it is told about it at once.
    func perform(
        _ effect: AgreementMachine.Effect, of member: CommitteeMember
    ) -> [AgreementMachine.Event]? {
        switch effect {
        case .sign(let intent): return sign(intent, by: member)
        case .keep(let certificate):
            checkCertificate(certificate, by: member)
            queue.add(
                .kept(member.index, life: member.incarnation, certificate),
                at: now + scenario.syncMicroseconds)
        case .verify(let id, let claims):
            let isBlind = scenario.mutant == .signaturesUnchecked && !member.isFaulty
            let holds = claims.map {
                isBlind || MockSignature.holds($0.signed, by: $0.key, seed: scenario.seed)
            }
            return [.verified(id, holds)]
        case .broadcast(let message):
            if member.isFaulty, !mayBroadcast(message, by: member) { return nil }
            for other in members where other.identity != member.identity {
                send(message, from: member, to: other)
            }
        case .send(let message, let address):
            guard let place = places[address],
                !member.isFaulty || maySend(message, by: member)
            else { return nil }
            for host in hosts(of: place) { send(message, from: member, to: host) }
        case .buildBlock(let request):
            member.lastRequest = request
            let built = blocks.build(
                request, by: member.address, at: now, shift: timeShift(of: member))
            return [.built(request.epoch, request.view, built)]
        case .awaitRows(let proposal): awaitRows(of: proposal, by: member)
        case .startCertify(let proposal):
            queue.add(
                .gate(member.index, life: member.incarnation, proposal.block),
                at: now + jitter(scenario.certifyMicroseconds))
        case .recertify(let block):
            queue.add(
                .gate(member.index, life: member.incarnation, block),
                at: now + jitter(scenario.certifyMicroseconds))
        case .wake(let instant):
            let due = (instant.nanoseconds - Self.origin + 999) / 1_000
            queue.add(.woke(member.index, life: member.incarnation), at: max(due, now))
        case .serveCommit(let height, let address):
            guard let certificate = member.certificates[height.value], let place = places[address]
            else { return nil }
            for host in hosts(of: place) {
                send(.certificate(certificate), from: member, to: host)
            }
        case .finalized(let finality): store(finality, by: member)
        case .committed(let certificate, _): store(certificate, by: member)
        case .epochBegan(let start):
            checker.epochEnded(before: start, by: member)
            return begin(start, member)
        case .notarized: break
        case .evidence(let evidence): checker.check(evidence, places: places, by: member)
        case .penalise(let address, let offence):
            guard let place = places[address] else { return nil }
            checker.penalised(place, offence, by: member, now: now)
            member.banned.insert(place)
        }
        return nil
    }

    private func jitter(_ most: UInt64) -> UInt64 { most == 0 ? 0 : draw.next(below: most + 1) }

    private func sign(
        _ intent: SigningIntent, by member: CommitteeMember
    ) -> [AgreementMachine.Event]? {
        let timestamp = Self.timestamp(now)
        let signed = SignedStatement(
            intent.statement, place: place(of: member, in: intent.statement.epoch),
            timestamp: timestamp,
            signature: MockSignature.sign(
                intent.statement, timestamp, by: member.identity, seed: scenario.seed))
        switch member.signer.verdict(on: intent) {
        case .sign:
            member.signer.note(.said(signed))
            member.tail.append(.said(signed))
            queue.add(
                .synced(member.index, life: member.incarnation, intent, signed),
                at: now + scenario.syncMicroseconds)
            guard scenario.mutant == .sentBeforeSynced else { return nil }
            return [.signed(intent, timestamp: timestamp, signature: signed.signature)]
        case .again(let earlier):
            return [
                .signed(intent, timestamp: earlier.timestamp, signature: earlier.signature)
            ]
        case .conflicts(let earlier):
            checker.refused(intent, earlier, by: member)
            return [.signingRefused(intent)]
        case .belowFloor, .full: return [.signingRefused(intent)]
        }
    }

    /// I3: what a member takes for final, a light client that knows the elected set must take, too.
    private func checkCertificate(_ certificate: QuorumCertificate, by member: CommitteeMember) {
        guard !member.isFaulty, !scenario.isBroken else { return }
        let set = sets.set(of: certificate.statement.epoch.value)
        let isValid =
            certificate.hasQuorum(of: set)
            && certificate.statements.allSatisfy {
                MockSignature.holds($0, by: set.validators[$0.place].key, seed: scenario.seed)
            }
        if !isValid {
            checker.violate(
                "I3: member \(member.index) took \(certificate.statement) for certified")
        }
    }

    func place(of member: CommitteeMember, in epoch: Epoch) -> Int {
        sets.set(of: epoch.value).place(of: member.address) ?? 0
    }

    /// Puts a message on its way.
    func send(
        _ message: AgreementMessage, from sender: CommitteeMember, to receiver: CommitteeMember
    ) {
        if sender.isFaulty, scenario.misconduct == .silent { return }
        if !sender.isFaulty { checker.check(message, sentBy: sender, blocks) }
        let carried = scenario.isEncoded ? Self.throughBytes(message) : message
        for delay in network.delays(from: sender.index, to: receiver.index, at: now) {
            queue.add(
                .deliver(carried, from: sender.index, to: receiver.index), at: now + delay)
        }
    }

    private static func throughBytes(_ message: AgreementMessage) -> AgreementMessage {
        do {
            let read = try AgreementMessage(protobuf: message.protobuf)
            precondition(read == message, "a message is read as it was written")
            return read
        } catch {
            preconditionFailure("a member's own message is refused: \(error)")
        }
    }

    private static func throughBytes(_ record: AgreementRecord) -> AgreementRecord {
        do {
            return try AgreementRecord(decoding: record.encoded)
        } catch {
            preconditionFailure("a member's own record is refused: \(error)")
        }
    }

    private func awaitRows(of proposal: Proposal, by member: CommitteeMember) {
        guard blocks.hasRows(proposal.block.hash, member.identity) else { return }
        let isOwn = proposal.header.proposerAddress == member.address
        queue.add(
            .rows(member.index, life: member.incarnation, proposal),
            at: now + (isOwn ? 0 : jitter(scenario.certifyMicroseconds / 4)))
    }

    func finishGate(_ member: CommitteeMember, _ block: BlockReference) {
        let isBlind = scenario.mutant == .gateAbsent && !member.isFaulty
        switch blocks.certify(block.hash, isBlind: isBlind) {
        case .certified(let certified):
            member.passed.insert(block.hash)
            tell(member, .certified(certified))
        case .refused: tell(member, .refused(block))
        case .never: break
        }
    }

    private func store(_ finality: Finality, by member: CommitteeMember) {
        guard let block = finality.blocks.last else { return }
        checker.finalized(finality, by: member, blocks, now: now)
        putIntoEffect(block, by: member)
        checkCertificate(finality.certificate, by: member)
        var missing = blocks.ancestors(of: block, above: member.finalHeight)
        missing.removeAll { member.certificates[$0.height.value] != nil }
        member.openCommits += missing
        let unseen = missing.filter { !finality.blocks.contains($0) }
        if !unseen.isEmpty {
            queue.add(
                .followed(member.index, life: member.incarnation, unseen),
                at: now + 2 * scenario.delayMax)
        }
        queue.add(
            .headerFollowed(member.index, life: member.incarnation, block),
            at: now + 2 * scenario.delayMax)
        member.certificates[block.height.value] = finality.certificate
        member.finalHeight = block.height.value
        member.final = ChainPoint(
            block: block, time: blocks.entries[block.hash]?.header.time,
            certificate: finality.certificate)
        let view = finality.certificate.statement.view
        member.proposals.removeAll { $0.header.height <= block.height }
        member.open.removeAll {
            ($0.statement.epoch, $0.statement.view) <= (finality.certificate.statement.epoch, view)
        }
        let floor = AgreementRecord.floor(block, finality.certificate.statement.epoch, view)
        member.signer.note(floor)
        member.keep(floor, member.isFaulty ? nil : scenario.mutant)
    }

    /// I9 and I17: what final blocks do to the stakes.
    private func putIntoEffect(_ tip: BlockReference, by member: CommitteeMember) {
        guard scenario.hasStakes, !member.isFaulty, !checker.isForked else { return }
        var stakes =
            member.stakes
            ?? StakeReplica(memberCount: scenario.memberCount, seed: scenario.seed)
        let isReversed = scenario.mutant == .messagesReordered && member.index % 2 == 1
        for block in blocks.ancestors(of: tip, above: stakes.height) + [tip]
        where block.height.value > stakes.height {
            do throws(StakingFault) {
                try stakes.apply(
                    block, isReversed: isReversed, mints: scenario.mutant == .coinsMinted)
                checker.check(stakes, of: member, after: block)
            } catch {
                checker.violate("I9: member \(member.index) cannot apply \(block): \(error)")
            }
        }
        member.stakes = stakes
    }

    private func store(_ certificate: QuorumCertificate, by member: CommitteeMember) {
        guard let block = certificate.statement.block else { return }
        checker.committed(certificate, by: member)
        checkCertificate(certificate, by: member)
        member.certificates[block.height.value] = certificate
        member.openCommits.removeAll { $0.height == block.height }
    }

    private func begin(
        _ start: EpochStart, _ member: CommitteeMember
    ) -> [AgreementMachine.Event] {
        member.epoch = start
        member.final = nil
        member.openCommits = []
        member.proposals = []
        member.open = []
        let epoch = start.epoch.value
        return (1...2).map { .epochSet(Epoch(epoch + $0), sets.set(of: epoch + $0)) }
    }
}
