// SPDX-License-Identifier: Apache-2.0

package import Bytes
internal import Chain
package import DataSquare
package import Machinery

/// Gathers a block's data at one committee member, and says when both gates are passed.
///
/// The proposer sends each row to its two first holders, who pass the data rows on to everybody; what
/// is missing is asked for, from holders first and then from all in turn. Every row is verified
/// under its root before it counts or is passed on. With any k rows the square is rebuilt, extended
/// and compared: only then is the block certified. Of squares that the network's rule exempts from
/// that, a member gathers its own rows and columns and cells that it draws, and all of these are held
/// to each other. Specified in Protocol/24-attestation.md.
package struct AttestationMachine: Machine {
    /// What can happen.
    package enum Event: Sendable {
        /// A block is proposed; `own` has its lines when this member proposed it: rows, and columns
        /// too where the square is not rebuilt by all.
        case proposed(AttestationSubject, own: [VerifiedHalfLine]?)
        /// A quorum has voted for the block once: what is missing is fetched. The entropy is 32
        /// fresh bytes that nobody else knows; cells are drawn by it.
        case notarized(Bytes32, entropy: Bytes32)
        /// A member sent a message.
        case received(RowMessage, from: Int)
        /// What came of `verify`: lines that hold, in their order, and whether one did not.
        case verified(Bytes32, [VerifiedHalfLine], lied: Bool, from: Int)
        /// What came of `rebuild`: the data rows of a square that extends to the roots, or nil.
        case rebuilt(Bytes32, [VerifiedHalfLine]?)
        /// What came of `verifyCells`: cells that hold, and whether one did not.
        case cellsVerified(Bytes32, [HeldCell], lied: Bool, from: Int)
        /// What came of `checkCustody`: whether all pieces are of one square.
        case custodyChecked(Bytes32, isWhole: Bool)
        /// What came of `open`: cells for the member that asked.
        case opened(Bytes32, [HeldCell], to: Int)
        /// Other members decide from here on: this one's place among them (below zero for none), and
        /// the new place of each earlier one that stays.
        case seated(Int, places: [Int: Int])
        /// Nobody will ask about blocks up to this height any more.
        case settled(upTo: UInt64)
        /// A moment asked for earlier has come.
        case woke
    }

    /// What the host must do.
    package enum Effect: Equatable, Sendable {
        /// See which lines hold under the block's roots; answer by `verified`.
        case verify(Bytes32, DataAvailabilityHeader, [HalfLine], from: Int)
        /// Rebuild the square of these rows, extend it and compare; answer by `rebuilt`.
        case rebuild(Bytes32, DataAvailabilityHeader, [VerifiedHalfLine])
        /// See which cells hold under the block's roots; answer by `cellsVerified`.
        case verifyCells(Bytes32, DataAvailabilityHeader, [HeldCell], from: Int)
        /// Hold a member's lines and cells to each other (`CheckedCustody`); answer by
        /// `custodyChecked`.
        case checkCustody(Bytes32, CustodyEvidence)
        /// Make the proofs of cells on these lines; answer by `opened`.
        case open(Bytes32, DataAvailabilityHeader, [LineOpening], to: Int)
        /// Send a message to members.
        case send(RowMessage, to: [Int])
        /// The lines that the proposer owes this member are there: the notarize gate is passed.
        case rowsHeld(Bytes32)
        /// The square, or this member's part of it, is what the roots say: the commit gate is passed.
        case certified(Bytes32)
        /// Verified pieces are of no square with these roots: the block never passes.
        case refused(Bytes32)
        /// A member broke a rule; the text says which.
        case penalize(Int, reason: String)
        /// Send `Event.woke` at this moment.
        case wake(at: Instant)
    }

    /// The pause between two rounds of asking for what is missing.
    package static let pullMilliseconds: UInt64 = 150
    /// The most blocks that are gathered for at once.
    package static let blocksMax = 16
    /// The most bytes kept of rows whose block is not known yet, of all members together.
    package static let earlyBytesMax = 64 << 20
    /// How often over a member may be sent all lines of a block on its questions.
    package static let answeredSquaresMax = 2
    /// The most cells of a block that a member is sent on its questions.
    package static let answeredCellsMax = 256

    enum Stage: Equatable {
        case gathering
        case checking
        case certified
        case refused
    }

    /// What is known of one block.
    struct Gathering {
        let subject: AttestationSubject
        /// What has to be held where the square is not rebuilt.
        var duty: CustodyDuty?
        /// Verified lines.
        var lines: [AxisLine: VerifiedHalfLine] = [:]
        /// Lines that are being verified.
        var underWay: Set<AxisLine> = []
        /// Lines of the proposer that are still missing at this member.
        var owed: Set<AxisLine> = []
        /// Cells that are fetched where the square is not rebuilt.
        var draw: CellDraw?
        var isRowsHeld = false
        var isNotarized = false
        var stage = Stage.gathering
        /// Rounds of asking so far, and when the next one is due.
        var round = 0
        var pullDue: Instant?
        /// Members that sent a false piece: nothing of theirs counts for this block.
        var liars: Set<Int> = []
        /// Lines and cells that were sent on questions, by member.
        var answered: [Int: Int] = [:]
        var answeredCells: [Int: Int] = [:]

        var originalWidth: Int { subject.roots.originalWidth }
    }

    /// This member's place in the committee; below zero for a node that is no member.
    private(set) var place: Int
    var gatherings: [Bytes32: Gathering] = [:]
    /// Blocks in the order they were proposed.
    var order: [Bytes32] = []
    /// Lines that came before their block, in the order they came.
    var early: [(block: Bytes32, lines: [HalfLine], from: Int)] = []
    var earlyBytes = 0
    private var settledHeight: UInt64 = 0

    /// A member at a place of the committee.
    package init(place: Int) {
        self.place = place
    }

    /// How many bytes of lines are kept.
    package var heldBytes: Int {
        gatherings.values.reduce(earlyBytes) { sum, gathering in
            gathering.lines.values.reduce(sum) { $0 + $1.bytes.count }
        }
    }

    /// The lines of a block that this member holds verified, rising.
    package func lines(of block: Bytes32) -> [VerifiedHalfLine] {
        (gatherings[block]?.lines.values).map { $0.sorted { $0.line < $1.line } } ?? []
    }

    package mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
        switch event {
        case .proposed(let subject, let own):
            begin(subject, own: own, at: now, into: &effects)
        case .notarized(let block, let entropy):
            guard gatherings[block]?.isNotarized == false else { return }
            gatherings[block]?.isNotarized = true
            gatherings[block]?.pullDue = now.advanced(byMilliseconds: Self.pullMilliseconds)
            drawCells(of: block, entropy, into: &effects)
            pullIfDue(block, at: now, into: &effects)
        case .received(let message, let member): received(message, from: member, into: &effects)
        case .verified(let block, let lines, let lied, let member):
            verified(lines, of: block, lied: lied, from: member, at: now, into: &effects)
        case .rebuilt(let block, let rows):
            checked(block, adding: rows, into: &effects)
        case .cellsVerified(let block, let cells, let lied, let member):
            cellsVerified(cells, of: block, lied: lied, from: member, into: &effects)
        case .custodyChecked(let block, let isWhole):
            checked(block, adding: isWhole ? [] : nil, into: &effects)
        case .opened(let block, let cells, let member):
            guard !cells.isEmpty else { return }
            effects.append(.send(.cells(block: block, cells), to: [member]))
        case .seated(let place, let places): take(seat: place, places)
        case .settled(let height): settle(upTo: height)
        case .woke:
            for block in order { pullIfDue(block, at: now, into: &effects) }
        }
    }

    private mutating func received(
        _ message: RowMessage, from member: Int, into effects: inout [Effect]
    ) {
        switch message {
        case .push(let block, let lines):
            take(lines, of: block, from: member, into: &effects)
        case .question(let block, let lines):
            answer(lines, of: block, to: member, into: &effects)
        case .cells(let block, let cells):
            take(cells, of: block, from: member, into: &effects)
        case .cellQuestion(let block, let cells):
            answer(cells, of: block, to: member, into: &effects)
        }
    }

    // MARK: Beginning and ending

    private mutating func begin(
        _ subject: AttestationSubject, own: [VerifiedHalfLine]?, at now: Instant,
        into effects: inout [Effect]
    ) {
        let block = subject.block
        guard gatherings[block] == nil, subject.height > settledHeight else { return }
        if order.count == Self.blocksMax {
            let oldest = order.firstIndex { gatherings[$0]?.stage != .certified } ?? 0
            gatherings[order.remove(at: oldest)] = nil
        }
        order.append(block)
        var gathering = Gathering(subject: subject)
        if let own {
            for line in own { gathering.lines[line.line] = line }
            gathering.stage = .certified
            gathering.isRowsHeld = true
            gatherings[block] = gathering
            distribute(gathering, own, into: &effects)
            effects.append(.rowsHeld(block))
            effects.append(.certified(block))
            return
        }
        gathering.owed = Set(subject.owed(to: place))
        if subject.profile == .custody, place >= 0 {
            gathering.duty = CustodyDuty(of: place, by: subject.custody, roots: subject.roots)
        }
        gatherings[block] = gathering
        passNotarizeGate(block, into: &effects)
        let waiting = early.filter { $0.block == block }
        early.removeAll { $0.block == block }
        for batch in waiting {
            earlyBytes -= Self.bytes(batch.lines)
            take(batch.lines, of: block, from: batch.from, into: &effects)
        }
    }

    /// Blocks of the earlier members are decided; rows that came early are those of the new ones.
    private mutating func take(seat place: Int, _ places: [Int: Int]) {
        self.place = place
        gatherings = [:]
        order = []
        early = early.compactMap { batch in
            places[batch.from].map { (batch.block, batch.lines, $0) }
        }
        earlyBytes = early.reduce(0) { $0 + Self.bytes($1.lines) }
    }

    private mutating func settle(upTo height: UInt64) {
        settledHeight = max(settledHeight, height)
        order.removeAll { block in
            guard let known = gatherings[block]?.subject.height, known <= height else {
                return false
            }
            gatherings[block] = nil
            return true
        }
    }

    /// The proposer sends each line to its first holders.
    ///
    /// What others wait for goes first: lines to those who pass them on, data rows before all others
    /// and few of them in a message, so that they are on their way to everybody while the rest still
    /// leaves this member.
    private func distribute(
        _ gathering: Gathering, _ lines: [VerifiedHalfLine], into effects: inout [Effect]
    ) {
        let nobody = [[VerifiedHalfLine]](repeating: [], count: gathering.subject.memberCount)
        var data = nobody
        var others = nobody
        var second = nobody
        for line in lines {
            let isData = line.line.axis == .row && line.index < gathering.originalWidth
            for (rank, member) in gathering.subject.recipients(of: line.line).enumerated() {
                if rank > 0 {
                    second[member].append(line)
                } else if isData {
                    data[member].append(line)
                } else {
                    others[member].append(line)
                }
            }
        }
        let many = RowMessage.linesPerPush(originalWidth: gathering.originalWidth)
        let few = RowMessage.linesPassedOn(originalWidth: gathering.originalWidth)
        for (owed, size) in [(data, few), (others, few), (second, many)] {
            for (member, lines) in owed.enumerated() {
                push(lines, by: size, of: gathering, to: [member], &effects)
            }
        }
    }

    /// Sends lines in as few messages as their sizes allow.
    func push(
        _ lines: [VerifiedHalfLine], of gathering: Gathering, to members: [Int],
        _ effects: inout [Effect]
    ) {
        let size = RowMessage.linesPerPush(originalWidth: gathering.originalWidth)
        push(lines, by: size, of: gathering, to: members, &effects)
    }

    private func push(
        _ lines: [VerifiedHalfLine], by size: Int, of gathering: Gathering, to members: [Int],
        _ effects: inout [Effect]
    ) {
        guard !members.isEmpty else { return }
        for start in stride(from: 0, to: lines.count, by: size) {
            let batch = lines[start..<min(start + size, lines.count)]
            let message = RowMessage.push(block: gathering.subject.block, batch.map(\.half))
            effects.append(.send(message, to: members))
        }
    }

    mutating func passNotarizeGate(_ block: Bytes32, into effects: inout [Effect]) {
        guard let gathering = gatherings[block], gathering.owed.isEmpty, !gathering.isRowsHeld
        else { return }
        gatherings[block]?.isRowsHeld = true
        effects.append(.rowsHeld(block))
    }

    static func bytes(_ lines: [HalfLine]) -> Int {
        lines.reduce(0) { $0 + $1.bytes.count }
    }
}
