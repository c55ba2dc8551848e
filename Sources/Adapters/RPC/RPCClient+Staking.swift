// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Chain
package import Ledger
package import Roles
internal import Staking

/// What a node promises about the price of gas.
package struct QuotedPrice: Hashable, Sendable {
    /// The price, as its decimal.
    package let gasPrice: GasPrice
    /// The gas of one blob of the size that was asked about.
    package let gas: UInt64
    /// What that costs, in the smallest coin.
    package let fee: UInt64
    /// The last height at which the price suffices.
    package let validThrough: UInt64
    /// The header that it was proven under, where it was.
    package let provenAt: UInt64?
}

/// What is needed to sign for an account.
package struct AccountState: Hashable, Sendable {
    package let number: UInt64
    package let sequence: UInt64
}

/// Methods about accounts, stake and fees, with their types.
extension RPCClient {
    /// The chain's constants.
    package func rules() throws(RPCClientFault) -> LedgerRules {
        let method = "staking.Parameters"
        let result = try call(method)
        let minimum = try price(result.member("minimum_gas_price"), method)
        var rules = LedgerRules(
            chainID: try text(result, "chain_id", method),
            denom: try text(result, "denom", method),
            addressPrefix: try text(result, "address_prefix", method), minimumGasPrice: minimum)
        if let blocks = result.member("epoch_blocks")?.integer(UInt64.self) {
            rules.staking = StakingRules(
                denom: rules.denom, addressPrefix: rules.addressPrefix, epochBlocks: blocks)
        }
        return rules
    }

    /// The node's own account.
    package func accountAddress() throws(RPCClientFault) -> String {
        guard let address = try call("state.AccountAddress").text else {
            throw .answer(status: 200, "state.AccountAddress gave no text")
        }
        return address
    }

    /// An account, as of the newest state that the node can prove.
    package func account(_ address: String) throws(RPCClientFault) -> AccountState {
        let method = "state.Account"
        let result = try call(method) { $0.string(address) }
        return AccountState(
            number: try number(result, "number", method),
            sequence: try number(result, "sequence", method))
    }

    /// The price of gas and what a blob of so many bytes costs.
    package func quote(
        sizeBytes: UInt64, heights: UInt64 = 8
    ) throws(RPCClientFault) -> QuotedPrice {
        let method = "fee.Quote"
        let result = try call(method) {
            $0.number(sizeBytes)
            $0.number(heights)
        }
        guard let fee = (result.member("fee")?.member("amount")?.text).flatMap({ UInt64($0) })
        else { throw .answer(status: 200, "\(method) gave no fee") }
        return QuotedPrice(
            gasPrice: try price(result.member("gas_price"), method),
            gas: try number(result, "gas", method), fee: fee,
            validThrough: try number(result, "valid_through", method),
            provenAt: result.member("proven_at")?.integer(UInt64.self))
    }

    /// Carries messages of staking out with the node's account.
    package func submit(
        _ messages: [TypedMessage], _ options: SubmitOptions = SubmitOptions()
    ) throws(RPCClientFault) -> IncludedTransaction {
        let method = "staking.Submit"
        let result = try call(method) { writer in
            writer.array(messages) { writer, message in
                writer.object {
                    $0.member("type_url", message.typeURL)
                    $0.member("value", base64: message.value)
                }
            }
            SubmitOptionsJSON.write(options, to: &writer)
        }
        return try included(result, method)
    }

    /// Brings a transaction into a block that was signed here.
    package func submit(transaction: [UInt8]) throws(RPCClientFault) -> IncludedTransaction {
        let method = "state.SubmitTransaction"
        return try included(try call(method) { $0.base64(transaction) }, method)
    }

    private func included(
        _ result: JSONNode, _ method: String
    ) throws(RPCClientFault) -> IncludedTransaction {
        IncludedTransaction(
            height: try number(result, "height", method),
            hash: try text(result, "txhash", method))
    }

    private func number(
        _ result: JSONNode, _ name: String, _ method: String
    ) throws(RPCClientFault) -> UInt64 {
        guard let number = result.member(name)?.integer(UInt64.self) else {
            throw .answer(status: 200, "\(method) gave no \(name)")
        }
        return number
    }

    private func text(
        _ result: JSONNode, _ name: String, _ method: String
    ) throws(RPCClientFault) -> String {
        guard let text = result.member(name)?.text else {
            throw .answer(status: 200, "\(method) gave no \(name)")
        }
        return text
    }

    private func price(
        _ value: JSONNode?, _ method: String
    ) throws(RPCClientFault) -> GasPrice {
        guard case .number(let number) = value else {
            throw .answer(status: 200, "\(method) gave no price")
        }
        do throws(DecodeFault) {
            return try GasPrice(text: String(decoding: number.digits, as: UTF8.self))
        } catch {
            throw .answer(status: 200, "\(method): \(error)")
        }
    }
}

/// Where a transaction came to stand.
package struct IncludedTransaction: Hashable, Sendable {
    package let height: UInt64
    /// In hexadecimal.
    package let hash: String
}
