// SPDX-License-Identifier: Apache-2.0

/// What an account is, but for its storage.
public struct AccountState: Hashable, Sendable {
    /// Transactions sent, or contracts made.
    public var nonce: UInt64
    /// Coins, in wei.
    public var balance: UInt256
    /// The digest of its code.
    public var codeHash: UInt256
    /// Whether any slot of it holds something: then no contract may be made there (EIP-7610).
    public var hasStorage: Bool

    /// Joins its parts.
    public init(
        nonce: UInt64 = 0, balance: UInt256 = .zero, codeHash: UInt256 = ContractCode.emptyHash,
        hasStorage: Bool = false
    ) {
        self.nonce = nonce
        self.balance = balance
        self.codeHash = codeHash
        self.hasStorage = hasStorage
    }

    /// Whether it is as good as none (EIP-161).
    public var isEmpty: Bool {
        nonce == 0 && balance.isZero && codeHash == ContractCode.emptyHash
    }
}

/// The one thing that execution asks of storage: the state before a block.
///
/// Asked once for each account, slot and code that a block touches; answers must not change while
/// the block runs. A source that knows only part of a state (a witness) keeps to itself what it was
/// asked beyond it, and whoever runs it asks afterwards.
public protocol StateReader: AnyObject {
    /// An account, or nil where there is none.
    func account(_ address: Address) -> AccountState?
    /// What a slot holds; 0 where nothing was put.
    func storage(_ address: Address, _ slot: UInt256) -> UInt256
    /// The code with this digest, which some account of the state has.
    func code(_ hash: UInt256) -> ContractCode
    /// The digest of one of the 256 blocks before this one.
    func blockHash(_ number: UInt64) -> UInt256
}
