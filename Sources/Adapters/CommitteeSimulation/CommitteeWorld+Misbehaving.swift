// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Bytes
internal import Chain

/// What faulty members do beside, or instead of, what their machine says.
extension CommitteeWorld {
    /// A faulty member's machine wants to tell all; returns whether that is done as it says.
    func mayBroadcast(_ message: AgreementMessage, by member: CommitteeMember) -> Bool {
        if scenario.misconduct == .briefVoter { return false }
        if scenario.misconduct == .favouringLeader { return mayFavour(message, by: member) }
        guard case .proposal(let proposal) = message else { return true }
        switch scenario.misconduct {
        case .equivocatingLeader:
            equivocate(proposal, by: member)
            return false
        case .withholdingLeader:
            if !proposal.isRepeated { withhold(proposal.block.hash) }
            return true
        case .custodyLiar:
            if !proposal.isRepeated { hide(proposal.block.hash) }
            return true
        case .wrongParity:
            if !proposal.isRepeated { blocks.restrict(proposal.block.hash, to: .wrong) }
            return true
        case .gapJumper: return !jump(over: proposal, by: member)
        default:
            return true
        }
    }

    /// A faulty member heard something.
    func misbehave(_ member: CommitteeMember, hearing message: AgreementMessage) {
        switch (scenario.misconduct, message) {
        case (.doubleVoter, .proposal(let proposal)):
            say(.notarize(proposal.block, proposal.epoch, proposal.view), by: member)
            say(.finalize(proposal.block, proposal.epoch, proposal.view), by: member)
            if draw.index(below: 4) == 0 {
                say(.nullify(proposal.epoch, proposal.view), by: member)
            }
        case (.doubleVoter, .certificate(let certificate)),
            (.finalizeAndNullify, .certificate(let certificate)),
            (.equivocatingLeader, .certificate(let certificate)):
            guard certificate.statement.kind == .notarize, !scenario.isBroken,
                let block = certificate.statement.block,
                draw.index(below: scenario.memberCount) == 0
            else { return }
            let (epoch, view) = (certificate.statement.epoch, certificate.statement.view)
            say(.finalize(block, epoch, view), by: member)
            if scenario.misconduct == .finalizeAndNullify {
                say(.nullify(epoch, view), by: member)
            }
        case (.nullifier, .proposal(let proposal)):
            say(.nullify(proposal.epoch, proposal.view), by: member)
        case (.custodyLiar, .proposal(let proposal)):
            say(.notarize(proposal.block, proposal.epoch, proposal.view), by: member)
        case (.custodyLiar, .certificate(let certificate)):
            guard certificate.statement.kind == .notarize,
                let block = certificate.statement.block, !blocks.isAvailable(block.hash)
            else { return }
            say(
                .finalize(block, certificate.statement.epoch, certificate.statement.view),
                by: member)
        case (.briefVoter, .vote(let vote)) where vote.statement.kind == .nullify:
            passBriefly(vote.statement, by: member)
        case (.futureSpammer, .vote(let vote)): spamFuture(vote.statement, by: member)
        case (.evidenceSpammer, .proposal(let proposal)): spamPairs(proposal, by: member)
        case (.staleReplayer, _): replay(message, by: member)
        case (.forger, .proposal(let proposal)): forge(proposal, by: member)
        default: break
        }
    }

    /// Says something to everybody, whatever was said before.
    func say(_ statement: Statement, by member: CommitteeMember) {
        let signed = sign(statement, by: member)
        for other in members where other !== member { send(.vote(signed), from: member, to: other) }
    }

    func sign(_ statement: Statement, by member: CommitteeMember) -> SignedStatement {
        let timestamp = Self.timestamp(now)
        return SignedStatement(
            statement, place: place(of: member, in: statement.epoch), timestamp: timestamp,
            signature: MockSignature.sign(
                statement, timestamp, by: member.identity, seed: scenario.seed))
    }

    /// One block to some, another to the rest, both to a few; and votes for both.
    private func equivocate(_ proposal: Proposal, by member: CommitteeMember) {
        guard let request = member.lastRequest, request.view == proposal.view,
            !proposal.isRepeated
        else {
            for other in members where other !== member {
                send(.proposal(proposal), from: member, to: other)
            }
            return
        }
        let built = blocks.build(request, by: member.address, at: now)
        guard
            let twin = Proposal(
                epoch: proposal.epoch, view: proposal.view, header: built.header,
                extension: built.extension, roots: built.roots, parent: proposal.parent,
                signature: Bytes64())
        else { preconditionFailure("a built block is a proposal") }
        let signed = twin.signed(sign(twin.statement, by: member).signature)
        let parity = draw.index(below: 2)
        for other in members where other !== member {
            let (one, two) = other.index % 2 == parity ? (proposal, signed) : (signed, proposal)
            send(.proposal(one), from: member, to: other)
            if draw.index(below: 3) == 0 { send(.proposal(two), from: member, to: other) }
        }
        for accomplice in members where accomplice.isFaulty {
            for other in members where !other.isFaulty {
                let block = other.index % 2 == parity ? proposal.block : signed.block
                let (epoch, view) = (proposal.epoch, proposal.view)
                let notarize = sign(.notarize(block, epoch, view), by: accomplice)
                send(.vote(notarize), from: accomplice, to: other)
                guard scenario.isBroken else { continue }
                let finalize = sign(.finalize(block, epoch, view), by: accomplice)
                send(.vote(finalize), from: accomplice, to: other)
            }
        }
    }

    private func withhold(_ hash: Bytes32) {
        switch draw.index(below: 4) {
        case 0: break
        case 1: blocks.restrict(hash, to: .wrong)
        case 2: blocks.restrict(hash, to: .rowsOnly(sets.faulty))
        default:
            let some = (0..<scenario.memberCount).filter { _ in draw.index(below: 4) != 0 }
            blocks.restrict(hash, to: .rowsOnly(sets.faulty.union(some)))
        }
    }

    private func replay(_ message: AgreementMessage, by member: CommitteeMember) {
        if member.heard.count < 64 {
            member.heard.append(message)
        } else {
            member.heard[draw.index(below: 64)] = message
        }
        guard draw.index(below: 4) == 0 else { return }
        let old = member.heard[draw.index(below: member.heard.count)]
        if case .vote = old { return }
        if case .standstill = old { return }
        send(old, from: member, to: members[draw.index(below: members.count)])
    }

    /// False signatures, and a certificate that nobody signed.
    private func forge(_ proposal: Proposal, by member: CommitteeMember) {
        let statement = Statement.notarize(proposal.block, proposal.epoch, proposal.view)
        let set = sets.set(of: proposal.epoch.value)
        let signed = set.validators.indices.map {
            SignedStatement(
                statement, place: $0, timestamp: Self.timestamp(now),
                signature: Bytes64(repeating: UInt8(truncatingIfNeeded: $0)))
        }
        let victim = members[draw.index(below: members.count)]
        if draw.index(below: 2) == 0 {
            // In its own name, or once in a while in another's.
            let isForeign = draw.index(below: 4) == 0
            let falseVote =
                signed[
                    isForeign ? draw.index(below: set.count) : place(of: member, in: proposal.epoch)
                ]
            send(.vote(falseVote), from: member, to: victim)
        } else {
            send(.certificate(QuorumCertificate(statement, signed)), from: member, to: victim)
        }
    }
}
