// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Machinery

/// What a member makes of a view's proposal (R3, and the first availability gate).
extension AgreementMachine {
    private enum Judgement { case valid, waits, invalid }

    /// Votes for the present view's proposal as soon as all it needs is there.
    mutating func voteIfReady(at now: Instant, into effects: inout [Effect]) {
        guard let record = views[view], let proposal = record.proposal, !record.isRefused,
            record.own.notarize == nil, !record.own.isNullified, record.own.finalize == nil
        else { return }
        switch judge(proposal, at: now, into: &effects) {
        case .waits: break
        case .valid: sign(.notarize(proposal.block, committee.epoch, view), into: &effects)
        case .invalid:
            views[view]?.isRefused = true
            if let leader = committee.leader(of: view), leader != committee.ownPlace {
                effects.append(.penalise(committee.address(of: leader), .proposal))
            }
            nullifyIfFree(view, into: &effects)
        }
    }

    private mutating func judge(
        _ proposal: Proposal, at now: Instant, into effects: inout [Effect]
    ) -> Judgement {
        guard isGapNullified(of: proposal, at: now, into: &effects) else { return .waits }
        if proposal.isRepeated { return judgeRepeated(proposal) }
        guard let parent = parent(of: proposal, at: now, into: &effects),
            let leader = committee.leader(of: proposal.view)
        else { return .waits }
        let drift = ProposalRules.driftMilliseconds
        let latest = Timestamp(
            nanosecondsSince1970: now.advanced(byMilliseconds: drift).nanoseconds)
        do throws(ProposalFault) {
            try configuration.rules.check(
                proposal, on: parent, of: committee.set, leader: committee.address(of: leader),
                latest: latest)
        } catch {
            if configuration.mutant != .rulesUnchecked { return .invalid }
        }
        guard isReady(toDecide: proposal.header.height) else { return .waits }
        if configuration.mutant == .rowsUnchecked { return .valid }
        return blocks[proposal.block.hash]?.hasRows == true ? .valid : .waits
    }

    /// A block proposed once more must be one of the epoch's last two, and certified by this node.
    private func judgeRepeated(_ proposal: Proposal) -> Judgement {
        let end = committee.epoch.end(length: configuration.rules.epochLength)
        let height = proposal.header.height
        guard height == end || height.next == end else { return .invalid }
        return blocks[proposal.block.hash]?.certified == nil ? .waits : .valid
    }

    /// Whether all views between a proposal and its parent's certificate passed without a block.
    private mutating func isGapNullified(
        of proposal: Proposal, at now: Instant, into effects: inout [Effect]
    ) -> Bool {
        guard proposal.parentView >= finalView || proposal.parentView == .base else { return false }
        if configuration.mutant == .gapUnchecked { return true }
        var between = proposal.parentView.next
        var isWhole = true
        while between < proposal.view, isWhole || between.value % 8 != 0 {
            if views[between]?.nullification == nil {
                isWhole = false
                ask(between, at: now, into: &effects)
            }
            between = between.next
        }
        return isWhole
    }

    /// What a proposal builds on, once this node has certified it or it is final.
    private mutating func parent(
        of proposal: Proposal, at now: Instant, into effects: inout [Effect]
    ) -> ProposalRules.Parent? {
        if proposal.parentView == .base {
            guard final.block == committee.base.block, let time = committee.base.time else {
                askForFinal(at: now, into: &effects)
                return nil
            }
            return ProposalRules.Parent(
                block: committee.base.block, time: time,
                validatorSet: committee.start.earlierSet)
        }
        guard let block = proposal.parent?.statement.block else { return nil }
        if block == final.block, let time = final.time {
            return ProposalRules.Parent(block: block, time: time, validatorSet: committee.set)
        }
        let isBlind = configuration.mutant == .parentUncertified
        guard let known = blocks[block.hash], known.certified != nil || isBlind,
            proposal.parentView > finalView
        else { return nil }
        return ProposalRules.Parent(
            block: block, time: known.proposal.header.time, validatorSet: committee.set)
    }

    /// Looks at a proposal somebody sent.
    mutating func receive(
        _ proposal: Proposal, from sender: Bytes20, at now: Instant, into effects: inout [Effect]
    ) {
        if proposal.epoch.next == committee.epoch {
            return takeBase(from: proposal, into: &effects)
        }
        guard isOfThisEpoch(proposal.epoch, from: sender, into: &effects) else { return }
        if isWanted(proposal) { return keepWanted(proposal, into: &effects) }
        // What no certificate vouches for counts from its leader alone.
        let view = proposal.view
        guard view > finalView, view >= self.view, view <= self.view.next,
            !(views[view]?.proposed.contains { $0.statement == proposal.statement } ?? false),
            (views[view]?.proposed.count ?? 0) < AgreementLimits.proposalsMax,
            let leader = committee.leader(of: view), committee.address(of: leader) == sender,
            checks.hasRoom(for: proposal.statement)
        else { return }
        guard let nullifications = nullifications(in: proposal),
            isParentPossible(proposal.parent, for: proposal)
        else { return effects.append(.penalise(sender, .proposal)) }
        var signed = [
            SignedStatement(
                proposal.statement, place: leader, timestamp: .zero, signature: proposal.signature)
        ]
        for certificate in nullifications + (proposal.parent.map { [$0] } ?? []) {
            signed += unverified(in: certificate)
        }
        verify(
            signed, for: .proposal(proposal, nullifications: nullifications, from: sender),
            at: now, into: &effects)
    }

    /// Takes up a proposal whose signatures hold, or tells who sent a false one.
    mutating func finishProposal(
        _ proposal: Proposal, _ nullifications: [QuorumCertificate], from sender: Bytes20,
        _ holds: [Bool], at now: Instant, into effects: inout [Effect]
    ) {
        guard holds.allSatisfy({ $0 }) else {
            return effects.append(.penalise(sender, .signature))
        }
        for certificate in nullifications + (proposal.parent.map { [$0] } ?? [])
        where certificate.statement.epoch == committee.epoch {
            accept(certificate, at: now, into: &effects)
        }
        guard proposal.view > finalView, proposal.epoch == committee.epoch else { return }
        keep(proposal, at: now, into: &effects)
    }

    /// Remembers a leader's proposal; the first of a view is the one that is voted on.
    mutating func keep(_ proposal: Proposal, at now: Instant, into effects: inout [Effect]) {
        guard let leader = committee.leader(of: proposal.view) else { return }
        let signed = SignedStatement(
            proposal.statement, place: leader, timestamp: .zero, signature: proposal.signature)
        activity.saw(leader)
        var earlier: SignedStatement?
        record(proposal.view) { record in
            guard !record.proposed.contains(where: { $0.statement == signed.statement }),
                record.proposed.count < AgreementLimits.proposalsMax
            else { return }
            earlier = record.proposed.first
            record.proposed.append(signed)
            if record.proposal == nil { record.proposal = proposal }
        }
        if let earlier { suspect(earlier, signed, isVerified: true, into: &effects) }
        guard views[proposal.view]?.proposal == proposal else { return }
        if blocks[proposal.block.hash] == nil {
            var record = BlockRecord(proposal: proposal)
            // Its certificate may have come first, with a proposal that repeats it.
            record.notarizedIn = held.filter {
                $0 > finalView && views[$0]?.notarization?.statement.block == proposal.block
            }
            blocks[proposal.block.hash] = record
            advanceGate(of: proposal.block, into: &effects)
        }
        guard proposal.view == view else { return }
        timer.proposed(at: now)
        takeUp(proposal, into: &effects)
    }

    /// Waits for the rows of the present view's block, and follows what is known of it.
    mutating func takeUp(_ proposal: Proposal, into effects: inout [Effect]) {
        guard let record = blocks[proposal.block.hash] else { return }
        if !record.hasRows { effects.append(.awaitRows(proposal)) }
        advanceGate(of: proposal.block, into: &effects)
    }

    /// The certificates in a proposal's extension, or nil when they are not of the views between.
    private func nullifications(in proposal: Proposal) -> [QuorumCertificate]? {
        if proposal.isRepeated { return [] }
        var found: [QuorumCertificate] = []
        var between = proposal.parentView.next
        for bytes in proposal.extension.nullifications {
            guard let certificate = Self.decoded(bytes), between < proposal.view,
                certificate.statement == .nullify(committee.epoch, between),
                committee.hasQuorum(certificate, of: committee.set)
            else { return nil }
            found.append(certificate)
            between = between.next
        }
        return found
    }

    private static func decoded(_ bytes: [UInt8]) -> QuorumCertificate? {
        do throws(DecodeFault) {
            return try QuorumCertificate(protobuf: bytes)
        } catch {
            return nil
        }
    }

    /// Whether a certificate can be what a proposal builds on.
    private func isParentPossible(_ parent: QuorumCertificate?, for proposal: Proposal) -> Bool {
        guard let parent else { return committee.base.block == nil }
        guard parent.statement.kind == .notarize || parent.statement.kind == .finalize else {
            return false
        }
        if parent.statement.epoch == committee.epoch {
            return parent.statement.view < proposal.view
                && committee.hasQuorum(parent, of: committee.set)
        }
        return parent.statement.epoch.next == committee.epoch
            && parent.statement.block == committee.base.block
            && committee.hasQuorum(parent, of: committee.start.earlierSet)
    }
}
