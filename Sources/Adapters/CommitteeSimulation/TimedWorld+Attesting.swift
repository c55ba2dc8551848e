// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Availability
internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery

/// What a member's host does for its attestation machine, and between the two gates.
extension TimedWorld {
    func attest(_ member: TimedMember, _ event: AttestationMachine.Event) {
        var effects: [AttestationMachine.Effect] = []
        member.attestation.handle(event, at: instant, into: &effects)
        for effect in effects {
            switch effect {
            case .verify(let block, _, let rows, let sender):
                let cost = UInt64(rows.count) * scenario.costs.rowVerification
                compute(cost, member, .rowsVerified(block, rows, from: sender))
            case .rebuild(let block, _, let rows):
                let isPlain = rows.allSatisfy { $0.index < square.original.width }
                let cost = isPlain ? scenario.costs.rebuilding : scenario.costs.repairing
                watch.gathered(block, by: member.index, isPlain: isPlain, at: now)
                compute(cost, member, .rebuilt(block))
            case .send(let message, let places): send(message, to: places, from: member)
            case .rowsHeld(let block):
                member.blocks[block]?.isRowsHeld = true
                watch.owed(block, by: member.index, at: now)
                goOn(with: block, member)
            case .certified(let block): goOn(with: block, member)
            case .refused(let block): watch.violate("member \(member.index) refuses \(block.hex)")
            case .verifyCells, .checkCustody, .open:
                watch.violate("squares are rebuilt by all here")
            case .penalize(let other, let reason):
                watch.violate("I4: member \(member.index) penalises \(other): \(reason)")
            case .wake(let moment):
                let due = moment.nanoseconds - CommitteeWorld.origin
                queue.add(.due(member.index, .woke), at: max(due, now))
            }
        }
    }

    private func send(_ message: RowMessage, to places: [Int], from member: TimedMember) {
        let parcel = Parcel(.rows(message), bytes: Self.size(of: message))
        if case .push(let block, _) = message,
            member.blocks[block]?.proposal.header.proposerAddress == member.address
        {
            member.ownRowBytes[block, default: 0] += places.count * parcel.bytes
        }
        for place in places { send(parcel, from: member, to: place) }
    }

    /// The bytes of a message with what its frames add.
    private static func size(of message: RowMessage) -> Int {
        switch message {
        case .push(_, let rows):
            let bytes = rows.reduce(40) { $0 + $1.bytes.count + 10 }
            return bytes + (bytes / SharedLink.frameBytes + 1) * overheadBytes
        case .question, .cells, .cellQuestion:
            return message.protobuf.count + overheadBytes
        }
    }

    // MARK: What agreement asks for

    func awaitRows(of proposal: Proposal, by member: TimedMember) {
        begin(proposal, member)
        if member.blocks[proposal.block.hash]?.isProposalKept == true {
            tell(member, .rowsHeld(proposal.block))
        }
    }

    func certify(_ proposal: Proposal, by member: TimedMember) {
        begin(proposal, member)
        let hash = proposal.block.hash
        if let certified = member.blocks[hash]?.certified {
            return tell(member, .certified(certified))
        }
        attest(member, .notarized(hash, entropy: hash))
        goOn(with: hash, member)
    }

    /// Begins to gather a block's rows; the proposer has them all.
    private func begin(_ proposal: Proposal, _ member: TimedMember) {
        let hash = proposal.block.hash
        if member.blocks[hash] == nil { member.blocks[hash] = TimedMember.BlockWork(proposal) }
        guard member.blocks[hash]?.isAttesting == false,
            let proposer = proposal.header.proposerAddress.flatMap({ places[$0] })
        else { return }
        member.blocks[hash]?.isAttesting = true
        watch.proposed(hash, to: member.index, at: now)
        _ = member.loop(scenario.costs.custody, at: now)
        let subject = AttestationSubject(
            block: hash, height: proposal.header.height.value, roots: proposal.roots,
            custody: assignment(of: proposal), memberCount: committee.count, proposer: proposer)
        let isOwn = proposer == member.index
        if isOwn {
            member.blocks[hash]?.hasSquare = true
            member.blocks[hash]?.isExecuted = true
        }
        attest(member, .proposed(subject, own: isOwn ? square.rows : nil))
    }

    private func assignment(of proposal: Proposal) -> CustodyAssignment {
        let hash = proposal.block.hash
        if let known = custody[hash] { return known }
        let found = CustodyAssignment(
            seed: CustodyAssignment.seed(
                parentHash: proposal.header.lastBlockID.hash ?? Bytes32(),
                height: proposal.header.height), lineCount: proposal.roots.width,
            committee: custodians)
        custody[hash] = found
        return found
    }

    // MARK: From one gate to the next

    /// Does with a block whatever can be done with it now, as the role does.
    func goOn(with hash: Bytes32, _ member: TimedMember) {
        guard let work = member.blocks[hash], work.isRowsHeld || work.hasSquare,
            isParentExecuted(of: work.proposal, member)
        else { return }
        if work.isRowsHeld, !work.isProposalUnderWay {
            member.blocks[hash]?.isProposalUnderWay = true
            queue.add(
                .due(member.index, .proposalKept(hash)), at: now + scenario.costs.flush)
        }
        guard work.hasSquare, work.certified == nil else { return }
        guard work.isExecuted else {
            guard !work.isExecuting else { return }
            member.blocks[hash]?.isExecuting = true
            return compute(scenario.costs.layout, member, .executed(hash))
        }
        if !work.isSquareUnderWay {
            member.blocks[hash]?.isSquareUnderWay = true
            let bytes = square.original.bytes.count
            queue.add(
                .due(member.index, .squareKept(hash)), at: now + scenario.costs.writing(bytes))
        }
        if work.isSquareKept, work.isProposalKept { vouch(for: hash, member) }
    }

    private func isParentExecuted(of proposal: Proposal, _ member: TimedMember) -> Bool {
        guard let parent = proposal.header.lastBlockID.hash,
            proposal.header.height.value > member.finalHeight + 1
        else { return true }
        return member.blocks[parent]?.isExecuted == true
    }

    private func vouch(for hash: Bytes32, _ member: TimedMember) {
        guard case .certified(let certified) = blocks.certify(hash) else {
            return watch.violate("a block of the world is not its square's")
        }
        member.blocks[hash]?.certified = certified
        watch.certified(hash, by: member.index, at: now)
        tell(member, .certified(certified))
        let children = member.blocks.filter {
            $0.value.proposal.header.lastBlockID.hash == hash
        }.keys.sorted { MockSignature.word($0) < MockSignature.word($1) }
        for child in children { goOn(with: child, member) }
    }
}
