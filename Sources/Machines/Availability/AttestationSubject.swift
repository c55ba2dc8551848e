// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain
package import DataSquare

/// A block that a committee member is asked to vouch for.
package struct AttestationSubject: Sendable {
    /// Its header's hash.
    package let block: Bytes32
    /// Its height.
    package let height: UInt64
    /// The roots that its data root stands for.
    package let roots: DataAvailabilityHeader
    /// Who holds which rows and columns.
    package let custody: CustodyAssignment
    /// How many members the committee has.
    package let memberCount: Int
    /// The proposer's place in the committee.
    package let proposer: Int
    /// How the members find it available.
    package let profile: AvailabilityProfile

    /// Takes the parts; which profile it is follows from the network's rule.
    package init(
        block: Bytes32, height: UInt64, roots: DataAvailabilityHeader, custody: CustodyAssignment,
        memberCount: Int, proposer: Int, rule: AvailabilityRule = .everySquare
    ) {
        precondition(custody.lineCount == roots.width, "custody is of this square")
        self.block = block
        self.height = height
        self.roots = roots
        self.custody = custody
        self.memberCount = memberCount
        self.proposer = proposer
        profile = rule.profile(
            originalWidth: roots.originalWidth, holdersPerLine: custody.holdersPerLine,
            memberCount: memberCount)
    }

    /// The axes whose lines the members send each other.
    var axes: [Axis] { profile == .whole ? [.row] : [.row, .column] }

    /// The lines that the proposer sends a member with its proposal, rising.
    func owed(to place: Int) -> [AxisLine] {
        axes.flatMap { axis in
            custody.lines(of: axis, owedTo: place, by: proposer).map { AxisLine(axis, $0) }
        }
    }

    /// Who holds a line, the first holder first.
    func holders(of line: AxisLine) -> [Int] {
        custody.holders(of: line.axis, line.index).map { Int($0) }
    }

    /// To whom the proposer sends a line.
    func recipients(of line: AxisLine) -> [Int] {
        custody.recipients(of: line.axis, line.index, proposer: proposer)
    }
}
