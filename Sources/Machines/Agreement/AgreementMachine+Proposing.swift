// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Machinery

/// What the leader of a view does (R2).
extension AgreementMachine {
    /// Asks for a block, or proposes the epoch's last once more, when it is this node's turn.
    mutating func proposeIfLeading(at now: Instant, into effects: inout [Effect]) {
        guard let place = committee.ownPlace, committee.leader(of: view) == place,
            building?.view != view, unsigned == nil
        else { return }
        let own = views[view]?.own ?? OwnStatements()
        guard own.propose == nil, own.notarize == nil, !own.isNullified, own.finalize == nil,
            let parent = parent(at: now, into: &effects)
        else { return }
        let rules = configuration.rules
        let height = (parent.block?.height ?? Height(0)).next
        guard Epoch(of: height, length: rules.epochLength) == committee.epoch else {
            return proposeAgain(parent, into: &effects)
        }
        guard isReady(toDecide: height) else {
            // What is not final by itself would never be, were nothing built on it.
            if parent.block != final.block { proposeAgain(parent, into: &effects) }
            return
        }
        let request = request(on: parent)
        building = request
        effects.append(.buildBlock(request))
    }

    /// Whether every earlier height has a commit, where a height is its epoch's last.
    func isReady(toDecide height: Height) -> Bool {
        height != lastHeight || commits.lowestOpen >= height.value
            || configuration.mutant == .endUnready
    }

    /// The highest block that may be built on: certified by this node, all views since nullified.
    private mutating func parent(at now: Instant, into effects: inout [Effect]) -> ChainPoint? {
        var lower = view.previous
        while let candidate = lower, candidate > finalView {
            let record = views[candidate]
            if let certificate = record?.notarization, let block = certificate.statement.block,
                let known = blocks[block.hash], known.certified != nil
            {
                return ChainPoint(
                    block: block, time: known.proposal.header.time, certificate: certificate)
            }
            if let certificate = record?.notarization, final.time != nil,
                certificate.statement.block == final.block
            {
                return ChainPoint(block: final.block, time: final.time, certificate: certificate)
            }
            let isBlind = configuration.mutant == .gapUnchecked
            guard record?.nullification != nil || isBlind else {
                ask(candidate, at: now, into: &effects)
                return nil
            }
            lower = candidate.previous
        }
        guard final.time != nil else {
            askForFinal(at: now, into: &effects)
            return nil
        }
        return final
    }

    private func request(on parent: ChainPoint) -> BlockRequest {
        let isBase = parent.certificate?.statement.epoch != committee.epoch
        let parentView = isBase ? .base : parent.certificate?.statement.view ?? .base
        var nullifications: [QuorumCertificate] = []
        var between = parentView.next
        while between < view, nullifications.count < HeaderExtension.nullificationLimit {
            if let one = views[between]?.nullification { nullifications.append(one) }
            between = between.next
        }
        return BlockRequest(
            epoch: committee.epoch, view: view, parent: parent, parentView: parentView,
            parentSet: isBase ? committee.start.earlierSet : committee.set,
            validatorSet: committee.set, nullifications: nullifications)
    }

    /// The epoch's last two blocks are proposed until they are final, and built on only then.
    private mutating func proposeAgain(_ last: ChainPoint, into effects: inout [Effect]) {
        guard let block = last.block, let certificate = last.certificate,
            certificate.statement.epoch == committee.epoch, block != final.block,
            let known = blocks[block.hash]
        else { return }
        unsigned = known.proposal.again(in: view, on: certificate)
        sign(.propose(block, committee.epoch, view), into: &effects)
    }

    /// The block that was asked for is here.
    mutating func finishBuilding(
        _ epoch: Epoch, _ view: View, _ built: BuiltBlock?, into effects: inout [Effect]
    ) {
        guard epoch == committee.epoch, view == self.view, let request = building,
            request.view == view, unsigned == nil, let built,
            !(views[view]?.own.isNullified ?? false)
        else { return }
        guard
            let proposal = Proposal(
                epoch: epoch, view: view, header: built.header, extension: built.extension,
                roots: built.roots, parent: request.parent.certificate, signature: Bytes64())
        else { preconditionFailure("a block was built whose roots are not its header's") }
        unsigned = proposal
        sign(.propose(proposal.block, epoch, view), into: &effects)
    }

    /// The leader's own proposal is signed: everybody gets it, this node among them.
    mutating func publish(
        _ statement: Statement, _ signature: Bytes64, at now: Instant, into effects: inout [Effect]
    ) {
        guard let proposal = unsigned?.signed(signature), proposal.statement == statement,
            statement.view == view
        else { return }
        unsigned = nil
        effects.append(.broadcast(.proposal(proposal)))
        keep(proposal, at: now, into: &effects)
    }
}
