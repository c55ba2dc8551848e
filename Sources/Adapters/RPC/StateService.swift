// SPDX-License-Identifier: Apache-2.0

internal import DataSquare
internal import Roles

/// `state.*`: the node's account, its stake, and what the ledger says of others.
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
        ] + staking + own
    }

    /// What celestia-node passes on to the staking module, and what this chain has none of.
    private static var staking: [RPCMethod] {
        [
            RPCMethod("state.QueryDelegation", .read, validator("valAddr")) {
                LedgerJSON.answer($0, .delegation(validator: $1))
            },
            RPCMethod("state.QueryDelegationRewards", .read, validator("valAddr")) {
                LedgerJSON.answer($0, .rewards(validator: $1))
            },
            RPCMethod("state.QueryUnbonding", .read, validator("valAddr")) {
                LedgerJSON.answer($0, .unbonding(validator: $1))
            },
            RPCMethod(
                "state.QueryRedelegations", .read, validator("srcValAddr"),
                validator("dstValAddr")
            ) {
                LedgerJSON.answer($0, .redelegations(from: $1, to: $2))
            },
            RPCMethod("state.Delegate", .write, validator("delAddr"), amount, options) {
                submit($0, .stake(.delegate(to: $1, amount: $2), $3))
            },
            RPCMethod("state.Undelegate", .write, validator("delAddr"), amount, options) {
                submit($0, .stake(.undelegate(from: $1, amount: $2), $3))
            },
            RPCMethod(
                "state.BeginRedelegate", .write, validator("srcValAddr"),
                validator("dstValAddr"), amount, options
            ) {
                submit($0, .stake(.redelegate(from: $1, to: $2, amount: $3), $4))
            },
            RPCMethod(
                "state.CancelUnbondingDelegation", .write, validator("valAddr"), amount,
                height, options
            ) {
                submit($0, .stake(.cancelUnbonding(with: $1, amount: $2, height: $3), $4))
            },
            RPCMethod("state.WithdrawDelegatorReward", .write, validator("valAddr"), options) {
                submit($0, .stake(.withdrawReward(from: $1), $2))
            },
            refusing("state.GrantFee", .write, address("addr"), amount, options),
            refusing("state.RevokeGrantFee", .write, address("addr"), options),
        ]
    }

    /// Our own: an account, a proof, and transactions that were signed elsewhere.
    private static var own: [RPCMethod] {
        [
            RPCMethod("state.Account", .read, address("addr")) { call, address in
                LedgerJSON.answer(call, .account(address.isEmpty ? nil : address))
            },
            RPCMethod("state.Proof", .read, key) { LedgerJSON.answer($0, .proof(key: $1)) },
            RPCMethod("state.SubmitTransaction", .write, .bytes("tx")) {
                submit($0, .transaction($1))
            },
        ]
    }

    private static let key = Parameter<[UInt8]>("key", "[]uint8") {
        value throws(ParameterFault) in
        let key = try JSONBytes.base64(value, type: "[]uint8")
        guard (1...256).contains(key.count) else {
            throw ParameterFault("a key has 1 to 256 bytes, not \(key.count)")
        }
        return key
    }

    /// The height of an entry that unbonds: `math.Int`, as its amounts.
    private static let height = Parameter<UInt64>("height", "math.Int", decode: amount.decode)

    private static func validator(_ name: String) -> Parameter<String> {
        .text(name, "state.ValAddress")
    }

    static let options = Parameter<SubmitOptions>(
        "options", "state.TxConfig",
        decode: { value throws(ParameterFault) in try SubmitOptionsJSON.decode(value) })

    private static let messages = Parameter<Blob>("blob", "share.Blob") {
        value throws(ParameterFault) in try BlobJSON.decodeMessage(value)
    }.list("blobs", limit: RPCLimits.blobsMax)

    /// A decimal text, as Go writes its big integers; a plain number is taken as well.
    static let amount = Parameter<UInt64>("amount", "math.Int") {
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
            call.fail(.application("state: this chain has no fee grants"))
        }
    }

    private static func balance(_ call: RPCCall, of address: String?) {
        call.answer(.balance(address)) {
            guard case .balance(let balance) = $0 else { return nil }
            return { StatusJSON.write(balance, to: &$0) }
        }
    }

    static func submit(_ call: RPCCall, _ request: RPCRequest) {
        call.answer(request) {
            guard case .included(let outcome) = $0 else { return nil }
            return { StatusJSON.write(outcome, to: &$0) }
        }
    }
}
