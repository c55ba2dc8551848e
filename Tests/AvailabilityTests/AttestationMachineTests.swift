// SPDX-License-Identifier: Apache-2.0

import Availability
import Bytes
import Chain
import Cryptography
import DataSquare
import Machinery
import Testing

/// The two gates: who gets a block's data from whom, and when a member may vouch for it.
@Suite struct AttestationMachineTests {
    /// A square of width k with shares of rising namespaces.
    static func square(_ width: Int) throws -> CommittedSquare {
        var bytes: [UInt8] = []
        for index in 0..<width * width {
            var share = [UInt8](repeating: 0, count: 27)
            share.append(bigEndian: UInt16(0x1000 + index))
            share.append(1)
            while share.count < Share.sizeBytes {
                share +=
                    SHA256.hash([UInt8(width), UInt8(index % 256), UInt8(share.count % 256)])
                    .array
            }
            bytes += share.prefix(Share.sizeBytes)
        }
        return CommittedSquare(
            ExtendedDataSquare(extending: try OriginalDataSquare(width: width, bytes: bytes)))
    }

    /// In peace the notarize gate opens one hop after the proposal and the commit gate two hops
    /// after it, before anybody asks for anything; each row leaves the proposer twice.
    @Test(arguments: [1, 4, 7, 13])
    func twoHops(members: Int) throws {
        let square = try Self.square(8)
        var network = try AttestationNetwork(square: square, members: members)
        let began = network.now
        network.propose(square.square)
        network.run(milliseconds: 100)
        let hop = AttestationNetwork.hopMilliseconds
        for member in 1..<max(members, 1) {
            #expect(network.rowsHeld[member] == began.advanced(byMilliseconds: hop))
            // Whoever is owed half of the rows, as in small committees, has enough at once.
            let owed = network.subject.custody.lines(of: .row, owedTo: member, by: 0)
            let hops: UInt64 = owed.count >= 8 ? 1 : 2
            #expect(network.certified[member] == began.advanced(byMilliseconds: hops * hop))
        }
        #expect(network.certified[0] == began)
        #expect(network.penalties.isEmpty)
        // 2k rows of k shares, to two holders each; rows that the proposer holds itself stay.
        let block = 8 * 8 * Share.sizeBytes
        #expect(network.sentBytes[0] <= 4 * block)
        if members > 2 { #expect(network.sentBytes[0] == 4 * block) }
    }

    /// A proposer that keeps one row back opens no gate at its holders after one hop; they get the
    /// square from the others, and with it what they are owed.
    @Test func aRowIsKeptBack() throws {
        let square = try Self.square(8)
        var network = try AttestationNetwork(square: square, members: 7)
        network.withheld = [AxisLine(.row, 3)]
        network.propose(square.square)
        network.run(milliseconds: AttestationNetwork.hopMilliseconds)
        let holders = Set(
            network.subject.custody.recipients(of: .row, 3, proposer: 0))
        for member in 1..<7 {
            #expect((network.rowsHeld[member] == nil) == holders.contains(member))
        }
        network.run(milliseconds: 100)
        for member in holders {
            #expect(network.rowsHeld[member] == network.certified[member])
        }
        network.notarize()
        network.run(milliseconds: 2_000)
        #expect(network.certified.allSatisfy { $0 != nil })
    }

    /// A proposer that keeps more than half of the rows to itself opens no gate at their holders.
    @Test func halfIsKeptBack() throws {
        let square = try Self.square(8)
        var network = try AttestationNetwork(square: square, members: 7)
        network.withheld = Set((0..<9).map { AxisLine(.row, $0) })
        network.propose(square.square)
        network.run(milliseconds: 100)
        for member in 1..<7 {
            let owed = network.subject.custody.lines(of: .row, owedTo: member, by: 0)
            let isOwed = owed.contains { network.withheld.contains(AxisLine(.row, $0)) }
            #expect((network.rowsHeld[member] == nil) == isOwed)
            #expect(network.certified[member] == nil)
        }
    }

    /// Rows of everybody that come before the proposer's own do not keep a gate shut.
    @Test func theProposerIsLast() throws {
        let square = try Self.square(8)
        let rows = VerifiedHalfLine.rows(of: square.square)
        var network = try AttestationNetwork(square: square, members: 7)
        let subject = network.subject
        network.give(.proposed(subject, own: nil), to: 1)
        let owed = Set(subject.custody.lines(of: .row, owedTo: 1, by: 0))
        let others = rows.filter { !owed.contains($0.index) }.prefix(8)
            .map(\.half)
        #expect(others.count == 8)
        network.give(.received(.push(block: subject.block, others), from: 2), to: 1)
        #expect(network.certified[1] == network.now)
        #expect(network.rowsHeld[1] == network.now)
    }

    /// What others pass on leaves the proposer first: data rows, then parity, each to one member.
    @Test func passedOnRowsGoFirst() throws {
        let square = try Self.square(8)
        let network = try AttestationNetwork(square: square, members: 7)
        let subject = network.subject
        var machine = AttestationMachine(place: 0)
        var effects: [AttestationMachine.Effect] = []
        machine.handle(
            .proposed(subject, own: VerifiedHalfLine.rows(of: square.square)), at: network.now,
            into: &effects)
        var classes: [Int] = []
        for case .send(.push(_, let lines), let members) in effects {
            #expect(members.count == 1)
            for row in lines.map(\.line) {
                let recipients = subject.custody.recipients(of: .row, row.index, proposer: 0)
                let rank = try #require(recipients.firstIndex(of: members[0]))
                classes.append(rank > 0 ? 2 : row.index < 8 ? 0 : 1)
            }
        }
        #expect(classes == classes.sorted())
        #expect(classes.count == 32)
        #expect(RowMessage.linesPassedOn(originalWidth: 512) == 1)
        #expect(RowMessage.linesPassedOn(originalWidth: 8) == 16)
    }

    /// Up to a third of silent or lying members keep nobody from the square; liars are found out and
    /// nobody else is blamed.
    @Test(arguments: [AttestationNetwork.Behavior.silent, .lying], [(4, 1), (7, 2), (13, 4)])
    func aThirdIsBad(behavior: AttestationNetwork.Behavior, sizes: (Int, Int)) throws {
        let square = try Self.square(8)
        let bad = Set(1...sizes.1)
        var network = try AttestationNetwork(
            square: square, members: sizes.0,
            behaviors: Dictionary(uniqueKeysWithValues: bad.map { ($0, behavior) }))
        network.propose(square.square)
        network.run(milliseconds: 50)
        network.notarize()
        network.run(milliseconds: 3_000)
        for member in 0..<sizes.0 where !bad.contains(member) {
            #expect(network.certified[member] != nil, "member \(member)")
        }
        #expect(network.penalties.allSatisfy { bad.contains($0.of) })
        // Four members have the square before the first lie comes.
        if case .lying = behavior, sizes.0 > 4 { #expect(!network.penalties.isEmpty) }
    }

    /// Whoever missed the proposal's rows altogether fetches the square from the others.
    @Test func aLateMember() throws {
        let square = try Self.square(4)
        var network = try AttestationNetwork(
            square: square, members: 4, behaviors: [3: .silent])
        network.propose(square.square)
        network.run(milliseconds: 100)
        network.behaviors[3] = .honest
        network.give(.proposed(network.subject, own: nil), to: 3)
        #expect(network.rowsHeld[3] == nil)
        network.notarize()
        network.run(milliseconds: 2_000)
        #expect(network.certified[3] != nil)
    }

    /// Rows that hold one by one but are no extension of each other are refused by everybody.
    @Test func wrongParity() throws {
        let square = try Self.square(4)
        let width = square.square.width
        var bytes = square.square.bytes
        // The last row is replaced by another codeword: each row is right, the columns are not.
        let start = (width - 1) * width * Share.sizeBytes
        bytes.replaceSubrange(
            start..<start + width * Share.sizeBytes,
            with: bytes[(width - 2) * width * Share.sizeBytes..<start])
        let wrong = CommittedSquare(try ExtendedDataSquare(width: width, bytes: bytes))
        var network = try AttestationNetwork(square: wrong, members: 4)
        network.propose(wrong.square)
        network.run(milliseconds: 100)
        network.notarize()
        network.run(milliseconds: 1_000)
        #expect(network.refused == [1, 2, 3])
        #expect(network.certified[1...].allSatisfy { $0 == nil })
        #expect(network.penalties.isEmpty)
    }

    /// Rows that come before their proposal are kept within a limit, and nobody's flood costs
    /// another's rows.
    @Test func earlyRows() throws {
        let square = try Self.square(4)
        let rows = VerifiedHalfLine.rows(of: square.square)
        var network = try AttestationNetwork(square: square, members: 4)
        let subject = network.subject
        let owed = Set(subject.custody.lines(of: .row, owedTo: 1, by: 0))
        let honest = rows.filter { owed.contains($0.index) }
            .map(\.half)
        network.give(.received(.push(block: subject.block, honest), from: 0), to: 1)
        let flood = HalfLine(AxisLine(.row, 0), bytes: [UInt8](repeating: 1, count: 8 << 20))
        for number in 0..<20 {
            let block = SHA256.hash([UInt8(number)])
            network.give(.received(.push(block: block, [flood]), from: 2), to: 1)
            #expect(network.machines[1].heldBytes <= AttestationMachine.earlyBytesMax)
        }
        network.give(.proposed(subject, own: nil), to: 1)
        #expect(network.rowsHeld[1] == network.now)
    }

    /// Rows of a wrong size or outside of the square cost their sender before they cost work.
    @Test func impossibleRows() throws {
        let square = try Self.square(4)
        let rows = VerifiedHalfLine.rows(of: square.square)
        for row in [
            HalfLine(AxisLine(.row, 8), bytes: rows[0].bytes),
            HalfLine(AxisLine(.row, 0), bytes: Array(rows[0].bytes.dropLast())),
            HalfLine(AxisLine(.row, 0), bytes: rows[0].bytes + rows[0].bytes),
        ] {
            var network = try AttestationNetwork(square: square, members: 4)
            network.give(.proposed(network.subject, own: nil), to: 1)
            network.give(.received(.push(block: network.subject.block, [row]), from: 2), to: 1)
            #expect(network.penalties.map(\.of) == [2])
        }
    }

    /// Questions are answered for at most two squares a member, then they cost.
    @Test func endlessQuestions() throws {
        let square = try Self.square(4)
        var network = try AttestationNetwork(square: square, members: 4)
        network.propose(square.square)
        network.run(milliseconds: 100)
        let question = RowMessage.question(
            block: network.subject.block, (0..<8).map { AxisLine(.row, $0) })
        for round in 1...3 {
            network.give(.received(question, from: 2), to: 0)
            #expect(network.penalties.count == (round > 2 ? 1 : 0))
        }
    }

    /// Blocks that are settled are forgotten, and no more than so many are gathered for at once.
    @Test func memoryIsBounded() throws {
        let square = try Self.square(1)
        let network = try AttestationNetwork(square: square, members: 4)
        var machine = AttestationMachine(place: 1)
        var effects: [AttestationMachine.Effect] = []
        for number in 1...40 {
            let subject = AttestationSubject(
                block: SHA256.hash([UInt8(number)]), height: UInt64(number),
                roots: square.header, custody: network.subject.custody, memberCount: 4,
                proposer: 0)
            machine.handle(
                .proposed(subject, own: VerifiedHalfLine.rows(of: square.square)), at: network.now,
                into: &effects)
            #expect(
                machine.heldBytes <= AttestationMachine.blocksMax * 2 * Share.sizeBytes)
        }
        machine.handle(.settled(upTo: 40), at: network.now, into: &effects)
        #expect(machine.heldBytes == 0)
    }
}
