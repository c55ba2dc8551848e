// SPDX-License-Identifier: Apache-2.0

/// What came of one transaction.
public struct TransactionOutcome: Sendable {
    /// Whether it ended well; otherwise it only paid.
    public let succeeded: Bool
    /// Whether it asked to be undone, with `output` as the reason.
    public let reverted: Bool
    /// Gas that it paid for.
    public let gasUsed: UInt64
    /// What contracts said.
    public let logs: [Log]
    /// What it gave back.
    public let output: [UInt8]
    /// The contract that it made.
    public let created: Address?
}

/// Runs transactions of one block, one after another.
public final class TransactionExecutor {
    let machine: Machine
    let journal: StateJournal
    let environment: BlockEnvironment
    var fork: Hardfork { environment.fork }

    /// For a block whose state is `state`.
    public init(state: BlockState, environment: BlockEnvironment) {
        machine = Machine(block: state, environment: environment)
        journal = machine.journal
        self.environment = environment
    }

    /// Checks a transaction against the state, runs it, and hands its changes to the block.
    ///
    /// - Throws: why it cannot stand here; nothing changed then.
    public func execute(
        _ recovered: RecoveredTransaction, gasLeft: UInt64, blobGasLeft: UInt64
    ) throws(TransactionFault) -> TransactionOutcome {
        let transaction = recovered.transaction
        try transaction.check(fork, chainID: environment.chainID)
        guard transaction.gasLimit <= min(gasLeft, UInt64(Int64.max)) else { throw .gasLimit }
        guard transaction.blobGas <= blobGasLeft else { throw .blobs }
        journal.begin()
        let sender = journal.account(recovered.sender)
        try checkAccount(sender, transaction)
        let price = try effectivePrice(transaction)
        let (intrinsic, floor) = transaction.intrinsicGas(fork)
        buy(sender, transaction, price)
        machine.origin = recovered.sender
        machine.gasPrice = price
        machine.blobHashes = transaction.blobHashes
        machine.refund = 0
        warmUp(sender, transaction)
        let to = transaction.to.map { journal.account($0) }
        if transaction.to != nil {
            let nonce = journal.accounts[Int(sender)].nonce
            journal.setNonce(sender, nonce &+ 1)
        }
        apply(recovered.authorizations)
        let gas = Int64(clamping: transaction.gasLimit - intrinsic)
        let (ending, left, created) = run(recovered, sender, to, gas)
        if let missing = machine.precompiles.missing { throw .missingPrecompile(missing) }
        let used = settle(sender, transaction, price, left: left, floor: floor)
        let output = Array(UnsafeBufferPointer(start: machine.output, count: machine.outputSize))
        let logs = ending == .success ? journal.logs : []
        journal.commit(deletingEmpty: fork >= .spuriousDragon)
        return TransactionOutcome(
            succeeded: ending == .success, reverted: ending == .revert, gasUsed: used, logs: logs,
            output: output, created: created)
    }

    private func checkAccount(
        _ sender: Int32, _ transaction: Transaction
    ) throws(TransactionFault) {
        let account = journal.accounts[Int(sender)]
        guard account.nonce == transaction.nonce else {
            throw .nonce(expected: account.nonce, actual: transaction.nonce)
        }
        if account.codeHash != ContractCode.emptyHash {
            guard fork >= .prague, journal.code(sender).delegate != nil else {
                throw .senderHasCode
            }
        }
        let gas = transaction.maxFeePerGas.multiplied(by: UInt256(transaction.gasLimit))
        let blobs = transaction.maxFeePerBlobGas.multiplied(by: UInt256(transaction.blobGas))
        let first = gas.product.adding(transaction.value)
        let second = first.sum.adding(blobs.product)
        let isLarge = gas.overflow || blobs.overflow || first.overflow || second.overflow
        guard !isLarge, account.balance >= second.sum else { throw .funds }
    }

    /// What a unit of gas costs the sender.
    private func effectivePrice(_ transaction: Transaction) throws(TransactionFault) -> UInt256 {
        guard transaction.maxFeePerGas >= environment.baseFee else { throw .feeBelowBase }
        if transaction.kind == .blob, transaction.maxFeePerBlobGas < environment.blobBaseFee {
            throw .blobFeeBelowBase
        }
        let tipped = environment.baseFee.adding(transaction.maxPriorityFeePerGas)
        if tipped.overflow { return transaction.maxFeePerGas }
        return min(tipped.sum, transaction.maxFeePerGas)
    }

    private func buy(_ sender: Int32, _ transaction: Transaction, _ price: UInt256) {
        let gas = price &* UInt256(transaction.gasLimit)
        let blobs = environment.blobBaseFee &* UInt256(transaction.blobGas)
        let balance = journal.accounts[Int(sender)].balance
        journal.setBalance(sender, balance &- gas &- blobs)
    }

    /// What is warm from the start (EIP-2929, 2930, 3651).
    private func warmUp(_ sender: Int32, _ transaction: Transaction) {
        guard fork >= .berlin else { return }
        _ = journal.warm(sender)
        if let to = transaction.to { _ = journal.warm(journal.account(to)) }
        if fork >= .shanghai { _ = journal.warm(journal.account(environment.feeRecipient)) }
        for entry in transaction.accessList {
            let account = journal.account(entry.address)
            _ = journal.warm(account)
            for slot in entry.slots { _ = journal.warmSlot(account, slot) }
        }
    }

    /// Sets delegations (EIP-7702); those that do not fit are passed over.
    private func apply(_ authorizations: [(Transaction.Authorization, Address?)]) {
        for (authorization, authority) in authorizations {
            guard let authority, authorization.nonce < .max,
                authorization.chainID.isZero
                    || authorization.chainID == UInt256(environment.chainID)
            else { continue }
            let account = journal.account(authority)
            _ = journal.warm(account)
            let found = journal.accounts[Int(account)]
            let isFree =
                found.codeHash == ContractCode.emptyHash || journal.code(account).delegate != nil
            guard isFree, found.nonce == authorization.nonce else { continue }
            if found.flags.contains(.exists) { machine.refund += 12500 }
            let target = authorization.address
            let code: ContractCode =
                target == Address(0)
                ? .empty : ContractCode(ContractCode.delegation(to: target))
            journal.setCode(account, code)
            journal.setNonce(account, authorization.nonce &+ 1)
        }
    }

    /// Gives gas back, pays the fee recipient; what was paid for.
    private func settle(
        _ sender: Int32, _ transaction: Transaction, _ price: UInt256, left: Int64, floor: UInt64
    ) -> UInt64 {
        var used = transaction.gasLimit - UInt64(left)
        let refund = UInt64(max(0, machine.refund))
        used -= min(refund, used / (fork >= .london ? 5 : 2))
        used = max(used, floor)
        let back = price &* UInt256(transaction.gasLimit - used)
        journal.setBalance(sender, journal.accounts[Int(sender)].balance &+ back)
        let recipient = journal.account(environment.feeRecipient)
        let tip = price &- environment.baseFee
        journal.credit(recipient, tip &* UInt256(used))
        return used
    }
}

extension RecoveredTransaction {
    /// Each authorization with the account that signed it.
    var authorizations: [(Transaction.Authorization, Address?)] {
        Array(zip(transaction.authorizations, authorities))
    }
}
