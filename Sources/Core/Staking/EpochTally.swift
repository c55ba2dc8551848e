// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// What validators did in an epoch, counted from the records of its blocks.
struct EpochTally {
    /// One validator's part.
    struct Line {
        let operatorAddress: Bytes20
        /// Heights at which it had a seat and whose votes are counted now.
        var heights: UInt64 = 0
        /// Those of them that it voted for.
        var voted: UInt64 = 0
        /// Power times two for each vote in time, once for each late one.
        var points: UInt128 = 0
        /// Blocks that it proposed.
        var proposed: UInt64 = 0
        /// Power of the votes that these were the first to include.
        var included: UInt128 = 0
    }

    /// By the order in which they came up.
    private(set) var lines: [Line] = []
    /// What all lines' points would be together if everybody had voted in time.
    private(set) var pointsMax: UInt128 = 0
    /// The power that could have been included.
    private(set) var includable: UInt128 = 0
    /// Blocks of the epoch.
    private(set) var blocks: UInt64 = 0
    private var places: [Bytes20: Int] = [:]

    func line(of name: Bytes20) -> Line? { places[name].map { lines[$0] } }

    /// Counts the votes for a height that can no longer be included.
    mutating func close(_ block: BlockRecord, _ committee: CommitteeRecord) {
        let powers = committee.powers
        for (seat, member) in committee.members.enumerated() {
            let place = place(of: member.operatorAddress)
            lines[place].heights += 1
            pointsMax += 2 * UInt128(powers[seat])
            includable += UInt128(powers[seat])
            guard block.hasVoted(seat) else { continue }
            lines[place].voted += 1
            lines[place].points += UInt128(powers[seat]) * (block.wasLate(seat) ? 1 : 2)
        }
    }

    /// Counts a block's proposer.
    mutating func propose(_ block: BlockRecord, _ committee: CommitteeRecord) {
        blocks += 1
        guard Int(block.proposer) < committee.members.count else { return }
        let place = place(of: committee.members[Int(block.proposer)].operatorAddress)
        lines[place].proposed += 1
        lines[place].included += UInt128(block.includedPower)
    }

    private mutating func place(of name: Bytes20) -> Int {
        if let place = places[name] { return place }
        places[name] = lines.count
        lines.append(Line(operatorAddress: name))
        return lines.count - 1
    }
}
