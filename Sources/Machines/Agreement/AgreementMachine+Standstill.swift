// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Machinery

/// How members that do not get on, or fell behind, find out what they miss (R10).
extension AgreementMachine {
    /// What this node has: its finality, a page of certificates above it, its own votes.
    mutating func standstill() -> Standstill {
        var open = finalView.next
        while open < view, views[open]?.isCertified ?? false { open = open.next }
        var message = Standstill(
            epoch: committee.epoch, view: view, open: open,
            finalization: finalView == .base ? nil : final.certificate)
        let size = UInt64(Standstill.viewsMax)
        let pages = (max(view, finalView).value - finalView.value + size - 1) / size
        let page = UInt64(stragglers.page) % max(pages, 1)
        stragglers.page += 1
        var bytes = 0
        var told = View(finalView.value + 1 + page * size) ?? view
        for _ in 0..<size where told <= view {
            for certificate in views[told]?.certificates ?? [] where told != finalView {
                bytes += 128 + 84 * certificate.signatures.count
                guard bytes < Standstill.sizeMax else { break }
                message.certificates.append(certificate)
            }
            message.votes += views[told]?.own.signed.filter { $0.statement.kind != .propose } ?? []
            told = told.next
        }
        if told <= view {
            message.votes += views[view]?.own.signed.filter { $0.statement.kind != .propose } ?? []
        }
        for height in commits.open(limit: AgreementLimits.commitsToldMax) {
            if let own = commits[height].own { message.votes.append(own) }
        }
        return message
    }

    /// Takes what a member has, and gives it what it lacks.
    mutating func receive(
        _ standstill: Standstill, from sender: Bytes20, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard standstill.epoch >= committee.epoch else {
            if let end = stragglers.end(of: standstill.epoch), stragglers.mayAnswer(sender) {
                effects.append(.send(.certificate(end), to: sender))
            }
            return
        }
        guard isOfThisEpoch(standstill.epoch, from: sender, into: &effects) else { return }
        let carried = standstill.certificates + (standstill.finalization.map { [$0] } ?? [])
        for certificate in carried where certificate.statement.epoch == committee.epoch {
            receive(certificate, from: sender, at: now, into: &effects)
        }
        for vote in standstill.votes where vote.statement.epoch == committee.epoch {
            receive(vote, from: sender, at: now, into: &effects)
        }
        help(standstill, of: sender, into: &effects)
    }

    private mutating func help(
        _ standstill: Standstill, of sender: Bytes20, into effects: inout [Effect]
    ) {
        guard standstill.epoch == committee.epoch, !isWaitingForSet else { return }
        let known = standstill.finalization?.statement.view ?? .base
        if finalView > known, let certificate = final.certificate, stragglers.mayAnswer(sender) {
            effects.append(.send(.certificate(certificate), to: sender))
        }
        var open = max(standstill.open, finalView.next)
        for _ in 0..<Standstill.viewsMax where open <= view && open <= standstill.view {
            for certificate in views[open]?.certificates ?? [] where stragglers.mayAnswer(sender) {
                effects.append(.send(.certificate(certificate), to: sender))
            }
            open = open.next
        }
    }

    /// Gives a member what it asked for, if it is here.
    mutating func answer(
        _ question: AgreementQuestion, of sender: Bytes20, into effects: inout [Effect]
    ) {
        guard stragglers.mayAnswer(sender) else { return }
        switch question {
        case .commit(let height):
            effects.append(.serveCommit(height, to: sender))
        case .view(let epoch, let view) where epoch == committee.epoch:
            guard let record = views[view] else { return }
            let block = record.notarization?.statement.block ?? record.finalization?.statement.block
            let proposal = block.map { blocks[$0.hash]?.proposal } ?? record.proposal
            for certificate in record.certificates {
                effects.append(.send(.certificate(certificate), to: sender))
            }
            if let proposal { effects.append(.send(.proposal(proposal), to: sender)) }
        case .view(let epoch, _):
            guard epoch.next == committee.epoch, let proposal = stragglers.lastProposal else {
                return
            }
            effects.append(.send(.proposal(proposal), to: sender))
        }
    }

    /// Asks for a view: its leader first, then one member after another.
    mutating func ask(_ view: View, at now: Instant, into effects: inout [Effect]) {
        guard configuration.mutant != .questionsOmitted,
            stragglers.ask(view, next: now + timer.retry),
            let member = committee.leader(of: view).map({ committee.address(of: $0) })
        else { return }
        let isOwn = member == configuration.ownAddress
        guard let member = isOwn ? nextMember() : member else { return }
        effects.append(.send(.question(.view(committee.epoch, view)), to: member))
    }

    /// Asks for the header of the last final block.
    mutating func askForFinal(at now: Instant, into effects: inout [Effect]) {
        guard final.time == nil, let certificate = final.certificate else { return }
        if certificate.statement.epoch == committee.epoch {
            ask(certificate.statement.view, at: now, into: &effects)
        } else if stragglers.ask(.base, next: now + timer.retry) {
            askForBase(into: &effects)
        }
    }

    private mutating func askForBase(into effects: inout [Effect]) {
        guard let statement = committee.base.certificate?.statement, let member = nextMember()
        else { return }
        effects.append(.send(.question(.view(statement.epoch, statement.view)), to: member))
    }

    /// What was asked for and did not come is asked of another.
    mutating func askAgain(at now: Instant, into effects: inout [Effect]) {
        if let due = stragglers.commitsDue, due <= now { tellCommits(at: now, into: &effects) }
        let due = stragglers.due(at: now, next: now + timer.retry) { [self] in isMissing($0) }
        for (view, _) in due {
            if view == .base {
                askForBase(into: &effects)
            } else if let member = nextMember() {
                effects.append(.send(.question(.view(committee.epoch, view)), to: member))
            }
        }
    }

    /// Whether something of a view is still needed.
    private func isMissing(_ view: View) -> Bool {
        if view == .base { return committee.base.time == nil }
        if view == finalView { return final.time == nil }
        guard view > finalView, view < self.view || !(views[view]?.certificates.isEmpty ?? true)
        else { return false }
        guard let record = views[view] else { return true }
        if let block = record.notarization?.statement.block { return blocks[block.hash] == nil }
        return record.nullification == nil
    }

    /// Whether a proposal's block is certified already, so that its hash alone vouches for it.
    func isWanted(_ proposal: Proposal) -> Bool {
        guard blocks[proposal.block.hash] == nil else { return false }
        return proposal.block == final.block
            || proposal.block == views[proposal.view]?.notarization?.statement.block
    }

    /// Keeps a block that was asked for.
    mutating func keepWanted(_ proposal: Proposal, into effects: inout [Effect]) {
        let hash = proposal.extension.consensusHash(configuration.rules.consensusParameters)
        guard proposal.header.consensusHash == hash else { return }
        var record = BlockRecord(proposal: proposal)
        if proposal.block == views[proposal.view]?.notarization?.statement.block {
            record.notarizedIn = [proposal.view]
        }
        blocks[proposal.block.hash] = record
        if let leader = committee.leader(of: proposal.view),
            let earlier = views[proposal.view]?.proposed.first
        {
            let signed = SignedStatement(
                proposal.statement, place: leader, timestamp: .zero, signature: proposal.signature)
            suspect(earlier, signed, isVerified: false, into: &effects)
        }
        if proposal.block == final.block {
            final.time = proposal.header.time
        } else {
            advanceGate(of: proposal.block, into: &effects)
        }
    }

    /// Each member in turn, without this node.
    mutating func nextMember() -> Bytes20? {
        for _ in committee.set.validators {
            stragglers.turn = (stragglers.turn + 1) % committee.set.count
            if stragglers.turn != committee.ownPlace {
                return committee.address(of: stragglers.turn)
            }
        }
        return nil
    }
}
