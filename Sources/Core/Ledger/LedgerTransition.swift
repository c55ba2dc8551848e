// SPDX-License-Identifier: Apache-2.0

internal import Bytes
public import Chain
internal import Cryptography
internal import Staking

/// How transactions change the ledger.
///
/// A transaction is read once (form, messages, blobs), which needs no state; then it is checked
/// against a state for a mempool, or applied for a block. What makes a check fail must not be in a
/// block; what only makes its messages fail leaves the fee paid and the sequence counted.
/// Specified in Protocol/10-chain-and-ledger.md#check.
public struct LedgerTransition: Hashable, Sendable {
    /// The chain's constants.
    public var rules: LedgerRules

    /// Takes the constants.
    public init(rules: LedgerRules) {
        self.rules = rules
    }

    /// Checks that a transaction can go into the next block, with what the node itself asks for.
    ///
    /// What it returns is the same transaction, known to be signed: checked or applied again, its
    /// signature is not verified again.
    @discardableResult
    public func check(
        _ transaction: ReadTransaction, on state: LedgerState, height: Height,
        price: GasPrice = GasPrice(millionths: 0)
    ) throws(LedgerFault) -> ReadTransaction {
        let read = transaction.transaction
        let timeout = read.body.timeoutHeight
        guard timeout == 0 || height.value <= timeout else {
            throw .timedOut(limit: timeout, height: height)
        }
        try checkFee(transaction, price: max(price, rules.minimumGasPrice), on: state)
        guard transaction.gasUsed <= transaction.gasLimit else {
            throw .outOfGas(wanted: transaction.gasLimit, used: transaction.gasUsed)
        }
        guard let account = state.account(transaction.signer) else {
            throw .unknownAccount(transaction.signer.bech32(prefix: rules.addressPrefix))
        }
        guard transaction.sequence == account.sequence else {
            throw .sequence(expected: account.sequence, actual: transaction.sequence)
        }
        guard account.balance >= transaction.fee else {
            throw .insufficientFunds(
                available: coin(account.balance), needed: coin(transaction.fee))
        }
        let verification = ReadTransaction.Verification(
            chainID: rules.chainID, accountNumber: account.number)
        if transaction.verified == verification { return transaction }
        try checkSignature(read, account: account)
        var signed = transaction
        signed.verified = verification
        return signed
    }

    /// Puts a transaction of a block into effect.
    ///
    /// - Throws: when it must not be in a block; the state is then unchanged.
    public func apply(
        _ transaction: ReadTransaction, to state: inout LedgerState, height: Height
    ) throws(LedgerFault) -> TransactionResult {
        try check(transaction, on: state, height: height)
        let key =
            state.account(transaction.signer)?.key == nil
            ? try signerKey(transaction.transaction) : nil
        try collect(transaction.fee, in: &state)
        state.update(transaction.signer) { account in
            account.balance -= transaction.fee
            account.sequence += 1
            if account.key == nil { account.key = key }
        }
        var result = TransactionResult(
            hash: transaction.hash, fault: nil, gasWanted: transaction.gasLimit,
            gasUsed: transaction.gasUsed, signer: transaction.signer, fee: transaction.fee)
        if case .perform(let operations) = transaction.action {
            result.fault = perform(operations, of: transaction.signer, in: &state)
        }
        return result
    }

    /// Puts all transactions of a block into effect and settles the state.
    ///
    /// - Throws: at the first that must not be in a block; the state is then unchanged.
    public func apply(
        block transactions: [ReadTransaction], to state: inout LedgerState, height: Height
    ) throws(LedgerFault) -> [TransactionResult] {
        var next = state
        var results: [TransactionResult] = []
        results.reserveCapacity(transactions.count)
        for transaction in transactions {
            results.append(try apply(transaction, to: &next, height: height))
        }
        next.settle()
        try next.checkStore()
        state = next
        return results
    }

    /// Fees go to those who stake or, where nobody can, to nobody yet.
    private func collect(
        _ fee: UInt64, in state: inout LedgerState
    ) throws(LedgerFault) {
        guard let staking = rules.staking else { return state.collect(fee) }
        try state.stake(staking) { staked throws(StakingFault) in try staked.collect(fee: fee) }
    }

    /// All messages in their order, or none and why.
    private func perform(
        _ operations: [ReadTransaction.Operation], of signer: AccountAddress,
        in state: inout LedgerState
    ) -> LedgerFault? {
        let mark = state.mark
        let punished = state.punishments.count
        do throws(LedgerFault) {
            for operation in operations {
                switch operation {
                case .transfer(let transfer): try send(transfer, from: signer, in: &state)
                case .staking(let message):
                    try execute(message, in: &state)
                }
            }
            return nil
        } catch {
            state.undo(to: mark)
            state.punishments.removeLast(state.punishments.count - punished)
            return error
        }
    }

    private func send(
        _ transfer: ReadTransaction.Transfer, from sender: AccountAddress,
        in state: inout LedgerState
    ) throws(LedgerFault) {
        let available = state.balance(of: sender)
        guard available >= transfer.amount else {
            throw .insufficientFunds(
                available: coin(available), needed: coin(transfer.amount))
        }
        guard state.accountCount < LedgerState.accountLimit else {
            throw .invalidRequest("the ledger has no room for further accounts")
        }
        state.update(sender) { $0.balance -= transfer.amount }
        state.credit(transfer.amount, to: transfer.recipient)
    }

    private func checkFee(
        _ transaction: ReadTransaction, price: GasPrice, on state: LedgerState
    ) throws(LedgerFault) {
        var required = price.fee(forGas: transaction.gasLimit)
        if let staking = rules.staking {
            do throws(StakingFault) {
                let prices = try state.staking(staking).prices()
                required = max(required, prices.fee(forGas: transaction.gasLimit) ?? .max)
            } catch {
                throw .staking(error)
            }
        }
        guard transaction.fee >= required else {
            throw .feeTooLow(got: coin(transaction.fee), required: coin(required))
        }
    }

    private func checkSignature(
        _ transaction: CosmosTransaction, account: Account
    ) throws(LedgerFault) {
        let key = try signerKey(transaction) ?? account.key
        guard let key else { throw .invalidKey("the signer's key is not known") }
        guard AccountAddress(of: key) == account.address else {
            throw .invalidKey("the key is another account's")
        }
        let document = transaction.signDocument(
            chainID: rules.chainID, accountNumber: account.number)
        guard let bytes = transaction.signatures.first, let signature = Bytes64(bytes),
            key.isValid(signature, digest: SHA256.hash(document))
        else {
            throw .signature(
                accountNumber: account.number, sequence: account.sequence,
                chainID: rules.chainID)
        }
    }

    private func coin(_ amount: UInt64) -> Coin {
        Coin(denom: rules.denom, amount: amount)
    }
}
