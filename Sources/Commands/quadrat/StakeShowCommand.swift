// SPDX-License-Identifier: Apache-2.0

internal import Console
internal import RPC

/// `quadrat stake show`: the validators, or one with what the node's account has staked with it.
enum StakeShowCommand {
    static let show = Verb(
        "show", "show the validators, or one and what the node's account has there",
        positionals: [
            Positional("VALIDATOR", "one validator, …valoper1…", arity: .optional)
        ], options: NodeConnection.options,
        action: { call throws(CommandFault) in
            let node = try NodeConnection.open(call)
            guard let validator = call.words("VALIDATOR").first else {
                let found = try StakeSending.asked { () throws(RPCClientFault) in
                    try node.call("staking.Validators")
                }
                if call.flag("json") {
                    call.terminal.print(json: { $0.copy(found) })
                } else {
                    for validator in found.elements ?? [] { printLine(validator, call) }
                }
                return .done
            }
            let parts = try parts(of: validator, node)
            if call.flag("json") {
                call.terminal.print(json: { writer in
                    writer.object { writer in
                        for (name, value) in parts { writer.member(name) { $0.copy(value) } }
                    }
                })
            } else {
                printParts(parts, call)
            }
            return .done
        })

    /// What the node tells of a validator, and of its own account's stake with it.
    private static func parts(
        of validator: String, _ node: RPCClient
    ) throws(CommandFault) -> [(name: String, value: JSONNode)] {
        var parts = [
            (
                name: "validator",
                value: try StakeSending.asked { () throws(RPCClientFault) in
                    try node.call("staking.Validator") { $0.string(validator) }
                }
            )
        ]
        for (name, method) in [
            ("delegation", "state.QueryDelegation"), ("rewards", "state.QueryDelegationRewards"),
            ("unbonding", "state.QueryUnbonding"),
        ] {
            do throws(RPCClientFault) {
                parts.append((name, try node.call(method) { $0.string(validator) }))
            } catch {
                // Nothing staked is an answer too; a node that is gone is not.
                guard case .error = error else { throw CommandFault(error) }
            }
        }
        return parts
    }

    private static func printLine(_ validator: JSONNode, _ call: Invocation) {
        let state =
            if validator.member("tombstoned")?.boolean == true {
                "tombstoned"
            } else if validator.member("jailed")?.boolean == true {
                "jailed"
            } else {
                "active"
            }
        let words = ["operator_address", "tokens", "commission_rate", "moniker"].map {
            validator.member($0)?.text ?? ""
        }
        call.terminal.print(
            "\(words[0])\t\(words[1])\t\(state)\t\(words[2].prefix(6))\t\(words[3])")
    }

    private static func printParts(
        _ parts: [(name: String, value: JSONNode)], _ call: Invocation
    ) {
        for (name, value) in parts {
            switch name {
            case "validator": printLine(value, call)
            case "delegation":
                let worth = value.member("delegation_response")?.member("balance")
                call.terminal.print("staked     \(worth?.member("amount")?.text ?? "0")")
            case "rewards":
                let coins = value.member("rewards")?.elements?.first?.member("amount")?.text
                call.terminal.print("earned     \(coins?.split(separator: ".").first ?? "0")")
            default:
                for entry in value.member("unbond")?.member("entries")?.elements ?? [] {
                    let amount = entry.member("balance")?.text ?? ""
                    let height = entry.member("creation_height")?.integer(UInt64.self) ?? 0
                    let free = entry.member("completion_time")?.text ?? ""
                    call.terminal.print("leaving    \(amount) since \(height), free \(free)")
                }
            }
        }
    }
}
