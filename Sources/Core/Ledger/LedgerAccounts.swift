// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Staking
internal import StateTree

/// All accounts, and what is counted of them.
///
/// An account stands in the tree under `60 ‖ address`, the totals under `61`. Specified in
/// Protocol/10-chain-and-ledger.md#entries.
struct LedgerAccounts: Sendable {
    /// What is counted of all accounts: `fees u64 ‖ next number u64 ‖ count u64`.
    struct Totals: Hashable, Sendable {
        var collectedFees: UInt64 = 0
        var nextNumber: UInt64 = 0
        var count: UInt64 = 0

        func encode() -> [UInt8] {
            var bytes: [UInt8] = []
            bytes.append(bigEndian: collectedFees)
            bytes.append(bigEndian: nextNumber)
            bytes.append(bigEndian: count)
            return bytes
        }

        static func decode(_ bytes: [UInt8]) throws(DecodeFault) -> Totals {
            var reader = ByteReader(bytes)
            let totals = Totals(
                collectedFees: try reader.bigEndian(), nextNumber: try reader.bigEndian(),
                count: try reader.bigEndian())
            try reader.finish()
            return totals
        }
    }

    /// A point to which `undo` goes back.
    struct Mark: Sendable {
        fileprivate let entries: LedgerEntries.Mark
        fileprivate let totals: Totals
    }

    static let prefix: [UInt8] = [0x60]
    static let totalsKey: [UInt8] = [0x61]

    private var entries: LedgerEntries
    var totals: Totals

    init(_ tree: StateTree = StateTree(), totals: Totals = Totals()) {
        entries = LedgerEntries(tree)
        self.totals = totals
    }

    /// Where an account stands in the tree.
    static func key(_ address: AccountAddress) -> [UInt8] { prefix + address.bytes.array }

    /// Every change, by rising key; the totals are always among them.
    var writes: [StateWrite] {
        entries.writes + [StateWrite(key: Self.totalsKey, value: totals.encode())]
    }

    var isChanged: Bool { entries.isChanged }

    mutating func settle(into tree: StateTree) {
        entries.settle(into: tree)
    }

    var mark: Mark { Mark(entries: entries.mark, totals: totals) }

    mutating func undo(to mark: Mark) {
        entries.undo(to: mark.entries)
        totals = mark.totals
    }

    var all: [Account] {
        entries.entries(prefix: Self.prefix, from: [], limit: .max).map { Self.read($0.value) }
    }

    func account(_ address: AccountAddress) -> Account? {
        entries.value(of: Self.key(address)).map { Self.read($0) }
    }

    /// Changes an account that exists; does nothing where there is none.
    mutating func update(_ address: AccountAddress, _ change: (inout Account) -> Void) {
        guard var account = account(address) else { return }
        change(&account)
        entries.set(Self.key(address), to: account.encode())
    }

    /// Adds coins, making the account when it is new.
    ///
    /// The supply is below 2^64, so no balance overflows while coins are only moved.
    mutating func credit(_ amount: UInt64, to address: AccountAddress) {
        var account: Account
        if let known = self.account(address) {
            account = known
        } else {
            account = Account(address: address, number: totals.nextNumber)
            totals.nextNumber += 1
            totals.count += 1
        }
        account.balance &+= amount
        entries.set(Self.key(address), to: account.encode())
    }

    /// What is in the tree was written here or judged when it was read.
    private static func read(_ bytes: [UInt8]) -> Account {
        do throws(DecodeFault) {
            return try Account.decode(bytes[...])
        } catch {
            preconditionFailure("an account of the ledger: \(error)")
        }
    }
}

extension LedgerAccounts: StakingAccounts {
    func balance(of account: Bytes20) -> UInt64 {
        self.account(AccountAddress(account))?.balance ?? 0
    }

    mutating func debit(_ amount: UInt64, from account: Bytes20) {
        update(AccountAddress(account)) { $0.balance -= amount }
    }

    mutating func credit(_ amount: UInt64, to account: Bytes20) {
        credit(amount, to: AccountAddress(account))
    }
}
