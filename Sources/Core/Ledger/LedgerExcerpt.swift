// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import Staking

/// What of a ledger somebody wants to see.
public enum LedgerLookup: Hashable, Sendable {
    /// One key, which is proven to have a value or none.
    case entry([UInt8])
    /// All keys that begin with these bytes; each is proven, that there are no others is not.
    case entries(prefix: [UInt8])
}

/// Some entries of a ledger: those that answer a question.
///
/// They come from the ledger itself, or from proofs under an app hash; what is read of them is the
/// same. Specified in Protocol/10-chain-and-ledger.md#excerpt.
public struct LedgerExcerpt: Hashable, Sendable {
    /// The most entries that one listing gives.
    public static let listedMax = 4_096

    private var store = MemoryStakingStore()

    /// Nothing.
    public init() {}

    /// Takes an entry as the app hash has it.
    public mutating func take(_ key: [UInt8], _ value: [UInt8]) {
        store.set(key, to: LedgerEntries.plain(value))
    }

    /// The value of a key as the app hash has it; nil where the excerpt has none.
    public func value(of key: [UInt8]) -> [UInt8]? { store.value(of: key) }

    /// An account; nil where the excerpt has none.
    public func account(_ address: AccountAddress) throws(DecodeFault) -> Account? {
        guard let bytes = store.value(of: LedgerAccounts.key(address)) else { return nil }
        return try Account.decode(bytes[...])
    }

    /// What is staked, as far as the excerpt has it.
    public func staking(_ rules: StakingRules) -> StakingState<MemoryStakingStore, NoAccounts> {
        StakingState(rules: rules, store: store, accounts: NoAccounts())
    }
}

/// Accounts where none are needed: what is only looked at moves no coins.
public struct NoAccounts: StakingAccounts, Hashable, Sendable {
    /// The only ones there are.
    public init() {}
    /// Nothing.
    public func balance(of account: Bytes20) -> UInt64 { 0 }
    /// Nothing is there to be taken.
    public mutating func debit(_ amount: UInt64, from account: Bytes20) {}
    /// Nothing keeps it.
    public mutating func credit(_ amount: UInt64, to account: Bytes20) {}
}

extension LedgerLookup {
    /// The key of an account.
    public static func account(_ address: AccountAddress) -> LedgerLookup {
        .entry(LedgerAccounts.key(address))
    }
}

extension LedgerState {
    /// What the lookups find, at most `LedgerExcerpt.listedMax` entries of each listing.
    public func excerpt(of lookups: [LedgerLookup]) -> LedgerExcerpt {
        var excerpt = LedgerExcerpt()
        for lookup in lookups {
            switch lookup {
            case .entry(let key):
                if let value = settledValue(of: key) { excerpt.take(key, value) }
            case .entries(let prefix):
                let found = listing(
                    prefix: prefix, after: nil, limit: LedgerExcerpt.listedMax)
                for entry in found { excerpt.take(entry.key, entry.value) }
            }
        }
        return excerpt
    }
}
