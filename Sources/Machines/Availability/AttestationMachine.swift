// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain
package import DataSquare
package import Machinery

/// A block that a committee member is asked to vouch for.
package struct AttestationSubject: Sendable {
    /// Its header's hash.
    package let block: Bytes32
    /// Its height.
    package let height: UInt64
    /// The roots that its data root stands for.
    package let roots: DataAvailabilityHeader
    /// Who holds which rows.
    package let custody: CustodyAssignment
    /// How many members the committee has.
    package let memberCount: Int
    /// The proposer's place in the committee.
    package let proposer: Int

    /// Takes the parts.
    package init(
        block: Bytes32, height: UInt64, roots: DataAvailabilityHeader, custody: CustodyAssignment,
        memberCount: Int, proposer: Int
    ) {
        precondition(custody.lineCount == roots.width, "custody is of this square")
        self.block = block
        self.height = height
        self.roots = roots
        self.custody = custody
        self.memberCount = memberCount
        self.proposer = proposer
    }
}

/// Gathers a block's data at one committee member, and says when both gates are passed.
///
/// The proposer sends each row to its two first holders, who pass the data rows on to everybody; what
/// is missing is asked for, from holders first and then from all in turn. Every row is verified
/// under its root before it counts or is passed on. With any k rows the square is rebuilt, extended
/// and compared: only then is the block certified. Specified in Protocol/24-attestation.md.
package struct AttestationMachine: Machine {
    /// What can happen.
    package enum Event: Sendable {
        /// A block is proposed; `own` has its rows when this member proposed it.
        case proposed(AttestationSubject, own: [VerifiedHalfRow]?)
        /// A quorum has voted for the block once: what is missing is fetched.
        case notarized(Bytes32)
        /// A member sent a message.
        case received(RowMessage, from: Int)
        /// What came of `verify`: rows that hold, in their order, and whether one did not.
        case verified(Bytes32, [VerifiedHalfRow], lied: Bool, from: Int)
        /// What came of `rebuild`: the data rows of a square that extends to the roots, or nil.
        case rebuilt(Bytes32, [VerifiedHalfRow]?)
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
        /// See which rows hold under the block's roots; answer by `verified`.
        case verify(Bytes32, DataAvailabilityHeader, [HalfRow], from: Int)
        /// Rebuild the square of these rows, extend it and compare; answer by `rebuilt`.
        case rebuild(Bytes32, DataAvailabilityHeader, [VerifiedHalfRow])
        /// Send a message to members.
        case send(RowMessage, to: [Int])
        /// The rows that the proposer owes this member are there: the notarize gate is passed.
        case rowsHeld(Bytes32)
        /// The square is whole and what the roots say: the commit gate is passed.
        case certified(Bytes32)
        /// k verified rows do not extend to the roots: the block never passes.
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
    /// How often over a member may be sent all rows of a block on its questions.
    package static let answeredSquaresMax = 2

    enum Stage: Equatable {
        case gathering
        case rebuilding
        case certified
        case refused
    }

    /// What is known of one block.
    struct Gathering {
        let subject: AttestationSubject
        /// Verified rows by index.
        var rows: [Int: VerifiedHalfRow] = [:]
        /// Rows that are being verified.
        var underWay: Set<Int> = []
        /// Rows of the proposer that are still missing at this member.
        var owed: Set<Int> = []
        var isRowsHeld = false
        var isNotarized = false
        var stage = Stage.gathering
        /// Rounds of asking so far, and when the next one is due.
        var round = 0
        var pullDue: Instant?
        /// Members that sent a false row: nothing of theirs counts for this block.
        var liars: Set<Int> = []
        /// Rows that were sent on questions, by member.
        var answered: [Int: Int] = [:]

        var originalWidth: Int { subject.roots.originalWidth }
    }

    /// This member's place in the committee; below zero for a node that is no member.
    private(set) var place: Int
    var gatherings: [Bytes32: Gathering] = [:]
    /// Blocks in the order they were proposed.
    var order: [Bytes32] = []
    /// Rows that came before their block, in the order they came.
    var early: [(block: Bytes32, rows: [HalfRow], from: Int)] = []
    var earlyBytes = 0
    private var settledHeight: UInt64 = 0

    /// A member at a place of the committee.
    package init(place: Int) {
        self.place = place
    }

    /// How many bytes of rows are kept.
    package var heldBytes: Int {
        gatherings.values.reduce(earlyBytes) { sum, gathering in
            gathering.rows.values.reduce(sum) { $0 + $1.bytes.count }
        }
    }

    package mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
        switch event {
        case .proposed(let subject, let own):
            begin(subject, own: own, at: now, into: &effects)
        case .notarized(let block):
            guard gatherings[block]?.isNotarized == false else { return }
            gatherings[block]?.isNotarized = true
            gatherings[block]?.pullDue = now.advanced(byMilliseconds: Self.pullMilliseconds)
            pullIfDue(block, at: now, into: &effects)
        case .received(.push(let block, let rows), let member):
            take(rows, of: block, from: member, into: &effects)
        case .received(.question(let block, let rows), let member):
            answer(rows, of: block, to: member, into: &effects)
        case .verified(let block, let rows, let lied, let member):
            verified(rows, of: block, lied: lied, from: member, at: now, into: &effects)
        case .rebuilt(let block, let rows):
            rebuilt(block, rows, into: &effects)
        case .seated(let place, let places): take(seat: place, places)
        case .settled(let height): settle(upTo: height)
        case .woke:
            for block in order { pullIfDue(block, at: now, into: &effects) }
        }
    }

    // MARK: Beginning and ending

    private mutating func begin(
        _ subject: AttestationSubject, own: [VerifiedHalfRow]?, at now: Instant,
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
            for row in own { gathering.rows[row.index] = row }
            gathering.stage = .certified
            gathering.isRowsHeld = true
            gatherings[block] = gathering
            distribute(gathering, own, into: &effects)
            effects.append(.rowsHeld(block))
            effects.append(.certified(block))
            return
        }
        gathering.owed = Set(
            subject.custody.lines(of: .row, owedTo: place, by: subject.proposer))
        gatherings[block] = gathering
        passNotarizeGate(block, into: &effects)
        let waiting = early.filter { $0.block == block }
        early.removeAll { $0.block == block }
        for batch in waiting {
            earlyBytes -= Self.bytes(batch.rows)
            take(batch.rows, of: block, from: batch.from, into: &effects)
        }
    }

    /// Blocks of the earlier members are decided; rows that came early are those of the new ones.
    private mutating func take(seat place: Int, _ places: [Int: Int]) {
        self.place = place
        gatherings = [:]
        order = []
        early = early.compactMap { batch in
            places[batch.from].map { (batch.block, batch.rows, $0) }
        }
        earlyBytes = early.reduce(0) { $0 + Self.bytes($1.rows) }
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

    /// The proposer sends each row to its first holders.
    ///
    /// What others wait for goes first: rows to those who pass them on, data rows before parity and
    /// few of them in a message, so that they are on their way to everybody while the rest still
    /// leaves this member.
    private func distribute(
        _ gathering: Gathering, _ rows: [VerifiedHalfRow], into effects: inout [Effect]
    ) {
        let nobody = [[VerifiedHalfRow]](repeating: [], count: gathering.subject.memberCount)
        var data = nobody
        var parity = nobody
        var second = nobody
        for row in rows {
            let recipients = gathering.subject.custody.recipients(
                of: .row, row.index, proposer: place)
            for (rank, member) in recipients.enumerated() {
                if rank > 0 {
                    second[member].append(row)
                } else if row.index < gathering.originalWidth {
                    data[member].append(row)
                } else {
                    parity[member].append(row)
                }
            }
        }
        let many = RowMessage.rowsPerPush(originalWidth: gathering.originalWidth)
        let few = RowMessage.rowsPassedOn(originalWidth: gathering.originalWidth)
        for (owed, size) in [(data, few), (parity, few), (second, many)] {
            for (member, rows) in owed.enumerated() {
                push(rows, by: size, of: gathering, to: [member], &effects)
            }
        }
    }

    /// Sends rows in as few messages as their sizes allow.
    func push(
        _ rows: [VerifiedHalfRow], of gathering: Gathering, to members: [Int],
        _ effects: inout [Effect]
    ) {
        let size = RowMessage.rowsPerPush(originalWidth: gathering.originalWidth)
        push(rows, by: size, of: gathering, to: members, &effects)
    }

    private func push(
        _ rows: [VerifiedHalfRow], by size: Int, of gathering: Gathering, to members: [Int],
        _ effects: inout [Effect]
    ) {
        guard !members.isEmpty else { return }
        for start in stride(from: 0, to: rows.count, by: size) {
            let batch = rows[start..<min(start + size, rows.count)]
            let message = RowMessage.push(
                block: gathering.subject.block,
                batch.map { HalfRow(index: $0.index, bytes: $0.bytes) })
            effects.append(.send(message, to: members))
        }
    }

    mutating func passNotarizeGate(_ block: Bytes32, into effects: inout [Effect]) {
        guard let gathering = gatherings[block], gathering.owed.isEmpty, !gathering.isRowsHeld
        else { return }
        gatherings[block]?.isRowsHeld = true
        effects.append(.rowsHeld(block))
    }

    static func bytes(_ rows: [HalfRow]) -> Int {
        rows.reduce(0) { $0 + $1.bytes.count }
    }
}
