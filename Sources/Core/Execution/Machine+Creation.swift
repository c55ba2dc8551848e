// SPDX-License-Identifier: Apache-2.0

/// Making contracts.
extension Machine {
    /// CREATE and CREATE2.
    func create(isSalted: Bool) -> Step {
        if frame.pointee.isStatic { return .fails }
        frame.pointee.top -= isSalted ? 4 : 3
        let top = frame.pointee.top
        let first = isSalted ? 4 : 3
        let value = top[first], offset = top[first - 1], length = top[first - 2]
        guard expand(offset, length) else { return .fails }
        if fork >= .shanghai {
            guard length.w0 <= UInt64(ExecutionLimits.creationCodeSizeBytes),
                charge(2 &* Self.words(length.w0))
            else { return .fails }
        }
        if isSalted, !charge(6 &* Self.words(length.w0)) { return .fails }
        outputSize = 0
        let own = frame.pointee.account
        let creator = journal.accounts[Int(own)]
        guard depth < ExecutionLimits.callDepth, creator.balance >= value, creator.nonce < .max
        else {
            push(.zero)
            return .goesOn
        }
        let left = frame.pointee.gas
        let gas = fork >= .tangerineWhistle ? left &- left / 64 : left
        frame.pointee.gas &-= gas
        let size = Int(truncatingIfNeeded: length.w0)
        let bytes = UnsafeRawBufferPointer(
            start: size > 0 ? place(offset) : memory, count: size
        ).bindMemory(to: UInt8.self)
        let address: Address
        if isSalted {
            let nothing = UnsafePointer(output)
            let start = UnsafeMutableRawPointer(mutating: bytes.baseAddress ?? nothing)
            let hash = Self.keccak(start, length.w0)
            address = frame.pointee.address.created(salt: top[1], codeHash: hash)
        } else {
            address = frame.pointee.address.created(nonce: creator.nonce)
        }
        journal.setNonce(own, creator.nonce &+ 1)
        let code = ContractCode(bytes, hash: .zero)
        let frame = beginCreation(address, code, value, gas, caller: creator)
        if let frame { open(frame) } else { push(.zero) }
        return .goesOn
    }

    /// The frame of a contract's making, or nil when the address is taken: its gas is gone.
    ///
    /// Taken is what has a nonce, code or storage (Protocol/25-execution.md#old-storage).
    /// It stands on that of its creator, or on nothing when a transaction makes the contract.
    func beginCreation(
        _ address: Address, _ code: ContractCode, _ value: UInt256, _ gas: Int64,
        caller: StateJournal.Account, isOutermost: Bool = false
    ) -> CallFrame? {
        let target = journal.account(address)
        if fork >= .berlin { _ = journal.warm(target) }
        let found = journal.accounts[Int(target)]
        guard found.nonce == 0, found.codeHash == ContractCode.emptyHash,
            !found.flags.contains(.hasStorage)
        else { return nil }
        let mark = journal.mark
        journal.keep(code)
        journal.create(target)
        if fork >= .spuriousDragon { journal.setNonce(target, 1) }
        if !value.isZero {
            let creator = journal.account(caller.address)
            journal.setBalance(creator, journal.accounts[Int(creator)].balance &- value)
            journal.credit(target, value)
        }
        let top = isOutermost ? stack : frame.pointee.top
        let start = isOutermost ? 0 : frame.pointee.memoryStart &+ frame.pointee.memorySize
        return CallFrame(
            code: code.bytes, destinations: code.destinations, codeSize: code.count,
            counter: code.bytes, floor: top, top: top, gas: gas, memoryStart: start,
            memorySize: 0, inputStart: 0, inputSize: 0, account: target, address: address,
            caller: caller.address, value: value, isStatic: false, isCreation: true,
            outputStart: 0, outputSize: 0, mark: mark, refundBefore: refund)
    }

    /// Ends a making: what it gave back becomes the code, if the rules let it.
    func leaveCreation(_ ended: CallFrame, _ ending: Ending) -> Bool {
        var gas = ended.gas
        var ending = ending
        if ending == .success { ending = deposit(ended.account, &gas) }
        if ending != .success {
            journal.revert(to: ended.mark)
            refund = ended.refundBefore
        }
        if ending == .failure { gas = 0 }
        if ending != .revert { outputSize = 0 }
        lastEnding = ending
        if depth == 0 {
            frame.pointee.gas = gas
            return true
        }
        depth &-= 1
        frame.pointee.gas &+= gas
        push(ending == .success ? ended.address.word : .zero)
        return false
    }

    private func deposit(_ account: Int32, _ gas: inout Int64) -> Ending {
        let size = outputSize
        if fork >= .spuriousDragon, size > ExecutionLimits.codeSizeBytes { return .failure }
        if fork >= .london, size > 0, output[0] == 0xef { return .failure }
        let cost = 200 &* Int64(size)
        if gas < cost { return fork >= .homestead ? .failure : .success }
        gas &-= cost
        if size > 0 {
            let bytes = UnsafeBufferPointer(start: UnsafePointer(output), count: size)
            let hash = Self.keccak(UnsafeMutableRawPointer(output), UInt64(size))
            journal.setCode(account, ContractCode(bytes, hash: hash))
        }
        return .success
    }
}
