// SPDX-License-Identifier: Apache-2.0

/// Instructions that work on a frame put down: those that meet other accounts, and the rare ones.
extension Machine {
    /// What becomes of the frame after a slow instruction.
    enum Step {
        /// The frame on top runs on, be it the same or a new one.
        case goesOn
        /// The frame fails.
        case fails
        /// The frame ends well.
        case stops
    }

    /// Performs an instruction whose fixed price is paid already.
    func slow(_ op: UInt8) -> Step {
        switch op {
        case Opcode.balance: balance()
        case Opcode.externalCodeSize: externalCodeSize()
        case Opcode.externalCodeCopy: externalCodeCopy()
        case Opcode.externalCodeHash: externalCodeHash()
        case Opcode.blockHash: blockHash()
        case Opcode.selfBalance: selfBalance()
        case Opcode.blobHash: blobHash()
        case Opcode.log0...Opcode.log4: log(Int(op - Opcode.log0))
        case Opcode.create, Opcode.create2: create(isSalted: op == Opcode.create2)
        case Opcode.call, Opcode.callCode, Opcode.delegateCall, Opcode.staticCall: call(op)
        case Opcode.selfDestruct: selfDestruct()
        default: .fails
        }
    }

    private func balance() -> Step {
        let account = journal.account(Address(frame.pointee.top[0]))
        guard charge(coldCost(account)) else { return .fails }
        frame.pointee.top[0] = journal.accounts[Int(account)].balance
        return .goesOn
    }

    private func selfBalance() -> Step {
        frame.pointee.top += 1
        frame.pointee.top[0] = journal.accounts[Int(frame.pointee.account)].balance
        return .goesOn
    }

    private func externalCodeSize() -> Step {
        let account = journal.account(Address(frame.pointee.top[0]))
        guard charge(coldCost(account)) else { return .fails }
        frame.pointee.top[0] = UInt256(UInt64(journal.code(account).count))
        return .goesOn
    }

    private func externalCodeHash() -> Step {
        let account = journal.account(Address(frame.pointee.top[0]))
        guard charge(coldCost(account)) else { return .fails }
        let found = journal.accounts[Int(account)]
        frame.pointee.top[0] = found.isEmpty ? .zero : found.codeHash
        return .goesOn
    }

    private func externalCodeCopy() -> Step {
        frame.pointee.top -= 4
        let top = frame.pointee.top
        let length = top[1]
        guard expand(top[3], length), charge(3 &* Self.words(length.w0)) else { return .fails }
        let account = journal.account(Address(top[4]))
        guard charge(coldCost(account)) else { return .fails }
        let code = journal.code(account)
        Self.copy(
            to: memory + frame.pointee.memoryStart, top[3], from: code.bytes, code.count, top[2],
            length)
        return .goesOn
    }

    private func blockHash() -> Step {
        let number = frame.pointee.top[0]
        let current = environment.number
        let isNear = number.isSmall && number.w0 < current && current &- number.w0 <= 256
        frame.pointee.top[0] = isNear ? block.base.blockHash(number.w0) : .zero
        return .goesOn
    }

    private func blobHash() -> Step {
        let index = frame.pointee.top[0]
        let isThere = index.isSmall && index.w0 < UInt64(blobHashes.count)
        frame.pointee.top[0] = isThere ? blobHashes[Int(index.w0)] : .zero
        return .goesOn
    }

    private func log(_ topicCount: Int) -> Step {
        if frame.pointee.isStatic { return .fails }
        frame.pointee.top -= 2 + topicCount
        let top = frame.pointee.top
        let offset = top[2 + topicCount], length = top[1 + topicCount]
        guard expand(offset, length), charge(8 &* Int64(truncatingIfNeeded: length.w0)) else {
            return .fails
        }
        let data =
            length.isZero
            ? []
            : [UInt8](UnsafeRawBufferPointer(start: place(offset), count: Int(length.w0)))
        let topics = (0..<topicCount).map { top[topicCount - $0] }
        journal.append(Log(address: frame.pointee.address, topics: topics, data: data))
        return .goesOn
    }

    private func selfDestruct() -> Step {
        if frame.pointee.isStatic { return .fails }
        let account = frame.pointee.account
        let beneficiary = journal.account(Address(frame.pointee.top[0]))
        frame.pointee.top -= 1
        if fork >= .berlin, journal.warm(beneficiary), !charge(2600) { return .fails }
        let amount = journal.accounts[Int(account)].balance
        let target = journal.accounts[Int(beneficiary)]
        if fork >= .spuriousDragon {
            if target.isEmpty, !amount.isZero, !charge(25000) { return .fails }
        } else if fork >= .tangerineWhistle {
            if !target.flags.contains(.exists), !charge(25000) { return .fails }
        }
        let own = journal.accounts[Int(account)]
        if fork < .london, !own.flags.contains(.isDestroyed) { refund += 24000 }
        if fork >= .cancun, !own.flags.contains(.isCreated) {
            if beneficiary != account {
                journal.setBalance(account, .zero)
                journal.credit(beneficiary, amount)
            }
        } else {
            journal.credit(beneficiary, amount)
            journal.setBalance(account, .zero)
            journal.destroy(account)
        }
        return .stops
    }
}
