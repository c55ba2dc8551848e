// SPDX-License-Identifier: Apache-2.0

internal import Ledger
internal import Roles

/// Modules `staking` and `fee`, which are our own.
///
/// They tell who validates, with what, and what gas costs.
enum StakingService {
    static var methods: [RPCMethod] {
        [
            RPCMethod("staking.Validators", .read) { LedgerJSON.answer($0, .validators) },
            RPCMethod("staking.Validator", .read, .text("valAddr", "state.ValAddress")) {
                LedgerJSON.answer($0, .validator($1))
            },
            RPCMethod("staking.Committee", .read, epoch, optionalCount: 1) {
                LedgerJSON.answer($0, .committee(epoch: $1))
            },
            RPCMethod("staking.Supply", .read) { LedgerJSON.answer($0, .supply) },
            RPCMethod("staking.Parameters", .read) { call in
                call.answer(.rules) {
                    guard case .rules(let rules) = $0 else { return nil }
                    return { LedgerJSON.write(rules, to: &$0) }
                }
            },
            RPCMethod("staking.Submit", .write, messages, StateService.options) {
                StateService.submit($0, .stake(.messages($1), $2))
            },
            RPCMethod(
                "fee.Quote", .read, .integer("size", "uint64"), heights, optionalCount: 1
            ) {
                LedgerJSON.answer($0, .quote(sizeBytes: $1, heights: $2))
            },
        ]
    }

    /// The epoch that runs when left out.
    private static let epoch = Parameter<UInt64?>("epoch", "*uint64") {
        value throws(ParameterFault) in
        if value.isNull { return nil }
        guard let number = value.integer(UInt64.self) else { throw .mismatch(value, "uint64") }
        return number
    }

    /// For how many heights the price is to hold: 8 when left out.
    private static let heights = Parameter<UInt64>("ttl", "uint64") {
        value throws(ParameterFault) in
        if value.isNull { return 8 }
        guard let number = value.integer(UInt64.self) else { throw .mismatch(value, "uint64") }
        return number
    }

    private static let messages = Parameter<TypedMessage>("message", "codectypes.Any") {
        value throws(ParameterFault) in
        guard case .object = value else { throw .mismatch(value, "codectypes.Any") }
        guard let url = value.member("type_url")?.text, url.utf8.count <= 256 else {
            throw ParameterFault("a message without a type_url")
        }
        return TypedMessage(
            typeURL: url,
            value: try JSONBytes.base64(value.member("value") ?? .null, type: "[]uint8"))
    }.list("messages", limit: StakeWish.messagesMax)
}
