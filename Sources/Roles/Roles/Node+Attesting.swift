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
internal import Syncing

/// The conversation that finds a block available: its rows, its square, its transactions.
///
/// Specified in Protocol/24-attestation.md#commit-gate.
extension Node {
    mutating func tellAttestation(
        _ event: AttestationMachine.Event, _ now: Instant, _ effects: inout [RoleEffect]
    ) {
        var asked: [AttestationMachine.Effect] = []
        committee?.attestation.handle(event, at: now, into: &asked)
        for effect in asked {
            switch effect {
            case .verify(let block, let roots, let rows, let member):
                let ticket = ticket()
                jobs[ticket] = .attestedRows(block, from: member)
                effects.append(.compute(ticket, .verifyRows(rows, roots)))
            case .rebuild(let block, let roots, let rows):
                let ticket = ticket()
                jobs[ticket] = .attestedSquare(block)
                effects.append(.compute(ticket, .rebuild(rows, roots)))
            case .send(let message, let places):
                if isWithheld(message) { continue }
                send(message, toPlaces: places)
            case .rowsHeld(let block):
                mark(.rows, block, at: now)
                committee?.blocks[block]?.isRowsHeld = true
                goOn(with: block, at: now, into: &effects)
            case .certified(let block):
                goOn(with: block, at: now, into: &effects)
            case .refused(let block):
                refuseBlock(block, "its rows are no square", at: now, into: &effects)
            case .penalize(let place, let reason):
                guard let set = committee?.set, place < set.count,
                    let peer = committee?.peerOf[set.validators[place].address]
                else { continue }
                penalize(Peer(peer.text), reason, at: now, into: &effects)
            case .wake(let moment): effects.append(.wake(at: moment))
            case .verifyCells, .checkCustody, .open:
                preconditionFailure("nodes rebuild every square: none is exempt here")
            }
        }
    }

    /// Whether a message has rows of a block that this node keeps from others on purpose.
    private func isWithheld(_ message: RowMessage) -> Bool {
        guard let misbehavior = configuration.misbehavior, misbehavior.isWithholding,
            case .push(let hash, _) = message,
            let header = committee?.blocks[hash]?.proposal.header
        else { return false }
        return header.height.value >= misbehavior.fromHeight
            && header.proposerAddress == committee?.greeting.address
    }

    // MARK: What agreement asks for

    mutating func awaitRows(
        of proposal: Proposal, at now: Instant, into effects: inout [RoleEffect]
    ) {
        let hash = proposal.block.hash
        committee?.take(proposal)
        guard let block = committee?.blocks[hash] else { return }
        if block.isRefused { return tellCommittee(.refused(proposal.block), now, &effects) }
        if block.isRowsTold { return tellCommittee(.rowsHeld(proposal.block), now, &effects) }
        attest(hash, at: now, into: &effects)
    }

    mutating func certify(
        _ proposal: Proposal, at now: Instant, into effects: inout [RoleEffect]
    ) {
        let hash = proposal.block.hash
        committee?.take(proposal)
        guard let block = committee?.blocks[hash] else { return }
        if block.isRefused { return tellCommittee(.refused(proposal.block), now, &effects) }
        if let certified = block.certified {
            return tellCommittee(.certified(certified), now, &effects)
        }
        attest(hash, at: now, into: &effects)
        guard let draw = Bytes32(entropy.bytes(32)) else {
            preconditionFailure("32 bytes are 32 bytes")
        }
        tellAttestation(.notarized(hash, entropy: draw), now, &effects)
        goOn(with: hash, at: now, into: &effects)
    }

    /// Begins to gather a block's rows; the proposer has them all.
    private mutating func attest(
        _ hash: Bytes32, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let committee, let block = committee.blocks[hash], !block.isAttesting,
            block.proposal.epoch == committee.sets.epoch,
            let address = block.proposal.header.proposerAddress,
            let proposer = committee.set.place(of: address)
        else { return }
        self.committee?.blocks[hash]?.isAttesting = true
        mark(.proposed, hash, at: now)
        let proposal = block.proposal
        let parent = proposal.header.lastBlockID.hash ?? Bytes32()
        let subject = AttestationSubject(
            block: hash, height: proposal.header.height.value, roots: proposal.roots,
            custody: CustodyAssignment(
                seed: CustodyAssignment.seed(
                    parentHash: parent, height: proposal.header.height),
                lineCount: proposal.roots.width, committee: committee.set),
            memberCount: committee.set.count, proposer: proposer)
        let own = block.square.map { VerifiedHalfLine.rows(of: $0.square.square) }
        tellAttestation(.proposed(subject, own: own), now, &effects)
    }

    // MARK: What jobs find

    mutating func rowsAttested(
        _ block: Bytes32, from member: Int, _ result: JobResult, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard case .rowsVerified(let rows, let lied) = result else {
            preconditionFailure("rows are verified by their job")
        }
        tellAttestation(.verified(block, rows, lied: lied, from: member), now, &effects)
    }

    mutating func squareAttested(
        _ block: Bytes32, _ result: JobResult, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard case .extended(let square) = result else {
            return tellAttestation(.rebuilt(block, nil), now, &effects)
        }
        committee?.blocks[block]?.square = square
        mark(.square, block, at: now)
        tellAttestation(
            .rebuilt(block, VerifiedHalfLine.rows(of: square.square.square)), now, &effects)
    }

    /// The square that an earlier run found available is on disk, or it is not.
    mutating func pendingSquareLoaded(
        _ block: Bytes32, _ value: LoadedValue, into effects: inout [RoleEffect]
    ) {
        guard case .value(let bytes) = value, bytes.starts(with: block.array),
            let width = committee?.blocks[block]?.proposal.roots.originalWidth
        else { return }
        committee?.blocks[block]?.isSquareKept = true
        let ticket = ticket()
        jobs[ticket] = .pendingSquare(block)
        effects.append(.compute(ticket, .extend(Array(bytes.dropFirst(32)), width: width)))
    }

    mutating func pendingSquareExtended(
        _ block: Bytes32, _ result: JobResult, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard case .extended(let square) = result,
            square.square.header == committee?.blocks[block]?.proposal.roots
        else {
            committee?.blocks[block]?.isSquareKept = false
            return
        }
        committee?.blocks[block]?.square = square
        goOn(with: block, at: now, into: &effects)
    }

    // MARK: From one gate to the next

    /// Does with a block whatever can be done with it now.
    ///
    /// Its header and its transactions are held to the state after the block before it, so nothing
    /// goes on until that is known.
    mutating func goOn(
        with hash: Bytes32, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let block = committee?.blocks[hash], !block.isRefused,
            block.isRowsHeld || block.square != nil,
            let (state, resultsHash) = state(after: block.proposal.header.lastBlockID.hash)
        else { return }
        let header = block.proposal.header
        if let fault = fault(of: block.proposal, on: state, resultsHash) {
            return refuseBlock(hash, fault, at: now, into: &effects)
        }
        if block.isRowsHeld, !block.isProposalKept {
            keepProposal(hash, into: &effects)
        }
        guard let square = block.square, block.certified == nil else { return }
        let binding = square.sidecar.binding(dataRoot: block.proposal.block.dataRoot)
        guard block.proposal.extension.sidecarBinding == binding else {
            return refuseBlock(hash, "it binds another sidecar", at: now, into: &effects)
        }
        if block.execution != nil {
            if !block.isSquareKept { return keepSquare(hash, into: &effects) }
            guard block.isProposalKept else { return keepProposal(hash, into: &effects) }
            return vouch(for: hash, at: now, into: &effects)
        }
        guard !block.isExecuting, let genesis = configuration.genesis else { return }
        committee?.blocks[hash]?.isExecuting = true
        let ticket = ticket()
        jobs[ticket] = .blockExecution(hash)
        effects.append(
            .compute(
                ticket,
                .execute(
                    square.square.square.originalSquare,
                    ExecutionContext(
                        state: state, rules: configuration.rules, header: header,
                        widthMaximum: genesis.squareSizeMax, appVersion: genesis.appVersion))))
    }

    /// What in a header is not what the state after its parent demands; nil when nothing is.
    private func fault(
        of proposal: Proposal, on state: LedgerState, _ resultsHash: Bytes32
    ) -> String? {
        let header = proposal.header
        let sets: (next: ValidatorSet, afterNext: ValidatorSet)?
        do throws(LedgerFault) { sets = try producer?.committees(after: state) } catch {
            return "\(error)"
        }
        let seed = CustodyAssignment.seed(
            parentHash: header.lastBlockID.hash ?? Bytes32(), height: header.height)
        let rules: [(Bool, String)] = [
            (header.appVersion == configuration.genesis?.appVersion, "app version"),
            (header.appHash == state.hash.array, "app hash"),
            (header.lastResultsHash == resultsHash, "results hash"),
            (header.validatorsHash == sets?.next.hash, "validators"),
            (header.nextValidatorsHash == sets?.afterNext.hash, "next validators"),
            (header.evidenceHash == MerkleTree.emptyRoot, "evidence hash"),
            (proposal.extension.custodySeed == seed, "custody seed"),
        ]
        return rules.first { !$0.0 }.map { "its header has another \($0.1)" }
    }

    mutating func blockExecuted(
        _ hash: Bytes32, _ result: JobResult, at now: Instant, into effects: inout [RoleEffect]
    ) {
        committee?.blocks[hash]?.isExecuting = false
        switch result {
        case .executed(let execution):
            committee?.blocks[hash]?.execution = execution
            mark(.executed, hash, at: now)
            goOn(with: hash, at: now, into: &effects)
        case .unexecutable(let reason):
            refuseBlock(hash, reason, at: now, into: &effects)
        default: preconditionFailure("a block is executed by its job")
        }
    }

    mutating func refuseBlock(
        _ hash: Bytes32, _ reason: String, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let block = committee?.blocks[hash], !block.isRefused else { return }
        committee?.blocks[hash]?.isRefused = true
        committee?.blocks[hash]?.square = nil
        effects.append(
            .report(
                .note("block \(block.proposal.block) is not voted for: \(reason)")))
        tellCommittee(.refused(block.proposal.block), now, &effects)
    }

    // MARK: Durable before vouched for

    private mutating func slot(of hash: Bytes32) -> Int {
        if let slot = committee?.blocks[hash]?.slot { return slot }
        let slot = committee?.nextSlot() ?? 0
        committee?.blocks[hash]?.slot = slot
        return slot
    }

    private mutating func keepProposal(_ hash: Bytes32, into effects: inout [RoleEffect]) {
        guard let proposal = committee?.blocks[hash]?.proposal else { return }
        committee?.blocks[hash]?.isProposalKept = true
        let ticket = ticket()
        stores[ticket] = .proposal(hash)
        let name = CommitteeRecord.proposalName(slot(of: hash))
        effects.append(.store(ticket, .values([(name, proposal.protobuf)])))
    }

    mutating func proposalKept(
        _ hash: Bytes32, failure: String?, at now: Instant, into effects: inout [RoleEffect]
    ) {
        if let failure {
            committee?.blocks[hash]?.isProposalKept = false
            return effects.append(
                .report(.incident("a proposal was not stored: \(failure)")))
        }
        guard let block = committee?.blocks[hash] else { return }
        committee?.blocks[hash]?.isRowsTold = true
        mark(.kept, hash, at: now)
        tellCommittee(.rowsHeld(block.proposal.block), now, &effects)
        goOn(with: hash, at: now, into: &effects)
    }

    private mutating func keepSquare(_ hash: Bytes32, into effects: inout [RoleEffect]) {
        guard let square = committee?.blocks[hash]?.square else { return }
        committee?.blocks[hash]?.isSquareKept = true
        let ticket = ticket()
        stores[ticket] = .pendingSquare(hash)
        let bytes = CommitteeRecord.encode(
            hash, square: square.square.square.originalSquare.bytes)
        let name = CommitteeRecord.squareName(slot(of: hash))
        effects.append(.store(ticket, .values([(name, bytes)])))
    }

    mutating func pendingSquareKept(
        _ hash: Bytes32, failure: String?, at now: Instant, into effects: inout [RoleEffect]
    ) {
        if let failure {
            committee?.blocks[hash]?.isSquareKept = false
            return effects.append(
                .report(.incident("a square was not stored: \(failure)")))
        }
        vouch(for: hash, at: now, into: &effects)
    }

    /// The square is whole, executed and durable: agreement may vote for it for good.
    private mutating func vouch(
        for hash: Bytes32, at now: Instant, into effects: inout [RoleEffect]
    ) {
        guard let block = committee?.blocks[hash], block.certified == nil, !block.isRefused,
            let square = block.square
        else { return }
        guard let proof = square.proof,
            let certified = CertifiedAvailable(block.proposal.header, square: proof)
        else {
            return refuseBlock(hash, "its square has other roots", at: now, into: &effects)
        }
        committee?.blocks[hash]?.certified = certified
        mark(.certified, hash, at: now)
        tellCommittee(.certified(certified), now, &effects)
        for other in committee?.blocksInOrder ?? [] {
            let parent = committee?.blocks[other]?.proposal.header.lastBlockID.hash
            if parent == hash { goOn(with: other, at: now, into: &effects) }
        }
        buildIfDue(at: now, into: &effects)
    }
}
