// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Console
internal import RPC
internal import Staking

/// `quadrat stake`: staking, and running a validator, as transactions.
enum StakeCommand {
    static let verb = Verb(
        "stake", "stake coins, and run a validator, by transactions",
        discussion: """
            Transactions are signed with the account key of the node that is asked or, with --from, \
            with a key of the data directory here; the node then only brings them in.
            """,
        verbs: [
            delegate, undelegate, redelegate, cancel, withdraw, StakeShowCommand.show,
        ] + StakeOperatorCommand.verbs)

    static let validator = Positional("VALIDATOR", "the validator's address, …valoper1…")
    private static let amount = Positional("AMOUNT", "coins, in the smallest unit")

    private static let delegate = Verb(
        "delegate", "stake coins with a validator", positionals: [validator, amount],
        options: StakeSending.options, examples: ["stake delegate celestiavaloper1… 1000000"],
        action: { call throws(CommandFault) in
            try StakeSending.send(call) { sender throws(CommandFault) in
                .delegate(try move(call, sender))
            }
        })

    private static let undelegate = Verb(
        "undelegate",
        "take coins out of a validator's stake; they are free 14 days and 1 hour later",
        positionals: [validator, amount], options: StakeSending.options,
        action: { call throws(CommandFault) in
            try StakeSending.send(call) { sender throws(CommandFault) in
                .undelegate(try move(call, sender))
            }
        })

    private static let redelegate = Verb(
        "redelegate", "go from one validator's stake to another's",
        positionals: [
            Positional("FROM", "the validator to leave"), Positional("TO", "the one to go to"),
            amount,
        ], options: StakeSending.options,
        action: { call throws(CommandFault) in
            try StakeSending.send(call) { sender throws(CommandFault) in
                .redelegate(
                    StakeMove(
                        delegator: sender.account,
                        validator: try sender.validator(call.positional("FROM")),
                        amount: try coins(call.positional("AMOUNT"))),
                    destination: try sender.validator(call.positional("TO")))
            }
        })

    private static let cancel = Verb(
        "cancel", "stay with a validator after all",
        positionals: [
            validator, amount,
            Positional("HEIGHT", "where the coins left, as 'stake show' tells"),
        ], options: StakeSending.options,
        action: { call throws(CommandFault) in
            try StakeSending.send(call) { sender throws(CommandFault) in
                .cancelUnbonding(
                    try move(call, sender),
                    height: try BlobCommand.height(call.positional("HEIGHT")))
            }
        })

    private static let withdraw = Verb(
        "withdraw", "take what stake has earned",
        positionals: [validator],
        options: StakeSending.options + [
            Option("commission", .flag, "take what the operator has kept instead")
        ],
        action: { call throws(CommandFault) in
            try StakeSending.send(call) { sender throws(CommandFault) in
                let validator = try sender.validator(call.positional("VALIDATOR"))
                return call.flag("commission")
                    ? .withdrawCommission(validator: validator)
                    : .withdrawReward(delegator: sender.account, validator: validator)
            }
        })

    private static func move(
        _ call: Invocation, _ sender: StakeSender
    ) throws(CommandFault) -> StakeMove {
        StakeMove(
            delegator: sender.account,
            validator: try sender.validator(call.positional("VALIDATOR")),
            amount: try coins(call.positional("AMOUNT")))
    }

    /// An amount from its digits.
    static func coins(_ text: String) throws(CommandFault) -> UInt64 {
        guard let amount = UInt64(text), amount > 0 else {
            throw .usage(
                "'\(text)' is no amount", hint: "give whole units of the smallest coin: 1000000")
        }
        return amount
    }
}
