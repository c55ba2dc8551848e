// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// A whole state in memory, with its root: for tests, development chains and genesis.
///
/// A copy shares nothing that later changes, and costs nothing until then.
public final class MemoryState: StateReader {
    struct Account {
        var state: AccountState
        var slots: [UInt256: UInt256] = [:]
        var trie = MerklePatriciaTrie()
    }

    private var accounts: [Address: Account] = [:]
    private var codes: [UInt256: ContractCode] = [:]
    private var trie = MerklePatriciaTrie()
    /// Digests of blocks before, by number.
    public var blockHashes: [UInt64: UInt256] = [:]

    /// Nothing in it.
    public init() {}

    /// The same state, to go another way from here.
    public func copy() -> MemoryState {
        let copy = MemoryState()
        copy.accounts = accounts
        copy.codes = codes
        copy.trie = trie
        copy.blockHashes = blockHashes
        return copy
    }

    /// Puts an account in, with slots that are not 0.
    public func insert(
        _ address: Address, nonce: UInt64, balance: UInt256, code: [UInt8],
        storage: [(key: UInt256, value: UInt256)]
    ) {
        let code = code.isEmpty ? .empty : ContractCode(code)
        codes[code.hash] = code
        var account = Account(
            state: AccountState(nonce: nonce, balance: balance, codeHash: code.hash))
        for (key, value) in storage { account.set(key, value) }
        account.state.hasStorage = !account.slots.isEmpty
        accounts[address] = account
        write(address)
    }

    private func write(_ address: Address) {
        let key = UInt256(address.digest)
        guard var account = accounts[address] else { return trie.update(digest: key, []) }
        accounts[address] = nil
        let root = account.trie.rootHash()
        var writer = RLPWriter()
        writer.list { list in
            list.integer(account.state.nonce)
            list.integer(account.state.balance)
            list.fixed(root)
            list.fixed(account.state.codeHash.bytes32)
        }
        accounts[address] = account
        trie.update(digest: key, writer.bytes)
    }

    /// Takes over what a block changed.
    public func apply(_ changes: [BlockState.Change]) {
        for change in changes {
            guard let state = change.state else {
                accounts[change.address] = nil
                write(change.address)
                continue
            }
            var account = accounts.removeValue(forKey: change.address) ?? Account(state: state)
            if change.isWiped {
                account.slots = [:]
                account.trie = MerklePatriciaTrie()
            }
            for (key, value) in change.slots { account.set(key, value) }
            account.state = state
            account.state.hasStorage = !account.slots.isEmpty
            if let code = change.code { codes[code.hash] = code }
            accounts[change.address] = account
            write(change.address)
        }
    }

    /// The root of the state trie.
    public func rootHash() -> Bytes32 { trie.rootHash() }

    /// The root of an account's slots.
    public func storageRoot(_ address: Address) -> Bytes32 {
        accounts[address]?.trie.rootHash() ?? MerklePatriciaTrie.emptyRoot
    }

    /// Addresses of all accounts, in their order.
    public var addresses: [Address] { accounts.keys.sorted() }

    /// An account, or nil where there is none.
    public func account(_ address: Address) -> AccountState? { accounts[address]?.state }
    /// What a slot holds.
    public func storage(_ address: Address, _ slot: UInt256) -> UInt256 {
        accounts[address]?.slots[slot] ?? .zero
    }
    /// The code with a digest.
    public func code(_ hash: UInt256) -> ContractCode {
        guard let code = codes[hash] else { preconditionFailure("an account's code is kept") }
        return code
    }
    /// The digest of a block before.
    public func blockHash(_ number: UInt64) -> UInt256 { blockHashes[number] ?? .zero }
}

extension MemoryState.Account {
    mutating func set(_ key: UInt256, _ value: UInt256) {
        slots[key] = value.isZero ? nil : value
        var writer = RLPWriter()
        writer.integer(value)
        trie.update(
            digest: UInt256(Keccak256.hash(key.bytes32.array)), value.isZero ? [] : writer.bytes)
    }
}
