// SPDX-License-Identifier: Apache-2.0

internal import DataSquare
internal import Roles

/// `state.*`: the node's account.
enum StateService {
    static var methods: [RPCMethod] {
        [
            RPCMethod("state.AccountAddress", .read) { call in
                call.answer(.account) {
                    guard case .account(let address) = $0 else { return nil }
                    return { $0.string(address) }
                }
            },
            RPCMethod("state.Balance", .read) { balance($0, of: nil) },
            RPCMethod("state.BalanceForAddress", .read, address("addr")) { call, address in
                balance(call, of: address)
            },
            RPCMethod("state.Transfer", .write, address("to"), amount, options) {
                submit($0, .transfer(to: $1, amount: $2, $3))
            },
            RPCMethod("state.SubmitPayForBlob", .write, messages, options) { call, blobs, options in
                guard !blobs.isEmpty else {
                    return call.fail(.application("state: no blobs provided"))
                }
                submit(call, .submitBlobs(blobs, options))
            },
        ] + staking
    }

    /// Methods of a staking module, which this chain's accounts do not have.
    private static var staking: [RPCMethod] {
        let address = address("addr")
        return [
            refusing("state.QueryDelegation", .read, address),
            refusing("state.QueryDelegationRewards", .read, address),
            refusing("state.QueryUnbonding", .read, address),
            refusing("state.QueryRedelegations", .read, address, address),
            refusing("state.Delegate", .write, address, amount, options),
            refusing("state.Undelegate", .write, address, amount, options),
            refusing("state.BeginRedelegate", .write, address, address, amount, options),
            refusing(
                "state.CancelUnbondingDelegation", .write, address, amount, amount, options),
            refusing("state.WithdrawDelegatorReward", .write, address, options),
            refusing("state.GrantFee", .write, address, amount, options),
            refusing("state.RevokeGrantFee", .write, address, options),
        ]
    }

    static let options = Parameter<SubmitOptions>(
        "options", "state.TxConfig",
        decode: { value throws(ParameterFault) in try SubmitOptionsJSON.decode(value) })

    private static let messages = Parameter<Blob>("blob", "share.Blob") {
        value throws(ParameterFault) in try BlobJSON.decodeMessage(value)
    }.list("blobs", limit: RPCLimits.blobsMax)

    /// A decimal text, as Go writes its big integers; a plain number is taken as well.
    private static let amount = Parameter<UInt64>("amount", "math.Int") {
        value throws(ParameterFault) in
        let number =
            value.text.flatMap { $0.utf8.count <= 20 ? UInt64($0) : nil }
            ?? value.integer(UInt64.self)
        guard let number else { throw .mismatch(value, "math.Int") }
        return number
    }

    private static func address(_ name: String) -> Parameter<String> {
        .text(name, "state.Address")
    }

    private static func refusing<each Value>(
        _ name: String, _ level: Permission, _ codecs: repeat Parameter<each Value>
    ) -> RPCMethod {
        RPCMethod(name, level, repeat each codecs) { (call, values: repeat each Value) in
            call.fail(.application("state: this node has no staking module for accounts"))
        }
    }

    private static func balance(_ call: RPCCall, of address: String?) {
        call.answer(.balance(address)) {
            guard case .balance(let balance) = $0 else { return nil }
            return { StatusJSON.write(balance, to: &$0) }
        }
    }

    private static func submit(_ call: RPCCall, _ request: RPCRequest) {
        call.answer(request) {
            guard case .included(let outcome) = $0 else { return nil }
            return { StatusJSON.write(outcome, to: &$0) }
        }
    }
}
