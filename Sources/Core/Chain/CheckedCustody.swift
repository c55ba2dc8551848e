// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import DataSquare

/// That one member of a committee held its part of a large square, every piece under its root and
/// every two that cross in agreement, and saw cells of others that nobody could foresee.
///
/// Only the check makes one: it derives the assignment from the block's header, verifies each line
/// and each cell again, whatever others said of them, and reads nothing but its arguments. What it
/// cannot know is whether the entropy was fresh; that is the caller's duty.
/// Specified in Protocol/24-attestation.md#custody-gate.
public struct CheckedCustody: Hashable, Sendable {
    /// The header's hash.
    public let block: Bytes32
    /// The root that all pieces lead to.
    public let dataRoot: Bytes32
    /// Whose custody it is.
    public let member: Bytes20

    /// Checks what a member holds of a block.
    ///
    /// `lines` has the member's rows and columns and the rows of transactions, in any order; others
    /// are passed over. `cells` are the drawn cells in the order of the draw.
    /// - Throws: `contradiction` when two pieces that are both under their roots differ, which speaks
    ///   against the block for good; anything else speaks against the caller's preparation.
    public init(
        of header: BlockHeader, roots: DataAvailabilityHeader, committee: ValidatorSet,
        member: Bytes20, rule: AvailabilityRule,
        replicas: Int = CustodyAssignment.replicas,
        lines: [HalfLine], cells: [UnverifiedSample], entropy: Bytes32
    ) throws(CustodyFault) {
        guard header.dataHash == roots.dataRoot, header.validatorsHash == committee.hash,
            replicas >= CustodyAssignment.replicas
        else { throw .otherBlock }
        guard let place = committee.place(of: member) else { throw .notAMember }
        let assignment = CustodyAssignment(
            seed: CustodyAssignment.seed(
                parentHash: header.lastBlockID.hash ?? Bytes32(), height: header.height),
            lineCount: roots.width, committee: committee, replicas: replicas)
        let profile = rule.profile(
            originalWidth: roots.originalWidth, holdersPerLine: assignment.holdersPerLine,
            memberCount: committee.count)
        guard profile == .custody else { throw .wholeSquare }
        let duty = CustodyDuty(of: place, by: assignment, roots: roots)
        let held = try Self.held(lines, by: duty)
        try Self.checkCrossings(held)
        try Self.check(cells, CustodyDuty.cells(entropy: entropy, width: roots.width), held, roots)
        block = header.hash
        dataRoot = roots.dataRoot
        self.member = member
    }

    /// The whole lines of a duty.
    private static func held(
        _ lines: [HalfLine], by duty: CustodyDuty
    ) throws(CustodyFault) -> [(line: AxisLine, shares: [Share])] {
        var given: [AxisLine: HalfLine] = [:]
        for line in lines { given[line.line] = line }
        var held: [(line: AxisLine, shares: [Share])] = []
        for line in duty.lines {
            guard let half = given[line] else { throw .missing(line) }
            do throws(VerificationFault) {
                held.append((line, try half.shares(against: duty.roots)))
            } catch {
                throw .line(line, error)
            }
        }
        return held
    }

    /// Every row and every column have the cell in common in which they cross.
    private static func checkCrossings(
        _ held: [(line: AxisLine, shares: [Share])]
    ) throws(CustodyFault) {
        let columns = held.filter { $0.line.axis == .column }
        for row in held where row.line.axis == .row {
            for column in columns
            where row.shares[column.line.index] != column.shares[row.line.index] {
                throw .contradiction(
                    Coordinate(row: row.line.index, column: column.line.index))
            }
        }
    }

    /// Every drawn cell stands under a root, and lines that are held have it too.
    private static func check(
        _ cells: [UnverifiedSample], _ drawn: [Coordinate],
        _ held: [(line: AxisLine, shares: [Share])], _ roots: DataAvailabilityHeader
    ) throws(CustodyFault) {
        guard cells.count == drawn.count else {
            throw .cellCount(expected: drawn.count, actual: cells.count)
        }
        let known = KnownRoots(roots)
        for (cell, place) in zip(cells, drawn) {
            do throws(VerificationFault) {
                _ = try cell.verify(at: place, against: known)
            } catch {
                throw .cell(place, error)
            }
            for (line, shares) in held
            where line.index == place.index(of: line.axis)
                && shares[place.position(on: line.axis)] != cell.share
            {
                throw .contradiction(place)
            }
        }
    }
}

/// Why a member cannot vouch for a block by its custody.
public enum CustodyFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The roots, the committee or the number of holders are not those of the header.
    case otherBlock
    /// Whoever asks has no seat.
    case notAMember
    /// The network's rule wants this square rebuilt whole.
    case wholeSquare
    /// A line that has to be held is not there.
    case missing(AxisLine)
    /// A line is not the committed one.
    case line(AxisLine, VerificationFault)
    /// Another number of cells than are drawn.
    case cellCount(expected: Int, actual: Int)
    /// A cell is not the committed one.
    case cell(Coordinate, VerificationFault)
    /// Two pieces under their roots differ in a cell: the square is not encoded as it should be.
    case contradiction(Coordinate)

    /// Whether it speaks against the block itself.
    public var isVerdict: Bool {
        if case .contradiction = self { true } else { false }
    }

    /// One line: what was wrong.
    public var description: String {
        switch self {
        case .otherBlock: "roots, committee or holders of another block"
        case .notAMember: "no member of the committee"
        case .wholeSquare: "the network wants this square rebuilt"
        case .missing(let line): "\(line) is not held"
        case .line(let line, let fault): "\(line): \(fault)"
        case .cellCount(let expected, let actual): "\(actual) cells where \(expected) are drawn"
        case .cell(let place, let fault): "cell \(place): \(fault)"
        case .contradiction(let place): "row and column differ in cell \(place)"
        }
    }
}
