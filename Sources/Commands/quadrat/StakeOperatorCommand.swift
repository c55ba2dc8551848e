// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Console
internal import Cryptography
internal import Ledger
internal import Staking
internal import Storage

/// The verbs of those who run a validator.
enum StakeOperatorCommand {
    static let verbs = [create, edit, unjail, rotate, payTo]

    private static let validatorKey = Positional(
        "KEY", "a validator key of the data directory, or its public part in hexadecimal")
    private static let words = [
        Option("moniker", .text("NAME"), "what the validator is called"),
        Option("website", .text("URL"), "where to read more"),
        Option("contact", .text("TEXT"), "whom to tell of trouble"),
        Option("details", .text("TEXT"), "anything else"),
    ]

    private static let create = Verb(
        "create-validator", "begin to validate",
        discussion: "The account that signs becomes the operator; its address names the validator.",
        positionals: [validatorKey, Positional("AMOUNT", "what the operator stakes itself")],
        options: StakeSending.options + words + [
            Option("commission", .text("RATE"), "what the operator keeps", fallback: "0.05"),
            Option("max-commission", .text("RATE"), "the most that may be", fallback: "0.2"),
            Option("max-rise", .text("RATE"), "the most it rises in a day", fallback: "0.01"),
            Option(
                "min-self-bond", .text("AMOUNT"), "what the operator promises to keep staked",
                fallback: "1000000"),
        ], examples: ["stake create-validator validator 5000000 --moniker mine --from main"],
        action: { call throws(CommandFault) in
            let key = try publicKey(call)
            return try StakeSending.send(call) { sender throws(CommandFault) in
                .createValidator(
                    NewValidator(
                        operatorAddress: sender.account, key: key,
                        description: description(call, unsaid: ""),
                        rates: CommissionRates(
                            rate: try rate("commission", call),
                            maximum: try rate("max-commission", call),
                            rise: try rate("max-rise", call)),
                        selfMinimum: try StakeCommand.coins(call.text("min-self-bond") ?? ""),
                        amount: try StakeCommand.coins(call.positional("AMOUNT"))))
            }
        })

    private static let edit = Verb(
        "edit-validator", "change what the validator says, its commission or its promise",
        options: StakeSending.options + words + [
            Option("commission", .text("RATE"), "what the operator keeps"),
            Option("min-self-bond", .text("AMOUNT"), "what the operator promises to keep staked"),
        ],
        action: { call throws(CommandFault) in
            try StakeSending.send(call) { sender throws(CommandFault) in
                .editValidator(
                    ValidatorEdit(
                        operatorAddress: sender.account,
                        description: description(call, unsaid: ValidatorDescription.unchanged),
                        rate: call.text("commission") == nil ? nil : try rate("commission", call),
                        selfMinimum: try call.text("min-self-bond").map {
                            text throws(CommandFault) in try StakeCommand.coins(text)
                        }))
            }
        })

    private static let unjail = Verb(
        "unjail", "come back from jail", options: StakeSending.options,
        action: { call throws(CommandFault) in
            try StakeSending.send(call) { sender throws(CommandFault) in
                .unjail(validator: sender.account)
            }
        })

    private static let rotate = Verb(
        "rotate-key", "vote with another key, from the next committee to be fixed on",
        positionals: [validatorKey], options: StakeSending.options,
        action: { call throws(CommandFault) in
            let key = try publicKey(call)
            return try StakeSending.send(call) { sender throws(CommandFault) in
                .rotateKey(validator: sender.account, key: key)
            }
        })

    private static let payTo = Verb(
        "pay-to", "name the account that rewards go to",
        positionals: [Positional("ACCOUNT", "its address")], options: StakeSending.options,
        action: { call throws(CommandFault) in
            try StakeSending.send(call) { sender throws(CommandFault) in
                .setWithdrawAddress(
                    account: sender.account, to: try sender.account(call.positional("ACCOUNT")))
            }
        })

    // MARK: Words

    private static func description(_ call: Invocation, unsaid: String) -> ValidatorDescription {
        ValidatorDescription(
            moniker: call.text("moniker") ?? unsaid, identity: unsaid,
            website: call.text("website") ?? unsaid, contact: call.text("contact") ?? unsaid,
            details: call.text("details") ?? unsaid)
    }

    /// A rate such as 0.05, with at most four places.
    private static func rate(
        _ name: String, _ call: Invocation
    ) throws(CommandFault) -> Decimal18 {
        let text = call.text(name) ?? ""
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let places = parts.count == 2 ? String(parts[1]) : ""
        let padded = places + String(repeating: "0", count: max(0, 4 - places.utf8.count))
        guard let whole = parts.first.flatMap({ UInt64($0) }), whole <= 1,
            places.utf8.count <= 4, let part = UInt64(padded), whole * 10_000 + part <= 10_000
        else {
            throw .usage(
                "--\(name) is '\(text)'", hint: "give a part of one, with at most four places: 0.05"
            )
        }
        return Decimal18(basisPoints: whole * 10_000 + part)
    }

    /// The public part of a validator's key.
    private static func publicKey(_ call: Invocation) throws(CommandFault) -> Bytes32 {
        let word = call.positional("KEY")
        if word.utf8.count == 64 {
            do throws(DecodeFault) {
                return try Bytes32(decoding: Hex.decode(word), field: "key")
            } catch {
                throw .usage("'\(word)' is no key: \(error)")
            }
        }
        let key = try KeyCommand.load(word, call)
        guard key.purpose == .validator else {
            throw .failed("the key '\(word)' is for \(key.purpose), not for a validator")
        }
        return Ed25519PrivateKey(seed: key.secret).publicKey.bytes
    }
}
