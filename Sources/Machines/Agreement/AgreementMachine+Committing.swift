// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Machinery

/// A commit for every height: votes for blocks that became final by a descendant (R9).
extension AgreementMachine {
    /// A block is final without votes of its own for it; this node gives its own if it may.
    mutating func openCommit(of block: BlockReference, into effects: inout [Effect]) {
        guard commits.isOpen(block.height) else { return }
        commits[block.height].block = block
        switch blocks[block.hash]?.gate {
        case .passed(let certified): askForCommit(certified, into: &effects)
        case .running: break
        case .idle, .refused, nil: effects.append(.recertify(block))
        }
    }

    /// After a restart, final blocks without a commit are verified anew, unless this node voted.
    mutating func resumeCommits(into effects: inout [Effect]) {
        for height in commits.open(limit: .max) {
            let entry = commits[height]
            if let block = entry.block, !entry.isAsked { effects.append(.recertify(block)) }
        }
    }

    /// Which blocks are final at heights that this node learnt of by a descendant only.
    mutating func follow(_ blocks: [BlockReference], into effects: inout [Effect]) {
        for block in blocks where commits.isAwaited(block.height) {
            if commits[block.height].block == nil { openCommit(of: block, into: &effects) }
        }
    }

    /// Signs for a height once, and only what is final there.
    mutating func askForCommit(_ certified: CertifiedAvailable, into effects: inout [Effect]) {
        let height = certified.block.height
        guard commits.isOpen(height), commits[height].block == certified.block,
            !commits[height].isAsked, configuration.mutant != .commitsOmitted
        else { return }
        commits[height].isAsked = true
        sign(.commit(certified, committee.epoch), into: &effects)
    }

    /// Votes for a final block that has its certificate, once, unless this node finalized it.
    ///
    /// Nobody needs the vote to go on; it shows that this node was there and found the data.
    mutating func voteLate(for block: BlockReference, into effects: inout [Effect]) {
        let height = block.height.value
        guard configuration.isVotingLate, let record = blocks[block.hash],
            let certified = record.certified, commits.isClosed(block.height),
            height > committee.base.block?.height.value ?? 0, height <= commits.finalHeight,
            commits.finalHeight - height < AgreementLimits.lateVotesMax
        else { return }
        let isSaid = record.notarizedIn.contains { views[$0]?.own.finalize == block }
        guard !isSaid, lateVotes.insert(height).inserted else { return }
        lateVotes = lateVotes.filter { $0 + AgreementLimits.lateVotesMax > height }
        sign(.commit(certified, committee.epoch), into: &effects)
    }

    /// Adds a vote for a height, and notices what it conflicts with.
    mutating func countCommit(
        _ vote: SignedStatement, isVerified: Bool, into effects: inout [Effect]
    ) {
        guard let height = vote.statement.block?.height else { return }
        let power = committee.power(of: vote.place)
        if case .conflicts(let other) = commits[height].tally.add(
            vote, power: power, isVerified: isVerified)
        {
            suspect(other, vote, isVerified: false, into: &effects)
        }
    }

    /// Verifies what might be a quorum for a final height, and makes a commit of what is one.
    mutating func tallyCommit(_ height: Height, into effects: inout [Effect]) {
        guard commits.isOpen(height), height.value <= commits.finalHeight else { return }
        let entry = commits[height]
        if let certificate = entry.tally.certificate(quorum: committee.quorum) {
            guard let block = certificate.statement.block else { return }
            return closeCommit(block, by: certificate, into: &effects)
        }
        let due = entry.tally.due(quorum: committee.quorum)
        guard !due.isEmpty else { return }
        commits[height].tally.isChecking = true
        verify(due, for: .votes, at: Instant(nanoseconds: 0), into: &effects)
    }

    /// Votes that came before their height was final may be enough by now.
    mutating func tallyOpenCommits(from known: UInt64, into effects: inout [Effect]) {
        for height in commits.open(limit: .max) where height.value > known {
            tallyCommit(height, into: &effects)
        }
    }

    /// A height has its commit: everybody is told once.
    mutating func closeCommit(
        _ block: BlockReference, by certificate: QuorumCertificate, into effects: inout [Effect]
    ) {
        guard commits.isOpen(block.height), block.height.value <= commits.finalHeight else {
            return
        }
        if let known = commits[block.height].block, known != block { return }
        commits.close(block.height)
        if let record = blocks[block.hash], record.proposal.view < lowestHeld {
            blocks[block.hash] = nil
        }
        effects.append(.committed(certificate, committee.set))
        effects.append(.broadcast(.certificate(certificate)))
    }

    /// Tells this node's votes for open heights once more, and asks one member for their commits.
    mutating func tellCommits(at now: Instant, into effects: inout [Effect]) {
        let open = commits.open(limit: AgreementLimits.commitsToldMax)
        guard !open.isEmpty, !isWaitingForSet else {
            stragglers.commitsDue = nil
            return
        }
        stragglers.commitsDue = now + timer.retry
        let member = nextMember()
        for height in open {
            if let own = commits[height].own { effects.append(.broadcast(.vote(own))) }
            if let member { effects.append(.send(.question(.commit(height)), to: member)) }
        }
    }
}
