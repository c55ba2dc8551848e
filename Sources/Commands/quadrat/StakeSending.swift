// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import Cryptography
internal import Ledger
internal import RPC
internal import Roles
internal import Staking
internal import Storage

/// Who signs, and for which chain.
struct StakeSender {
    var account: Bytes20
    let rules: LedgerRules
    let staking: StakingRules

    /// The operator address of a text.
    func validator(_ text: String) throws(CommandFault) -> Bytes20 {
        do throws(DecodeFault) {
            return try AccountAddress(bech32: text, prefix: staking.operatorPrefix).bytes
        } catch {
            throw .usage(
                "'\(text)' is no validator: \(error)",
                hint: "its address begins with \(staking.operatorPrefix)1")
        }
    }

    /// The account of a text.
    func account(_ text: String) throws(CommandFault) -> Bytes20 {
        do throws(DecodeFault) {
            return try AccountAddress(bech32: text, prefix: rules.addressPrefix).bytes
        } catch {
            throw .usage("'\(text)' is no account: \(error)")
        }
    }
}

/// How a message becomes a transaction in a block.
enum StakeSending {
    static let options =
        NodeConnection.options + [
            Option("from", .text("KEY"), "sign with this account key of the data directory"),
            Option(
                "gas-price", .text("PRICE"), "what to pay for a unit of gas; what the node quotes"),
        ]

    /// Makes the message, has it signed and brought in, and says where it stands.
    static func send(
        _ call: Invocation,
        _ message: (StakeSender) throws(CommandFault) -> StakingMessage
    ) throws(CommandFault) -> ExitCode {
        let node = try NodeConnection.open(call)
        let key = try key(call)
        let price = try price(call)
        let sender = try sender(node, key)
        let made = try message(sender)
        let typed = TypedMessage(
            typeURL: made.type.rawValue, value: made.protobuf(rules: sender.staking))
        let included =
            if let key {
                try bring(typed, key, price, sender.rules, by: node)
            } else {
                try asked { () throws(RPCClientFault) in
                    var options = SubmitOptions()
                    options.gasPriceNano = price.map { $0.millionths * 1_000 }
                    return try node.submit([typed], options)
                }
            }
        if call.flag("json") {
            call.terminal.print(json: { writer in
                writer.object {
                    $0.member("height", included.height)
                    $0.member("hash", included.hash)
                }
            })
        } else {
            call.terminal.print("height \(included.height)")
            call.terminal.print("hash   \(included.hash)")
        }
        return .done
    }

    /// What a node answers, or its fault as a command's.
    static func asked<Value>(
        _ body: () throws(RPCClientFault) -> Value
    ) throws(CommandFault) -> Value {
        do throws(RPCClientFault) { return try body() } catch { throw CommandFault(error) }
    }

    /// Who signs: the key's account, or the node's.
    static func sender(
        _ node: RPCClient, _ key: Secp256k1PrivateKey?
    ) throws(CommandFault) -> StakeSender {
        let rules = try asked { () throws(RPCClientFault) in try node.rules() }
        guard let staking = rules.staking else {
            throw .failed("nothing can be staked on chain \(rules.chainID)")
        }
        var sender = StakeSender(account: Bytes20(), rules: rules, staking: staking)
        if let key {
            sender.account = AccountAddress(of: key.publicKey).bytes
        } else {
            let text = try asked { () throws(RPCClientFault) in try node.accountAddress() }
            sender.account = try sender.account(text)
        }
        return sender
    }

    /// The key of --from; nil for the node's own.
    static func key(_ call: Invocation) throws(CommandFault) -> Secp256k1PrivateKey? {
        guard let name = call.text("from") else { return nil }
        let stored = try KeyCommand.load(name, call)
        guard stored.purpose == .account, let key = Secp256k1PrivateKey(bytes: stored.secret)
        else { throw .failed("the key '\(name)' is no account's") }
        return key
    }

    private static func price(_ call: Invocation) throws(CommandFault) -> GasPrice? {
        guard let text = call.text("gas-price") else { return nil }
        do throws(DecodeFault) {
            return try GasPrice(text: text)
        } catch {
            throw .usage("'\(text)' is no price: \(error)")
        }
    }

    /// Signs here, and has the node bring it in.
    private static func bring(
        _ message: TypedMessage, _ key: Secp256k1PrivateKey, _ price: GasPrice?,
        _ rules: LedgerRules, by node: RPCClient
    ) throws(CommandFault) -> IncludedTransaction {
        var signer = TransactionSigner(key: key, rules: rules, accountNumber: 0)
        let account = try asked { () throws(RPCClientFault) in
            try node.account(signer.bech32)
        }
        signer.accountNumber = account.number
        let paid: GasPrice
        if let price {
            paid = price
        } else {
            paid = try asked { () throws(RPCClientFault) in try node.quote(sizeBytes: 1) }.gasPrice
        }
        let gas: UInt64
        do throws(LedgerFault) {
            gas = try signer.gas(for: [message], sequence: account.sequence)
        } catch {
            throw .failed("\(error)")
        }
        let transaction = signer.sign(
            [message], sequence: account.sequence, gasLimit: gas, fee: paid.fee(forGas: gas))
        return try asked { () throws(RPCClientFault) in
            try node.submit(transaction: transaction.encode())
        }
    }
}
