// SPDX-License-Identifier: Apache-2.0

/// What one transaction reads and changes, and how to take changes back.
///
/// Entries stand in arrays and are named by index; they are looked up by hash once and kept for
/// the transaction, so that it sees one value of everything. Changes write what was there before
/// into a log; going back to a mark replays the log backwards.
final class StateJournal {
    /// What is known of an account, bit by bit.
    struct Flags: OptionSet {
        let rawValue: UInt8
        static let exists = Flags(rawValue: 1)
        static let isWarm = Flags(rawValue: 2)
        static let isTouched = Flags(rawValue: 4)
        static let isCreated = Flags(rawValue: 8)
        static let isDestroyed = Flags(rawValue: 16)
        static let isDirty = Flags(rawValue: 32)
        static let hasStorage = Flags(rawValue: 64)
    }

    struct Account {
        var balance: UInt256
        var codeHash: UInt256
        var nonce: UInt64
        var address: Address
        var hash: UInt64
        /// Its number in the block's state.
        var blockIndex: Int32
        var flags: Flags
        /// The code, once it was asked for; held by the block's state or by `fresh`.
        var code: Unmanaged<ContractCode>?

        var isEmpty: Bool {
            nonce == 0 && balance.isZero && codeHash == ContractCode.emptyHash
        }
    }

    struct Slot {
        var key: UInt256
        var original: UInt256
        var current: UInt256
        var hash: UInt64
        var account: Int32
        /// Its number in the block's state; below 0 when it was not asked for there.
        var blockSlot: Int32 = -1
        var isWarm: Bool
    }

    struct Undo {
        enum Kind: UInt8 { case balance, nonce, code, flags, slot, slotWarmth, transient }
        var kind: Kind
        var index: Int32
        var old: UInt256
    }

    let block: BlockState
    let precompiles: Precompiles
    private(set) var accounts: UnsafeMutablePointer<Account>
    private(set) var accountCount = 0
    private var accountCapacity = 64
    private var accountTable = IndexTable(capacity: 256)
    private(set) var slots: UnsafeMutablePointer<Slot>
    private(set) var slotCount = 0
    private var slotCapacity = 256
    private var slotTable = IndexTable(capacity: 1024)
    private var transients: [Slot] = []
    private var transientTable = IndexTable(capacity: 64)
    private var undo: [Undo] = []
    private var fresh: [ContractCode] = []
    private var held: [ContractCode] = []
    private(set) var logs: [Log] = []

    init(block: BlockState, precompiles: Precompiles) {
        self.block = block
        self.precompiles = precompiles
        accounts = .allocate(capacity: accountCapacity)
        slots = .allocate(capacity: slotCapacity)
        undo.reserveCapacity(256)
    }

    deinit {
        accounts.deallocate()
        slots.deallocate()
        accountTable.free()
        slotTable.free()
        transientTable.free()
    }

    /// Forgets the last transaction.
    func begin() {
        accountCount = 0
        accountTable.clear()
        slotCount = 0
        slotTable.clear()
        transients.removeAll(keepingCapacity: true)
        transientTable.clear()
        undo.removeAll(keepingCapacity: true)
        fresh.removeAll(keepingCapacity: true)
        held.removeAll(keepingCapacity: true)
        logs.removeAll(keepingCapacity: true)
    }

    /// The index of an account, which is loaded the first time.
    func account(_ address: Address) -> Int32 {
        let hash = IndexTable.hash(address, block.seed)
        var place = Int(truncatingIfNeeded: hash) & accountTable.mask
        while true {
            let word = accountTable.words[place]
            guard word >> 32 == accountTable.generation else { break }
            let index = Int(word & 0xffff_ffff)
            if accounts[index].address == address { return Int32(truncatingIfNeeded: index) }
            place = (place &+ 1) & accountTable.mask
        }
        return load(address, hash)
    }

    private func load(_ address: Address, _ hash: UInt64) -> Int32 {
        if accountCount == accountCapacity {
            let larger = UnsafeMutablePointer<Account>.allocate(capacity: 2 * accountCapacity)
            larger.moveInitialize(from: accounts, count: accountCount)
            accounts.deallocate()
            accounts = larger
            accountCapacity *= 2
        }
        let blockIndex = block.index(of: address, hash)
        let entry = block.accounts[Int(blockIndex)]
        var flags: Flags = entry.exists ? .exists : []
        if entry.state.hasStorage { flags.insert(.hasStorage) }
        if precompiles.isActive(address) { flags.insert(.isWarm) }
        let index = accountCount
        (accounts + index).initialize(
            to: Account(
                balance: entry.state.balance, codeHash: entry.state.codeHash,
                nonce: entry.state.nonce, address: address, hash: hash, blockIndex: blockIndex,
                flags: flags, code: nil))
        accountCount += 1
        if accountTable.isFull { accountTable.grow(index) { accounts[$0].hash } }
        accountTable.insert(hash, index)
        return Int32(truncatingIfNeeded: index)
    }

    /// The index of a slot, which is loaded the first time.
    private func slot(_ account: Int32, _ key: UInt256) -> Int {
        let hash = IndexTable.hash(account, key, block.seed)
        var place = Int(truncatingIfNeeded: hash) & slotTable.mask
        while true {
            let word = slotTable.words[place]
            guard word >> 32 == slotTable.generation else { break }
            let index = Int(word & 0xffff_ffff)
            if slots[index].account == account, slots[index].key == key { return index }
            place = (place &+ 1) & slotTable.mask
        }
        return loadSlot(account, key, hash)
    }

    private func loadSlot(_ account: Int32, _ key: UInt256, _ hash: UInt64) -> Int {
        if slotCount == slotCapacity {
            let larger = UnsafeMutablePointer<Slot>.allocate(capacity: 2 * slotCapacity)
            larger.moveInitialize(from: slots, count: slotCount)
            slots.deallocate()
            slots = larger
            slotCapacity *= 2
        }
        let owner = accounts[Int(account)]
        let found =
            owner.flags.contains(.isCreated)
            ? (value: .zero, slot: -1) : block.storage(owner.blockIndex, key)
        let index = slotCount
        (slots + index).initialize(
            to: Slot(
                key: key, original: found.value, current: found.value, hash: hash,
                account: account, blockSlot: Int32(truncatingIfNeeded: found.slot),
                isWarm: false))
        slotCount += 1
        if slotTable.isFull { slotTable.grow(index) { slots[$0].hash } }
        slotTable.insert(hash, index)
        return index
    }

    /// What a slot holds, and whether it was cold; it is warm from now on.
    func load(_ account: Int32, _ key: UInt256) -> (value: UInt256, wasCold: Bool) {
        let index = slot(account, key)
        let value = slots[index].current
        if slots[index].isWarm { return (value, false) }
        slots[index].isWarm = true
        undo.append(Undo(kind: .slotWarmth, index: Int32(truncatingIfNeeded: index), old: .zero))
        return (value, true)
    }

    /// The same for a store: the slot's index, and whether it was cold.
    func warmSlot(_ account: Int32, _ key: UInt256) -> (index: Int, wasCold: Bool) {
        let index = slot(account, key)
        if slots[index].isWarm { return (index, false) }
        slots[index].isWarm = true
        undo.append(Undo(kind: .slotWarmth, index: Int32(truncatingIfNeeded: index), old: .zero))
        return (index, true)
    }

    func store(_ index: Int, _ value: UInt256) {
        let narrow = Int32(truncatingIfNeeded: index)
        undo.append(Undo(kind: .slot, index: narrow, old: slots[index].current))
        slots[index].current = value
    }
}

/// Slots that last for a transaction (EIP-1153).
extension StateJournal {
    private func findTransient(_ account: Int32, _ key: UInt256, _ hash: UInt64) -> Int? {
        var place = Int(truncatingIfNeeded: hash) & transientTable.mask
        while true {
            let word = transientTable.words[place]
            guard word >> 32 == transientTable.generation else { return nil }
            let index = Int(word & 0xffff_ffff)
            if transients[index].account == account, transients[index].key == key { return index }
            place = (place &+ 1) & transientTable.mask
        }
    }

    func transient(_ account: Int32, _ key: UInt256) -> UInt256 {
        let hash = IndexTable.hash(account, key, block.seed)
        guard let index = findTransient(account, key, hash) else { return .zero }
        return transients[index].current
    }

    func setTransient(_ account: Int32, _ key: UInt256, _ value: UInt256) {
        let hash = IndexTable.hash(account, key, block.seed)
        let index: Int
        if let found = findTransient(account, key, hash) {
            index = found
        } else {
            index = transients.count
            transients.append(
                Slot(
                    key: key, original: .zero, current: .zero, hash: hash, account: account,
                    isWarm: true))
            if transientTable.isFull { transientTable.grow(index) { transients[$0].hash } }
            transientTable.insert(hash, index)
        }
        undo.append(
            Undo(
                kind: .transient, index: Int32(truncatingIfNeeded: index),
                old: transients[index].current))
        transients[index].current = value
    }
}

/// Changing accounts.
extension StateJournal {
    private func insert(_ flags: Flags, _ index: Int32) {
        let old = accounts[Int(index)].flags
        guard !old.isSuperset(of: flags) else { return }
        undo.append(Undo(kind: .flags, index: index, old: UInt256(UInt64(old.rawValue))))
        accounts[Int(index)].flags = old.union(flags)
    }

    /// Makes an account warm; whether it was cold.
    func warm(_ index: Int32) -> Bool {
        if accounts[Int(index)].flags.contains(.isWarm) { return false }
        insert(.isWarm, index)
        return true
    }

    /// Something was sent to it, be it nothing: it exists, and goes if it is empty (EIP-161).
    func touch(_ index: Int32) {
        let account = accounts[Int(index)]
        if account.flags.contains(.exists), !account.isEmpty { return }
        insert([.isTouched, .exists, .isDirty], index)
    }

    /// Marks a contract as gone when the transaction ends.
    func destroy(_ index: Int32) { insert([.isDestroyed, .isDirty], index) }

    func setBalance(_ index: Int32, _ value: UInt256) {
        undo.append(Undo(kind: .balance, index: index, old: accounts[Int(index)].balance))
        accounts[Int(index)].balance = value
        insert([.isTouched, .exists, .isDirty], index)
    }

    /// Adds coins; an account that is sent nothing is touched all the same.
    func credit(_ index: Int32, _ amount: UInt256) {
        if amount.isZero { return touch(index) }
        setBalance(index, accounts[Int(index)].balance &+ amount)
    }

    func setNonce(_ index: Int32, _ value: UInt64) {
        let old = UInt256(accounts[Int(index)].nonce)
        undo.append(Undo(kind: .nonce, index: index, old: old))
        accounts[Int(index)].nonce = value
        insert([.isTouched, .exists, .isDirty], index)
    }

    func setCode(_ index: Int32, _ code: ContractCode) {
        undo.append(Undo(kind: .code, index: index, old: accounts[Int(index)].codeHash))
        fresh.append(code)
        accounts[Int(index)].codeHash = code.hash
        accounts[Int(index)].code = .passUnretained(code)
        insert([.isTouched, .exists, .isDirty], index)
    }

    /// Begins a contract: its slots are empty.
    func create(_ index: Int32) { insert([.isCreated, .isTouched, .exists, .isDirty], index) }

    /// The code that an account has, be it a delegation.
    func code(_ index: Int32) -> ContractCode {
        if let code = accounts[Int(index)].code { return code.takeUnretainedValue() }
        let hash = accounts[Int(index)].codeHash
        let code = fresh.last { $0.hash == hash } ?? block.code(hash)
        accounts[Int(index)].code = .passUnretained(code)
        return code
    }

    /// Keeps code alive until the transaction ends.
    func keep(_ code: ContractCode) { held.append(code) }

    func append(_ log: Log) { logs.append(log) }
}

/// Going back, and ending.
extension StateJournal {
    /// Where the log of changes stands.
    var mark: (undo: Int, logs: Int) { (undo.count, logs.count) }

    /// Undoes what was done since a mark.
    func revert(to mark: (undo: Int, logs: Int)) {
        if logs.count > mark.logs { logs.removeLast(logs.count - mark.logs) }
        while undo.count > mark.undo {
            let entry = undo.removeLast()
            let index = Int(entry.index)
            switch entry.kind {
            case .balance: accounts[index].balance = entry.old
            case .nonce: accounts[index].nonce = entry.old.w0
            case .code:
                accounts[index].codeHash = entry.old
                accounts[index].code = nil
            case .flags:
                var flags = Flags(rawValue: UInt8(truncatingIfNeeded: entry.old.w0))
                // Protocol/25-execution.md#touch-of-3: the touch stays.
                if accounts[index].address == Address(3) {
                    flags.formUnion(accounts[index].flags.intersection([.isTouched, .isDirty]))
                }
                accounts[index].flags = flags
            case .slot: slots[index].current = entry.old
            case .slotWarmth: slots[index].isWarm = false
            case .transient: transients[index].current = entry.old
            }
        }
    }

    /// Hands all changes to the block; empty accounts that were touched go where a fork says so.
    func commit(deletingEmpty: Bool) {
        for index in 0..<accountCount where accounts[index].flags.contains(.isDirty) {
            let account = accounts[index]
            let isGone =
                account.flags.contains(.isDestroyed)
                || deletingEmpty && account.isEmpty && account.flags.contains(.isTouched)
            if isGone {
                block.delete(account.blockIndex)
            } else if account.flags.contains(.exists) {
                block.set(
                    account.blockIndex, nonce: account.nonce, balance: account.balance,
                    codeHash: account.codeHash)
            }
        }
        for code in fresh { block.add(code) }
        for index in 0..<slotCount where slots[index].current != slots[index].original {
            let owner = accounts[Int(slots[index].account)]
            guard !owner.flags.contains(.isDestroyed) else { continue }
            let known = Int(slots[index].blockSlot)
            let slot = known >= 0 ? known : block.slot(owner.blockIndex, slots[index].key)
            block.setStorage(owner.blockIndex, slot: slot, slots[index].current)
        }
    }
}
