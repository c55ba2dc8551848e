// SPDX-License-Identifier: Apache-2.0

internal import Bytes
public import Chain
internal import Cryptography

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
        try checkFee(transaction, price: max(price, rules.minimumGasPrice))
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
        state.update(transaction.signer) { account in
            account.balance -= transaction.fee
            account.sequence += 1
            if account.key == nil { account.key = key }
        }
        state.collect(transaction.fee)
        var result = TransactionResult(
            hash: transaction.hash, fault: nil, gasWanted: transaction.gasLimit,
            gasUsed: transaction.gasUsed, signer: transaction.signer, fee: transaction.fee)
        if case .send(let transfers) = transaction.action {
            result.fault = send(transfers, from: transaction.signer, in: &state)
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
        state = next
        return results
    }

    /// All transfers, or none and why.
    private func send(
        _ transfers: [ReadTransaction.Transfer], from sender: AccountAddress,
        in state: inout LedgerState
    ) -> LedgerFault? {
        var total: UInt64 = 0
        for transfer in transfers {
            let (sum, overflow) = total.addingReportingOverflow(transfer.amount)
            total = overflow ? .max : sum
        }
        let available = state.balance(of: sender)
        guard available >= total else {
            return .insufficientFunds(available: coin(available), needed: coin(total))
        }
        guard state.accountCount + transfers.count <= LedgerState.accountLimit else {
            return .invalidRequest("the ledger has no room for further accounts")
        }
        state.update(sender) { $0.balance -= total }
        for transfer in transfers { state.credit(transfer.amount, to: transfer.recipient) }
        return nil
    }

    private func checkFee(
        _ transaction: ReadTransaction, price: GasPrice
    ) throws(LedgerFault) {
        let required = price.fee(forGas: transaction.gasLimit)
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
