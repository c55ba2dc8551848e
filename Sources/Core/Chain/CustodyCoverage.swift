// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import DataSquare

/// How many rows the worst part of a committee, with more than a third of its weight, still holds.
///
/// Whoever finalizes a block has more than two thirds of the weight, at most a third of it lies: so
/// more than a third holds what it says. The square can be recovered from them if they hold half of
/// its rows. The worst such part cannot be found exactly in useful time (it is a covering problem), so
/// it is searched for: in small committees by trying every part, in others greedily from every member
/// on, then by exchanging members. There the true worst may be lower than what the search finds; hence
/// the margin of `requiredPerMille` over a half.
/// Specified in Protocol/24-attestation.md#coverage.
public struct CustodyCoverage: Hashable, Sendable {
    /// The share of all rows that the worst part found must hold, in thousandths.
    public static let requiredPerMille = 550

    /// Rows that the worst part found holds.
    public let covered: Int
    /// All rows.
    public let lineCount: Int
    /// The members of that part: places in the validator set, rising.
    public let members: [Int]

    /// Whether it is enough.
    public var isSafe: Bool { covered * 1_000 >= Self.requiredPerMille * lineCount }

    /// Searches the rows of an assignment.
    public init(worstOf assignment: CustodyAssignment, _ committee: ValidatorSet) {
        var search = CoverageSearch(assignment, committee)
        search.run()
        lineCount = assignment.lineCount
        covered = search.bestCovered
        members = search.best
    }

    /// The fewest replicas, from the usual number up, whose assignments by `seeds` all are safe.
    ///
    /// With as many replicas as members everybody holds everything, so there is always an answer.
    public static func replicas(
        for committee: ValidatorSet, lineCount: Int, seeds: [Bytes32]
    ) -> Int {
        var replicas = min(CustodyAssignment.replicas, max(committee.count, 2))
        while replicas < committee.count {
            let areSafe = seeds.allSatisfy { seed in
                let assignment = CustodyAssignment(
                    seed: seed, lineCount: lineCount, committee: committee, replicas: replicas)
                return CustodyCoverage(worstOf: assignment, committee).isSafe
            }
            if areSafe { break }
            replicas += 1
        }
        return replicas
    }
}

/// The search: subsets over a third of the weight, each made smaller in what it covers.
private struct CoverageSearch {
    /// Up to how many members every part is tried: at most 4,096 parts.
    private static let exhaustiveMembers = 12

    private let weights: [Int64]
    private let total: Int64
    /// What each member holds, a bit for each row.
    private let held: [[UInt64]]
    private let lineCount: Int
    private(set) var best: [Int]
    private(set) var bestCovered: Int

    init(_ assignment: CustodyAssignment, _ committee: ValidatorSet) {
        weights = committee.validators.map(\.votingPower)
        total = committee.totalVotingPower
        lineCount = assignment.lineCount
        var held = [[UInt64]](
            repeating: [UInt64](repeating: 0, count: (assignment.lineCount + 63) / 64),
            count: committee.count)
        for line in 0..<assignment.lineCount {
            for place in assignment.holders(of: .row, line) {
                held[Int(place)][line / 64] |= 1 << UInt64(line % 64)
            }
        }
        self.held = held
        best = Array(weights.indices)
        bestCovered = lineCount
    }

    /// Whether so much weight is more than a third.
    private func isEnough(_ weight: Int64) -> Bool { weight > total / 3 }

    mutating func run() {
        if weights.count <= Self.exhaustiveMembers { return tryEverything() }
        for first in weights.indices {
            var members = grown(from: first)
            shrink(&members)
            exchange(&members)
            consider(members)
        }
    }

    private mutating func consider(_ members: [Int]) {
        let covered = Self.count(union(members))
        guard covered < bestCovered else { return }
        bestCovered = covered
        best = members.sorted()
    }

    /// Every part of a small committee.
    private mutating func tryEverything() {
        for subset in 1..<(1 << weights.count) {
            let members = weights.indices.filter { subset >> $0 & 1 == 1 }
            if isEnough(members.reduce(0) { $0 + weights[$1] }) { consider(members) }
        }
    }

    /// Adds whoever brings the fewest new rows for its weight until the weight is enough.
    private func grown(from first: Int) -> [Int] {
        var members = [first]
        var isIn = [Bool](repeating: false, count: weights.count)
        isIn[first] = true
        var weight = weights[first]
        var rows = held[first]
        while !isEnough(weight) {
            var choice = -1
            var cost = 0
            for place in weights.indices where !isIn[place] {
                let new = Self.newRows(held[place], beyond: rows)
                if choice < 0 || Self.isCheaper(new, weights[place], cost, weights[choice]) {
                    (choice, cost) = (place, new)
                }
            }
            isIn[choice] = true
            members.append(choice)
            weight += weights[choice]
            for word in rows.indices { rows[word] |= held[choice][word] }
        }
        return members
    }

    /// Whether `a` rows for weight `p` are fewer than `b` rows for weight `q`.
    private static func isCheaper(_ a: Int, _ p: Int64, _ b: Int, _ q: Int64) -> Bool {
        let left = UInt64(a).multipliedFullWidth(by: UInt64(q))
        let right = UInt64(b).multipliedFullWidth(by: UInt64(p))
        return (left.high, left.low) < (right.high, right.low)
    }

    /// Leaves out members that the weight does not need.
    private func shrink(_ members: inout [Int]) {
        var weight = members.reduce(0) { $0 + weights[$1] }
        for place in members where isEnough(weight - weights[place]) {
            members.removeAll { $0 == place }
            weight -= weights[place]
        }
    }

    /// Exchanges one member for another as long as that covers fewer rows.
    private func exchange(_ members: inout [Int]) {
        var weight = members.reduce(0) { $0 + weights[$1] }
        var covered = Self.count(union(members))
        var hasImproved = true
        while hasImproved {
            hasImproved = false
            for index in members.indices {
                let others = members[..<index] + members[(index + 1)...]
                let rows = union(others)
                let rest = weight - weights[members[index]]
                for place in weights.indices
                where !members.contains(place) && isEnough(rest + weights[place]) {
                    let now = Self.count(rows) + Self.newRows(held[place], beyond: rows)
                    guard now < covered else { continue }
                    members[index] = place
                    (weight, covered) = (rest + weights[place], now)
                    hasImproved = true
                    break
                }
            }
        }
    }

    private func union(_ members: some Sequence<Int>) -> [UInt64] {
        var rows = [UInt64](repeating: 0, count: (lineCount + 63) / 64)
        for place in members {
            for word in rows.indices { rows[word] |= held[place][word] }
        }
        return rows
    }

    private static func count(_ rows: [UInt64]) -> Int {
        rows.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    private static func newRows(_ held: [UInt64], beyond rows: [UInt64]) -> Int {
        var count = 0
        for word in rows.indices { count += (held[word] & ~rows[word]).nonzeroBitCount }
        return count
    }
}
