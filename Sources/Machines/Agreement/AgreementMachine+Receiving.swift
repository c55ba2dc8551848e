// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Machinery

/// What other members send (R11, R12), and what becomes of its signatures.
extension AgreementMachine {
    mutating func receive(
        _ message: AgreementMessage, from sender: Bytes20, at now: Instant,
        into effects: inout [Effect]
    ) {
        switch message {
        case .vote(let vote): receive(vote, from: sender, at: now, into: &effects)
        case .proposal(let proposal): receive(proposal, from: sender, at: now, into: &effects)
        case .certificate(let certificate):
            receive(certificate, from: sender, at: now, into: &effects)
        case .standstill(let standstill):
            receive(standstill, from: sender, at: now, into: &effects)
        case .question(let question): answer(question, of: sender, into: &effects)
        case .greeting: break
        }
    }

    /// A vote comes from its own author, of a view that this node has reached.
    mutating func receive(
        _ vote: SignedStatement, from sender: Bytes20, at now: Instant, into effects: inout [Effect]
    ) {
        guard isOfThisEpoch(vote.statement.epoch, from: sender, into: &effects) else { return }
        let isBlind = configuration.mutant == .foreignVoteTaken
        guard vote.place < committee.set.count,
            committee.address(of: vote.place) == sender || isBlind
        else {
            return effects.append(.penalise(sender, .foreignVote))
        }
        guard vote.place != committee.ownPlace else { return }
        activity.saw(vote.place)
        let statement = vote.statement
        switch statement.kind {
        case .propose: break
        case .commit:
            guard let height = statement.block?.height else { return }
            if commits.isClosed(height) {
                if stragglers.mayAnswer(sender) {
                    effects.append(.serveCommit(height, to: sender))
                }
            } else if commits.isOpen(height) {
                countCommit(vote, isVerified: false, into: &effects)
                tallyCommit(height, into: &effects)
            }
        case .notarize, .nullify, .finalize:
            guard isTallied(statement.view) else { return }
            observe(vote, isVerified: false, into: &effects)
            tally(statement.kind, in: statement.view, at: now, into: &effects)
            if statement == .nullify(committee.epoch, view), isHopeless(leftBy: vote.place) {
                nullifyIfFree(view, into: &effects)
            }
        }
    }

    /// R6: whether the leader itself let the present view pass, or so many that no quorum is left.
    private mutating func isHopeless(leftBy place: Int) -> Bool {
        if committee.leader(of: view) == place { return true }
        let power = views[view]?.tallies?[.nullify].power(of: .nullify(committee.epoch, view)) ?? 0
        return power >= committee.set.blockingPower
    }

    /// Whether a message is of the present epoch; who is behind is told what ended its own.
    mutating func isOfThisEpoch(
        _ epoch: Epoch, from sender: Bytes20, into effects: inout [Effect]
    ) -> Bool {
        if epoch > committee.epoch, !isWaitingForSet, stragglers.mayAnswer(sender) {
            effects.append(.send(.standstill(standstill()), to: sender))
        }
        return epoch == committee.epoch && !isWaitingForSet
    }

    /// Adds a vote to its view's tallies, and notices what it conflicts with.
    mutating func observe(
        _ vote: SignedStatement, isVerified: Bool, into effects: inout [Effect]
    ) {
        let statement = vote.statement
        guard isTallied(statement.view) else { return }
        let power = committee.power(of: vote.place)
        let count = committee.set.count
        var others: [SignedStatement] = []
        record(statement.view) { record in
            var tallies = record.tallies ?? ViewTallies(memberCount: count)
            record.tallies = nil
            others = tallies.votes(of: vote.place)
            _ = tallies[statement.kind].add(vote, power: power, isVerified: isVerified)
            record.tallies = tallies
        }
        for other in others where other.statement.fault(with: statement) != nil {
            suspect(other, vote, isVerified: false, into: &effects)
        }
    }

    /// Verifies what might be a quorum, and makes a certificate of what is one.
    mutating func tally(
        _ kind: Statement.Kind, in view: View, at now: Instant, into effects: inout [Effect]
    ) {
        guard let record = views[view], record[kind] == nil, let tallies = record.tallies else {
            return
        }
        if let certificate = tallies[kind].certificate(quorum: committee.quorum) {
            return hold(certificate, at: now, into: &effects)
        }
        let due = tallies[kind].due(quorum: committee.quorum)
        guard !due.isEmpty else { return }
        views[view]?.tallies?[kind].isChecking = true
        verify(due, for: .votes, at: now, into: &effects)
    }

    /// Two statements conflict: both signatures are verified before anybody is accused.
    mutating func suspect(
        _ one: SignedStatement, _ other: SignedStatement, isVerified: Bool,
        into effects: inout [Effect]
    ) {
        guard let pair = SlashingEvidence(one, other, by: committee.address(of: one.place)) else {
            return
        }
        let isRepeated = configuration.mutant == .evidenceRepeated
        guard evidence.suspects(pair) || isRepeated else { return }
        if isVerified {
            guard evidence.judged(pair, holds: true) || isRepeated else { return }
            effects.append(.evidence(pair))
        } else {
            add(
                CheckQueue.Check(
                    epoch: committee.epoch, purpose: .pair(pair), signed: [pair.first, pair.second]),
                into: &effects)
        }
    }

    /// Has signatures verified; with none to verify the outcome is there at once.
    mutating func verify(
        _ signed: [SignedStatement], for purpose: CheckQueue.Purpose, at now: Instant,
        into effects: inout [Effect]
    ) {
        let check = CheckQueue.Check(epoch: committee.epoch, purpose: purpose, signed: signed)
        if signed.isEmpty {
            finish(check, [], at: now, into: &effects)
        } else {
            add(check, into: &effects)
        }
    }

    private mutating func add(_ check: CheckQueue.Check, into effects: inout [Effect]) {
        let claims = check.signed.compactMap { signed in
            committee.key(of: signed).map { SignatureClaim(signed: signed, key: $0) }
        }
        precondition(claims.count == check.signed.count, "every claim is of a member")
        effects.append(.verify(checks.add(check), claims))
    }

    /// A batch comes back.
    mutating func finishCheck(
        _ id: UInt64, _ holds: [Bool], at now: Instant, into effects: inout [Effect]
    ) {
        guard let check = checks.take(id), check.epoch == committee.epoch else { return }
        precondition(holds.count == check.signed.count, "every claim of a batch is answered")
        finish(check, holds, at: now, into: &effects)
    }

    private mutating func finish(
        _ check: CheckQueue.Check, _ holds: [Bool], at now: Instant, into effects: inout [Effect]
    ) {
        switch check.purpose {
        case .votes: finishVotes(check.signed, holds, at: now, into: &effects)
        case .certificate(let certificate, let sender):
            if holds.allSatisfy({ $0 }) {
                accept(certificate, at: now, into: &effects)
            } else {
                effects.append(.penalise(sender, .signature))
            }
        case .proposal(let proposal, let nullifications, let sender):
            finishProposal(
                proposal, nullifications, from: sender, holds, at: now, into: &effects)
        case .pair(let pair):
            let isTrue = holds.allSatisfy { $0 }
            let isRepeated = configuration.mutant == .evidenceRepeated && isTrue
            if evidence.judged(pair, holds: isTrue) || isRepeated {
                effects.append(.evidence(pair))
            }
        }
    }

    private mutating func finishVotes(
        _ votes: [SignedStatement], _ holds: [Bool], at now: Instant, into effects: inout [Effect]
    ) {
        guard let statement = votes.first?.statement else { return }
        for (vote, holds) in zip(votes, holds) where !holds {
            effects.append(.penalise(committee.address(of: vote.place), .signature))
        }
        if statement.kind == .commit, let height = statement.block?.height {
            guard commits.isOpen(height) else { return }
            commits[height].tally.isChecking = false
            for (vote, holds) in zip(votes, holds) {
                commits[height].tally.judge(
                    vote, power: committee.power(of: vote.place), holds: holds)
            }
            return tallyCommit(height, into: &effects)
        }
        views[statement.view]?.tallies?[statement.kind].isChecking = false
        for (vote, holds) in zip(votes, holds) {
            views[statement.view]?.tallies?[statement.kind].judge(
                vote, power: committee.power(of: vote.place), holds: holds)
        }
        tally(statement.kind, in: statement.view, at: now, into: &effects)
    }
}
