// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery

/// Rows that come, rows that are passed on, rows that are asked for.
extension AttestationMachine {
    /// Takes rows that are new, of the right size and from somebody who has not lied about the block.
    mutating func take(
        _ rows: [HalfRow], of block: Bytes32, from member: Int, into effects: inout [Effect]
    ) {
        guard var gathering = gatherings[block] else { return keepEarly(rows, block, member) }
        // What comes while the square is rebuilt is still owed to this member, and by it to others.
        guard gathering.stage == .gathering || gathering.stage == .rebuilding,
            !gathering.liars.contains(member)
        else { return }
        let roots = gathering.subject.roots
        guard
            rows.allSatisfy({
                $0.index < roots.width && $0.bytes.count == roots.originalWidth * Share.sizeBytes
            })
        else {
            gatherings[block]?.liars.insert(member)
            return effects.append(.penalize(member, reason: "rows that the square cannot have"))
        }
        var fresh: [HalfRow] = []
        for row in rows
        where gathering.rows[row.index] == nil && gathering.underWay.insert(row.index).inserted {
            fresh.append(row)
        }
        guard !fresh.isEmpty else { return }
        gatherings[block] = gathering
        effects.append(.verify(block, roots, fresh, from: member))
    }

    /// Rows may overtake the proposal, which travels on another stream; a bounded number is kept.
    ///
    /// Whoever has sent the most loses its oldest rows, so that nobody pushes out those of others.
    private mutating func keepEarly(_ rows: [HalfRow], _ block: Bytes32, _ member: Int) {
        early.append((block, rows, member))
        earlyBytes += Self.bytes(rows)
        while earlyBytes > Self.earlyBytesMax {
            var sizes: [Int: Int] = [:]
            for batch in early { sizes[batch.from, default: 0] += Self.bytes(batch.rows) }
            let most = sizes.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key
            let oldest = early.firstIndex { $0.from == most } ?? 0
            earlyBytes -= Self.bytes(early.remove(at: oldest).rows)
        }
    }

    mutating func verified(
        _ rows: [VerifiedHalfRow], of block: Bytes32, lied: Bool, from member: Int,
        at now: Instant, into effects: inout [Effect]
    ) {
        guard var gathering = gatherings[block] else { return }
        if lied {
            gathering.liars.insert(member)
            gathering.underWay.removeAll()
            effects.append(.penalize(member, reason: "a row that is not under the block's roots"))
        }
        for row in rows {
            gathering.underWay.remove(row.index)
            gathering.owed.remove(row.index)
            gathering.rows[row.index] = row
        }
        gatherings[block] = gathering
        passOn(rows, of: gathering, into: &effects)
        passNotarizeGate(block, into: &effects)
        rebuildIfEnough(block, into: &effects)
    }

    /// Data rows whose first recipient this member is go to everybody but the proposer.
    private func passOn(
        _ rows: [VerifiedHalfRow], of gathering: Gathering, into effects: inout [Effect]
    ) {
        let custody = gathering.subject.custody
        let own = rows.filter { row in
            custody.recipients(
                of: .row, row.index, proposer: gathering.subject.proposer
            ).first == place
        }
        guard !own.isEmpty else { return }
        let others = (0..<gathering.subject.memberCount).filter {
            $0 != place && $0 != gathering.subject.proposer
        }
        push(own, of: gathering, to: others, &effects)
    }

    private mutating func rebuildIfEnough(_ block: Bytes32, into effects: inout [Effect]) {
        guard let gathering = gatherings[block], gathering.stage == .gathering,
            gathering.rows.count >= gathering.originalWidth
        else { return }
        gatherings[block]?.stage = .rebuilding
        // Data rows first: with all of them nothing needs decoding.
        let chosen = gathering.rows.keys.sorted().prefix(gathering.originalWidth)
        effects.append(
            .rebuild(
                block, gathering.subject.roots, chosen.compactMap { gathering.rows[$0] }))
    }

    mutating func rebuilt(
        _ block: Bytes32, _ rows: [VerifiedHalfRow]?, into effects: inout [Effect]
    ) {
        guard var gathering = gatherings[block], gathering.stage == .rebuilding else { return }
        guard let rows else {
            gathering.stage = .refused
            gathering.rows.removeAll()
            gatherings[block] = gathering
            return effects.append(.refused(block))
        }
        for row in rows { gathering.rows[row.index] = row }
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
        for (member, rows) in questions(gathering) {
            effects.append(.send(.question(block: block, rows), to: [member]))
        }
        effects.append(.wake(at: next))
    }

    /// Which member is asked for which rows in this round: enough for the square, data rows first.
    ///
    /// In the first rounds a row's holders are asked, the second one first, since the first one has
    /// sent it if it could; then all members in turn, since whoever has certified the block has all
    /// data rows.
    private func questions(_ gathering: Gathering) -> [(Int, [Int])] {
        let subject = gathering.subject
        let missing = (0..<subject.roots.width).filter { gathering.rows[$0] == nil }
        let isHolderRound = gathering.round < subject.custody.holdersPerLine
        let count = gathering.originalWidth - gathering.rows.count
        // Parity rows help only from their holders.
        let wanted =
            isHolderRound
            ? missing.prefix(2 * count) : missing.filter { $0 < gathering.originalWidth }[...]
        var byMember: [Int: [Int]] = [:]
        for row in wanted {
            let holders = subject.custody.holders(of: .row, row)
            let member =
                isHolderRound
                ? Int(holders[holders.startIndex + (gathering.round + 1) % holders.count])
                : (row + gathering.round) % subject.memberCount
            guard member != place, !gathering.liars.contains(member) else { continue }
            byMember[member, default: []].append(row)
        }
        return byMember.sorted { $0.key < $1.key }
    }

    mutating func answer(
        _ rows: [Int], of block: Bytes32, to member: Int, into effects: inout [Effect]
    ) {
        guard let gathering = gatherings[block] else { return }
        let held = rows.compactMap { gathering.rows[$0] }
        let sent = gathering.answered[member, default: 0] + held.count
        guard sent <= Self.answeredSquaresMax * gathering.subject.roots.width else {
            return effects.append(.penalize(member, reason: "too many questions about a block"))
        }
        gatherings[block]?.answered[member] = sent
        push(held, of: gathering, to: [member], &effects)
    }
}
