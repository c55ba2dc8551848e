// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Ledger
package import Roles
internal import Staking

/// Findings in the ledger: those that Cosmos has in Cosmos's form, the others in ours.
package enum LedgerJSON {
    /// Answers a call with what the node finds.
    static func answer(_ call: RPCCall, _ question: LedgerQuestion) {
        call.answer(.ledger(question)) {
            guard case .ledger(let answer) = $0 else { return nil }
            return { write(answer, asked: question, to: &$0) }
        }
    }

    /// What was found.
    package static func write(
        _ answer: LedgerAnswer, asked question: LedgerQuestion, to writer: inout JSONWriter
    ) {
        let texts = LedgerTexts(answer.rules)
        switch answer.finding {
        case .quote(let quote, let gas):
            write(quote, gas: gas, answer.provenAt, texts, to: &writer)
        case .value(let value): write(value, question, answer, to: &writer)
        case .account(let address, let account):
            write(address, account, answer.provenAt, texts, to: &writer)
        case .delegation(let view): write(view, texts, to: &writer)
        case .rewards(let coins):
            writer.object { writer in
                writer.member("rewards") { writer in
                    writer.array(coins == 0 ? [] : [coins]) { writer, coins in
                        texts.coin(String(coins) + ".000000000000000000", to: &writer)
                    }
                }
            }
        case .unbonding(let view): write(view, texts, to: &writer)
        case .redelegation(let view): write(view, texts, to: &writer)
        case .validators(let views):
            if case .validator = question, let view = views.first {
                write(view, texts, to: &writer)
            } else {
                writer.array(views) { write($1, texts, to: &$0) }
            }
        case .committee(let committee): write(committee, texts, to: &writer)
        case .supply(let totals): write(totals, texts, to: &writer)
        }
    }

    /// `staking.Parameters`.
    static func write(_ rules: LedgerRules, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("chain_id", rules.chainID)
            writer.member("denom", rules.denom)
            writer.member("address_prefix", rules.addressPrefix)
            writer.member("minimum_gas_price") { $0.raw(rules.minimumGasPrice.description.utf8) }
            if let staking = rules.staking {
                writer.member("epoch_blocks", staking.epochBlocks)
                writer.member("unbonding_milliseconds", StakingRules.unbondingMilliseconds)
            }
        }
    }

    private static func write(
        _ quote: FeeQuote, gas: UInt64, _ provenAt: UInt64?, _ texts: LedgerTexts,
        to writer: inout JSONWriter
    ) {
        // What clients can say, they can say in millionths.
        let price = GasPrice(atLeast: quote.gasPrice)
        writer.object { writer in
            writer.member("gas_price") { $0.raw(price.description.utf8) }
            writer.member("gas", gas)
            writer.member("fee") { texts.coin(price.fee(forGas: gas), to: &$0) }
            writer.member("valid_through", quote.validThrough.value)
            if let provenAt { writer.member("proven_at", provenAt) }
        }
    }

    private static func write(
        _ value: [UInt8]?, _ question: LedgerQuestion, _ answer: LedgerAnswer,
        to writer: inout JSONWriter
    ) {
        writer.object { writer in
            if let height = answer.provenAt { writer.member("height", height) }
            if case .proof(let key) = question { writer.member("key", base64: key) }
            writer.member("value") { if let value { $0.base64(value) } else { $0.null() } }
            if let proof = answer.proofs.first { writer.member("proof", base64: proof) }
        }
    }

    private static func write(
        _ address: AccountAddress, _ account: Account?, _ provenAt: UInt64?,
        _ texts: LedgerTexts, to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("address", texts.account(address.bytes))
            writer.member("exists", account != nil)
            writer.member("number", account?.number ?? 0)
            writer.member("sequence", account?.sequence ?? 0)
            writer.member("balance") { texts.coin(account?.balance ?? 0, to: &$0) }
            if let provenAt { writer.member("proven_at", provenAt) }
        }
    }
}
