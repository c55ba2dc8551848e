// SPDX-License-Identifier: Apache-2.0

/// The state while a block runs: what its transactions changed so far, over the state before it.
///
/// Everything that was asked once is kept. Not safe for several threads.
public final class BlockState {
    struct Account {
        var address: Address
        var hash: UInt64
        var state: AccountState
        var exists: Bool
        /// Changed since the last time that changes were taken over.
        var isDirty = false
        /// Deleted since then: what the state before has in its slots is gone.
        var isWiped = false
        /// How often it was deleted: slots of an earlier life are not found.
        var incarnation: Int32 = 0
    }

    struct Slot {
        var account: Int32
        var incarnation: Int32
        var hash: UInt64
        var key: UInt256
        var value: UInt256
        var isDirty = false
    }

    /// The state before the block.
    public let base: any StateReader
    let seed: UInt64
    var accounts: [Account] = []
    var slots: [Slot] = []
    private var accountTable = IndexTable(capacity: 1024)
    private var slotTable = IndexTable(capacity: 4096)
    private var codes: [UInt256: ContractCode] = [:]

    /// Nothing changed yet; `seed` should be a secret where strangers choose addresses.
    public init(base: any StateReader, seed: UInt64 = 0) {
        self.base = base
        self.seed = seed
        accounts.reserveCapacity(512)
        slots.reserveCapacity(2048)
    }

    deinit {
        accountTable.free()
        slotTable.free()
    }

    /// The number of an account in here; it is asked of the base the first time.
    func index(of address: Address, _ hash: UInt64) -> Int32 {
        var place = Int(truncatingIfNeeded: hash) & accountTable.mask
        while true {
            let word = accountTable.words[place]
            guard word >> 32 == accountTable.generation else { break }
            let index = Int(word & 0xffff_ffff)
            if accounts[index].address == address { return Int32(index) }
            place = (place &+ 1) & accountTable.mask
        }
        let found = base.account(address)
        accounts.append(
            Account(
                address: address, hash: hash, state: found ?? AccountState(), exists: found != nil))
        if accountTable.isFull { accountTable.grow(accounts.count - 1) { accounts[$0].hash } }
        accountTable.insert(hash, accounts.count - 1)
        return Int32(accounts.count - 1)
    }

    private func find(_ account: Int32, _ key: UInt256, _ hash: UInt64) -> Int? {
        let incarnation = accounts[Int(account)].incarnation
        var place = Int(truncatingIfNeeded: hash) & slotTable.mask
        while true {
            let word = slotTable.words[place]
            guard word >> 32 == slotTable.generation else { return nil }
            let index = Int(word & 0xffff_ffff)
            if slots[index].key == key, slots[index].account == account,
                slots[index].incarnation == incarnation
            {
                return index
            }
            place = (place &+ 1) & slotTable.mask
        }
    }

    private func insert(
        _ account: Int32, _ key: UInt256, _ hash: UInt64, _ value: UInt256
    ) -> Int {
        slots.append(
            Slot(
                account: account, incarnation: accounts[Int(account)].incarnation, hash: hash,
                key: key, value: value))
        if slotTable.isFull { slotTable.grow(slots.count - 1) { slots[$0].hash } }
        slotTable.insert(hash, slots.count - 1)
        return slots.count - 1
    }

    /// What a slot of an account holds, and the slot's number in here.
    func storage(_ account: Int32, _ key: UInt256) -> (value: UInt256, slot: Int) {
        let hash = IndexTable.hash(account, key, seed)
        if let index = find(account, key, hash) { return (slots[index].value, index) }
        let entry = accounts[Int(account)]
        let value =
            entry.isWiped || !entry.exists ? .zero : base.storage(entry.address, key)
        return (value, insert(account, key, hash, value))
    }

    /// The number of a slot that is written without having been read.
    func slot(_ account: Int32, _ key: UInt256) -> Int {
        let hash = IndexTable.hash(account, key, seed)
        return find(account, key, hash) ?? insert(account, key, hash, .zero)
    }

    func setStorage(_ account: Int32, slot index: Int, _ value: UInt256) {
        slots[index].value = value
        slots[index].isDirty = true
        accounts[Int(account)].isDirty = true
        if !value.isZero { accounts[Int(account)].state.hasStorage = true }
    }

    func set(_ account: Int32, nonce: UInt64, balance: UInt256, codeHash: UInt256) {
        let index = Int(account)
        accounts[index].state.nonce = nonce
        accounts[index].state.balance = balance
        accounts[index].state.codeHash = codeHash
        accounts[index].exists = true
        accounts[index].isDirty = true
    }

    func delete(_ account: Int32) {
        let index = Int(account)
        guard accounts[index].exists else { return }
        accounts[index].state = AccountState()
        accounts[index].exists = false
        accounts[index].isDirty = true
        accounts[index].isWiped = true
        accounts[index].incarnation &+= 1
    }

    /// Code of an account in here; kept until the block ends.
    func code(_ hash: UInt256) -> ContractCode {
        if hash == ContractCode.emptyHash { return .empty }
        if let code = codes[hash] { return code }
        let code = base.code(hash)
        codes[hash] = code
        return code
    }

    func add(_ code: ContractCode) { codes[code.hash] = code }

    /// Adds coins outside of any transaction: withdrawals and rewards.
    func credit(_ address: Address, _ amount: UInt256) {
        let index = Int(index(of: address, IndexTable.hash(address, seed)))
        accounts[index].state.balance = accounts[index].state.balance &+ amount
        accounts[index].exists = true
        accounts[index].isDirty = true
    }

    /// The same, and an account that is empty afterwards goes.
    func pay(_ address: Address, _ amount: UInt256, deletingEmpty: Bool) {
        credit(address, amount)
        let index = index(of: address, IndexTable.hash(address, seed))
        if deletingEmpty, accounts[Int(index)].state.isEmpty { delete(index) }
    }

    /// Takes coins away that are there.
    func debit(_ address: Address, _ amount: UInt256) {
        let index = Int(index(of: address, IndexTable.hash(address, seed)))
        accounts[index].state.balance = accounts[index].state.balance &- amount
        accounts[index].isDirty = true
    }

    /// An account as it is now.
    public func account(_ address: Address) -> AccountState? {
        let index = Int(index(of: address, IndexTable.hash(address, seed)))
        return accounts[index].exists ? accounts[index].state : nil
    }
}

/// Handing changes on.
extension BlockState {
    /// What became of one account.
    public struct Change {
        /// Which.
        public let address: Address
        /// What it is now; nil when it is gone.
        public let state: AccountState?
        /// Whether its slots were all emptied before those below were set.
        public let isWiped: Bool
        /// Its code, when it is not that of the state before.
        public let code: ContractCode?
        /// Slots that changed, in the order in which they were first touched.
        public var slots: [(key: UInt256, value: UInt256)] = []
    }

    /// Changes since the last call, accounts in the order in which they were first touched.
    public func takeChanges() -> [Change] {
        var changes: [Change] = []
        var places: [Int32: Int] = [:]
        for index in accounts.indices where accounts[index].isDirty {
            let entry = accounts[index]
            places[Int32(index)] = changes.count
            changes.append(
                Change(
                    address: entry.address, state: entry.exists ? entry.state : nil,
                    isWiped: entry.isWiped, code: codes[entry.state.codeHash]))
            accounts[index].isDirty = false
            accounts[index].isWiped = false
        }
        for index in slots.indices where slots[index].isDirty {
            slots[index].isDirty = false
            let slot = slots[index]
            guard slot.incarnation == accounts[Int(slot.account)].incarnation,
                let place = places[slot.account]
            else { continue }
            changes[place].slots.append((slot.key, slot.value))
        }
        return changes
    }
}
