// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import Ledger
import Roles
import Simulation
import Staking
import StateTree
import Syncing
import Testing

/// Staking as users do it: by requests to nodes that have no ledger of their own.
@Suite struct StakeStoryTests {
    static func story(seed: UInt64) throws -> Story {
        try Story(seed: seed, storageCount: 2, lightCount: 1) { configuration, _ in
            StakingStoryTests.staked(&configuration)
            configuration.genesis?.staking?.epochBlocks = 4_000
            guard let genesis = configuration.genesis else { return }
            configuration.rules = LedgerRules(genesis)
        }
    }

    static func finding(
        _ story: inout Story, _ node: Int, _ question: LedgerQuestion
    ) throws -> LedgerFinding {
        let answer = try story.ask(node, .ledger(question))
        guard case .success(.ledger(let ledger)) = answer else {
            throw StoryFault("\(question): \(answer)")
        }
        #expect(ledger.provenAt != nil)
        return ledger.finding
    }

    static func stake(_ story: inout Story, _ node: Int, _ wish: StakeWish) throws -> UInt64 {
        let answer = try story.ask(node, .stake(wish, SubmitOptions()))
        guard case .success(.included(let outcome)) = answer else {
            throw StoryFault("\(wish): \(answer)")
        }
        // Until a header commits to it.
        let isProvable = story.run(20_000) {
            Story.head(of: node, in: $0) > outcome.height + 1
        }
        #expect(isProvable)
        return outcome.height
    }

    static func delegation(
        _ story: inout Story, _ node: Int, _ validator: String
    ) throws -> UInt64? {
        let answer = try story.ask(node, .ledger(.delegation(validator: validator)))
        if case .success(.ledger(let ledger)) = answer, case .delegation(let view) = ledger.finding
        {
            return view.worth
        }
        guard case .failure(let fault) = answer, fault.text.contains("no delegation") else {
            throw StoryFault("\(answer)")
        }
        return nil
    }

    /// A storage node and a light node delegate, leave, come back and go elsewhere; whatever they are
    /// told of it was proven to them.
    @Test func delegationsComeAndGo() throws {
        var story = try Self.story(seed: 91)
        let light = story.scenario.light[0]
        let keeper = story.scenario.storage[1]
        guard case .validators(let views) = try Self.finding(&story, light, .validators),
            let only = views.first, views.count == 1
        else { throw StoryFault("one validator") }
        let prefix = "celestiavaloper"
        let validator = AccountAddress(only.validator.operatorAddress).bech32(prefix: prefix)
        #expect(only.validator.tokens == StakingStoryTests.stake)

        #expect(try Self.delegation(&story, light, validator) == nil)
        _ = try Self.stake(&story, light, .delegate(to: validator, amount: 5_000_000))
        #expect(try Self.delegation(&story, light, validator) == 5_000_000)
        // The same again is staked again: no order is taken for the one before.
        _ = try Self.stake(&story, light, .delegate(to: validator, amount: 5_000_000))
        #expect(try Self.delegation(&story, light, validator) == 10_000_000)

        let left = try Self.stake(
            &story, light, .undelegate(from: validator, amount: 4_000_000))
        guard
            case .unbonding(let unbonding) = try Self.finding(
                &story, light, .unbonding(validator: validator))
        else { throw StoryFault("nothing unbonds") }
        #expect(unbonding.entries.map(\.height) == [left])
        #expect(unbonding.entries.map(\.entry.balance) == [4_000_000])
        _ = try Self.stake(
            &story, light, .cancelUnbonding(with: validator, amount: 1_000_000, height: left))
        #expect(try Self.delegation(&story, light, validator) == 7_000_000)

        // A second validator, whose operator is the storage node.
        let (other, message) = try Self.newValidator(&story, keeper)
        _ = try Self.stake(&story, keeper, .messages([message]))
        guard case .validators(let both) = try Self.finding(&story, light, .validators) else {
            throw StoryFault("no validators")
        }
        #expect(both.count == 2 && both.contains { $0.description.fields[0] == "second" })
        _ = try Self.stake(
            &story, light, .redelegate(from: validator, to: other, amount: 2_000_000))
        guard
            case .redelegation(let moved) = try Self.finding(
                &story, light, .redelegations(from: validator, to: other))
        else { throw StoryFault("nothing moved") }
        #expect(moved.redelegation.coins == 2_000_000)
        #expect(try Self.delegation(&story, light, other) == 2_000_000)
        guard
            case .rewards(let rewards) = try Self.finding(
                &story, light, .rewards(validator: validator)),
            case .supply(let totals) = try Self.finding(&story, keeper, .supply),
            case .committee(let committee) = try Self.finding(
                &story, keeper, .committee(epoch: nil))
        else { throw StoryFault("no totals") }
        #expect(rewards == 0 && totals.validators == 2)
        #expect(totals.bonded == StakingStoryTests.stake + 7_000_000 + 3_000_000_000)
        #expect(totals.unbonding == 3_000_000)
        #expect(committee.epoch == 0 && committee.members.count == 1)
        _ = try Self.stake(&story, light, .withdrawReward(from: validator))
    }

    static func newValidator(
        _ story: inout Story, _ node: Int
    ) throws -> (address: String, message: TypedMessage) {
        guard case .success(.account(let text)) = try story.ask(node, .account),
            case .success(.rules(let rules)) = try story.ask(node, .rules)
        else { throw StoryFault("no account") }
        let staking = try #require(rules.staking)
        let account = try AccountAddress(bech32: text, prefix: rules.addressPrefix)
        let message = StakingMessage.createValidator(
            NewValidator(
                operatorAddress: account.bytes,
                key: Ed25519PrivateKey(seed: Bytes32(repeating: 77)).publicKey.bytes,
                description: ValidatorDescription(moniker: "second"),
                rates: CommissionRates(
                    rate: Decimal18(basisPoints: 500), maximum: Decimal18(basisPoints: 2_000),
                    rise: Decimal18(basisPoints: 100)),
                selfMinimum: 1_000_000, amount: 3_000_000_000))
        return (
            account.bech32(prefix: staking.operatorPrefix),
            TypedMessage(
                typeURL: message.type.rawValue, value: message.protobuf(rules: staking))
        )
    }

    /// What staking refuses is told with its number and its words, and nothing is signed for others.
    @Test func refusalsAreTold() throws {
        var story = try Self.story(seed: 92)
        let node = story.scenario.storage[1]
        let (other, message) = try Self.newValidator(&story, node)
        let refused = try story.ask(
            node, .stake(.delegate(to: other, amount: 5), SubmitOptions()))
        guard case .failure(.refused(let code, let words)) = refused else {
            throw StoryFault("\(refused)")
        }
        #expect(code == 3 && words == "validator does not exist")
        let foreign = try story.ask(
            story.scenario.storage[0], .stake(.messages([message]), SubmitOptions()))
        guard case .failure(let fault) = foreign else { throw StoryFault("\(foreign)") }
        #expect(fault.text.contains("is to be signed by another account"))
    }

    /// A key's value comes with its ICS-23 proof under the app hash of a header, from every kind of
    /// node, and so does the absence of one.
    @Test func keysAreProven() throws {
        var story = try Self.story(seed: 93)
        let all = [story.scenario.validator] + story.scenario.storage + story.scenario.light
        for node in all {
            for (key, isThere) in [([0x02], true), ([0x60, 1, 2, 3], false)] as [([UInt8], Bool)] {
                let answer = try story.ask(node, .ledger(.proof(key: key)))
                guard case .success(.ledger(let ledger)) = answer,
                    case .value(let value) = ledger.finding, let height = ledger.provenAt
                else { throw StoryFault("\(answer)") }
                let header = try #require(
                    story.scenario.world.disk(of: story.scenario.validator).header(height))
                let root = try #require(Bytes32(header.header.appHash))
                let proof = try StateProof(protobuf: try #require(ledger.proofs.first))
                #expect(proof.verify(key, root: root) == (value.map { .value($0) } ?? .absent))
                #expect((value != nil) == isThere)
            }
        }
    }

    /// A transaction that was signed elsewhere is brought in as it is; one that no block takes is
    /// refused at once.
    @Test func signedElsewhere() throws {
        var story = try Self.story(seed: 94)
        let light = story.scenario.light[0]
        guard case .success(.rules(let rules)) = try story.ask(light, .rules),
            case .account(let address, let account?) = try Self.finding(
                &story, light, .account(nil))
        else { throw StoryFault("no account") }
        let key = Scenario.accountKey(of: 2)
        var signer = TransactionSigner(key: key, rules: rules, accountNumber: account.number)
        #expect(signer.address == address)
        for isRight in [false, true] {
            signer.accountNumber = account.number + (isRight ? 0 : 1)
            let transaction = signer.send(
                7, to: AccountAddress(Bytes20(repeating: 9)), sequence: account.sequence)
            let answer = try story.ask(light, .transaction(transaction.encode()))
            switch answer {
            case .success(.included(let outcome)):
                #expect(isRight && outcome.hash == transaction.hash)
            case .failure(.refused(let code, _)): #expect(!isRight && code == 4)
            default: throw StoryFault("\(answer)")
            }
        }
        let broken = try story.ask(light, .transaction([1, 2, 3]))
        guard case .failure(let fault) = broken else { throw StoryFault("\(broken)") }
        #expect(fault.text.contains("tx parse error"))
    }
}
