// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Ledger
import Peering
import Roles
import Simulation
import Staking
import Testing

/// What is looked up at others: every answer that is not the ledger's own is refused.
@Suite struct ProvenLookupTests {
    static func ledger() throws -> LedgerState {
        let genesis = try Scenario(seed: 1, storageCount: 60, lightCount: 0).genesis
        return try LedgerState(genesis)
    }

    static let lookups: [LedgerLookup] = [
        .entry([0x61]), .entry([0x10, 1]), .entries(prefix: [0x60]), .entry([0x60, 9]),
    ]

    /// All answers of an honest holder, in their order.
    static func answers(_ ledger: LedgerState) throws -> [StateResponse] {
        var lookup = ProvenLookup(lookups, height: 5, appHash: ledger.hash.array)
        var answers: [StateResponse] = []
        while !lookup.isComplete {
            let question = try StateQuestion(protobuf: lookup.question.protobuf)
            let answer = ledger.answer(question, newest: 5)
            answers.append(answer)
            try lookup.take(try StateResponse(protobuf: answer.protobuf))
        }
        #expect(lookup.excerpt == ledger.excerpt(of: lookups))
        return answers
    }

    /// Keys, absences and a listing of two parts come together as the ledger has them.
    @Test func honestAnswersAreTaken() throws {
        let ledger = try Self.ledger()
        let answers = try Self.answers(ledger)
        #expect(answers.map(\.proofs.count) == [2, 0, 1])
        #expect(answers.map(\.listed.count) == [0, 60, 0])
    }

    /// Any byte changed, any proof left out of its order, and answers to other questions are refused.
    @Test func liesAreRefused() throws {
        let ledger = try Self.ledger()
        var lookup = ProvenLookup(Self.lookups, height: 5, appHash: ledger.hash.array)
        for honest in try Self.answers(ledger) {
            for (which, proof) in (honest.proofs + honest.listed).enumerated() {
                for place in stride(from: 0, to: proof.count, by: 1 + proof.count / 40) {
                    var lie = (honest.proofs + honest.listed)
                    lie[which][place] ^= 0x10
                    Self.expectRefused(
                        StateResponse(
                            newest: 5, isKept: true,
                            proofs: Array(lie.prefix(honest.proofs.count)),
                            listed: Array(lie.dropFirst(honest.proofs.count)),
                            hasMore: honest.hasMore), lookup)
                }
            }
            Self.expectRefused(
                StateResponse(
                    newest: 5, isKept: true, proofs: honest.proofs.dropLast(),
                    listed: honest.listed.reversed(),
                    hasMore: honest.listed.isEmpty), lookup)
            try lookup.take(honest)
        }
    }

    private static func expectRefused(_ response: StateResponse, _ lookup: ProvenLookup) {
        var copy = lookup
        #expect(throws: DecodeFault.self) { try copy.take(response) }
    }
}
