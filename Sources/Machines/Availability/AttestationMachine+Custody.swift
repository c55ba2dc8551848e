// SPDX-License-Identifier: Apache-2.0

package import Bytes
internal import Chain
package import DataSquare

/// What a member holds of a square that it does not rebuild: what `CheckedCustody` is made of.
package struct CustodyEvidence: Hashable, Sendable {
    /// The square's roots.
    package let roots: DataAvailabilityHeader
    /// Its own rows and columns, and the rows of transactions.
    package let lines: [HalfLine]
    /// The drawn cells, in the order of the draw.
    package let cells: [UnverifiedSample]
    /// What they were drawn by.
    package let entropy: Bytes32
}

/// Cells of one line that somebody wants to see.
package struct LineOpening: Hashable, Sendable {
    /// The line they stand on.
    package let half: HalfLine
    /// Their places in the line, rising.
    package let positions: [Int]

    /// The cells with their proofs to the line's root, as they are sent.
    package func cells(
        against roots: DataAvailabilityHeader
    ) throws(VerificationFault) -> [HeldCell] {
        try half.samples(at: positions, against: roots).map {
            HeldCell(place: $0.coordinate, sample: $0.container)
        }
    }
}

/// The commit gate of squares that are not rebuilt: own lines, and cells that nobody could foresee.
///
/// Specified in Protocol/24-attestation.md#custody-gate.
extension AttestationMachine {
    /// Cells that were drawn, who was asked for them, and what came.
    struct CellDraw {
        let entropy: Bytes32
        let places: [Coordinate]
        var samples: [Coordinate: UnverifiedSample] = [:]
        /// Questions that no answer came to yet.
        var asked: [Coordinate: Set<Int>] = [:]
    }

    /// Draws cells by entropy that came after the block's first quorum, and asks for them at once.
    mutating func drawCells(
        of block: Bytes32, _ entropy: Bytes32, into effects: inout [Effect]
    ) {
        guard let gathering = gatherings[block], gathering.duty != nil,
            gathering.stage == .gathering
        else { return }
        let width = gathering.subject.roots.width
        gatherings[block]?.draw = CellDraw(
            entropy: entropy, places: CustodyDuty.cells(entropy: entropy, width: width))
        askForCells(block, into: &effects)
    }

    /// Asks for each cell that is missing one of those who hold its row or its column, another one
    /// every round, never the proposer: it may answer what it hides from others.
    mutating func askForCells(_ block: Bytes32, into effects: inout [Effect]) {
        guard let gathering = gatherings[block], var draw = gathering.draw else { return }
        let subject = gathering.subject
        var questions: [Int: [Coordinate]] = [:]
        for place in draw.places where draw.samples[place] == nil {
            let holders =
                subject.holders(of: AxisLine(.row, place.row))
                + subject.holders(of: AxisLine(.column, place.column))
            let members = holders.filter {
                $0 != self.place && $0 != subject.proposer && !gathering.liars.contains($0)
            }
            guard !members.isEmpty else { continue }
            let member = members[gathering.round % members.count]
            draw.asked[place, default: []].insert(member)
            questions[member, default: []].append(place)
        }
        gatherings[block]?.draw = draw
        for (member, places) in questions.sorted(by: { $0.key < $1.key }) {
            effects.append(.send(.cellQuestion(block: block, places.sorted()), to: [member]))
        }
    }

    /// Takes cells that were asked of the member that sends them.
    mutating func take(
        _ cells: [HeldCell], of block: Bytes32, from member: Int, into effects: inout [Effect]
    ) {
        guard let gathering = gatherings[block], gathering.stage == .gathering,
            !gathering.liars.contains(member), var draw = gathering.draw
        else { return }
        var fresh: [HeldCell] = []
        for cell in cells
        where draw.samples[cell.place] == nil
            && draw.asked[cell.place]?.remove(member) != nil
        {
            fresh.append(cell)
        }
        guard !fresh.isEmpty else { return }
        gatherings[block]?.draw = draw
        effects.append(.verifyCells(block, gathering.subject.roots, fresh, from: member))
    }

    mutating func cellsVerified(
        _ cells: [HeldCell], of block: Bytes32, lied: Bool, from member: Int,
        into effects: inout [Effect]
    ) {
        guard gatherings[block]?.draw != nil else { return }
        if lied {
            gatherings[block]?.liars.insert(member)
            effects.append(.penalize(member, reason: "a cell that is not under the block's roots"))
        }
        for cell in cells { gatherings[block]?.draw?.samples[cell.place] = cell.sample }
        checkIfComplete(block, into: &effects)
    }

    /// With all lines and all cells at hand, they are held to each other.
    mutating func checkIfComplete(_ block: Bytes32, into effects: inout [Effect]) {
        guard let gathering = gatherings[block], gathering.stage == .gathering,
            let duty = gathering.duty, let draw = gathering.draw
        else { return }
        let lines = duty.lines.compactMap { gathering.lines[$0]?.half }
        let cells = draw.places.compactMap { draw.samples[$0] }
        guard lines.count == duty.lines.count, cells.count == draw.places.count else { return }
        gatherings[block]?.stage = .checking
        effects.append(
            .checkCustody(
                block,
                CustodyEvidence(
                    roots: duty.roots, lines: lines, cells: cells, entropy: draw.entropy)))
    }

    /// Which member is asked for which lines in this round: each line's holders in turn, the second
    /// one first, and the proposer, since both to whom it sent a line may be silent; rows of
    /// transactions, which everybody has, of all members after the first rounds.
    func custodyQuestions(
        _ gathering: Gathering, _ duty: CustodyDuty
    ) -> [(Int, [AxisLine])] {
        let subject = gathering.subject
        let ofAll = Set(TransactionRows.indexes(in: subject.roots).map { AxisLine(.row, $0) })
        var byMember: [Int: [AxisLine]] = [:]
        for line in duty.lines where gathering.lines[line] == nil {
            let isOfAll =
                ofAll.contains(line) && gathering.round >= subject.custody.holdersPerLine
            let holders = subject.holders(of: line)
            let sources = holders + (holders.contains(subject.proposer) ? [] : [subject.proposer])
            let members = (isOfAll ? Array(0..<subject.memberCount) : sources)
                .filter { $0 != place && !gathering.liars.contains($0) }
            guard !members.isEmpty else { continue }
            byMember[members[(gathering.round + 1) % members.count], default: []].append(line)
        }
        return byMember.sorted { $0.key < $1.key }
    }

    /// Answers a question for cells from the lines that are held here.
    mutating func answer(
        _ places: [Coordinate], of block: Bytes32, to member: Int, into effects: inout [Effect]
    ) {
        guard let gathering = gatherings[block], gathering.subject.profile == .custody else {
            return
        }
        let sent = gathering.answeredCells[member, default: 0] + places.count
        guard sent <= Self.answeredCellsMax else {
            return effects.append(.penalize(member, reason: "too many questions about a block"))
        }
        gatherings[block]?.answeredCells[member] = sent
        var positions: [AxisLine: [Int]] = [:]
        for cell in places {
            let row = AxisLine(.row, cell.row)
            let column = AxisLine(.column, cell.column)
            guard let line = gathering.lines[row]?.line ?? gathering.lines[column]?.line else {
                continue
            }
            positions[line, default: []].append(cell.position(on: line.axis))
        }
        let openings = positions.sorted { $0.key < $1.key }.compactMap { line, places in
            gathering.lines[line].map { LineOpening(half: $0.half, positions: places.sorted()) }
        }
        guard !openings.isEmpty else { return }
        effects.append(.open(block, gathering.subject.roots, openings, to: member))
    }
}

extension AttestationMachine.Gathering {
    /// Whether a line is missing that this member has to have, or can rebuild the square with.
    func isWanted(_ line: AxisLine) -> Bool {
        lines[line] == nil && (duty?.lines.contains(line) ?? true)
    }
}
