// SPDX-License-Identifier: Apache-2.0

/// SSTORE, whose price and refund changed with five forks.
extension Machine {
    /// Stores, and answers what it costs; more than `gas` when it must fail.
    func storeCost(
        _ account: Int32, _ key: UInt256, _ value: UInt256, _ gas: Int64
    ) -> Int64 {
        if fork >= .istanbul, gas <= 2300 { return Int64.max / 2 }
        let (index, wasCold) = journal.warmSlot(account, key)
        let slot = journal.slots[index]
        let cost: Int64
        if fork >= .berlin {
            cost = netCost(slot, value, noop: 100, change: 2900) + (wasCold ? 2100 : 0)
        } else if fork >= .istanbul {
            cost = netCost(slot, value, noop: 800, change: 5000)
        } else if fork == .constantinople {
            cost = netCost(slot, value, noop: 200, change: 5000)
        } else {
            cost = slot.current.isZero && !value.isZero ? 20000 : 5000
            if !slot.current.isZero, value.isZero { refund += 15000 }
        }
        if cost <= gas, slot.current != value { journal.store(index, value) }
        return cost
    }

    /// EIP-1283 and EIP-2200: the first change of a transaction is dear, the next ones cheap, and
    /// what is put back is refunded.
    private func netCost(
        _ slot: StateJournal.Slot, _ value: UInt256, noop: Int64, change: Int64
    ) -> Int64 {
        let clearing: Int64 = fork >= .london ? 4800 : 15000
        if slot.current == value { return noop }
        if slot.original == slot.current {
            if slot.original.isZero { return 20000 }
            if value.isZero { refund += clearing }
            return change
        }
        if !slot.original.isZero {
            if slot.current.isZero { refund -= clearing }
            if value.isZero { refund += clearing }
        }
        if slot.original == value {
            refund += (slot.original.isZero ? 20000 : change) - noop
        }
        return noop
    }
}
