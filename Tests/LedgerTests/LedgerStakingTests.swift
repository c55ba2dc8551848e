// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import DataSquare
import Ledger
import Staking
import TestSupport
import Testing

/// Staking as blocks of the ledger do it.
@Suite struct LedgerStakingTests {
    /// What validators have staked at the beginning comes out of their accounts.
    @Test func genesisStakes() throws {
        let ledger = try StakedLedger()
        let totals = try ledger.state.staking(ledger.rules).totals()
        #expect(totals.supply == ledger.genesis.supply && totals.bonded == 705_000_000)
        #expect(ledger.state.supply == totals.supply)
        #expect(ledger.state.balance(of: ledger.signers[0].address) == 600_000_000)
        let (next, after) = try ledger.state.committees(ledger.rules)
        #expect(next == ledger.genesis.validatorSet && after == next)
        #expect(try Genesis.decode(ledger.genesis.encode()) == ledger.genesis)
        #expect(try LedgerState.decode(ledger.state.encode()).hash == ledger.state.hash)
    }

    /// A genesis whose stakes cannot be is refused, by its text or by the ledger.
    @Test func impossibleStakes() throws {
        let good = try StakedLedger().genesis
        func refused(_ change: (inout GenesisStaking) -> Void) throws {
            var genesis = good
            var staking = try #require(genesis.staking)
            change(&staking)
            genesis.staking = staking
            #expect(throws: LedgerFault.self) { try LedgerState(genesis) }
        }
        try refused { $0.validators.removeLast() }
        try refused { $0.validators = [] }
        try refused { $0.epochBlocks = 0 }
        try refused { $0.epochBlocks = 4097 }
        try refused { $0.validators[0].stake -= 1 }
        try refused { $0.validators[0].stake = StakedLedger.balance + 1 }
        try refused { $0.validators[0].operatorAddress = $0.validators[1].operatorAddress }
        try refused { $0.validators[0].operatorAddress = Bytes20(repeating: 77) }
        try refused { $0.validators[0].key = $0.validators[1].key }
        try refused { $0.validators[0].commissionRate = 499 }
        try refused { $0.validators[0].commissionRise = 101 }
        try refused { $0.validators[0].selfMinimum = 0 }
        try refused { $0.validators[0].moniker = String(repeating: "m", count: 71) }
        var genesis = good
        genesis.staking = nil
        #expect(throws: Never.self) { try LedgerState(genesis) }
    }

    /// A delegation takes coins, fees go to those who stake, and a message by another is refused.
    @Test func messagesHaveEffect() throws {
        var ledger = try StakedLedger()
        let results = try ledger.block([
            try ledger.signed([.delegate(ledger.move(5, 0, 7_000_000))], by: 5),
            try ledger.signed([.undelegate(ledger.move(6, 0, 1))], by: 6),
        ])
        #expect(results[0].code == 0)
        #expect(results[1].fault == .staking(.noDelegation) && results[1].code == 19)
        #expect(results[1].fault?.codespace == "staking")
        let delegator = ledger.signers[5].address
        #expect(ledger.state.balance(of: delegator) == StakedLedger.balance - 7_008_000)
        let state = ledger.state.staking(ledger.rules)
        #expect(try state.totals().fees == 16_000 && ledger.state.collectedFees == 0)
        #expect(
            try state.delegation(of: delegator.bytes, to: ledger.signers[0].address.bytes)?.shares
                == 7_000_000)
        #expect(throws: LedgerFault.self) {
            try ledger.block([
                try ledger.signed([.delegate(ledger.move(5, 0, 1))], by: 6)
            ])
        }
    }

    /// Messages of one transaction have effect together or not at all; the fee is paid either way.
    @Test func messagesTogether() throws {
        var ledger = try StakedLedger()
        let before = ledger.state.balance(of: ledger.signers[5].address)
        let results = try ledger.block([
            try ledger.signed(
                [
                    .delegate(ledger.move(5, 0, 100)), .delegate(ledger.move(5, 1, 100)),
                    .undelegate(ledger.move(5, 2, 100)),
                ], by: 5),
            try ledger.signed(
                [.delegate(ledger.move(6, 0, 100)), .undelegate(ledger.move(6, 0, 40))], by: 6),
        ])
        #expect(results.map(\.code) == [19, 0])
        let state = ledger.state.staking(ledger.rules)
        let one = ledger.signers[5].address, two = ledger.signers[6].address
        #expect(ledger.state.balance(of: one) == before - 8000)
        #expect(
            try state.delegation(of: one.bytes, to: ledger.signers[0].address.bytes) == nil)
        #expect(
            try state.delegation(of: two.bytes, to: ledger.signers[0].address.bytes)?.shares == 60)
        #expect(try state.totals().unbonding == 40)
        #expect(ledger.state.supply == (try state.totals().supply))
    }

    /// A delegation that makes another the heaviest moves the committee two epochs later, and each
    /// state names the committee of the next header before that header does.
    @Test func committeesFollowStake() throws {
        var ledger = try StakedLedger()
        let first = ledger.genesis.validatorSet
        _ = try ledger.block([
            try ledger.signed([.delegate(ledger.move(5, 2, 500_000_000))], by: 5)
        ])
        var sets: [ValidatorSet] = []
        var promised = try ledger.state.committees(ledger.rules).afterNext
        for _ in 0..<40 {
            let (next, after) = try ledger.state.committees(ledger.rules)
            #expect(next == promised, "height \(ledger.height + 1)")
            promised = after
            sets.append(next)
            _ = try ledger.block()
        }
        // Heights 2 to 10 are of the epochs that the genesis fixed.
        #expect(sets[..<9].allSatisfy { $0 == first } && sets[9] != first)
        let last = try #require(sets.last)
        #expect(last.validators[0].key == .ed25519(ledger.validatorKeys[2].publicKey))
        #expect(last.validators[0].votingPower >= 500_000_000)
    }

    /// The least fee rises where blocks are full, and an old price holds for eight heights more.
    @Test func pricesRise() throws {
        var ledger = try StakedLedger()
        let blob = try LedgerExample.blob(110_000)
        for height in 1...9 as ClosedRange<UInt64> {
            let paid = try ledger.signers[5].payForBlobs(
                [blob], sequence: height - 1, price: GasPrice(millionths: 1000))
            _ = try ledger.block([paid.encode()])
            let prices = try ledger.state.staking(ledger.rules).prices()
            #expect(prices.recent.count == min(9, Int(height) + 1))
        }
        let prices = try ledger.state.staking(ledger.rules).prices()
        let floor = Decimal18(raw: 1_000_000_000_000_000)
        #expect(prices.required > floor && prices.current > prices.required)
        let low = try ledger.signed(
            [.delegate(ledger.move(5, 0, 1))], by: 5, gasLimit: 100_000, fee: 100)
        let read = try ledger.transition.read(low)
        #expect(throws: LedgerFault.self) {
            try ledger.transition.check(read, on: ledger.state, height: Height(10))
        }
        let fee = try #require(prices.fee(forGas: 100_000))
        #expect(fee > 100)
        let high = try ledger.signed(
            [.delegate(ledger.move(5, 0, 1))], by: 5, gasLimit: 100_000, fee: fee)
        #expect(try ledger.block([high]).map(\.code) == [0])
    }

    /// A pair of contradicting votes, told by anybody, slashes and jails who signed it.
    @Test func evidenceSlashes() throws {
        var ledger = try StakedLedger()
        for _ in 0..<2 { _ = try ledger.block() }
        let place = try #require(
            ledger.genesis.validatorSet.place(
                of: ValidatorKey.ed25519(ledger.validatorKeys[1].publicKey).address))
        let view = try #require(View(2))
        func vote(_ byte: UInt8) -> SignedStatement {
            let block = BlockReference(
                height: Height(2), hash: Bytes32(repeating: byte),
                dataRoot: Bytes32(repeating: byte))
            let statement = Statement.notarize(block, Epoch(0), view)
            let signature = ledger.validatorKeys[1].sign(
                statement.signBytes(chainID: "staked", timestamp: .zero))
            return SignedStatement(
                statement, place: place, timestamp: .zero, signature: signature)
        }
        let address = ValidatorKey.ed25519(ledger.validatorKeys[1].publicKey).address
        let pair = try #require(SlashingEvidence(vote(1), vote(2), by: address))
        let forged = try #require(
            SlashingEvidence(
                vote(1),
                SignedStatement(
                    vote(2).statement, place: place, timestamp: .zero,
                    signature: vote(1).signature), by: address))
        let reporter = ledger.signers[7].address.bytes
        func told(_ evidence: [UInt8], _ sequence: UInt64) throws -> [UInt8] {
            try ledger.signed(
                [.submitEvidence(submitter: reporter, evidence: evidence)], by: 7,
                sequence: sequence)
        }
        let results = try ledger.block([
            try told(forged.protobuf, 0), try told([1, 2, 3], 1), try told(pair.protobuf, 2),
            try told(pair.protobuf, 3),
        ])
        #expect(results.map(\.code) == [2, 2, 0, 2])
        let state = ledger.state.staking(ledger.rules)
        let slashed = try #require(try state.validator(ledger.signers[1].address.bytes))
        #expect(slashed.isJailed && slashed.tokens == 300_000_000 - 1_500_000)
        #expect(try state.totals().burned == 675_000)
        #expect(ledger.state.supply == (try state.totals().supply))
    }

    /// Random blocks of transfers, blobs and messages of staking: no unit appears or vanishes, and a
    /// state that went through bytes goes on alike.
    @Test(arguments: 0..<6 as Range<UInt64>) func everyCoinIsSomewhere(seed: UInt64) throws {
        var ledger = try StakedLedger()
        let genesis = try #require(ledger.genesis.supply)
        var draws = LedgerDraws(seed: seed)
        var counts: [String: Int] = [:]
        var kept: [[UInt8]: [UInt8]] = [:]
        for entry in ledger.state.entries { kept[entry.key] = entry.value }
        for _ in 0..<30 {
            ledger.pace = draws.below(20) == 0 ? 15 * 24 * 3_600_000 : 1000 + draws.below(100_000)
            var copy = ledger
            if draws.below(4) == 0 {
                copy.state = try LedgerState.decode(ledger.state.encode())
            }
            let transactions = try draws.transactions(on: ledger)
            let results = try ledger.block(transactions)
            #expect(try copy.block(transactions) == results)
            #expect(copy.state.hash == ledger.state.hash)
            for entry in ledger.state.changes { kept[entry.key] = entry.value }
            for result in results {
                counts[result.fault.map { "\($0.codespace) \($0.code)" } ?? "0", default: 0] += 1
            }
            let totals = try ledger.state.staking(ledger.rules).totals()
            #expect(ledger.state.supply == totals.supply, "seed \(seed), \(ledger.height)")
            #expect(totals.supply == genesis + totals.issued - totals.burned)
        }
        #expect(counts["0", default: 0] > 40 && counts.count > 2, "\(counts)")
        #expect(try ledger.state.staking(ledger.rules).totals().issued > 0)
        let entries = kept.keys.sorted { $0.lexicographicallyPrecedes($1) }
        #expect(
            ledger.state.entries == entries.map { LedgerEntry(key: $0, value: kept[$0]) })
    }
}

/// Transactions from a seed.
struct LedgerDraws {
    var numbers: [UInt64]
    var next = 0

    init(seed: UInt64) {
        let bytes = DeterministicBytes.make(seed: "staked ledger \(seed)", count: 8 * 8192)
        numbers = stride(from: 0, to: bytes.count, by: 8).map { start in
            bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
    }

    mutating func below(_ bound: UInt64) -> UInt64 {
        next += 1
        return numbers[next % numbers.count] % max(1, bound)
    }

    /// At most one transaction of each account, all of which may be in the next block.
    mutating func transactions(on ledger: StakedLedger) throws -> [[UInt8]] {
        var made: [[UInt8]] = []
        for index in ledger.signers.indices where below(2) == 0 {
            let bytes = try transaction(by: index, on: ledger)
            let read = try ledger.transition.read(bytes)
            // Who has spent all can pay no fee.
            guard (try? ledger.transition.check(read, on: ledger.state, height: Height(1))) != nil
            else { continue }
            made.append(bytes)
        }
        return made
    }

    private mutating func transaction(
        by index: Int, on ledger: StakedLedger
    ) throws -> [UInt8] {
        let signer = ledger.signers[index]
        let validator = Int(below(5))
        let amount = 1 + below([10, 1_000_000, 400_000_000][Int(below(3))])
        let move = ledger.move(index, validator, amount)
        let sequence = try ledger.sequence(index)
        switch below(12) {
        case 0, 1:
            let recipient = AccountAddress(Bytes20(repeating: UInt8(200 + below(20))))
            return signer.send(
                amount, to: below(3) == 0 ? signer.address : recipient, sequence: sequence
            ).encode()
        case 2:
            let blob = try LedgerExample.blob(1 + Int(below(40_000)))
            return try signer.payForBlobs([blob], sequence: sequence).encode()
        case 3, 4, 5: return try ledger.signed([.delegate(move)], by: index)
        case 6: return try ledger.signed([.undelegate(move)], by: index)
        case 7:
            let other = ledger.signers[Int(below(3))].address.bytes
            return try ledger.signed([.redelegate(move, destination: other)], by: index)
        case 8:
            return try ledger.signed(
                [
                    .withdrawReward(delegator: move.delegator, validator: move.validator),
                    .delegate(move),
                ], by: index)
        case 9:
            return try ledger.signed([.withdrawCommission(validator: move.delegator)], by: index)
        case 10:
            return try ledger.signed(
                [.delegate(move), .undelegate(move), .unjail(validator: move.delegator)], by: index)
        default:
            return try ledger.signed(
                [
                    .createValidator(
                        NewValidator(
                            operatorAddress: move.delegator,
                            key: SHA256.hash([UInt8(index), UInt8(below(2))]),
                            description: ValidatorDescription(moniker: "new"),
                            rates: CommissionRates(
                                rate: Decimal18(basisPoints: 1000),
                                maximum: Decimal18(basisPoints: 2000),
                                rise: Decimal18(basisPoints: 100)),
                            selfMinimum: StakingRules.selfBondMin, amount: max(amount, 2_000_000)))
                ], by: index)
        }
    }
}
