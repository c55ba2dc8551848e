// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography
public import DataSquare

/// Which members of a committee hold which rows and columns of one extended square.
///
/// Each line goes to the members that come first in a draw of its own, by weighted rendezvous
/// hashing: a member comes before another with the odds of their weights, and taking a member out
/// moves only what that member held. Squares of fewer lines than the committee has members are held
/// whole by everybody, since so few lines cannot be spread safely.
/// Specified in Protocol/24-attestation.md#holders.
public struct CustodyAssignment: Hashable, Sendable {
    /// How many members hold a line of a square that is spread, unless the search asks for more.
    public static let replicas = 5
    /// How many of a line's holders its proposer sends it to.
    public static let firstHolders = 2

    /// Rows, and columns, of the extended square: 2k.
    public let lineCount: Int
    /// How many members hold each line.
    public let holdersPerLine: Int
    /// Places in the validator set, for each row and then each column, the first drawn first.
    private let places: [UInt16]

    /// Draws the holders of every line; `lineCount` is 2k, from 2 to 1,024.
    public init(
        seed: Bytes32, lineCount: Int, committee: ValidatorSet,
        replicas: Int = CustodyAssignment.replicas
    ) {
        precondition((2...1_024).contains(lineCount), "a square has 2 to 1,024 lines")
        precondition(replicas >= Self.firstHolders, "a line has a first and a second holder")
        precondition(committee.count <= Int(UInt16.max), "places have 16 bits")
        self.lineCount = lineCount
        let isSpread = lineCount >= 2 * committee.count
        holdersPerLine = min(committee.count, isSpread ? replicas : committee.count)
        var places: [UInt16] = []
        places.reserveCapacity(2 * lineCount * holdersPerLine)
        for axis in [Axis.row, .column] {
            for block in 0..<(lineCount + 3) / 4 {
                let draws = Self.draws(seed, axis, block, committee)
                for lane in 0..<min(4, lineCount - 4 * block) {
                    places += Self.first(holdersPerLine, of: draws[lane], committee)
                }
            }
        }
        self.places = places
    }

    /// The seed of a block's assignment: nobody knows it before the parent is known.
    public static func seed(parentHash: Bytes32, height: Height) -> Bytes32 {
        var input = Array("QDR1/custody".utf8) + [0]
        input.append(parentHash)
        input.append(bigEndian: height.value)
        return SHA256.hash(input)
    }

    /// Who holds a line: places in the validator set, the first holder first.
    public func holders(of axis: Axis, _ line: Int) -> ArraySlice<UInt16> {
        precondition((0..<lineCount).contains(line), "the square has no such line")
        let start = ((axis == .row ? 0 : lineCount) + line) * holdersPerLine
        return places[start..<start + holdersPerLine]
    }

    /// The lines of an axis that a member holds, rising.
    public func lines(of axis: Axis, heldBy place: Int) -> [Int] {
        (0..<lineCount).filter { holders(of: axis, $0).contains(UInt16(place)) }
    }

    /// To whom a proposer sends a line: its first and second holder, itself not counted.
    public func recipients(of axis: Axis, _ line: Int, proposer: Int) -> [Int] {
        Array(
            holders(of: axis, line).lazy.map { Int($0) }.filter { $0 != proposer }
                .prefix(Self.firstHolders))
    }

    /// The lines of an axis that a proposer owes a member, rising.
    public func lines(of axis: Axis, owedTo place: Int, by proposer: Int) -> [Int] {
        (0..<lineCount).filter { recipients(of: axis, $0, proposer: proposer).contains(place) }
    }

    /// Who holds one row, rising, without drawing the others: the first `replicas` of its draw.
    ///
    /// More members may hold it when the search asks for more; these do in any case.
    public static func holders(
        ofRow row: Int, seed: Bytes32, lineCount: Int, committee: ValidatorSet,
        replicas: Int = CustodyAssignment.replicas
    ) -> [Int] {
        guard lineCount >= 2 * committee.count else { return Array(0..<committee.count) }
        let draws = draws(seed, .row, row / 4, committee)
        return first(min(replicas, committee.count), of: draws[row % 4], committee)
            .map { Int($0) }.sorted()
    }

    // MARK: Drawing

    /// The distances of all members in four neighbouring lines; one hash gives four numbers.
    private static func draws(
        _ seed: Bytes32, _ axis: Axis, _ block: Int, _ committee: ValidatorSet
    ) -> [[UInt64]] {
        let length = 32 + 20 + 1 + 2
        var messages: [UInt8] = []
        messages.reserveCapacity(length * committee.count)
        for validator in committee.validators {
            messages.append(seed)
            messages.append(validator.address)
            messages.append(axis == .row ? 0 : 1)
            messages.append(bigEndian: UInt16(block))
        }
        let digests = SHA256.hashEach(messages, ofLength: length)
        return (0..<4).map { lane in
            (0..<committee.count).map { place in
                var number: UInt64 = 0
                for byte in digests[(32 * place + 8 * lane)..<(32 * place + 8 * lane + 8)] {
                    number = number << 8 | UInt64(byte)
                }
                return FixedLogarithm.distance(number)
            }
        }
    }

    /// The places with the smallest distance for their weight, smallest first; equal ones in the
    /// set's order.
    private static func first(
        _ count: Int, of distances: [UInt64], _ committee: ValidatorSet
    ) -> [UInt16] {
        func isBefore(_ a: Int, _ b: Int) -> Bool {
            // distance(a) / weight(a) < distance(b) / weight(b), without a division.
            let left = distances[a].multipliedFullWidth(
                by: UInt64(committee.validators[b].votingPower))
            let right = distances[b].multipliedFullWidth(
                by: UInt64(committee.validators[a].votingPower))
            return (left.high, left.low, a) < (right.high, right.low, b)
        }
        if count == distances.count {
            return distances.indices.sorted(by: isBefore).map { UInt16($0) }
        }
        var best: [Int] = []
        for place in distances.indices {
            if best.count == count, !isBefore(place, best[count - 1]) { continue }
            if best.count == count { best.removeLast() }
            best.insert(place, at: best.firstIndex { isBefore(place, $0) } ?? best.count)
        }
        return best.map { UInt16($0) }
    }
}
