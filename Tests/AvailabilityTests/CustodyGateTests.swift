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

    /// Rows of one square and columns of another: each piece holds, and everybody refuses the block
    /// for good, since they do not agree where they cross.
    @Test func rowsAndColumnsOfTwoSquares() throws {
        let square = try AttestationMachineTests.square(16)
        let other = try Encodings.withOtherData(square)
        let roots = try DataAvailabilityHeader(
            rowRoots: square.header.rowRoots, columnRoots: other.header.columnRoots)
        var network = try AttestationNetwork(
            square: square, roots: roots, members: 7, rule: Self.rule)
        let columns = VerifiedHalfLine.all(of: other.square).filter { $0.line.axis == .column }
        let own = VerifiedHalfLine.rows(of: square.square) + columns
        network.give(.proposed(network.subject, own: own), to: 0)
        for member in 1..<7 {
            network.send(.proposed(network.subject, own: nil), to: member, hops: 1)
        }
        network.run(milliseconds: 100)
        network.notarize()
        network.run(milliseconds: 2_000)
        #expect(network.refused == Set(1..<7))
        #expect(network.certified[1...].allSatisfy { $0 == nil })
        #expect(network.penalties.isEmpty)
    }

    /// Nothing but everything that is due makes a witness, whoever puts it together.
    @Test func witnessesCannotBeForged() throws {
        let (network, square) = try Self.network(members: 7)
        let member = network.committee.validators[2].address
        let entropy = SHA256.hash([42])
        let duty = CustodyDuty(of: 2, by: network.subject.custody, roots: square.header)
        let lines = duty.lines.map { HalfLine($0, of: square.square) }
        let cells = CustodyDuty.cells(entropy: entropy, width: 32).map {
            square.sample(at: $0).container
        }
        func fault(
            header: BlockHeader? = nil, member other: Bytes20? = nil,
            rule: AvailabilityRule = Self.rule, replicas: Int = CustodyAssignment.replicas,
            lines given: [HalfLine]? = nil, cells shown: [UnverifiedSample]? = nil,
            entropy drawn: Bytes32? = nil
        ) -> CustodyFault? {
            do throws(CustodyFault) {
                _ = try CheckedCustody(
                    of: header ?? network.header, roots: square.header,
                    committee: network.committee, member: other ?? member, rule: rule,
                    replicas: replicas, lines: given ?? lines, cells: shown ?? cells,
                    entropy: drawn ?? entropy)
                return nil
            } catch {
                return error
            }
        }
        #expect(fault() == nil)
        for index in lines.indices {
            var fewer = lines
            fewer.remove(at: index)
            #expect(fault(lines: fewer) == .missing(lines[index].line))
        }
        var wrong = lines
        var bytes = lines[0].bytes
        bytes[40] ^= 1
        wrong[0] = HalfLine(lines[0].line, bytes: bytes)
        let mismatch = VerificationFault.rootMismatch(.row, index: lines[0].line.index)
        #expect(fault(lines: wrong) == .line(lines[0].line, mismatch))
        #expect(fault(cells: Array(cells.dropLast())) == .cellCount(expected: 16, actual: 15))
        #expect(fault(cells: Array(cells.reversed()))?.isVerdict == false)
        #expect(fault(entropy: SHA256.hash([43]))?.isVerdict == false)
        #expect(fault(rule: .everySquare) == .wholeSquare)
        #expect(fault(replicas: 2) == .otherBlock)
        #expect(fault(member: Bytes20()) == .notAMember)
        var header = network.header
        header.dataHash = SHA256.hash([1])
        #expect(fault(header: header) == .otherBlock)
        // The assignment follows from the header: with another parent other lines are due.
        header = network.header
        header.lastBlockID = BlockID(
            hash: SHA256.hash([9]), partSetTotal: 1, partSetHash: SHA256.hash([9]))
        if case .missing = fault(header: header) {
        } else {
            Issue.record("custody of another block")
        }
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

    /// The square whose data differ in one share, extended as it should be.
    static func withOtherData(_ square: CommittedSquare) throws -> CommittedSquare {
        let original = square.square.originalSquare
        var bytes = original.bytes
        bytes[(3 * original.width + 4) * Share.sizeBytes - 1] ^= 1
        return CommittedSquare(
            ExtendedDataSquare(
                extending: try OriginalDataSquare(width: original.width, bytes: bytes)))
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
