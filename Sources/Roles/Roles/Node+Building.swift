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
        if producer.pool.isEmpty, now < due { return effects.append(.wake(at: due)) }
        do throws(SquareBuildFault) {
            let proposal = try producer.pool.propose(
                on: state, sizeMaximum: producer.squareWidthMaximum,
                appVersion: producer.appVersion, at: height)
            // What waits may be in the parent already.
            if proposal.results.isEmpty, now < due { return effects.append(.wake(at: due)) }
            committee?.building?.isUnderWay = true
            let draft = CommitteeDraft(
                request: request, height: height, appHash: state.hash, resultsHash: resultsHash,
                time: Timestamp(nanosecondsSince1970: now.nanoseconds), proposal: proposal)
            let ticket = ticket()
            jobs[ticket] = .ownBlock(draft)
            let misencoding = configuration.misbehavior.flatMap {
                height.value >= $0.fromHeight ? $0.misencoding : nil
            }
            effects.append(
                .compute(
                    ticket, .extendOwn(proposal.built.square, misencoded: misencoding)))
        } catch {
            effects.append(.report(.incident("block \(height) cannot be built: \(error)")))
            committee?.building = nil
            tellCommittee(.built(request.epoch, request.view, nil), now, &effects)
        }
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
        self.committee?.blocks[hash]?.execution = BlockExecution(
            height: draft.height.value, state: draft.proposal.state,
            results: draft.proposal.results)
        tellCommittee(
            .built(
                request.epoch, request.view,
                BuiltBlock(header: header, extension: `extension`, roots: roots)), now, &effects)
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
            nextValidatorSet: committee.set, proposer: committee.greeting.address,
            extension: `extension`)
        let earliest = (parent.time ?? .zero).advanced(
            byNanoseconds: ProposalRules.stepNanoseconds)
        header.height = draft.height
        header.time = max(earliest, draft.time)
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
    let proposal: TransactionPool.Proposal
}
