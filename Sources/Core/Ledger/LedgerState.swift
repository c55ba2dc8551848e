// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import Chain
internal import Cryptography

/// All accounts, and what was paid in fees: what a block's `appHash` commits to.
///
/// Accounts stand in 1024 buckets by the first ten bits of their address, in order inside each, so
/// the whole is in order too. The root is the RFC 6962 root over a first leaf with the totals and
/// then each bucket's own RFC 6962 root over its accounts; it hangs on nothing but the accounts.
/// Only buckets that changed are hashed again. Specified in Protocol/10-chain-and-ledger.md.
public struct LedgerState: Sendable {
    /// How many buckets there are.
    public static let bucketCount = 1024
    /// The most accounts, so that a state stays in memory.
    public static let accountLimit = 10_000_000

    private var buckets: [Bucket]
    private var accountTotal: Int
    /// What was paid in fees and not handed out.
    public private(set) var collectedFees: UInt64
    /// The number of the next account.
    public private(set) var nextAccountNumber: UInt64

    private struct Bucket: Sendable {
        var accounts: [Account] = []
        var root: Bytes32? = MerkleTree.emptyRoot
    }

    /// Nobody has anything.
    public init() {
        buckets = [Bucket](repeating: Bucket(), count: Self.bucketCount)
        accountTotal = 0
        collectedFees = 0
        nextAccountNumber = 0
    }

    /// What a chain begins with.
    public init(_ genesis: Genesis) {
        self.init()
        for account in genesis.accounts {
            credit(account.balance, to: AccountAddress(account.address))
        }
    }

    /// How many accounts there are.
    public var accountCount: Int { accountTotal }

    /// All accounts, in the order of their addresses.
    public var accounts: [Account] { buckets.flatMap(\.accounts) }

    /// An account, or nil.
    public func account(_ address: AccountAddress) -> Account? {
        let bucket = Self.bucket(of: address)
        let (place, found) = place(of: address, in: bucket)
        return found ? buckets[bucket].accounts[place] : nil
    }

    /// What an account holds; nothing where there is none.
    public func balance(of address: AccountAddress) -> UInt64 {
        account(address)?.balance ?? 0
    }

    /// Everything together: what accounts hold and what was paid in fees.
    public var supply: UInt64 {
        buckets.reduce(collectedFees) { $1.accounts.reduce($0) { $0 &+ $1.balance } }
    }

    /// The root, which the next header carries as its `appHash`.
    public var hash: Bytes32 { MerkleTree.root(leaves) }

    /// That an account is, or is not, in this state, for whoever has only the root.
    public func proof(of address: AccountAddress) -> AccountProof {
        let number = Self.bucket(of: address)
        let accounts = buckets[number].accounts
        let (root, proofs) = MerkleTree.proofs(accounts.map { $0.encode() })
        let (place, found) = place(of: address, in: number)
        let shown = found ? place..<place + 1 : max(0, place - 1)..<min(accounts.count, place + 1)
        return AccountProof(
            bucketRoot: root, bucket: MerkleTree.proof(of: number + 1, in: leaves).proof,
            accounts: shown.map { .init(account: accounts[$0], proof: proofs[$0]) })
    }

    /// What the root is made of: the totals, then the root of each bucket.
    private var leaves: [[UInt8]] {
        [totals] + buckets.map { ($0.root ?? Self.root(of: $0)).array }
    }

    /// Hashes the buckets that changed, so that `hash` and copies need not.
    public mutating func settle() {
        for index in buckets.indices where buckets[index].root == nil {
            buckets[index].root = Self.root(of: buckets[index])
        }
    }

    /// Changes an account that exists; does nothing where there is none.
    mutating func update(_ address: AccountAddress, _ change: (inout Account) -> Void) {
        let bucket = Self.bucket(of: address)
        let (place, found) = place(of: address, in: bucket)
        guard found else { return }
        change(&buckets[bucket].accounts[place])
        buckets[bucket].root = nil
    }

    /// Adds coins, making the account when it is new.
    ///
    /// The supply is below 2^64, so no balance overflows while coins are only moved.
    mutating func credit(_ amount: UInt64, to address: AccountAddress) {
        let bucket = Self.bucket(of: address)
        let (place, found) = place(of: address, in: bucket)
        buckets[bucket].root = nil
        if found {
            buckets[bucket].accounts[place].balance &+= amount
            return
        }
        buckets[bucket].accounts.insert(
            Account(address: address, number: nextAccountNumber, balance: amount), at: place)
        nextAccountNumber += 1
        accountTotal += 1
    }

    /// Adds to the fees.
    mutating func collect(_ fee: UInt64) {
        collectedFees &+= fee
    }

    /// The first leaf: a name ‖ collected fees u64 ‖ next account number u64.
    private var totals: [UInt8] {
        var bytes = Array("QDR1/ledger\0".utf8)
        bytes.append(bigEndian: collectedFees)
        bytes.append(bigEndian: nextAccountNumber)
        return bytes
    }

    private static func root(of bucket: Bucket) -> Bytes32 {
        MerkleTree.root(bucket.accounts.map { $0.encode() })
    }

    static func bucket(of address: AccountAddress) -> Int {
        Int(address.bytes[0]) << 2 | Int(address.bytes[1]) >> 6
    }

    /// Where an address stands in its bucket, or would stand.
    private func place(of address: AccountAddress, in bucket: Int) -> (Int, found: Bool) {
        let accounts = buckets[bucket].accounts
        var low = 0
        var high = accounts.count
        while low < high {
            let middle = (low + high) / 2
            if accounts[middle].address < address { low = middle + 1 } else { high = middle }
        }
        return (low, low < accounts.count && accounts[low].address == address)
    }
}

/// The whole state as bytes, for storage and for new nodes.
extension LedgerState {
    /// `fees u64 ‖ next number u64 ‖ count u64`, then each account behind its length as a varint.
    public func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: collectedFees)
        bytes.append(bigEndian: nextAccountNumber)
        bytes.append(bigEndian: UInt64(accountCount))
        for bucket in buckets {
            for account in bucket.accounts { bytes.append(lengthPrefixed: account.encode()) }
        }
        return bytes
    }

    /// Reads a state; accounts out of order, with taken numbers or too many coins are refused.
    public static func decode(_ bytes: [UInt8]) throws(DecodeFault) -> LedgerState {
        var reader = ByteReader(bytes)
        var state = LedgerState()
        state.collectedFees = try reader.bigEndian()
        state.nextAccountNumber = try reader.bigEndian()
        let count: UInt64 = try reader.bigEndian()
        guard count <= UInt64(accountLimit) else {
            throw DecodeFault(
                .overLimit(field: "accounts", limit: accountLimit, actual: Int(clamping: count)))
        }
        var last: AccountAddress?
        var supply = state.collectedFees
        for _ in 0..<count {
            let account = try Account.decode(try reader.lengthPrefixed(limit: 77))
            guard last.map({ $0 < account.address }) ?? true else {
                throw .malformed("accounts are out of order", at: reader.offset)
            }
            let (sum, overflow) = supply.addingReportingOverflow(account.balance)
            guard account.number < state.nextAccountNumber, !overflow else {
                throw .malformed("an account has too much or a later number", at: reader.offset)
            }
            supply = sum
            last = account.address
            let bucket = bucket(of: account.address)
            state.buckets[bucket].accounts.append(account)
            state.buckets[bucket].root = nil
        }
        try reader.finish()
        state.accountTotal = Int(count)
        state.settle()
        return state
    }
}
