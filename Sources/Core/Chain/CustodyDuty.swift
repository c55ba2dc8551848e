// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography
public import DataSquare

/// What one member of a committee must hold and see of a square that it does not rebuild.
///
/// Specified in Protocol/24-attestation.md#custody-gate.
public struct CustodyDuty: Hashable, Sendable {
    /// How many cells are drawn of what others hold.
    public static let cellsDrawn = 16

    /// The square's roots.
    public let roots: DataAvailabilityHeader
    /// Rows of its custody and those of transactions, then the columns of its custody, each rising.
    public let lines: [AxisLine]

    /// What a member has to do by an assignment of the square's lines.
    public init(
        of place: Int, by assignment: CustodyAssignment, roots: DataAvailabilityHeader
    ) {
        precondition(assignment.lineCount == roots.width, "custody is of this square")
        self.roots = roots
        let rows = Set(assignment.lines(of: .row, heldBy: place))
            .union(TransactionRows.indexes(in: roots))
        lines =
            rows.sorted().map { AxisLine(.row, $0) }
            + assignment.lines(of: .column, heldBy: place).map { AxisLine(.column, $0) }
    }

    /// The cells that a member draws: different ones, each equally likely.
    ///
    /// `entropy` is 32 bytes that nobody else knew when the block got its first quorum. Squares of
    /// fewer cells than are drawn are drawn whole.
    public static func cells(entropy: Bytes32, width: Int) -> [Coordinate] {
        precondition(width > 0 && width & (width - 1) == 0, "a square's width")
        var drawn: Set<Coordinate> = []
        var cells: [Coordinate] = []
        var counter: UInt64 = 0
        while cells.count < min(cellsDrawn, width * width) {
            var input = Array("QDR1/cells".utf8) + [0]
            input.append(entropy)
            input.append(bigEndian: counter)
            counter += 1
            let digest = SHA256.hash(input)
            func number(_ range: Range<Int>) -> Int {
                Int(range.reduce(UInt64(0)) { $0 << 8 | UInt64(digest[$1]) } % UInt64(width))
            }
            let cell = Coordinate(row: number(0..<8), column: number(8..<16))
            if drawn.insert(cell).inserted { cells.append(cell) }
        }
        return cells
    }
}
