// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Availability
internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery

/// What a member's host does for its agreement machine.
extension TimedWorld {
    func handle(_ input: Input, _ member: TimedMember) {
        switch input {
        case .heard(let parcel, let sender):
            switch parcel.message {
            case .agreement(let message):
                tell(member, .received(message, from: members[sender].address))
            case .rows(let message): attest(member, .received(message, from: sender))
            }
        case .signed(let intent, let signed):
            tell(
                member, .signed(intent, timestamp: signed.timestamp, signature: signed.signature))
        case .woke:
            tell(member, .woke)
            attest(member, .woke)
        case .verified(let id, let count):
            tell(member, .verified(id, [Bool](repeating: true, count: count)))
        case .built(let request, let block):
            watch.built(block.header.hash, at: now)
            tell(member, .built(request.epoch, request.view, block))
        case .rowsVerified(let block, let rows, let sender):
            let verified = rows.map { square.rows[$0.line.index] }
            attest(member, .verified(block, verified, lied: false, from: sender))
        case .rebuilt(let block):
            member.blocks[block]?.hasSquare = true
            attest(member, .rebuilt(block, square.rows))
        case .executed(let block):
            member.blocks[block]?.isExecuted = true
            goOn(with: block, member)
        case .proposalKept(let block):
            member.blocks[block]?.isProposalKept = true
            if let proposal = member.blocks[block]?.proposal {
                tell(member, .rowsHeld(proposal.block))
            }
            goOn(with: block, member)
        case .squareKept(let block):
            member.blocks[block]?.isSquareKept = true
            goOn(with: block, member)
        }
    }

    /// Gives a member's agreement machine an event, and does what it asks for.
    func tell(_ member: TimedMember, _ event: AgreementMachine.Event) {
        var effects: [AgreementMachine.Effect] = []
        member.agreement.handle(event, at: instant, into: &effects)
        for effect in effects { perform(effect, of: member) }
    }

    private func perform(_ effect: AgreementMachine.Effect, of member: TimedMember) {
        switch effect {
        case .sign(let intent):
            let timestamp = CommitteeWorld.timestamp(now / 1_000)
            let signed = SignedStatement(
                intent.statement, place: member.index, timestamp: timestamp,
                signature: MockSignature.sign(
                    intent.statement, timestamp, by: member.index, seed: 0))
            watch.said(intent.statement, by: member)
            queue.add(
                .due(member.index, .signed(intent, signed)), at: now + scenario.costs.flush)
        case .verify(let id, let claims):
            let cost = UInt64(claims.count) * scenario.costs.signatureVerification
            compute(cost, member, .verified(id, count: claims.count))
        case .broadcast(let message):
            let parcel = Self.parcel(message)
            for other in members.indices { send(parcel, from: member, to: other) }
        case .send(let message, let address):
            if let place = places[address] { send(Self.parcel(message), from: member, to: place) }
        case .buildBlock(let request): build(request, by: member)
        case .awaitRows(let proposal): awaitRows(of: proposal, by: member)
        case .startCertify(let proposal): certify(proposal, by: member)
        case .recertify(let block):
            if let certified = member.blocks[block.hash]?.certified {
                tell(member, .certified(certified))
            }
        case .wake(let moment):
            let due = moment.nanoseconds - CommitteeWorld.origin
            queue.add(.due(member.index, .woke), at: max(due, now))
        case .finalized(let finality): finalize(finality, member)
        case .committed(let certificate, _):
            if let height = certificate.statement.block?.height.value {
                member.certificates[height] = certificate
            }
        case .serveCommit(let height, let address):
            if let certificate = member.certificates[height.value], let place = places[address] {
                send(Self.parcel(.certificate(certificate)), from: member, to: place)
            }
        case .evidence(let evidence): watch.violate("I4: \(evidence.fault) is evidence")
        case .penalise(let address, let offence):
            watch.violate("I4: member \(places[address] ?? -1) is penalised: \(offence)")
        case .notarized(let block, _): watch.notarized(block, by: member, at: now)
        case .keep, .epochBegan: break
        }
    }

    static func parcel(_ message: AgreementMessage) -> Parcel {
        Parcel(.agreement(message), bytes: message.protobuf.count + 3 + overheadBytes)
    }

    /// What a frame of yamux in a frame of Noise adds, in bytes.
    static let overheadBytes = 12 + 18

    func compute(_ cost: UInt64, _ member: TimedMember, _ input: Input) {
        queue.add(.due(member.index, input), at: member.compute(cost, at: now))
    }

    /// Lays out a block in the loop and has it extended.
    private func build(_ request: BlockRequest, by member: TimedMember) {
        let block = blocks.build(request, by: member.address, at: now / 1_000)
        watch.began(block.header.hash, height: block.header.height.value, by: member.index, at: now)
        let laidOut = member.loop(scenario.costs.layout, at: now)
        queue.add(
            .due(member.index, .built(request, block)),
            at: member.compute(scenario.costs.encoding, at: laidOut))
    }

    private func finalize(_ finality: Finality, _ member: TimedMember) {
        guard let tip = finality.blocks.last else { return }
        member.finalHeight = tip.height.value
        member.certificates[tip.height.value] = finality.certificate
        let first = finality.blocks.filter {
            watch.finalized($0, by: member.index, at: now)
        }
        for block in first { checkCustody(block, finality.certificate) }
        let kept: UInt64 = 4
        guard tip.height.value > kept else { return }
        let old = tip.height.value - kept
        for (hash, work) in member.blocks where work.proposal.header.height.value <= old {
            member.blocks[hash] = nil
        }
        attest(member, .settled(upTo: old))
    }

    /// I8: whoever finalized holds the block, and any third of them its custody rows give it back.
    private func checkCustody(_ block: BlockReference, _ certificate: QuorumCertificate) {
        for signed in certificate.statements
        where members[signed.place].blocks[block.hash]?.certified == nil {
            watch.violate("I7: member \(signed.place) finalized \(block) without its square")
        }
        guard let assignment = custody[block.hash], watch.isCustodySearched(block.height.value)
        else { return }
        let worst = CustodyCoverage(worstOf: assignment, committee)
        watch.searched(worst)
        if 2 * worst.covered < worst.lineCount {
            watch.violate(
                "I8: members \(worst.members) hold \(worst.covered) of \(worst.lineCount) rows")
        }
    }
}
