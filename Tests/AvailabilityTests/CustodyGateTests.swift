// SPDX-License-Identifier: Apache-2.0

import Availability
import Bytes
import Chain
import Cryptography
import DataSquare
import Machinery
import Testing

/// The commit gate of squares that nobody rebuilds whole.
@Suite struct CustodyGateTests {
    static let rule = AvailabilityRule(wholeWidthMax: 8)

    private static func network(
        members: Int, width: Int = 16, proposer: Int = 0,
        behaviors: [Int: AttestationNetwork.Behavior] = [:]
    ) throws -> (AttestationNetwork, CommittedSquare) {
        let square = try AttestationMachineTests.square(width)
        let network = try AttestationNetwork(
            square: square, members: members, proposer: proposer, behaviors: behaviors, rule: rule)
        #expect(network.subject.profile == .custody)
        return (network, square)
    }

    /// In peace the first gate opens one hop after the proposal, the second two hops after the quorum.
    ///
    /// Each member holds its custody and no more.
    @Test(arguments: [7, 10, 16])
    func inPeace(members: Int) throws {
        var (network, square) = try Self.network(members: members)
        let began = network.now
        let hop = AttestationNetwork.hopMilliseconds
        network.propose(square.square)
        network.run(milliseconds: 100)
        #expect(network.certified[1...].allSatisfy { $0 == nil }, "nothing before the quorum")
        let quorum = network.now
        network.notarize()
        network.run(milliseconds: 2_000)
        for member in 1..<members {
            #expect(network.rowsHeld[member] == began.advanced(byMilliseconds: hop))
            #expect(network.certified[member] == quorum.advanced(byMilliseconds: 2 * hop))
            let duty = CustodyDuty(
                of: member, by: network.subject.custody, roots: square.header)
            let held = network.machines[member].lines(of: network.subject.block).map(\.line)
            #expect(held == duty.lines)
            let custody = try #require(network.custody[member])
            #expect(CertifiedAvailable(network.header, custody: custody) != nil)
            var other = network.header
            other.height = Height(8)
            #expect(CertifiedAvailable(other, custody: custody) == nil)
        }
        #expect(network.penalties.isEmpty)
        // Rows and columns to two holders each: 8 blocks at most.
        #expect(network.sentBytes[0] == 8 * 16 * 16 * Share.sizeBytes)
    }

    /// Up to a third of silent or lying members keep nobody from certifying, and only liars are
    /// blamed.
    @Test(arguments: [AttestationNetwork.Behavior.silent, .lying], [(7, 2), (13, 4)])
    func aThirdIsBad(behavior: AttestationNetwork.Behavior, sizes: (Int, Int)) throws {
        let bad = Set(1...sizes.1)
        var (network, square) = try Self.network(
            members: sizes.0,
            behaviors: Dictionary(uniqueKeysWithValues: bad.map { ($0, behavior) }))
        network.propose(square.square)
        network.run(milliseconds: 50)
        network.notarize()
        network.run(milliseconds: 5_000)
        for member in 0..<sizes.0 where !bad.contains(member) {
            #expect(network.certified[member] != nil, "member \(member)")
        }
        #expect(network.penalties.allSatisfy { bad.contains($0.of) })
        if case .lying = behavior { #expect(!network.penalties.isEmpty) }
    }

    /// Without its cells a member does not certify, though it has all its lines: here everybody but
    /// the proposer keeps silent about cells, and the proposer is not asked.
    @Test func cellsAreNeeded() throws {
        var (network, square) = try Self.network(members: 7)
        network.propose(square.square)
        network.run(milliseconds: 100)
        for member in 2..<7 { network.behaviors[member] = .silent }
        network.notarize()
        network.run(milliseconds: 3_000)
        let duty = CustodyDuty(of: 1, by: network.subject.custody, roots: square.header)
        #expect(
            network.machines[1].lines(of: network.subject.block).map(\.line) == duty.lines)
        #expect(network.certified[1] == nil)
        network.behaviors[2] = .honest
        network.run(milliseconds: 3_000)
        // Member 2 holds rows or columns of most cells; what nobody else holds stays missing.
        for member in 3..<7 { network.behaviors[member] = .honest }
        network.run(milliseconds: 3_000)
        #expect(network.certified[1] != nil)
    }

    /// A column that its first holders do not get keeps the notarize gate shut at both.
    @Test func aColumnIsKeptBack() throws {
        var (network, square) = try Self.network(members: 7)
        network.withheld = [AxisLine(.column, 20)]
        network.propose(square.square)
        network.run(milliseconds: 200)
        let holders = network.subject.custody.recipients(of: .column, 20, proposer: 0)
        for member in 1..<7 {
            #expect((network.rowsHeld[member] == nil) == holders.contains(member))
        }
    }

    /// A cell that is wrong under both of its roots stops whoever holds its row or its column.
    @Test func oneWrongCell() throws {
        let right = try AttestationMachineTests.square(16)
        let wrong = try Encodings.withWrongCell(right, Coordinate(row: 30, column: 21))
        var network = try AttestationNetwork(square: wrong, members: 16, rule: Self.rule)
        network.propose(wrong.square)
        network.run(milliseconds: 100)
        network.notarize()
        network.run(milliseconds: 4_000)
        let custody = network.subject.custody
        for member in 1..<16 {
            let isStopped =
                custody.holders(of: .row, 30).contains(UInt16(member))
                || custody.holders(of: .column, 21).contains(UInt16(member))
            #expect((network.certified[member] == nil) == isStopped, "member \(member)")
        }
        #expect(network.penalties.allSatisfy { $0.of == 0 })
    }

    /// Cells are answered up to a limit, then they cost; in a square that all rebuild they are not
    /// asked for.
    @Test func endlessCells() throws {
        var (network, square) = try Self.network(members: 7)
        network.propose(square.square)
        network.run(milliseconds: 100)
        let row = try #require(network.subject.custody.lines(of: .row, heldBy: 1).first)
        let question = RowMessage.cellQuestion(
            block: network.subject.block, (0..<16).map { Coordinate(row: row, column: $0) })
        let rounds = AttestationMachine.answeredCellsMax / RowMessage.cellsMax
        for round in 1...rounds + 1 {
            network.give(.received(question, from: 2), to: 1)
            #expect(network.penalties.count == (round > rounds ? 1 : 0))
        }
        let whole = try AttestationNetwork(square: square, members: 7)
        #expect(whole.subject.profile == .whole)
    }

    /// Lines that a member does not have to hold take none of its memory.
    @Test func foreignLines() throws {
        var (network, square) = try Self.network(members: 16)
        network.propose(square.square)
        network.run(milliseconds: 100)
        let before = network.machines[1].heldBytes
        let all = VerifiedHalfLine.all(of: square.square).map(\.half)
        network.give(.received(.push(block: network.subject.block, all), from: 2), to: 1)
        let duty = CustodyDuty(of: 1, by: network.subject.custody, roots: square.header)
        #expect(network.machines[1].heldBytes <= duty.lines.count * 16 * Share.sizeBytes)
        #expect(before == network.machines[1].heldBytes)
    }
}

/// Squares that are not what they should be.
enum Encodings {
    /// The square with one cell changed, and the roots that follow.
    static func withWrongCell(
        _ square: CommittedSquare, _ place: Coordinate
    ) throws -> CommittedSquare {
        var bytes = square.square.bytes
        let index = place.row * square.square.width + place.column
        bytes[(index + 1) * Share.sizeBytes - 1] ^= 1
        return CommittedSquare(try ExtendedDataSquare(width: square.square.width, bytes: bytes))
    }

    /// The square whose last row is another codeword: every row holds, no column does.
    static func withWrongParityRow(_ square: CommittedSquare) throws -> CommittedSquare {
        let width = square.square.width
        var bytes = square.square.bytes
        let start = (width - 1) * width * Share.sizeBytes
        bytes.replaceSubrange(
            start..<start + width * Share.sizeBytes,
            with: bytes[(width - 2) * width * Share.sizeBytes..<start])
        return CommittedSquare(try ExtendedDataSquare(width: width, bytes: bytes))
    }
}
