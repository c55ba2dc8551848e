// SPDX-License-Identifier: Apache-2.0

import Bytes
import Foundation
import Staking
import Testing

/// Random sequences of everything that staking does; no unit may appear, vanish or be promised twice.
@Suite struct ConservationTests {
    /// How many sequences; `QUADRAT_STAKING_SEQUENCES` asks for more.
    static var sequences: UInt64 {
        ProcessInfo.processInfo.environment["QUADRAT_STAKING_SEQUENCES"].flatMap { UInt64($0) }
            ?? 60
    }
    static let operations = 40

    /// After every operation: all coins are somewhere, and nothing is promised twice.
    ///
    /// A message that is refused has changed nothing.
    @Test func everyCoinIsSomewhere() throws {
        var counts: [String: Int] = [:]
        for seed in 0..<Self.sequences {
            var numbers = SeededNumbers(seed)
            var example = try StakingExample(
                stakes: (0..<3 + numbers.below(4)).map { _ in
                    StakingExample.million * (1 + numbers.below(1000))
                }, epochBlocks: 1 + numbers.below(3), balance: 10_000_000_000)
            example.pace = 1000 + numbers.below(200_000)
            let genesis = try example.state.genesisSupply
            try example.open()
            for step in 0..<Self.operations {
                let kind = try Self.operate(&example, &numbers, &counts)
                let found = try example.state.contradictions()
                #expect(found == [], "seed \(seed), step \(step), \(kind)")
                #expect(try example.state.genesisSupply == genesis, "seed \(seed), \(kind)")
                if !found.isEmpty { return }
            }
        }
        print("staking: \(Self.sequences) sequences of \(Self.operations):", counts.sorted(by: <))
        for kind in [
            "delegate", "undelegate", "redelegate", "cancel", "evidence", "epoch", "second step",
            "freed", "moved", "create", "rotate", "challenge", "withdraw", "commission",
        ] {
            #expect(counts[kind, default: 0] > 0, "\(kind) never had effect")
        }
    }

    /// One operation; what it was.
    private static func operate(
        _ example: inout StakingExample, _ numbers: inout SeededNumbers,
        _ counts: inout [String: Int]
    ) throws -> String {
        let draw = numbers.below(20)
        if draw < 5 {
            example.absent = []
            for number in 1...6 as ClosedRange<UInt8> where numbers.below(4) == 0 {
                example.absent.insert(StakingExample.account(number))
            }
            try advance(&example, &numbers, &counts)
            return "block"
        }
        if draw == 5 {
            let fee = numbers.below(1_000_000)
            let payer = StakingExample.account(UInt8(1 + numbers.below(20)))
            guard example.state.accounts.balance(of: payer) >= fee else { return "no fee" }
            example.state.accounts.debit(fee, from: payer)
            try example.state.collect(fee: fee)
            return "fee"
        }
        let (kind, message) = try message(example, &numbers)
        let before = (example.state.store, example.state.accounts)
        if let refusal = example.refusal(of: message) {
            #expect(example.state.store == before.0, "\(kind): \(refusal)")
            #expect(example.state.accounts == before.1, "\(kind): \(refusal)")
            if case .state = refusal { Issue.record("\(kind): \(refusal)") }
        } else {
            counts[kind, default: 0] += 1
        }
        return kind
    }

    /// A block, or as many as take some epochs; now and then days pass.
    private static func advance(
        _ example: inout StakingExample, _ numbers: inout SeededNumbers,
        _ counts: inout [String: Int]
    ) throws {
        let outcomes = example.outcomes.count
        let steps = example.state.store.entries(prefix: StakingKey.secondSteps).count
        let due = example.state.store.entries(prefix: StakingKey.unbondingQueue).count
        let moved = example.state.store.entries(prefix: StakingKey.redelegationQueue).count
        for _ in 0..<(numbers.below(4) == 0 ? 1 + numbers.below(20) : 1) {
            try example.close()
            let pace = example.pace
            if numbers.below(30) == 0 { example.pace = numbers.below(15 * 24 * 3_600_000) }
            try example.open()
            example.pace = pace
        }
        func count(_ kind: String, _ number: Int) {
            if number > 0 { counts[kind, default: 0] += number }
        }
        count("epoch", example.outcomes.count - outcomes)
        let store = example.state.store
        count("second step", steps - store.entries(prefix: StakingKey.secondSteps).count)
        count("freed", due - store.entries(prefix: StakingKey.unbondingQueue).count)
        count("moved", moved - store.entries(prefix: StakingKey.redelegationQueue).count)
    }

    private static func message(
        _ example: StakingExample, _ numbers: inout SeededNumbers
    ) throws -> (String, StakingMessage) {
        let delegator = UInt8(1 + numbers.below(12))
        let validator = UInt8(1 + numbers.below(8))
        let scale = [10, 1000, 1_000_000, 1_000_000_000, 100_000_000_000][Int(numbers.below(5))]
        let amount = 1 + numbers.below(UInt64(scale))
        let move = StakingExample.move(delegator, validator, amount)
        let clock = try example.state.clock()
        let held = try held(by: example, &numbers)
        switch numbers.below(14) {
        case 0, 1, 2: return ("delegate", .delegate(move))
        case 3, 4: return ("undelegate", .undelegate(held))
        case 5:
            let other = StakingExample.account(UInt8(1 + numbers.below(8)))
            return ("redelegate", .redelegate(held, destination: other))
        case 6:
            let entries = example.state.store.entries(prefix: [0x14])
            guard !entries.isEmpty else { return ("undelegate", .undelegate(held)) }
            let key = entries[Int(numbers.below(UInt64(entries.count)))].key
            let entry = StakeMove(
                delegator: try #require(Bytes20(key[21..<41])),
                validator: try #require(Bytes20(key[1..<21])), amount: amount)
            let height = key[41...].reduce(0) { $0 << 8 | UInt64($1) }
            return ("cancel", .cancelUnbonding(entry, height: height))
        case 7:
            return (
                "withdraw",
                .withdrawReward(delegator: held.delegator, validator: held.validator)
            )
        case 8: return ("commission", .withdrawCommission(validator: move.validator))
        case 9:
            let key = StakingExample.key(validator, UInt8(numbers.below(3)))
            let epoch = clock.epoch - min(clock.epoch, numbers.below(4))
            let kind = EvidenceFinding.Kind.allCases[Int(numbers.below(8))]
            return (
                "evidence",
                .submitEvidence(
                    submitter: move.delegator,
                    evidence: ExampleWitness.evidence(
                        StakingExample.address(ofKey: key), kind, height: clock.height,
                        epoch: epoch))
            )
        case 10: return ("unjail", .unjail(validator: move.validator))
        case 11:
            let key = StakingExample.key(validator, UInt8(1 + numbers.below(2)))
            return ("rotate", .rotateKey(validator: move.validator, key: key))
        case 12:
            return (
                "create",
                .createValidator(
                    StakingExample.newValidator(
                        validator, amount: StakingRules.selfBondMin * (1 + numbers.below(3000))))
            )
        default:
            return (
                "challenge",
                .challenge(
                    ChallengeRequest(
                        challenger: move.delegator,
                        height: clock.height - min(clock.height, 1 + numbers.below(4)),
                        row: UInt16(numbers.below(5)), columns: [0, 2], bond: 1 << 30))
            )
        }
    }

    /// Some of a delegation that there is, or all of it, or a unit more.
    private static func held(
        by example: StakingExample, _ numbers: inout SeededNumbers
    ) throws -> StakeMove {
        let entries = example.state.store.entries(prefix: [0x13])
        guard !entries.isEmpty else { return StakingExample.move(1, 1, 1) }
        let (key, value) = entries[Int(numbers.below(UInt64(entries.count)))]
        let delegation: Delegation = try example.state.read(value)
        let name = try #require(Bytes20(key[1..<21]))
        let validator = try #require(try example.state.validator(name))
        let worth = try validator.worth(of: delegation.shares)
        let amount = [worth, worth + 1, 1, 1 + numbers.below(worth)][Int(numbers.below(4))]
        return StakeMove(
            delegator: try #require(Bytes20(key[21..<41])), validator: name, amount: amount)
    }

    /// Coming and going at once never pays, whatever the rate of shares.
    @Test func roundingNeverFavoursWhoTakes() throws {
        for tokens in 1...14 as ClosedRange<UInt64> {
            for shares in 1...14 as ClosedRange<UInt64> {
                var validator = StakedValidator(
                    operatorAddress: Bytes20(), key: Bytes32(), selfMinimum: 0,
                    rates: StakingExample.rates)
                validator.tokens = tokens
                validator.shares = shares
                for amount in 1...14 as ClosedRange<UInt64> {
                    let bought = try validator.sharesBought(by: amount)
                    var after = validator
                    after.tokens += amount
                    after.shares += bought
                    #expect(try after.worth(of: bought) <= amount)
                    // Nobody else is worth less for it.
                    #expect(after.tokens * shares >= tokens * after.shares)
                    guard amount <= tokens else { continue }
                    let sold = try validator.sharesSold(for: amount)
                    #expect(try validator.worth(of: sold) >= amount)
                    guard sold <= shares else { continue }
                    #expect((tokens - amount) * shares >= tokens * (shares - sold))
                }
            }
        }
    }
}
