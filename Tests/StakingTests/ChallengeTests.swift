// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import DataSquare
import Staking
import Testing

/// Audits and challenges on a real square.
@Suite struct ChallengeTests {
    /// A square of two by two shares, its committed form and its roots' proofs.
    struct Square {
        let header: DataAvailabilityHeader
        let prover: SquareProver

        init() throws {
            let namespace = [UInt8](repeating: 0, count: 19) + Array("stakestake".utf8)
            let share = namespace + [1, 0, 0, 1, 0xde] + [UInt8](repeating: 7, count: 478)
            let square = ExtendedDataSquare(
                extending: try OriginalDataSquare(
                    width: 2, bytes: Array([share, share, share, share].joined())))
            header = square.commit()
            prover = SquareProver(square: square, header: header)
        }

        func cell(_ row: Int, _ column: Int, root: Int? = nil) -> AuditedCell {
            AuditedCell(
                row: header.axisRoots(of: [AxisLine(.row, root ?? row)])[0].container,
                sample: prover.sample(at: Coordinate(row: row, column: column)).container)
        }
    }

    private static func example(_ square: Square, epochBlocks: UInt64 = 5) throws -> StakingExample
    {
        var example = try StakingExample(
            stakes: [UInt64](repeating: 1_000_000_000, count: 10), epochBlocks: epochBlocks)
        example.dataRoot = square.header.dataRoot
        example.width = UInt16(square.header.width)
        return example
    }

    private static func challenge(_ height: UInt64, _ columns: [UInt16] = [0, 3]) -> StakingMessage
    {
        .challenge(
            ChallengeRequest(
                challenger: StakingExample.account(60), height: height, row: 1,
                columns: columns, bond: 1 << 40))
    }

    private static func answer(
        _ number: UInt8, _ cells: [AuditedCell], id: UInt64 = 0
    ) -> StakingMessage {
        .answerChallenge(validator: StakingExample.account(number), id: id, cells: cells)
    }

    /// False answers are refused: another row, column, root, count or order.
    @Test func answersAreVerified() throws {
        let square = try Square()
        var example = try Self.example(square)
        try example.blocks(3)
        try example.open()
        #expect(example.refusal(of: Self.challenge(2)) == nil)
        let right = [square.cell(1, 0), square.cell(1, 3)]
        for wrong in [
            [square.cell(1, 0)], right.reversed(), [square.cell(0, 0), square.cell(0, 3)],
            [square.cell(1, 0, root: 2), square.cell(1, 3)], right + right, [],
        ] {
            #expect(
                example.refusal(of: Self.answer(1, Array(wrong)))
                    == .challenge("not the shares that were asked for"))
        }
        let before = example.state.accounts.balance(of: StakingExample.account(1))
        #expect(example.refusal(of: Self.answer(1, right)) == nil)
        // Ten targets share the first bond.
        #expect(
            example.state.accounts.balance(of: StakingExample.account(1))
                == before + StakingRules.challengeBond / 10)
        #expect(
            example.refusal(of: Self.answer(1, right))
                == .challenge("no answer is asked of this validator"))
        #expect(example.refusal(of: Self.answer(1, right, id: 1)) == .challenge("it is not open"))
        #expect(try example.state.contradictions() == [])
    }

    /// (part of the heights that it votes for in twentieths, coins lost, jailed): the verdicts.
    @Test(arguments: [(20, 10_000_000, true), (18, 10_000_000, true), (17, 0, true), (9, 0, false)])
    func verdictsAreMechanical(_ presence: Int, _ lost: UInt64, _ isJailed: Bool) throws {
        let square = try Square()
        var example = try Self.example(square, epochBlocks: 20)
        try example.blocks(3)
        try example.open()
        #expect(example.refusal(of: Self.challenge(2)) == nil)
        for number in 2...10 as ClosedRange<UInt8> {
            let cells = [square.cell(1, 0), square.cell(1, 3)]
            #expect(example.refusal(of: Self.answer(number, cells)) == nil)
        }
        try example.close()
        while try example.state.clock().epoch <= StakingRules.challengeEpochs {
            // Votes for the height that has just been made are in the next block.
            let height = try example.state.clock().height
            example.absent = Int(height % 20) < presence ? [] : [StakingExample.account(1)]
            try example.block()
        }
        #expect(try example.state.totals().challengesOpen == 0)
        #expect(try example.validator(1).tokens == 1_000_000_000 - lost)
        #expect(try example.validator(1).isJailed == isJailed)
        #expect(try example.validator(2).tokens == 1_000_000_000)
        #expect(try example.state.contradictions() == [])
    }

    /// Withholding again costs more; one epoch's challenges cost once.
    @Test func habitsAreDearer() throws {
        let square = try Square()
        var example = try Self.example(square)
        try example.blocks(3)
        let before = example.state.accounts.balance(of: StakingExample.account(60))
        var expected: [UInt64] = []
        for (round, part): (Int, UInt64) in [(0, 100), (1, 200), (2, 500), (3, 1000), (4, 1000)] {
            try example.open()
            let height = try example.state.clock().height - 1
            for _ in 0..<2 { #expect(example.refusal(of: Self.challenge(height)) == nil) }
            try example.close()
            let tokens = try example.validator(1).tokens
            try example.epochs(StakingRules.challengeEpochs + 1)
            let now = try example.validator(1).tokens
            let cut = (tokens * part + 9999) / 10_000
            #expect(tokens - now == cut, "round \(round)")
            expected.append(cut)
            example.pace = StakingRules.withholdingJail
            try example.block()
            example.pace = 1000
            for number in 1...10 as ClosedRange<UInt8> {
                let back = StakingMessage.unjail(validator: StakingExample.account(number))
                #expect(example.refusal(of: back) == nil)
            }
            try example.epochs(4)
        }
        // The bonds came back, and a twentieth of what ten validators lost.
        let earned = expected.reduce(0) { $0 + 10 * $1 / 20 }
        let after = example.state.accounts.balance(of: StakingExample.account(60))
        #expect(after >= before + earned - 10 && after <= before + earned + 10)
        #expect(try example.state.contradictions() == [])
    }

    /// The bond doubles with the backlog, which is limited; it goes to the pool when all answer.
    @Test func bondsGrow() throws {
        let square = try Square()
        var example = try Self.example(square)
        try example.blocks(3)
        try example.open()
        for count in 0..<StakingRules.challengesMax {
            #expect(try example.state.challengeBond() == 10_000_000 << (count / 8))
            #expect(example.refusal(of: Self.challenge(2)) == nil)
        }
        #expect(
            example.refusal(of: Self.challenge(2))
                == .challenge("there are as many open as there may be"))
        #expect(try example.state.contradictions() == [])
    }

    /// Challenges of nothing are refused.
    @Test func challengesAreChecked() throws {
        let square = try Square()
        var example = try Self.example(square)
        example.absent = Set((1...10).map { StakingExample.account($0) })
        try example.blocks(3)
        try example.open()
        #expect(
            example.refusal(of: Self.challenge(2))
                == .challenge("nobody who holds the row voted for it"))
        #expect(
            example.refusal(of: Self.challenge(9))
                == .challenge("the block is not within the window"))
        for columns in [[], [3, 0], [1, 1], [4]] as [[UInt16]] {
            #expect(
                example.refusal(of: Self.challenge(2, columns))
                    == .challenge("the square has no such shares, or they do not rise"))
        }
        let low = StakingMessage.challenge(
            ChallengeRequest(
                challenger: StakingExample.account(60), height: 2, row: 1, columns: [0],
                bond: 9_999_999))
        #expect(example.refusal(of: low) == .challenge("the bond is 10000000"))
    }

    /// Who answers its audits keeps its score; who does not loses it, and is jailed in the end.
    @Test func auditsAreScored() throws {
        let square = try Square()
        var example = try Self.example(square)
        try example.epochs(1)
        let name = StakingExample.account(1)
        var epochs = 0
        while try !example.validator(2).isJailed, epochs < 20 {
            try example.open()
            let epoch = try example.state.clock().epoch
            // All but one answer.
            for number in 1...10 as ClosedRange<UInt8> where number != 2 {
                var answers: [AuditAnswer] = []
                for index in 0..<UInt8(StakingRules.auditsPerEpoch) {
                    let operatorAddress = StakingExample.account(number)
                    let task = try #require(
                        try example.state.auditTask(index, of: operatorAddress, example.witness))
                    let wrong = AuditAnswer(
                        index: index, cell: square.cell((task.row + 1) % 4, task.column))
                    #expect(
                        example.refusal(
                            of: .answerAudits(
                                validator: operatorAddress, epoch: epoch, answers: [wrong]))
                            != nil)
                    answers.append(
                        AuditAnswer(index: index, cell: square.cell(task.row, task.column)))
                }
                let message = StakingMessage.answerAudits(
                    validator: StakingExample.account(number), epoch: epoch, answers: answers)
                #expect(example.refusal(of: message) == nil)
                #expect(example.refusal(of: message) == .challenge("there is no such audit"))
            }
            try example.close()
            try example.epochs(1)
            epochs += 1
        }
        #expect(try example.state.duty(of: name).auditScore == .one)
        #expect(
            try example.state.duty(of: StakingExample.account(2)).auditScore
                < Decimal18(basisPoints: 5000))
        // (7/8)^6 is the first below a half; the third such epoch jails.
        #expect(epochs == 8)
        #expect(try example.validator(2).tokens == 1_000_000_000)
    }
}
