// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import Cryptography
internal import Ledger
internal import RPC

/// `quadrat genesis`: the text that a chain of several validators begins with.
enum GenesisCommand {
    /// The account and the stake that the options name, in their order.
    private struct Entry {
        let address: Bytes20
        let balance: UInt64
    }

    static let verb = Verb(
        "genesis", "make what a chain begins with",
        discussion: """
            Every validator of the chain gives its public key and its operator's address, which \
            'key show validator' and 'key show operator' print under its data directory; nobody \
            gives away a secret. One of them makes the genesis of all, and all start with the same \
            file: a chain is named by each of its bytes.
            """,
        verbs: [create, check])

    private static let create = Verb(
        "create", "write a genesis for these validators and accounts",
        discussion: """
            --validator is KEY:ADDRESS:STAKE[:NAME] and stands once for each: the validator's \
            public key (64 digits), its operator's address, and what it stakes in the smallest \
            coin, which comes out of the operator's balance and of which it promises to keep a \
            tenth. --account is ADDRESS:BALANCE; an \
            operator without one has exactly its stake and --spare.
            """,
        options: [
            Option("chain", .text("NAME"), "what the chain is called"),
            Option("validator", .list("KEY:ADDRESS:STAKE[:NAME]"), "a validator"),
            Option("account", .list("ADDRESS:BALANCE"), "an account"),
            Option(
                "spare", .integer("AMOUNT", 0...Int64.max),
                "what operators have besides their stake", fallback: "0"),
            Option(
                "epoch", .integer("BLOCKS", 1...4_096), "blocks of an epoch", fallback: "600"),
            Option(
                "square", .integer("WIDTH", 1...512), "the widest original square",
                fallback: "256"),
            Option("gas-price", .text("PRICE"), "the least price of gas", fallback: "0.004"),
            Option("denom", .text("TEXT"), "the smallest coin", fallback: "utia"),
            Option("time", .text("TIME"), "when the chain begins (RFC 3339); now if not said"),
            StandardOptions.prefix, StandardOptions.output, StandardOptions.configuration,
            StandardOptions.json,
        ],
        examples: [
            "genesis create --chain quadrat-1 --validator 5f2c…:celestia1…:5000000000:north "
                + "--validator … -o genesis.json"
        ],
        action: { call throws(CommandFault) in
            let genesis = try make(call)
            let text = genesis.encode()
            if let path = call.text("output") {
                try UserFiles.write(text, to: path)
                describe(genesis, call)
            } else {
                call.terminal.output(text)
            }
            return .done
        })

    private static let check = Verb(
        "check", "see whether a genesis can begin a chain, and what it says",
        positionals: [Positional("FILE", "the genesis")],
        options: [StandardOptions.json],
        action: { call throws(CommandFault) in
            let path = call.positional("FILE")
            let genesis = try GenesisFile.read(path)
            do throws(LedgerFault) {
                _ = try LedgerState(genesis)
            } catch {
                throw CommandFault(.untrue, "\(path) begins no chain: \(error)")
            }
            describe(genesis, call)
            return .done
        })

    // MARK: Making one

    private static func make(_ call: Invocation) throws(CommandFault) -> Genesis {
        let prefix = try call.required("prefix")
        var accounts: [Entry] = []
        for text in call.texts("account") { accounts.append(try account(text, prefix)) }
        let validators = try validators(call, prefix)
        let spare = UInt64(try call.integer("spare") ?? 0)
        for validator in validators
        where !accounts.contains(where: { $0.address == validator.operatorAddress }) {
            let (balance, overflow) = validator.stake.addingReportingOverflow(spare)
            guard !overflow else { throw .usage("--spare is too much", hint: "give less") }
            accounts.append(Entry(address: validator.operatorAddress, balance: balance))
        }
        let staking = GenesisStaking(
            epochBlocks: UInt64(try call.integer("epoch") ?? 600), validators: validators)
        let set: ValidatorSet
        do throws(ValidatorSetFault) { set = try staking.committee() } catch {
            throw .usage("--validator: \(error)", hint: "name at least one, and each once")
        }
        let genesis = Genesis(
            chainID: try chain(call), time: try time(call), validatorSet: set,
            squareSizeMax: Int(try call.integer("square") ?? 256),
            denom: try call.required("denom"), addressPrefix: prefix,
            minimumGasPrice: try price(call),
            accounts: accounts.map { GenesisAccount(address: $0.address, balance: $0.balance) },
            staking: staking)
        do throws(LedgerFault) {
            _ = try LedgerState(genesis)
        } catch {
            throw .failed("that begins no chain: \(error)")
        }
        return genesis
    }

    private static func validators(
        _ call: Invocation, _ prefix: String
    ) throws(CommandFault) -> [GenesisValidator] {
        var validators: [GenesisValidator] = []
        for text in call.texts("validator") {
            let parts = text.split(
                separator: ":", maxSplits: 3, omittingEmptySubsequences: false
            ).map(String.init)
            guard parts.count >= 3, let stake = UInt64(parts[2]) else {
                throw .usage("--validator \(text)", hint: "give KEY:ADDRESS:STAKE[:NAME]")
            }
            do throws(DecodeFault) {
                validators.append(
                    GenesisValidator(
                        operatorAddress: try AccountAddress(bech32: parts[1], prefix: prefix)
                            .bytes, key: try Bytes32(decoding: try Hex.decode(parts[0])),
                        moniker: parts.count > 3 ? parts[3] : "", stake: stake,
                        selfMinimum: max(1, stake / 10)))
            } catch {
                throw .usage(
                    "--validator \(text): \(error)", hint: "give KEY:ADDRESS:STAKE[:NAME]")
            }
        }
        return validators
    }

    private static func account(
        _ text: String, _ prefix: String
    ) throws(CommandFault) -> Entry {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let balance = UInt64(parts[1]) else {
            throw .usage("--account \(text)", hint: "give ADDRESS:BALANCE")
        }
        do throws(DecodeFault) {
            return Entry(
                address: try AccountAddress(bech32: parts[0], prefix: prefix).bytes,
                balance: balance)
        } catch {
            throw .usage("--account \(text): \(error)", hint: "give ADDRESS:BALANCE")
        }
    }

    private static func chain(_ call: Invocation) throws(CommandFault) -> String {
        guard let name = call.text("chain") else {
            throw .usage("the chain has no name", hint: "give --chain NAME")
        }
        return name
    }

    private static func time(_ call: Invocation) throws(CommandFault) -> Timestamp {
        guard let text = call.text("time") else { return try System.now() }
        do throws(DecodeFault) {
            return try Timestamp(text: text)
        } catch {
            throw .usage("--time \(text): \(error)", hint: "give 2026-01-31T12:00:00Z")
        }
    }

    private static func price(_ call: Invocation) throws(CommandFault) -> GasPrice {
        let text = try call.required("gas-price")
        do throws(DecodeFault) {
            return try GasPrice(text: text)
        } catch {
            throw .usage("--gas-price \(text): \(error)", hint: "give a price such as 0.004")
        }
    }

    // MARK: Telling of one

    private static func describe(_ genesis: Genesis, _ call: Invocation) {
        if call.flag("json") {
            return call.terminal.print(json: { writer in
                writer.object { writer in
                    writer.member("chain", genesis.chainID)
                    writer.member("hash", genesis.hash.hex)
                    writer.member("validators_hash", genesis.validatorSet.hash.hex)
                    writer.member("validators", genesis.validatorSet.count)
                    writer.member("accounts", genesis.accounts.count)
                    writer.member("supply") { $0.quoted(genesis.supply ?? 0) }
                    if let staking = genesis.staking {
                        writer.member("epoch_blocks") { $0.quoted(staking.epochBlocks) }
                    }
                }
            })
        }
        let print = call.terminal.print(_:)
        print("chain       \(genesis.chainID), from \(genesis.time)")
        print("hash        \(genesis.hash.hex)")
        let supply = "\(genesis.supply ?? 0) \(genesis.denom)"
        print("supply      \(supply) in \(genesis.accounts.count) accounts")
        if let staking = genesis.staking {
            print("epochs      \(staking.epochBlocks) blocks")
            for validator in staking.validators {
                let name = validator.moniker.isEmpty ? "" : "  \(validator.moniker)"
                print("validator   \(validator.key.hex.prefix(16))…  \(validator.stake)\(name)")
            }
        } else {
            print("validators  \(genesis.validatorSet.count), for ever")
        }
    }
}
