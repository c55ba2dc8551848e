// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import DataSquare
import Testing

/// Who holds which rows and columns, and how much of a square the worst third of a committee has.
@Suite struct CustodyTests {
    private static func seed(_ number: UInt64) -> Bytes32 {
        CustodyAssignment.seed(
            parentHash: SHA256.hash(Array("parent".utf8)), height: Height(number))
    }

    private static func committee(_ powers: [Int64]) throws -> ValidatorSet {
        try ChainExamples.set(
            Dictionary(uniqueKeysWithValues: powers.enumerated().map { ($0.offset, $0.element) }))
    }

    /// Every line has its number of different holders, and the lists by member say the same.
    @Test(arguments: [(4, 32), (7, 64), (13, 256), (20, 16)])
    func everyLineIsHeld(members: Int, lines: Int) throws {
        let committee = try Self.committee((1...Int64(members)).map { $0 * 10 })
        let assignment = CustodyAssignment(
            seed: Self.seed(1), lineCount: lines, committee: committee)
        #expect(assignment.holdersPerLine == (lines < 2 * members ? members : min(5, members)))
        for axis in Axis.allCases {
            var held = 0, owed = 0
            for place in 0..<members {
                let own = assignment.lines(of: axis, heldBy: place)
                #expect(own.allSatisfy { assignment.holders(of: axis, $0).contains(UInt16(place)) })
                held += own.count
                owed += assignment.lines(of: axis, owedTo: place, by: 0).count
            }
            #expect(held == lines * assignment.holdersPerLine)
            #expect(owed == lines * CustodyAssignment.firstHolders)
            #expect(assignment.lines(of: axis, owedTo: 0, by: 0).isEmpty)
            for line in 0..<lines {
                let holders = assignment.holders(of: axis, line)
                #expect(Set(holders).count == assignment.holdersPerLine)
            }
        }
        #expect(
            assignment
                == CustodyAssignment(seed: Self.seed(1), lineCount: lines, committee: committee))
    }

    /// First holders come up in proportion to weight: within four standard deviations of it.
    @Test func weightDecides() throws {
        let powers: [Int64] = [1, 2, 3, 4, 10]
        let committee = try Self.committee(powers)
        var firsts = [Int](repeating: 0, count: powers.count)
        let rounds = 40, lines = 256
        for round in 0..<rounds {
            let assignment = CustodyAssignment(
                seed: Self.seed(UInt64(round + 1)), lineCount: lines, committee: committee)
            for axis in Axis.allCases {
                for line in 0..<lines {
                    firsts[Int(assignment.holders(of: axis, line).first ?? 0)] += 1
                }
            }
        }
        let draws = Double(rounds * lines * 2)
        for (place, validator) in committee.validators.enumerated() {
            let share = Double(validator.votingPower) / 20
            let deviation = (draws * share * (1 - share)).squareRoot()
            #expect(abs(Double(firsts[place]) - draws * share) < 4 * deviation)
        }
    }

    /// A member that leaves moves only its own lines: all others keep their order.
    @Test func leavingMovesLittle() throws {
        let full: [Int: Int64] = [0: 5, 1: 9, 2: 2, 3: 7, 4: 4, 5: 6, 6: 3, 7: 8]
        var smaller = full
        smaller[3] = nil
        let before = try ChainExamples.set(full), after = try ChainExamples.set(smaller)
        let gone = ChainExamples.validator(3, power: 7).address
        let old = CustodyAssignment(seed: Self.seed(9), lineCount: 128, committee: before)
        let new = CustodyAssignment(seed: Self.seed(9), lineCount: 128, committee: after)
        for line in 0..<128 {
            let left = old.holders(of: .row, line).map { before.validators[Int($0)].address }
                .filter { $0 != gone }
            let now = new.holders(of: .row, line).map { after.validators[Int($0)].address }
            #expect(Array(now.prefix(left.count)) == left)
        }
    }

    /// Of few members, the very worst part is found.
    @Test func searchFindsTheWorstOfFew() throws {
        for round in 1...12 {
            let powers = (0..<8).map { Int64(SHA256.hash([UInt8(round), UInt8($0)])[0]) + 1 }
            let committee = try Self.committee(powers)
            let assignment = CustodyAssignment(
                seed: Self.seed(UInt64(round)), lineCount: 32, committee: committee, replicas: 2)
            let found = CustodyCoverage(worstOf: assignment, committee)
            #expect(found.covered == Self.exhaustiveWorst(assignment, committee))
            let weight = found.members.reduce(0) { $0 + committee.validators[$1].votingPower }
            #expect(weight > committee.totalVotingPower / 3)
        }
    }

    private static func exhaustiveWorst(
        _ assignment: CustodyAssignment, _ committee: ValidatorSet
    ) -> Int {
        var worst = assignment.lineCount
        for subset in 1..<(1 << committee.count) {
            let members = (0..<committee.count).filter { subset >> $0 & 1 == 1 }
            let weight = members.reduce(0) { $0 + committee.validators[$1].votingPower }
            guard weight > committee.totalVotingPower / 3 else { continue }
            let covered = (0..<assignment.lineCount).filter { line in
                assignment.holders(of: .row, line).contains { members.contains(Int($0)) }
            }
            worst = min(worst, covered.count)
        }
        return worst
    }

    /// A hundred equal members hold enough of wide squares with five holders a line; of narrow ones
    /// everybody holds everything.
    @Test func coverageOfAHundred() throws {
        let committee = try Self.committee([Int64](repeating: 100, count: 100))
        for lines in [256, 512] {
            let assignment = CustodyAssignment(
                seed: Self.seed(3), lineCount: lines, committee: committee)
            let worst = CustodyCoverage(worstOf: assignment, committee)
            print("2k = \(lines): the worst third found holds \(worst.covered) rows")
            #expect(worst.isSafe)
        }
        let narrow = CustodyAssignment(seed: Self.seed(3), lineCount: 128, committee: committee)
        #expect(narrow.holdersPerLine == 100)
        #expect(CustodyCoverage(worstOf: narrow, committee).covered == 128)
    }

    /// Where five holders are not enough for a table of weights, more are taken.
    @Test func moreReplicasWhereNeeded() throws {
        let committee = try Self.committee([Int64](repeating: 7, count: 20))
        let seeds = (1...4).map { Self.seed($0) }
        let replicas = CustodyCoverage.replicas(for: committee, lineCount: 64, seeds: seeds)
        for seed in seeds {
            let assignment = CustodyAssignment(
                seed: seed, lineCount: 64, committee: committee, replicas: replicas)
            #expect(CustodyCoverage(worstOf: assignment, committee).isSafe)
        }
        if replicas > CustodyAssignment.replicas {
            let isShort = seeds.contains { seed in
                let assignment = CustodyAssignment(
                    seed: seed, lineCount: 64, committee: committee, replicas: replicas - 1)
                return !CustodyCoverage(worstOf: assignment, committee).isSafe
            }
            #expect(isShort)
        }
    }
}
