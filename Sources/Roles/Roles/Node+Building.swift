// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Bytes
internal import Chain
internal import Cryptography
internal import DataSquare
internal import Ledger
internal import Machinery
internal import Pooling

/// The conversation that makes a block when this member leads: pool, square, header.
extension Node {
    /// Builds what is asked for, once its parent's state is known, and there is something to put
    /// into it or nothing came for long enough.
    mutating func buildIfDue(at now: Instant, into effects: inout [RoleEffect]) {
        guard let building = committee?.building, !building.isUnderWay, let producer else { return }
        let request = building.request
        guard committee?.agreement.view == request.view,
            committee?.agreement.epoch == request.epoch
        else {
            committee?.building = nil
            return
        }
        guard let (state, resultsHash) = state(after: request.parent.block?.hash) else { return }
        let height = (request.parent.block?.height ?? Height(0)).next
        let due = building.since.advanced(
            byMilliseconds: configuration.committeeIdleMilliseconds)
        let isIdle = producer.pool.isEmpty && committee?.evidence.pending.isEmpty ?? true
        if isIdle, now < due { return effects.append(.wake(at: due)) }
        do {
            let draft = try draft(request, on: state, resultsHash, at: now)
            // What waits may be in the parent already.
            if !draft.isUrgent, now < due { return effects.append(.wake(at: due)) }
            committee?.building?.isUnderWay = true
            let ticket = ticket()
            jobs[ticket] = .ownBlock(draft)
            let misencoding = configuration.misbehavior.flatMap {
                height.value >= $0.fromHeight ? $0.misencoding : nil
            }
            effects.append(
                .compute(
                    ticket, .extendOwn(draft.proposal.built.square, misencoded: misencoding)))
        } catch {
            effects.append(.report(.incident("block \(height) cannot be built: \(error)")))
            committee?.building = nil
            tellCommittee(.built(request.epoch, request.view, nil), now, &effects)
        }
    }

    /// The block that is asked for, up to its square.
    private func draft(
        _ request: BlockRequest, on state: LedgerState, _ resultsHash: Bytes32, at now: Instant
    ) throws(ProducerFault) -> CommitteeDraft {
        guard let producer, let committee else { preconditionFailure("a member has a pool") }
        let parent = request.parent
        let height = (parent.block?.height ?? Height(0)).next
        let earliest = (parent.time ?? .zero).advanced(
            byNanoseconds: ProposalRules.stepNanoseconds)
        let nextSet: ValidatorSet
        var opening: BlockOpening
        let header: BlockHeader
        do throws(LedgerFault) {
            nextSet = try producer.committees(after: state).afterNext
            header = BlockHeader(
                appVersion: producer.appVersion, chainID: configuration.rules.chainID,
                height: height,
                time: max(earliest, Timestamp(nanosecondsSince1970: now.nanoseconds)),
                lastBlockID: parent.block?.blockID ?? .none,
                lastCommitHash: MerkleTree.emptyRoot, dataHash: nil,
                validatorsHash: request.validatorSet.hash, nextValidatorsHash: nextSet.hash,
                consensusHash: Bytes32(), appHash: state.hash.array,
                lastResultsHash: resultsHash, evidenceHash: MerkleTree.emptyRoot,
                proposerAddress: committee.greeting.address)
            opening = try self.opening(of: header, on: state)
        } catch {
            throw .ledger(error)
        }
        let proposal = try proposal(&opening, of: header, on: state, producer)
        return CommitteeDraft(
            request: request, height: height, appHash: state.hash, resultsHash: resultsHash,
            time: header.time, nextValidatorSet: nextSet, state: state, opening: opening.block,
            proposal: proposal)
    }

    /// The pool's transactions behind the opening; without the latter where it has no room.
    private func proposal(
        _ opening: inout BlockOpening, of header: BlockHeader, on state: LedgerState,
        _ producer: Producer
    ) throws(ProducerFault) -> TransactionPool.Proposal {
        func propose() throws(SquareBuildFault) -> TransactionPool.Proposal {
            try producer.pool.propose(
                on: opening.state, opening: opening.transactions,
                sizeMaximum: producer.pool.width(
                    from: committee?.pace.width ?? producer.squareWidthMaximum,
                    to: producer.squareWidthMaximum, appVersion: producer.appVersion),
                appVersion: producer.appVersion, at: header.height)
        }
        do throws(SquareBuildFault) {
            return try propose()
        } catch {
            guard case .noRoom = error, !opening.transactions.isEmpty else {
                throw .square(error)
            }
        }
        do throws(LedgerFault) {
            opening = try LedgerTransition(rules: configuration.rules).open(
                header, votes: nil, evidence: [], on: state)
        } catch {
            throw .ledger(error)
        }
        do throws(SquareBuildFault) { return try propose() } catch { throw .square(error) }
    }

    /// The square is committed to: the header goes to agreement, which has it signed.
    mutating func ownBlockExtended(
        _ draft: CommitteeDraft, _ result: JobResult, at now: Instant,
        into effects: inout [RoleEffect]
    ) {
        guard let committee, case .extended(let square) = result else { return }
        let request = draft.request
        if committee.building?.request == request { self.committee?.building = nil }
        let (header, `extension`) = header(of: draft, square, committee)
        let roots = square.square.header
        guard
            let proposal = Proposal(
                epoch: request.epoch, view: request.view, header: header, extension: `extension`,
                roots: roots, parent: request.parent.certificate, signature: Bytes64())
        else { preconditionFailure("a header of one's own names its square") }
        let hash = proposal.block.hash
        self.committee?.take(proposal)
        mark(.square, hash, at: now)
        self.committee?.blocks[hash]?.square = square
        do throws(LedgerFault) {
            let execution = try execution(of: draft, header, square)
            self.committee?.blocks[hash]?.execution = execution
        } catch {
            effects.append(
                .report(.incident("block \(draft.height) cannot be built: \(error)")))
            self.committee?.blocks[hash] = nil
            return tellCommittee(.built(request.epoch, request.view, nil), now, &effects)
        }
        tellCommittee(
            .built(
                request.epoch, request.view,
                BuiltBlock(header: header, extension: `extension`, roots: roots)), now, &effects)
    }

    /// What the block leads to: with staking its header is a part of it, so that it is known only now.
    private func execution(
        of draft: CommitteeDraft, _ header: BlockHeader, _ square: CertifiableSquare
    ) throws(LedgerFault) -> BlockExecution {
        let height = draft.height.value
        guard configuration.rules.staking != nil else {
            return BlockExecution(
                height: height, state: draft.proposal.state, results: draft.proposal.results)
        }
        var state = draft.state
        let results = try LedgerTransition(rules: configuration.rules).apply(
            draft.opening.with(draft.proposal.transactions), of: header,
            width: square.square.header.width, to: &state)
        return BlockExecution(height: height, state: state, results: results)
    }

    private func header(
        of draft: CommitteeDraft, _ square: CertifiableSquare, _ committee: CommitteeState
    ) -> (BlockHeader, HeaderExtension) {
        guard let producer else { preconditionFailure("a member has a pool") }
        let request = draft.request
        let parent = request.parent
        let dataRoot = square.square.header.dataRoot
        let `extension` = HeaderExtension(
            view: request.view.value, parentView: request.parentView.value,
            nullifications: request.nullifications.map(\.protobuf),
            custodySeed: CustodyAssignment.seed(
                parentHash: parent.block?.hash ?? Bytes32(), height: draft.height),
            sidecarBinding: square.sidecar.binding(dataRoot: dataRoot))
        var header = producer.building.header(
            on: .none, dataRoot: dataRoot, time: draft.time, appHash: draft.appHash,
            lastResultsHash: draft.resultsHash, validatorSet: request.validatorSet,
            nextValidatorSet: draft.nextValidatorSet, proposer: committee.greeting.address,
            extension: `extension`)
        header.height = draft.height
        header.time = draft.time
        header.lastBlockID = parent.block?.blockID ?? .none
        header.lastCommitHash =
            parent.certificate?.commit(of: request.parentSet)?.hash ?? MerkleTree.emptyRoot
        return (header, `extension`)
    }
}

/// A block of this node's own, from its transactions until its square is committed to.
struct CommitteeDraft: Sendable {
    let request: BlockRequest
    let height: Height
    /// The state and the results that the header commits to: those after the parent.
    let appHash: Bytes32
    let resultsHash: Bytes32
    let time: Timestamp
    /// The members of the block after it.
    let nextValidatorSet: ValidatorSet
    /// The state after the parent.
    let state: LedgerState
    /// What its proposer says, ahead of the pool's transactions.
    let opening: ReadBlock
    let proposal: TransactionPool.Proposal

    /// Whether it has something that somebody waits for.
    var isUrgent: Bool { !proposal.transactions.isEmpty || opening.hasEvidence }
}
