// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Bytes
internal import Chain
internal import DataSquare

/// Faulty members that lie about data, time, the views between, and what lies ahead.
extension CommitteeWorld {
    /// What a faulty leader adds to its block's time, in nanoseconds.
    func timeShift(of member: CommitteeMember) -> Int64 {
        guard member.isFaulty, scenario.misconduct == .timestampLiar else { return 0 }
        switch draw.index(below: 4) {
        case 0: return 0
        case 1: return -10_000_000_000
        case 2: return 600_000_000
        default: return 3_600_000_000_000
        }
    }

    /// Nobody honest, or too few of them, get a block's first rows; nobody can have it whole.
    func hide(_ hash: Bytes32) {
        let some = (0..<scenario.memberCount).filter { _ in draw.index(below: 3) != 0 }
        let isWhole = draw.index(below: 3) == 0
        blocks.restrict(hash, to: .rowsOnly(isWhole ? sets.faulty : sets.faulty.union(some)))
    }

    /// Proposes on the last final block as if every view since had passed; whether it did.
    func jump(over proposal: Proposal, by member: CommitteeMember) -> Bool {
        guard let request = member.lastRequest, request.view == proposal.view,
            !proposal.isRepeated, let final = member.final, let certificate = final.certificate,
            final.block != request.parent.block, final.time != nil,
            certificate.statement.epoch == request.epoch
        else { return false }
        let old = BlockRequest(
            epoch: request.epoch, view: request.view, parent: final,
            parentView: certificate.statement.view, parentSet: request.validatorSet,
            validatorSet: request.validatorSet, nullifications: [])
        let built = blocks.build(old, by: member.address, at: now)
        guard
            let jumping = Proposal(
                epoch: old.epoch, view: old.view, header: built.header, extension: built.extension,
                roots: built.roots, parent: certificate, signature: Bytes64())
        else { preconditionFailure("a built block is a proposal") }
        let signed = jumping.signed(sign(jumping.statement, by: member).signature)
        for other in members where other.identity != member.identity {
            send(.proposal(signed), from: member, to: other)
        }
        say(.notarize(signed.block, old.epoch, old.view), by: member)
        return true
    }

    /// Votes of views far ahead, and a certificate of one with too few signatures.
    func spamFuture(_ statement: Statement, by member: CommitteeMember) {
        guard statement.kind != .commit, draw.index(below: 8) == 0,
            let far = View(statement.view.value + 2 + draw.next(below: 10_000))
        else { return }
        let vote = sign(.nullify(statement.epoch, far), by: member)
        let victim = members[draw.index(below: members.count)]
        send(.vote(vote), from: member, to: victim)
        guard draw.index(below: 16) == 0 else { return }
        send(.certificate(QuorumCertificate(vote.statement, [vote])), from: member, to: victim)
    }

    /// Pairs that conflict, about blocks that nobody made.
    func spamPairs(_ proposal: Proposal, by member: CommitteeMember) {
        for _ in 0..<3 {
            var hash = Bytes32()
            for index in 0..<8 { hash[index] = UInt8(draw.next(below: 256)) }
            let block = BlockReference(
                height: proposal.block.height, hash: hash, dataRoot: blocks.roots.dataRoot)
            say(.notarize(block, proposal.epoch, proposal.view), by: member)
            say(.finalize(block, proposal.epoch, proposal.view), by: member)
            say(.nullify(proposal.epoch, proposal.view), by: member)
        }
    }

    /// One vote for letting a view pass, to one member: who has it may make a certificate that nobody
    /// else could.
    func passBriefly(_ statement: Statement, by member: CommitteeMember) {
        guard member.spoken.insert(statement).inserted else { return }
        let honest = members.filter { !$0.isFaulty }
        let vote = sign(statement, by: member)
        send(.vote(vote), from: member, to: honest[draw.index(below: honest.count)])
    }

    /// A proposal goes to as many honest members as are a quorum with the faulty ones, and the votes
    /// for it too; whether something else may be told as the machine says.
    func mayFavour(_ message: AgreementMessage, by member: CommitteeMember) -> Bool {
        switch message {
        case .proposal(let proposal) where !proposal.isRepeated:
            favour(proposal, by: member)
            return false
        case .certificate(let certificate):
            return !isFavoured(certificate.statement)
        case .vote(let vote): return !isFavoured(vote.statement)
        case .standstill: return false
        default: return true
        }
    }

    /// Whether a faulty member answers as its machine says.
    func maySend(_ message: AgreementMessage, by member: CommitteeMember) -> Bool {
        switch (scenario.misconduct, message) {
        case (.briefVoter, _), (.favouringLeader, .standstill): false
        case (.favouringLeader, .certificate(let certificate)):
            !isFavoured(certificate.statement)
        case (.favouringLeader, .proposal(let proposal)): !isFavoured(proposal.statement)
        default: true
        }
    }

    /// Whether a statement is about a view that somebody faulty led.
    private func isFavoured(_ statement: Statement) -> Bool {
        favoured.contains(Favour(epoch: statement.epoch, view: statement.view))
    }

    private func favour(_ proposal: Proposal, by member: CommitteeMember) {
        let (epoch, view) = (proposal.epoch, proposal.view)
        favoured.insert(Favour(epoch: epoch, view: view))
        let set = sets.set(of: epoch.value)
        func power(of member: CommitteeMember) -> Int64 {
            set.validators[place(of: member, in: epoch)].votingPower
        }
        var reached = members.filter(\.isFaulty).reduce(0) { $0 + power(of: $1) }
        var chosen: [CommitteeMember] = []
        for index in draw.shuffled(members.count) where !members[index].isFaulty {
            guard 3 * reached <= 2 * set.totalVotingPower else { break }
            chosen.append(members[index])
            reached += power(of: members[index])
        }
        for friend in chosen { send(.proposal(proposal), from: member, to: friend) }
        let notarize = Statement.notarize(proposal.block, epoch, view)
        for accomplice in members where accomplice.isFaulty {
            let vote = sign(notarize, by: accomplice)
            for friend in chosen { send(.vote(vote), from: accomplice, to: friend) }
        }
    }
}

/// A view of which faulty members let only a few know.
struct Favour: Hashable {
    let epoch: Epoch
    let view: View
}
