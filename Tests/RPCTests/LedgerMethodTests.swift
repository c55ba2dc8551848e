// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Ledger
import RPC
import Roles
import Staking
import Testing

/// What is found in the ledger, as clients of Cosmos and ours read it.
@Suite struct LedgerMethodTests {
    static let rules = LedgerRules(chainID: "chain", staking: StakingRules())
    static let delegator = Bytes20(repeating: 1)
    static let validator = Bytes20(repeating: 2)
    static let delegatorText = AccountAddress(delegator).bech32(prefix: "celestia")
    static let validatorText = AccountAddress(validator).bech32(prefix: "celestiavaloper")

    /// A server whose node finds what it is told to.
    static func call(
        _ method: String, _ parameters: String, finding: LedgerFinding, provenAt: UInt64? = 7,
        asked: (LedgerQuestion) -> Void = { _ in }
    ) -> String {
        let node = ScriptedNode()
        var questions: [LedgerQuestion] = []
        node.respond = {
            guard case .ledger(let question) = $0 else { return nil }
            questions.append(question)
            return .success(
                .ledger(
                    LedgerAnswer(
                        finding: finding, provenAt: provenAt, proofs: [[1, 2, 3]], rules: rules)))
        }
        let (status, body) = Client(node.make()).call(method, parameters)
        #expect(status == 200)
        questions.forEach(asked)
        return body
    }

    @Test func quotes() {
        let quote = FeeQuote(
            gasPrice: Decimal18(raw: 4_500_000_000_000_001), fee: 360, validThrough: Height(15))
        let body = Self.call("fee.Quote", "[100]", finding: .quote(quote, gas: 79_796)) {
            #expect($0 == .quote(sizeBytes: 100, heights: 8))
        }
        #expect(
            body.contains(
                #"{"gas_price":0.004501,"gas":79796,"fee":{"denom":"utia","amount":"360"},"#
                    + #""valid_through":15,"proven_at":7}"#), "\(body)")
    }

    @Test func delegations() {
        let view = DelegationView(
            delegator: Self.delegator, validator: Self.validator, shares: 1_500, worth: 1_499)
        let body = Self.call(
            "state.QueryDelegation", #"["\#(Self.validatorText)"]"#, finding: .delegation(view)
        ) {
            #expect($0 == .delegation(validator: Self.validatorText))
        }
        #expect(
            body.contains(
                #"{"delegation_response":{"delegation":{"delegator_address":"# + "\""
                    + Self.delegatorText + #"","validator_address":""# + Self.validatorText
                    + #"","shares":"1500.000000000000000000"},"#
                    + #""balance":{"denom":"utia","amount":"1499"}}}"#), "\(body)")
    }

    /// Entries that unbond or went elsewhere, as the state has them.
    @Test func movedCoins() throws {
        var store = MemoryStakingStore()
        var entry: [UInt8] = []
        for number in [3, 1_700_000_000_500, 77] as [UInt64] { entry.append(bigEndian: number) }
        store.set(
            StakingKey.unbonding(from: Self.validator, by: Self.delegator, height: 12), to: entry)
        var moved = Self.delegator.array
        for number in [3, 12, 1_700_000_000_000, 88] as [UInt64] {
            moved.append(bigEndian: number)
        }
        store.set(StakingKey.redelegation(from: Self.validator, by: Self.delegator), to: moved)
        let state = StakingState(rules: StakingRules(), store: store, accounts: NoAccounts())
        let unbonding = UnbondingView(
            delegator: Self.delegator, validator: Self.validator,
            entries: try state.unbondingEntries(of: Self.delegator, from: Self.validator))
        let leaving = Self.call(
            "state.QueryUnbonding", #"["v"]"#, finding: .unbonding(unbonding))
        #expect(
            leaving.contains(
                #""entries":[{"creation_height":12,"#
                    + #""completion_time":"2023-11-14T22:13:20.5Z","initial_balance":"77","#
                    + #""balance":"77"}]}}"#), "\(leaving)")
        let redelegation = try #require(
            try state.redelegation(of: Self.delegator, from: Self.validator))
        let going = Self.call(
            "state.QueryRedelegations", #"["v","w"]"#,
            finding: .redelegation(
                RedelegationView(
                    delegator: Self.delegator, source: Self.validator,
                    redelegation: redelegation)))
        #expect(
            going.contains(
                #""entries":null},"entries":[{"redelegation_entry":{"creation_height":12,"#
                    + #""completion_time":"2023-11-14T22:13:20Z","initial_balance":"88","#
                    + #""shares_dst":"88.000000000000000000"},"balance":"88"}]}]}"#), "\(going)")
    }

    @Test func rewardsAndProofs() {
        #expect(
            Self.call("state.QueryDelegationRewards", #"["v"]"#, finding: .rewards(12)).contains(
                #"{"rewards":[{"denom":"utia","amount":"12.000000000000000000"}]}"#))
        #expect(
            Self.call("state.QueryDelegationRewards", #"["v"]"#, finding: .rewards(0)).contains(
                #"{"rewards":[]}"#))
        #expect(
            Self.call("state.Proof", #"["YQ=="]"#, finding: .value([9])).contains(
                #"{"height":7,"key":"YQ==","value":"CQ==","proof":"AQID"}"#))
        #expect(
            Self.call("state.Proof", #"["YQ=="]"#, finding: .value(nil)).contains(
                #""value":null,"proof":"AQID""#))
    }

    /// Amounts and heights are taken as Go writes them; what is asked of the node says the same.
    @Test func orders() {
        let node = ScriptedNode()
        var wishes: [StakeWish] = []
        node.respond = {
            guard case .stake(let wish, _) = $0 else { return nil }
            wishes.append(wish)
            var outcome = TransactionOutcome(height: 5, hash: Bytes32())
            outcome.gasUsed = 9
            return .success(.included(outcome))
        }
        let client = Client(node.make())
        for (method, parameters, wish) in [
            ("Delegate", #"["v","5",null]"#, .delegate(to: "v", amount: 5)),
            ("Undelegate", #"["v",6,{}]"#, .undelegate(from: "v", amount: 6)),
            (
                "BeginRedelegate", #"["v","w","7",{}]"#,
                .redelegate(from: "v", to: "w", amount: 7)
            ),
            (
                "CancelUnbondingDelegation", #"["v","8","12",{}]"#,
                .cancelUnbonding(with: "v", amount: 8, height: 12)
            ),
            ("WithdrawDelegatorReward", #"["v",{}]"#, .withdrawReward(from: "v")),
        ] as [(String, String, StakeWish)] {
            let (status, body) = client.call("state.\(method)", parameters)
            #expect(status == 200 && body.contains(#""height":5"#), "\(method): \(body)")
            #expect(wishes.last == wish)
        }
    }
}
