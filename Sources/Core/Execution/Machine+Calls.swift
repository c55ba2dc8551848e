// SPDX-License-Identifier: Apache-2.0

/// Entering another contract's code.
extension Machine {
    /// A call as it was asked for, its operands taken off the stack.
    struct Call {
        var gas: UInt256
        var target: Address
        var value: UInt256
        var inputStart: UInt256
        var inputSize: UInt256
        var outputStart: UInt256
        var outputSize: UInt256
    }

    /// CALL, CALLCODE, DELEGATECALL and STATICCALL.
    func call(_ op: UInt8) -> Step {
        let call = takeCall(op)
        let movesValue = !call.value.isZero && op != Opcode.delegateCall
        if movesValue, op == Opcode.call, frame.pointee.isStatic { return .fails }
        guard expand(call.inputStart, call.inputSize), expand(call.outputStart, call.outputSize)
        else { return .fails }
        let target = journal.account(call.target)
        guard charge(coldCost(target)) else { return .fails }
        if movesValue {
            guard charge(9000) else { return .fails }
        }
        if op == Opcode.call {
            let found = journal.accounts[Int(target)]
            let isNew =
                fork >= .spuriousDragon
                ? found.isEmpty && movesValue : !found.flags.contains(.exists)
            if isNew, !charge(25000) { return .fails }
        }
        var code = journal.code(target)
        if let delegate = code.delegate, fork >= .prague {
            let account = journal.account(delegate)
            guard charge(journal.warm(account) ? 2600 : 100) else { return .fails }
            code = precompiles.isActive(delegate) ? .empty : journal.code(account)
        }
        guard let passed = passedGas(call.gas) else { return .fails }
        let gas = movesValue ? passed &+ 2300 : passed
        outputSize = 0
        let balance = journal.accounts[Int(frame.pointee.account)].balance
        if depth >= ExecutionLimits.callDepth || (movesValue && balance < call.value) {
            frame.pointee.gas &+= gas
            push(.zero)
            return .goesOn
        }
        return enter(call, op, target, code, gas, movesValue)
    }

    private func takeCall(_ op: UInt8) -> Call {
        let hasValue = op == Opcode.call || op == Opcode.callCode
        frame.pointee.top -= hasValue ? 7 : 6
        let top = frame.pointee.top
        let first = hasValue ? 7 : 6
        return Call(
            gas: top[first], target: Address(top[first - 1]), value: hasValue ? top[5] : .zero,
            inputStart: top[4], inputSize: top[3], outputStart: top[2], outputSize: top[1])
    }

    /// What a call may use: what it asks for, or all but a 64th (EIP-150); nil if there is less.
    private func passedGas(_ asked: UInt256) -> Int64? {
        let left = frame.pointee.gas
        var passed = asked.clamped
        if fork >= .tangerineWhistle {
            passed = min(passed, UInt64(left &- left / 64))
        } else if passed > UInt64(left) {
            return nil
        }
        frame.pointee.gas &-= Int64(passed)
        return Int64(passed)
    }

    func push(_ word: UInt256) {
        frame.pointee.top += 1
        frame.pointee.top[0] = word
    }

    private func enter(
        _ call: Call, _ op: UInt8, _ target: Int32, _ code: ContractCode, _ gas: Int64,
        _ movesValue: Bool
    ) -> Step {
        let own = frame.pointee
        let mark = journal.mark
        let isPlain = op == Opcode.call || op == Opcode.staticCall
        if op == Opcode.call, movesValue {
            let balance = journal.accounts[Int(own.account)].balance
            journal.setBalance(own.account, balance &- call.value)
            journal.credit(target, call.value)
        } else if isPlain {
            journal.touch(target)
        }
        let input = own.memoryStart &+ Int(truncatingIfNeeded: call.inputStart.w0)
        let inputSize = Int(truncatingIfNeeded: call.inputSize.w0)
        let outputStart = Int(truncatingIfNeeded: call.outputStart.w0)
        let wanted = Int(truncatingIfNeeded: call.outputSize.w0)
        if precompiles.isActive(call.target) {
            return runPrecompile(
                call.target, inputSize > 0 ? input : 0, inputSize, gas, outputStart, wanted, mark)
        }
        if code.count == 0 {
            frame.pointee.gas &+= gas
            push(.one)
            return .goesOn
        }
        let isDelegate = op == Opcode.delegateCall
        open(
            CallFrame(
                code: code.bytes, destinations: code.destinations, codeSize: code.count,
                counter: code.bytes, floor: own.top, top: own.top, gas: gas,
                memoryStart: own.memoryStart &+ own.memorySize, memorySize: 0,
                inputStart: inputSize > 0 ? input : 0, inputSize: inputSize,
                account: isPlain ? target : own.account,
                address: isPlain ? call.target : own.address,
                caller: isDelegate ? own.caller : own.address,
                value: isDelegate ? own.value : call.value,
                isStatic: own.isStatic || op == Opcode.staticCall, isCreation: false,
                outputStart: outputStart, outputSize: wanted, mark: mark, refundBefore: refund))
        return .goesOn
    }

    /// Puts a frame on top of the running one.
    func open(_ frame: CallFrame) {
        depth &+= 1
        (frames + depth).initialize(to: frame)
    }

    private func runPrecompile(
        _ address: Address, _ input: Int, _ inputSize: Int, _ gas: Int64, _ outputStart: Int,
        _ wanted: Int, _ mark: (undo: Int, logs: Int)
    ) -> Step {
        let bytes = UnsafeRawBufferPointer(start: memory + input, count: inputSize)
        switch precompiles.run(address, bytes, gas: gas) {
        case .success(let cost, let result):
            frame.pointee.gas &+= gas &- cost
            setOutput(result)
            copyOutput(outputStart, wanted)
            push(.one)
        case .failure:
            journal.revert(to: mark)
            push(.zero)
        }
        return .goesOn
    }

    /// Copies what a call gave back to where its caller wanted it.
    private func copyOutput(_ start: Int, _ wanted: Int) {
        let count = min(wanted, outputSize)
        guard count > 0 else { return }
        (memory + (frame.pointee.memoryStart &+ start)).copyMemory(from: output, byteCount: count)
    }

    /// Ends the frame on top and tells its caller; whether it was the transaction's own.
    func leave(_ ending: Ending, _ start: Int, _ length: UInt64) -> Bool {
        let ended = frame.pointee
        if ending == .failure || length == 0 {
            outputSize = 0
        } else {
            setOutput(memory + (ended.memoryStart &+ start), Int(truncatingIfNeeded: length))
        }
        if ended.isCreation { return leaveCreation(ended, ending) }
        if ending != .success {
            journal.revert(to: ended.mark)
            refund = ended.refundBefore
            if ending == .failure { frame.pointee.gas = 0 }
        }
        lastEnding = ending
        if depth == 0 { return true }
        depth &-= 1
        if ending != .failure { frame.pointee.gas &+= ended.gas }
        copyOutput(ended.outputStart, ended.outputSize)
        push(UInt256(ending == .success))
        return false
    }
}
