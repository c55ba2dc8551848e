// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import Chain
internal import Cryptography
public import Staking
public import StateTree

/// All accounts, what was paid in fees, and all that is staked: what a block's `appHash` commits to.
///
/// Everything is an entry of one state tree, whose root is the app hash, so a block costs what it
/// touches and each entry has an ICS-23 proof. States are values: copies share what is alike.
/// Specified in Protocol/10-chain-and-ledger.md#entries.
public struct LedgerState: Sendable {
    /// The most accounts, so that a state stays in memory.
    public static let accountLimit = 10_000_000

    private var tree: StateTree
    private var table: LedgerAccounts
    private var staked: LedgerEntries
    /// What the last `settle` that changed anything has changed, by rising key.
    ///
    /// Whoever keeps the state before it and these has the state: a block costs a disk what it
    /// touches.
    public private(set) var changes: [LedgerEntry] = []
    /// What evidence in the last block has cost whom, in the order of the block.
    public internal(set) var punishments: [Punishment] = []
    /// What updates have made of nodes that is not known to be stored, the oldest first; kept only
    /// where there is a store.
    private(set) var pending: [StateTreeChange] = []
    /// Nodes that updates have put into memory since the last `release`.
    private var grown = 0

    /// Nobody has anything.
    public init() {
        tree = StateTree()
        table = LedgerAccounts()
        staked = LedgerEntries()
        settle()
    }

    init(
        _ tree: StateTree, _ totals: LedgerAccounts.Totals, pending: [StateTreeChange] = []
    ) {
        self.tree = tree
        self.pending = pending
        table = LedgerAccounts(tree, totals: totals)
        staked = LedgerEntries(tree)
    }

    /// What a chain begins with.
    ///
    /// - Throws: when what its validators have staked is not what its committee says.
    public init(_ genesis: Genesis) throws(LedgerFault) {
        self.init()
        for account in genesis.accounts {
            credit(account.balance, to: AccountAddress(account.address))
        }
        if let staking = genesis.staking { try begin(staking, of: genesis) }
        settle()
    }

    /// How many accounts there are.
    public var accountCount: Int { Int(clamping: table.totals.count) }
    /// What was paid in fees and not handed out, on a chain without staking.
    public var collectedFees: UInt64 { table.totals.collectedFees }
    /// The number of the next account.
    public var nextAccountNumber: UInt64 { table.totals.nextNumber }

    /// All accounts, in the order of their addresses.
    public var accounts: [Account] { table.all }

    /// An account, or nil.
    public func account(_ address: AccountAddress) -> Account? { table.account(address) }

    /// What an account holds; nothing where there is none.
    public func balance(of address: AccountAddress) -> UInt64 {
        account(address)?.balance ?? 0
    }

    /// Everything together: what accounts hold, what was paid in fees, and what is staked or due.
    public var supply: UInt64 {
        accounts.reduce(collectedFees) { $0 &+ $1.balance } &+ placedCoins
    }

    /// The root, which the next header carries as its `appHash`.
    public var hash: Bytes32 { settled.tree.root }

    /// That an account is, or is not, in this state, for whoever has only the root.
    public func proof(of address: AccountAddress) -> AccountProof {
        AccountProof(proof(of: LedgerAccounts.key(address)))
    }

    /// That an entry is, or is not, in this state, for whoever has only the root.
    ///
    /// The key must have 1 to 256 bytes.
    public func proof(of key: [UInt8]) -> StateProof {
        let nothing = StateProof.absent(StateAbsence(key: key, left: nil, right: nil))
        return settled.tree.reading(else: nothing) { tree throws(StateTreeFault) in
            try tree.proof(of: key)
        }
    }

    /// The value of a key as the app hash has it, or nil where there is none.
    func settledValue(of key: [UInt8]) -> [UInt8]? {
        settled.tree.reading(else: nil) { tree throws(StateTreeFault) in
            try tree.value(of: key)
        }
    }

    /// Entries whose keys begin with `prefix`, in the order of the keys, behind `after`.
    public func listing(
        prefix: [UInt8], after: [UInt8]?, limit: Int
    ) -> [(key: [UInt8], value: [UInt8])] {
        settled.tree.reading(else: []) { tree throws(StateTreeFault) in
            try tree.entries(prefix: prefix, after: after, limit: limit)
                .map { ($0.key, $0.value) }
        }
    }

    private var settled: LedgerState {
        var copy = self
        copy.settle()
        return copy
    }

    /// Puts all that has changed into the tree, so that `hash` and copies need not.
    public mutating func settle() {
        guard tree.count == 0 || table.isChanged || staked.isChanged else { return }
        // Kinds of entries of staking come before those of accounts.
        let writes = staked.writes + table.writes
        do throws(StateTreeFault) {
            let change = try tree.update(writes, version: tree.version + 1)
            if hasStore {
                pending.append(change)
                grown += change.counts.pages + change.counts.indexNodes
            }
        } catch {
            tree.note(error)
        }
        changes = writes.map { LedgerEntry(key: $0.key, value: $0.value) }
        staked.settle(into: tree)
        table.settle(into: tree)
    }

    /// Changes an account that exists; does nothing where there is none.
    mutating func update(_ address: AccountAddress, _ change: (inout Account) -> Void) {
        table.update(address, change)
    }

    /// Adds coins, making the account when it is new.
    mutating func credit(_ amount: UInt64, to address: AccountAddress) {
        table.credit(amount, to: address)
    }

    /// Adds to the fees of a chain without staking.
    mutating func collect(_ fee: UInt64) {
        guard fee > 0 else { return }
        table.totals.collectedFees &+= fee
    }

    /// All entries by rising key.
    public var entries: [LedgerEntry] {
        settled.tree.reading(else: []) { tree throws(StateTreeFault) in
            try tree.entries(limit: .max).map { LedgerEntry(key: $0.key, value: $0.value) }
        }
    }
}

/// Where the nodes lie.
extension LedgerState {
    /// The version of the tree.
    public var version: UInt64 { settled.tree.version }

    /// What opens this version again, once its nodes are stored.
    public var head: StateTreeHead { settled.tree.head }

    /// Why what was read lately cannot be trusted: the store did not give what it must have.
    public var storeFault: StateTreeFault? { (tree.store as? any WatchedNodeStore)?.fault }

    private var hasStore: Bool { tree.store is any WatchedNodeStore }

    var totals: LedgerAccounts.Totals { table.totals }

    /// The tree with everything that has changed.
    var settledTree: StateTree { settled.tree }

    /// Takes note that a version's nodes are stored, so that they need not be kept for that.
    ///
    /// Where that is this very version, and much has come into memory, the lower levels of the tree
    /// are let go.
    public mutating func stored(through version: UInt64) {
        pending.removeAll { $0.version <= version }
        guard pending.isEmpty, grown > StateTree.residentPagesMax, !table.isChanged,
            !staked.isChanged
        else { return }
        grown = 0
        tree.release()
        staked.settle(into: tree)
        table.settle(into: tree)
    }

    /// Fails when the store did.
    func checkStore() throws(LedgerFault) {
        if let fault = storeFault { throw .store(fault) }
    }

    mutating func begin(_ changes: [StateTreeChange]) {
        pending = changes
        // All of it is in memory.
        grown = StateTree.residentPagesMax + 1
    }
}

/// What is staked.
extension LedgerState {
    /// A point to which `undo` goes back.
    struct Mark {
        fileprivate let table: LedgerAccounts.Mark
        fileprivate let staked: LedgerEntries.Mark
    }

    /// Where `undo` can go back to, until the next `settle`.
    var mark: Mark { Mark(table: table.mark, staked: staked.mark) }

    /// Takes back every change behind a mark.
    mutating func undo(to mark: Mark) {
        table.undo(to: mark.table)
        staked.undo(to: mark.staked)
    }

    /// What is staked, to be looked at; changes of the answer change nothing here.
    public func staking(
        _ rules: StakingRules
    ) -> StakingState<some StakingStore, some StakingAccounts> {
        StakingState(rules: rules, store: staked, accounts: table)
    }

    /// Changes what is staked.
    mutating func stake<Value>(
        _ rules: StakingRules,
        _ body: (inout StakingState<LedgerEntries, LedgerAccounts>) throws(StakingFault) -> Value
    ) throws(LedgerFault) -> Value {
        var state = StakingState(rules: rules, store: staked, accounts: table)
        // What `body` changes has one owner then, and is not copied.
        staked = LedgerEntries()
        table = LedgerAccounts()
        defer {
            staked = state.store
            table = state.accounts
        }
        do throws(StakingFault) {
            return try body(&state)
        } catch {
            throw .staking(error)
        }
    }

    /// Coins that no account holds.
    private var placedCoins: UInt64 {
        guard let totals = try? staking(StakingRules()).totals() else { return 0 }
        return [
            totals.bonded, totals.unbonding, totals.rewards, totals.pool, totals.fund,
            totals.fees, totals.bonds,
        ].reduce(0, &+)
    }
}
