// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import Staking
import TestSupport
import Testing

/// Bytes and numbers that another implementation of the chapters reckoned.
@Suite struct VectorTests {
    private static func cases(_ op: String) throws -> [JSONTree] {
        let cases = try Vectors.family("staking").cases.filter { try $0["op"].string == op }
        #expect(!cases.isEmpty, "\(op)")
        return cases
    }

    private static func wide(_ value: JSONTree) throws -> UInt128 {
        try #require(UInt128(try value.string))
    }

    /// Every message is read, is its signer's, and is written back byte for byte.
    @Test func messages() throws {
        let rules = StakingRules()
        var types: Set<String> = []
        for item in try Self.cases("message") {
            let type = try item["type"].string
            let value = try item["value"].hex
            let message = try #require(
                try StakingMessage(typeURL: type, value: value, rules: rules))
            #expect(message.type.rawValue == type)
            #expect(message.signer.array == (try item["signer"].hex))
            #expect(message.protobuf(rules: rules) == value, "\(type)")
            types.insert(type)
        }
        #expect(types.count == StakingMessageType.allCases.count - 2)
    }

    /// Every entity's key and value are taken; a byte more or less is not.
    @Test func entities() throws {
        var kinds: Set<UInt8> = []
        for item in try Self.cases("entity") {
            let key = try item["key"].hex
            let value = try item["value"].hex
            let name = try item["name"].string
            let entry = try StakingEntry(key: key, value: value)
            #expect(entry.value == value)
            kinds.insert(try #require(key.first))
            #expect(throws: DecodeFault.self, "\(name)") {
                try StakingEntry(key: key + [0], value: value)
            }
            #expect(throws: DecodeFault.self, "\(name)") {
                try StakingEntry(key: key, value: value + [0])
            }
            if !value.isEmpty {
                #expect(throws: DecodeFault.self, "\(name)") {
                    try StakingEntry(key: key, value: Array(value.dropLast()))
                }
            }
        }
        #expect(kinds.count == 23)
    }

    /// All entities of a state that has lived are in their one form.
    @Test func livedStatesAreInForm() throws {
        var example = try StakingExample(
            stakes: [UInt64](repeating: 1_000_000_000, count: 5), epochBlocks: 4)
        try example.block([
            .delegate(StakingExample.move(50, 1, 100_000_000)),
            .setWithdrawAddress(
                account: StakingExample.account(50), to: StakingExample.account(51)),
            .reportLoss(validator: StakingExample.account(3), first: 1, last: 1),
        ])
        example.absent = [StakingExample.account(2)]
        try example.block([
            .undelegate(StakingExample.move(50, 1, 1)),
            .redelegate(StakingExample.move(50, 1, 9), destination: StakingExample.account(2)),
            SlashingTests.evidence(4),
            .challenge(
                ChallengeRequest(
                    challenger: StakingExample.account(60), height: 1, row: 0, columns: [0, 3],
                    bond: StakingRules.challengeBond)),
        ])
        try example.epochs(4)
        var kinds: Set<UInt8> = []
        for entry in example.state.store.entries(prefix: []) {
            _ = try StakingEntry(key: entry.key, value: entry.value)
            kinds.insert(entry.key[0])
        }
        #expect(kinds.count == 22)  // all but audits that were answered
    }

    @Test func numbers() throws {
        for item in try Self.cases("halving") {
            let x = Decimal18(raw: try Self.wide(item["x"]))
            #expect(try Issuance.halved(x).raw == (try Self.wide(item["result"])))
        }
        for item in try Self.cases("issuance") {
            let coins = try Issuance.coins(
                supply: try item["supply"].unsigned, staked: try item["staked"].unsigned,
                milliseconds: try item["milliseconds"].unsigned,
                years: try item["years"].unsigned)
            #expect(coins == (try item["coins"].unsigned))
        }
        for item in try Self.cases("prices") {
            var prices = BasePrices(
                floor: Decimal18(raw: try Self.wide(item["floor"])),
                target: try item["target"].unsigned)
            for (used, price) in zip(try item["used"].array, try item["prices"].array) {
                prices.advance(gasUsed: try used.unsigned)
                #expect(prices.current.raw == (try Self.wide(price)))
            }
        }
        for item in try Self.cases("powers") {
            let weights = try item["weights"].array.map { try $0.unsigned }
            let total = weights.reduce(0, +)
            #expect(
                weights.map { CommitteeRecord.power($0, of: total) }
                    == (try item["powers"].array.map { try $0.unsigned }))
        }
    }

    /// What a fault costs when it is a given share of the stake.
    @Test func fractions() throws {
        for item in try Self.cases("fraction") {
            let share = Decimal18(raw: try Self.wide(item["share"]))
            var example = try StakingExample(stakes: [1_000_000])
            example.state.save(
                FaultRecord(
                    height: 1, share: share, isHalved: false, taken: .zero, isDone: false,
                    reporter: Bytes20(), evidence: Bytes32(), time: 0),
                StakingKey.fault(5, StakingExample.account(1), 1))
            let fraction = try example.state.correlated(around: 3)
            #expect(fraction.raw == (try Self.wide(item["fraction"])))
            #expect(
                try example.state.price(fraction, isHalved: true).raw
                    == (try Self.wide(item["halved"])))
        }
    }

    @Test func auditDraws() throws {
        for item in try Self.cases("audit_draw") {
            let example = try StakingExample(stakes: [1_000_000])
            var clock = try example.state.clock()
            clock.seed = try #require(Bytes32(try item["seed"].hex))
            let draw = example.state.draw(
                UInt8(try item["audit"].integer), UInt8(try item["attempt"].integer),
                of: try #require(Bytes20(try item["operator"].hex)), clock)
            #expect(draw.0 == (try item["first"].unsigned))
            #expect(draw.1 == (try item["second"].unsigned))
        }
    }
}
