// SPDX-License-Identifier: Apache-2.0

import Availability
import Bytes
import Chain
import Cryptography
import DataSquare
import Machinery
import Testing

/// A block that is final can be had again: from the custody of any third of those who finalized it
/// and hold what they say.
///
/// Members that finalize without data are fewer than a third, and a quorum is more than two thirds,
/// so more than a third of the weight is honest among the finalizers; the adversary chooses which,
/// since its proposer chooses to whom it sends.
@Suite struct ReconstructionTests {
    /// What the proposer does, and the liars with it.
    enum Attack: CaseIterable {
        /// Nothing: members are silent, but claim to have everything.
        case liars
        /// It sends nothing to as many members as a quorum can spare.
        case starving
        /// It keeps two lines back from everybody.
        case withholding
        /// A whole row of parity is another codeword.
        case wrongRow
        /// One cell in the parity of rows and columns is wrong under both of its roots.
        case wrongCell
    }

    struct Case: Sendable, CustomStringConvertible {
        let members: Int
        let rule: AvailabilityRule
        var description: String {
            "\(members) members, \(rule == .everySquare ? "whole squares" : "custody")"
        }
    }

    static let cases = [7, 10, 13, 16, 20].flatMap { members in
        [AvailabilityRule.everySquare, AvailabilityRule(wholeWidthMax: 8)].map {
            Case(members: members, rule: $0)
        }
    }

    /// Sums over all runs of a case.
    private struct Count {
        var runs = 0, final = 0, subsets = 0, worst = Int.max, rebuilt = 0
    }

    @Test(arguments: cases)
    func everyThirdHasTheSquare(of test: Case) throws {
        let width = test.members > 16 ? 32 : 16
        let square = try AttestationMachineTests.square(width)
        let powers = Self.powers(test.members)
        let replicas = CustodyCoverage.replicas(
            for: try AttestationNetwork.committee(powers), lineCount: 2 * width,
            seeds: (1...5).map { Self.seed(UInt8($0)) })
        var counts: [Attack: Count] = [:]
        for attack in Attack.allCases {
            var count = Count()
            let wrong = try Self.encoded(square, attack)
            for seed in 1...(test.members > 16 ? 2 : 3) {
                var network = try Self.network(
                    wrong, test, powers, attack, seed: UInt8(seed), replicas)
                let liars = Set(
                    network.behaviors.indices.filter { network.behaviors[$0] != .honest })
                let final = Self.isFinal(&network, liars, square: wrong.square, seed: UInt8(seed))
                count.runs += 1
                guard final else { continue }
                count.final += 1
                try Self.search(network, liars, of: square, seed: UInt8(seed), &count)
            }
            counts[attack] = count
            print(
                "I8 \(test), \(attack): \(count.runs) runs, \(count.final) final, "
                    + "\(count.subsets) thirds searched, worst "
                    + (count.final > 0 ? "\(count.worst)" : "-") + " of \(2 * width) rows "
                    + "(\(width) needed, m = \(replicas)), \(count.rebuilt) squares rebuilt")
            #expect(count.final == 0 || count.worst >= width)
            #expect(count.rebuilt == count.final)
        }
        // The attacks that must not stop a committee do not, and a wrong square never becomes final
        // where everybody rebuilds it.
        #expect(counts[.liars]?.final == counts[.liars]?.runs)
        #expect(counts[.wrongRow]?.final == 0)
        if test.rule == .everySquare { #expect(counts[.wrongCell]?.final == 0) }
    }

    /// Some have twice the power of others.
    private static func powers(_ members: Int) -> [Int64] {
        (0..<members).map { $0 % 3 == 0 ? 20 : 10 + Int64($0 % 2) }
    }

    private static func seed(_ number: UInt8) -> Bytes32 {
        CustodyAssignment.seed(parentHash: SHA256.hash([number]), height: Height(7))
    }

    private static func encoded(
        _ square: CommittedSquare, _ attack: Attack
    ) throws -> CommittedSquare {
        let width = square.square.width
        switch attack {
        case .liars, .starving, .withholding: return square
        case .wrongRow: return try Encodings.withWrongParityRow(square)
        case .wrongCell:
            return try Encodings.withWrongCell(
                square, Coordinate(row: width - 2, column: width - 5))
        }
    }

    /// A committee whose proposer is the first member; the last ones lie, as many as may.
    private static func network(
        _ square: CommittedSquare, _ test: Case, _ powers: [Int64], _ attack: Attack, seed: UInt8,
        _ replicas: Int
    ) throws -> AttestationNetwork {
        var behaviors: [Int: AttestationNetwork.Behavior] = [:]
        let committee = try AttestationNetwork.committee(powers)
        let total = committee.totalVotingPower
        var lying: Int64 = 0
        for place in committee.validators.indices.reversed() {
            let power = committee.validators[place].votingPower
            guard 3 * (lying + power) < total else { break }
            lying += power
            behaviors[place] = .silent
        }
        var network = try AttestationNetwork(
            square: square, members: test.members, powers: powers, behaviors: behaviors,
            rule: test.rule, replicas: replicas, seed: seed)
        var draw = SeededGenerator(seed: SHA256.hash([seed, 9]))
        switch attack {
        case .liars, .wrongRow, .wrongCell: break
        case .starving:
            // Liars vote in any case; honest members are left out as long as a quorum remains.
            var spare = total - committee.quorumPower
            for place in draw.shuffled(Array(1..<test.members)) where behaviors[place] == nil {
                let power = committee.validators[place].votingPower
                guard spare >= power else { continue }
                spare -= power
                network.starved.insert(place)
            }
        case .withholding:
            let axes: [Axis] = test.rule == .everySquare ? [.row] : [.row, .column]
            for _ in 0..<2 {
                let axis = axes[draw.next(below: axes.count)]
                network.withheld.insert(
                    AxisLine(axis, draw.next(below: square.square.width)))
            }
        }
        return network
    }

    /// Whether the block becomes final when liars vote for everything.
    private static func isFinal(
        _ network: inout AttestationNetwork, _ liars: Set<Int>, square: ExtendedDataSquare,
        seed: UInt8
    ) -> Bool {
        let committee = network.committee
        func isQuorum(_ hasVoted: (Int) -> Bool) -> Bool {
            committee.validators.indices.filter { liars.contains($0) || hasVoted($0) }
                .reduce(0) { $0 + committee.validators[$1].votingPower } >= committee.quorumPower
        }
        network.propose(square)
        network.run(milliseconds: 100)
        let held = network.rowsHeld
        guard isQuorum({ held[$0] != nil }) else { return false }
        network.notarize(draw: seed)
        network.run(milliseconds: 6_000)
        let certified = network.certified
        return isQuorum { certified[$0] != nil }
    }

    /// Looks for the third of the honest finalizers that holds the fewest rows, and rebuilds the
    /// square from it.
    private static func search(
        _ network: AttestationNetwork, _ liars: Set<Int>, of square: CommittedSquare, seed: UInt8,
        _ count: inout Count
    ) throws {
        let finalizers = network.certified.indices.filter {
            network.certified[$0] != nil && !liars.contains($0)
        }
        // Custody is what is kept: of those who rebuilt the square, too, only their own rows count.
        let rows = finalizers.map { member -> Set<Int> in
            let own = Set(network.subject.custody.lines(of: .row, heldBy: member))
            let held = network.machines[member].lines(of: network.subject.block)
            let isWhole = network.subject.profile == .whole
            return isWhole
                ? own : own.intersection(held.filter { $0.line.axis == .row }.map(\.index))
        }
        let weights = finalizers.map { network.committee.validators[$0].votingPower }
        let total = network.committee.totalVotingPower
        #expect(3 * weights.reduce(0, +) > total, "the honest finalizers are more than a third")
        var draw = SeededGenerator(seed: SHA256.hash([seed, 11]))
        var worst: (rows: Set<Int>, members: [Int])?
        func consider(_ members: [Int]) {
            let union = members.reduce(into: Set<Int>()) { $0.formUnion(rows[$1]) }
            count.subsets += 1
            if union.count < worst?.rows.count ?? .max { worst = (union, members) }
        }
        for _ in 0..<200 {
            consider(third(draw.shuffled(Array(finalizers.indices)), weights, total))
        }
        for first in finalizers.indices {
            consider(greedy(from: first, rows, weights, total))
        }
        let found = try #require(worst)
        count.worst = min(count.worst, found.rows.count)
        let lines = try found.rows.sorted().prefix(square.header.originalWidth).map { row in
            try HalfLine(AxisLine(.row, row), of: square.square).verify(against: square.header)
        }
        guard lines.count == square.header.originalWidth else { return }
        let rebuilt = AttestationNetwork.square(of: lines, square.header)
        if rebuilt?.bytes == square.square.bytes { count.rebuilt += 1 }
    }

    /// The first members of an order that have more than a third together.
    private static func third(_ order: [Int], _ weights: [Int64], _ total: Int64) -> [Int] {
        var members: [Int] = []
        var weight: Int64 = 0
        for member in order where 3 * weight <= total {
            members.append(member)
            weight += weights[member]
        }
        return members
    }

    /// More than a third, grown by whoever brings the fewest new rows for its weight.
    private static func greedy(
        from first: Int, _ rows: [Set<Int>], _ weights: [Int64], _ total: Int64
    ) -> [Int] {
        var members = [first]
        var union = rows[first]
        var weight = weights[first]
        while 3 * weight <= total {
            let rest = rows.indices.filter { !members.contains($0) }
            guard
                let next = rest.min(by: {
                    Int64(rows[$0].subtracting(union).count) * weights[$1]
                        < Int64(rows[$1].subtracting(union).count) * weights[$0]
                })
            else { break }
            members.append(next)
            union.formUnion(rows[next])
            weight += weights[next]
        }
        return members
    }
}
