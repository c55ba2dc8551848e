// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery

/// Lines that come, lines that are passed on, lines that are asked for.
extension AttestationMachine {
    /// Takes lines that are new, wanted, of the right size and from somebody who has not lied about
    /// the block.
    mutating func take(
        _ lines: [HalfLine], of block: Bytes32, from member: Int, into effects: inout [Effect]
    ) {
        guard var gathering = gatherings[block] else { return keepEarly(lines, block, member) }
        // What comes while the square is rebuilt is still owed to this member, and by it to others.
        guard
            gathering.stage == .gathering
                || gathering.stage == .checking && gathering.subject.profile == .whole,
            !gathering.liars.contains(member)
        else { return }
        let roots = gathering.subject.roots
        let axes = gathering.subject.axes
        guard
            lines.allSatisfy({
                axes.contains($0.line.axis) && $0.line.index < roots.width
                    && $0.bytes.count == roots.originalWidth * Share.sizeBytes
            })
        else {
            gatherings[block]?.liars.insert(member)
            return effects.append(.penalize(member, reason: "lines that the square cannot have"))
        }
        var fresh: [HalfLine] = []
        for line in lines
        where gathering.isWanted(line.line) && gathering.underWay.insert(line.line).inserted {
            fresh.append(line)
        }
        guard !fresh.isEmpty else { return }
        gatherings[block] = gathering
        effects.append(.verify(block, roots, fresh, from: member))
    }

    /// Lines may overtake the proposal, which travels on another stream; a bounded number is kept.
    ///
    /// Whoever has sent the most loses its oldest lines, so that nobody pushes out those of others.
    private mutating func keepEarly(_ lines: [HalfLine], _ block: Bytes32, _ member: Int) {
        early.append((block, lines, member))
        earlyBytes += Self.bytes(lines)
        while earlyBytes > Self.earlyBytesMax {
            var sizes: [Int: Int] = [:]
            for batch in early { sizes[batch.from, default: 0] += Self.bytes(batch.lines) }
            let most = sizes.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key
            let oldest = early.firstIndex { $0.from == most } ?? 0
            earlyBytes -= Self.bytes(early.remove(at: oldest).lines)
        }
    }

    mutating func verified(
        _ lines: [VerifiedHalfLine], of block: Bytes32, lied: Bool, from member: Int,
        at now: Instant, into effects: inout [Effect]
    ) {
        guard var gathering = gatherings[block] else { return }
        if lied {
            gathering.liars.insert(member)
            gathering.underWay.removeAll()
            effects.append(.penalize(member, reason: "a line that is not under the block's roots"))
        }
        for line in lines {
            gathering.underWay.remove(line.line)
            gathering.owed.remove(line.line)
            gathering.lines[line.line] = line
        }
        gatherings[block] = gathering
        passOn(lines, of: gathering, into: &effects)
        passNotarizeGate(block, into: &effects)
        switch gathering.subject.profile {
        case .whole: rebuildIfEnough(block, into: &effects)
        case .custody: checkIfComplete(block, into: &effects)
        }
    }

    /// Rows whose first recipient this member is go to everybody but the proposer; where the square is
    /// not rebuilt, lines go to those who have to hold them.
    private func passOn(
        _ lines: [VerifiedHalfLine], of gathering: Gathering, into effects: inout [Effect]
    ) {
        let subject = gathering.subject
        let own = lines.filter { subject.recipients(of: $0.line).first == place }
        let others = (0..<subject.memberCount).filter { $0 != place && $0 != subject.proposer }
        guard subject.profile == .custody else {
            return push(own, of: gathering, to: others, &effects)
        }
        let ofAll = Set(TransactionRows.indexes(in: subject.roots).map { AxisLine(.row, $0) })
        push(own.filter { ofAll.contains($0.line) }, of: gathering, to: others, &effects)
        for member in others {
            let held = own.filter { line in
                !ofAll.contains(line.line) && subject.holders(of: line.line).contains(member)
                    && !subject.recipients(of: line.line).contains(member)
            }
            push(held, of: gathering, to: [member], &effects)
        }
    }

    private mutating func rebuildIfEnough(_ block: Bytes32, into effects: inout [Effect]) {
        guard let gathering = gatherings[block], gathering.stage == .gathering,
            gathering.lines.count >= gathering.originalWidth
        else { return }
        gatherings[block]?.stage = .checking
        // Data rows first: with all of them nothing needs decoding.
        let chosen = gathering.lines.keys.sorted().prefix(gathering.originalWidth)
        effects.append(
            .rebuild(
                block, gathering.subject.roots, chosen.compactMap { gathering.lines[$0] }))
    }

    /// The square was rebuilt, or the pieces were held to each other; nil when they are of none.
    mutating func checked(
        _ block: Bytes32, adding lines: [VerifiedHalfLine]?, into effects: inout [Effect]
    ) {
        guard var gathering = gatherings[block], gathering.stage == .checking else { return }
        guard let lines else {
            gathering.stage = .refused
            gathering.lines.removeAll()
            gatherings[block] = gathering
            return effects.append(.refused(block))
        }
        for line in lines { gathering.lines[line.line] = line }
        gathering.stage = .certified
        gathering.pullDue = nil
        // Whoever has the whole square has what it is owed, whatever way that came.
        gathering.owed.removeAll()
        gatherings[block] = gathering
        passNotarizeGate(block, into: &effects)
        effects.append(.certified(block))
    }

    // MARK: Asking and answering

    /// Asks for what is missing, each row of another member every round.
    mutating func pullIfDue(_ block: Bytes32, at now: Instant, into effects: inout [Effect]) {
        guard let gathering = gatherings[block], gathering.isNotarized,
            gathering.stage == .gathering, let due = gathering.pullDue
        else { return }
        guard due <= now else { return effects.append(.wake(at: due)) }
        let next = now.advanced(byMilliseconds: Self.pullMilliseconds)
        gatherings[block]?.round += 1
        gatherings[block]?.pullDue = next
        // What was under way for a whole round may be asked for again.
        gatherings[block]?.underWay.removeAll()
        let questions =
            gathering.duty.map { custodyQuestions(gathering, $0) } ?? wholeQuestions(gathering)
        for (member, lines) in questions {
            effects.append(.send(.question(block: block, lines), to: [member]))
        }
        askForCells(block, into: &effects)
        effects.append(.wake(at: next))
    }

    /// Which member is asked for which rows in this round: enough for the square, data rows first.
    ///
    /// In the first rounds a row's holders are asked, the second one first, since the first one has
    /// sent it if it could; then all members in turn, since whoever has certified the block has all
    /// data rows.
    private func wholeQuestions(_ gathering: Gathering) -> [(Int, [AxisLine])] {
        let subject = gathering.subject
        let missing = (0..<subject.roots.width).filter {
            gathering.lines[AxisLine(.row, $0)] == nil
        }
        let isHolderRound = gathering.round < subject.custody.holdersPerLine
        let count = gathering.originalWidth - gathering.lines.count
        // Parity rows help only from their holders.
        let wanted =
            isHolderRound
            ? missing.prefix(2 * count) : missing.filter { $0 < gathering.originalWidth }[...]
        var byMember: [Int: [AxisLine]] = [:]
        for row in wanted {
            let holders = subject.custody.holders(of: .row, row)
            let member =
                isHolderRound
                ? Int(holders[holders.startIndex + (gathering.round + 1) % holders.count])
                : (row + gathering.round) % subject.memberCount
            guard member != place, !gathering.liars.contains(member) else { continue }
            byMember[member, default: []].append(AxisLine(.row, row))
        }
        return byMember.sorted { $0.key < $1.key }
    }

    mutating func answer(
        _ lines: [AxisLine], of block: Bytes32, to member: Int, into effects: inout [Effect]
    ) {
        guard let gathering = gatherings[block] else { return }
        let held = lines.compactMap { gathering.lines[$0] }
        let sent = gathering.answered[member, default: 0] + held.count
        let whole = gathering.subject.axes.count * gathering.subject.roots.width
        guard sent <= Self.answeredSquaresMax * whole else {
            return effects.append(.penalize(member, reason: "too many questions about a block"))
        }
        gatherings[block]?.answered[member] = sent
        push(held, of: gathering, to: [member], &effects)
    }
}
