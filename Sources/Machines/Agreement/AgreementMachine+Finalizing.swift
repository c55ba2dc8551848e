// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Machinery

/// What a finalization makes final (R8), and where one epoch hands over to the next.
extension AgreementMachine {
    /// A block and all its ancestors are final.
    mutating func finalize(
        _ certificate: QuorumCertificate, at now: Instant, into effects: inout [Effect]
    ) {
        guard let block = certificate.statement.block else { return }
        let view = certificate.statement.view
        let known = commits.finalHeight
        guard block.height.value > known else {
            if block == final.block {
                finalView = max(finalView, view)
                target = max(target, view.next)
                final.certificate = certificate
            }
            return closeCommit(block, by: certificate, into: &effects)
        }
        let chain = chain(to: block)
        effects.append(
            .finalized(
                Finality(blocks: chain, certificate: certificate, validatorSet: committee.set)))
        let told = followed?.block == block ? followed?.time : nil
        let time = blocks[block.hash]?.proposal.header.time ?? told
        final = ChainPoint(block: block, time: time, certificate: certificate)
        finalView = view
        commits.raise(to: block.height)
        for ancestor in chain.dropLast() { openCommit(of: ancestor, into: &effects) }
        commits.close(block.height)
        voteLate(for: block, into: &effects)
        tallyOpenCommits(from: known, into: &effects)
        timer.finalized()
        target = max(target, view.next)
        if block.height == lastHeight {
            return endEpoch(by: certificate, at: now, into: &effects)
        }
        if time == nil { askForFinal(at: now, into: &effects) }
        forgetFinal()
        followCertificates(of: self.view, into: &effects)
        advanceChildren(of: block, into: &effects)
        if stragglers.commitsDue == nil, !commits.open(limit: 1).isEmpty {
            stragglers.commitsDue = now + timer.retry
        }
    }

    /// The epoch's last height.
    var lastHeight: Height { committee.epoch.end(length: configuration.rules.epochLength) }

    /// The known blocks from the one after the last final to another, lowest first.
    private func chain(to block: BlockReference) -> [BlockReference] {
        var chain = [block]
        var lowest = block
        while lowest.height.value > commits.finalHeight + 1,
            let parent = blocks[lowest.hash]?.proposal.parentBlock
        {
            chain.append(parent)
            lowest = parent
        }
        return chain.reversed()
    }

    /// Drops views and blocks that nobody asks for any more.
    private mutating func forgetFinal() {
        guard finalView.value > AgreementLimits.finalViewsKept,
            let lowest = View(finalView.value - AgreementLimits.finalViewsKept)
        else { return }
        while lowestHeld < lowest {
            if let record = views.removeValue(forKey: lowestHeld) {
                forgetBlocks(of: record)
            }
            lowestHeld = lowestHeld.next
        }
    }

    /// A block goes with its view, unless its commit is still open.
    private mutating func forgetBlocks(of record: ViewRecord) {
        let named =
            [record.proposal?.block, record.notarization?.statement.block]
            + record.proposed.map(\.statement.block)
        for case let block? in named
        where block != final.block && !commits.isAwaited(block.height) {
            blocks[block.hash] = nil
        }
    }

    /// The epoch's last block is final: the next begins, as soon as its members are known.
    mutating func endEpoch(
        by certificate: QuorumCertificate, at now: Instant, into effects: inout [Effect]
    ) {
        let proposal = certificate.statement.block.flatMap { blocks[$0.hash]?.proposal }
        stragglers.ended(by: certificate, proposal)
        timer.stop()
        isWaitingForSet = true
        beginNextEpoch(at: now, into: &effects)
    }

    /// The chain that this node follows is beyond its epoch; what vouches for the chain vouches for
    /// the certificate.
    mutating func followEnd(
        _ certificate: QuorumCertificate, _ time: Timestamp, at now: Instant,
        into effects: inout [Effect]
    ) {
        let statement = certificate.statement
        guard statement.epoch == committee.epoch, !isWaitingForSet, statement.kind == .finalize,
            let block = statement.block, block.height == lastHeight,
            committee.hasQuorum(certificate, of: committee.set)
        else { return }
        learnTime(time, of: block)
        hold(certificate, at: now, into: &effects)
    }

    /// The host tells the members of a coming epoch.
    mutating func learn(
        _ set: ValidatorSet, of epoch: Epoch, at now: Instant, into effects: inout [Effect]
    ) {
        guard epoch > committee.epoch, !laterSets.contains(where: { $0.epoch == epoch }),
            laterSets.count < AgreementLimits.epochsAheadMax
        else { return }
        laterSets.append((epoch, set))
        if isWaitingForSet { beginNextEpoch(at: now, into: &effects) }
    }

    private mutating func beginNextEpoch(at now: Instant, into effects: inout [Effect]) {
        let next = committee.epoch.next
        guard let set = laterSets.first(where: { $0.epoch == next })?.set,
            let last = final.block
        else { return }
        laterSets.removeAll { $0.epoch <= next }
        let start = EpochStart(
            epoch: next, validatorSet: configuration.mutant == .setKept ? committee.set : set,
            earlierSet: committee.set,
            seed: Epoch.seed(after: committee.start.seed, lastBlock: last.hash), base: final)
        committee = Committee(
            start, own: configuration.ownAddress, mutant: configuration.mutant)
        isWaitingForSet = false
        view = .base
        target = .first
        finalView = .base
        (lowestHeld, highestHeld) = (.first, .base)
        (views, blocks) = ([:], [:])
        commits = CommitBook(base: last.height, memberCount: set.count)
        lateVotes = []
        activity = LeaderActivity(memberCount: set.count)
        evidence = EvidenceCollector()
        stragglers.commitsDue = nil
        (building, unsigned) = (nil, nil)
        effects.append(.epochBegan(start))
        if final.time == nil { askForFinal(at: now, into: &effects) }
    }

    /// The time of a final block whose header this node had not seen.
    mutating func learnTime(_ time: Timestamp, of block: BlockReference) {
        followed = (block, time)
        if block == committee.base.block, committee.base.time == nil { committee.base.time = time }
        if block == final.block, final.time == nil { final.time = time }
    }

    /// The header of the block that the epoch stands on came; its hash is known.
    mutating func takeBase(from proposal: Proposal, into effects: inout [Effect]) {
        guard proposal.block == committee.base.block, committee.base.time == nil else { return }
        committee.base.time = proposal.header.time
        if final.block == committee.base.block { final.time = proposal.header.time }
        stragglers.lastProposal = proposal
    }
}
