// SPDX-License-Identifier: Apache-2.0

/// The outermost frame.
extension TransactionExecutor {
    /// Runs what the transaction calls or makes: how it ended, gas that is left, what it made.
    func run(
        _ recovered: RecoveredTransaction, _ sender: Int32, _ to: Int32?, _ gas: Int64
    ) -> (Ending, Int64, Address?) {
        let transaction = recovered.transaction
        machine.depth = 0
        machine.outputSize = 0
        if let to, let address = transaction.to {
            let (ending, left) = call(
                to, address, from: sender, value: transaction.value, input: transaction.data, gas)
            return (ending, left, nil)
        }
        let creator = journal.accounts[Int(sender)]
        let address = creator.address.created(nonce: creator.nonce)
        journal.setNonce(sender, creator.nonce &+ 1)
        let code = ContractCode(transaction.data, hash: .zero)
        guard
            let frame = machine.beginCreation(
                address, code, transaction.value, gas, caller: creator, isOutermost: true)
        else { return (.failure, 0, nil) }
        machine.frames.initialize(to: frame)
        let ending = machine.run()
        return (ending, machine.frames[0].gas, ending == .success ? address : nil)
    }

    /// Calls an account from outside.
    func call(
        _ to: Int32, _ address: Address, from sender: Int32, value: UInt256, input: [UInt8],
        _ gas: Int64, shownValue: UInt256? = nil
    ) -> (Ending, Int64) {
        let mark = journal.mark
        var code = journal.code(to)
        if fork >= .prague, let delegate = code.delegate {
            let account = journal.account(delegate)
            _ = journal.warm(account)
            let isPrecompiled = machine.precompiles.isActive(delegate)
            code = isPrecompiled ? .empty : journal.code(account)
        }
        if value.isZero {
            journal.touch(to)
        } else {
            journal.setBalance(sender, journal.accounts[Int(sender)].balance &- value)
            journal.credit(to, value)
        }
        if machine.precompiles.isActive(address) {
            return precompiled(address, input, gas, mark)
        }
        if code.count == 0 { return (.success, gas) }
        let start = (input.count + 31) / 32 * 32
        machine.reserveMemory(start + 32, keeping: 0)
        input.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, bytes.count > 0 else { return }
            machine.memory.copyMemory(from: base, byteCount: bytes.count)
        }
        machine.frames.initialize(
            to: CallFrame(
                code: code.bytes, destinations: code.destinations, codeSize: code.count,
                counter: code.bytes, floor: machine.stack, top: machine.stack, gas: gas,
                memoryStart: start, memorySize: 0, inputStart: 0, inputSize: input.count,
                account: to, address: address, caller: journal.accounts[Int(sender)].address,
                value: shownValue ?? value, isStatic: false, isCreation: false, outputStart: 0,
                outputSize: 0,
                mark: mark, refundBefore: machine.refund))
        let ending = machine.run()
        return (ending, machine.frames[0].gas)
    }

    private func precompiled(
        _ address: Address, _ input: [UInt8], _ gas: Int64, _ mark: (undo: Int, logs: Int)
    ) -> (Ending, Int64) {
        let outcome = input.withUnsafeBytes {
            machine.precompiles.run(address, $0, gas: gas)
        }
        switch outcome {
        case .success(let cost, let output):
            machine.setOutput(output)
            return (.success, gas &- cost)
        case .failure:
            journal.revert(to: mark)
            return (.failure, 0)
        }
    }

    /// The caller of calls that are part of a block's rules (EIP-4788 and others).
    static let systemCaller = Address(
        UInt256(0xffff_ffff_ffff_fffe, 0xffff_ffff_ffff_ffff, 0xffff_ffff, 0))

    /// Calls a contract by the rules of a block: without fee, with gas of its own.
    ///
    /// - Returns: what it gave back, or nil when it failed.
    func callSystem(_ address: Address, _ input: [UInt8]) -> [UInt8]? {
        journal.begin()
        machine.origin = Self.systemCaller
        machine.gasPrice = .zero
        machine.blobHashes = []
        machine.refund = 0
        machine.depth = 0
        machine.outputSize = 0
        let sender = journal.account(Self.systemCaller)
        let to = journal.account(address)
        if fork >= .berlin { _ = journal.warm(to) }
        let (ending, _) = call(
            to, address, from: sender, value: .zero, input: input,
            ExecutionLimits.systemCallGas)
        journal.commit(deletingEmpty: true)
        guard ending == .success else { return nil }
        return Array(UnsafeBufferPointer(start: machine.output, count: machine.outputSize))
    }
}
