// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Bytes
internal import Chain
internal import DataSquare

/// What happened when in a timed world, and what must never happen.
struct TimedWatch {
    private let scenario: TimedScenario
    private(set) var violations: [String] = []
    private var blocks: [Bytes32: Times] = [:]
    private var chain: [UInt64: BlockReference] = [:]
    private var worstRows: (covered: Int, of: Int)?
    private var nullified = 0
    private var rebuiltPlainly = 0
    private var repaired = 0

    struct Times {
        let height: UInt64
        let proposer: Int
        let began: UInt64
        var built: UInt64?
        /// When each member held the proposal, the rows it is owed, enough rows for the whole square,
        /// a notarization, had passed both gates, and knew it final.
        var proposed: [Int: UInt64] = [:]
        var owed: [Int: UInt64] = [:]
        var gathered: [Int: UInt64] = [:]
        var notarized: [Int: UInt64] = [:]
        var certified: [Int: UInt64] = [:]
        var final: [Int: UInt64] = [:]
    }

    init(_ scenario: TimedScenario) {
        self.scenario = scenario
    }

    mutating func violate(_ text: String) {
        if violations.count < 8 { violations.append(text) }
    }

    mutating func began(_ block: Bytes32, height: UInt64, by proposer: Int, at now: UInt64) {
        blocks[block] = Times(height: height, proposer: proposer, began: now)
    }

    mutating func built(_ block: Bytes32, at now: UInt64) { blocks[block]?.built = now }

    mutating func notarized(_ block: BlockReference, by member: TimedMember, at now: UInt64) {
        if blocks[block.hash]?.notarized[member.index] == nil {
            blocks[block.hash]?.notarized[member.index] = now
        }
    }

    mutating func certified(_ block: Bytes32, by member: Int, at now: UInt64) {
        blocks[block]?.certified[member] = now
    }

    /// I7: nobody notarizes without the rows that it is owed, or finalizes without the square.
    mutating func said(_ statement: Statement, by member: TimedMember) {
        switch statement.kind {
        case .nullify: nullified += 1
        case .notarize:
            if let block = statement.block, member.blocks[block.hash]?.isRowsHeld != true {
                violate("I7: member \(member.index) notarized \(block) without its rows")
            }
        case .finalize, .commit:
            if let block = statement.block, member.blocks[block.hash]?.certified == nil {
                violate("I7: member \(member.index) finalized \(block) without its square")
            }
        case .propose: break
        }
    }

    /// I1; returns whether a block is final for the first time.
    mutating func finalized(_ block: BlockReference, by member: Int, at now: UInt64) -> Bool {
        blocks[block.hash]?.final[member] = now
        if let known = chain[block.height.value] {
            if known != block { violate("I1: \(block) and \(known) are both final") }
            return false
        }
        chain[block.height.value] = block
        return true
    }

    mutating func proposed(_ block: Bytes32, to member: Int, at now: UInt64) {
        blocks[block]?.proposed[member] = now
    }

    mutating func owed(_ block: Bytes32, by member: Int, at now: UInt64) {
        blocks[block]?.owed[member] = now
    }

    mutating func gathered(_ block: Bytes32, by member: Int, isPlain: Bool, at now: UInt64) {
        blocks[block]?.gathered[member] = now
        if isPlain { rebuiltPlainly += 1 } else { repaired += 1 }
    }

    /// In large committees the search is long: every eighth height is enough.
    func isCustodySearched(_ height: UInt64) -> Bool {
        scenario.memberCount <= 13 || height % 8 == 1
    }

    mutating func searched(_ worst: CustodyCoverage) {
        guard worst.covered * (worstRows?.of ?? 1) <= (worstRows?.covered ?? 1) * worst.lineCount
        else { return }
        worstRows = (worst.covered, worst.lineCount)
    }

    func report(
        _ members: [TimedMember], square: TimedSquare, now: UInt64, events: Int
    ) -> TimedReport {
        var violations = violations
        if violations.isEmpty, chain.count < scenario.heights {
            violations.append("I16: \(chain.count) heights are final after \(now / 1_000_000) ms")
        }
        let heights = chain.keys.filter { $0 > scenario.heightsBefore }.sorted()
        let counted = heights.compactMap { height in
            chain[height].flatMap { blocks[$0.hash].map { times in (height, times) } }
        }
        return TimedReport(
            scenario: scenario, violations: violations, events: events, nanoseconds: now,
            blocks: counted.map(\.1), nullifyVotes: nullified,
            leaderBytes: counted.compactMap { height, times in
                chain[height].flatMap { members[times.proposer].ownRowBytes[$0.hash] }
            },
            sentBytes: members.map(\.link.sentBytes),
            loopWorked: members.map(\.loopWorked).max() ?? 0,
            coresWorked: members.map(\.coresWorked).max() ?? 0,
            squareBytes: square.original.bytes.count, rebuiltPlainly: rebuiltPlainly,
            repaired: repaired, worstRows: worstRows)
    }
}
