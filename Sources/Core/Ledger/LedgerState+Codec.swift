// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Staking
internal import StateTree

/// The whole state as bytes, for storage and for new nodes.
extension LedgerState {
    /// `count u64`, then each entry by rising key: the key and the value, each behind its length as a
    /// varint.
    public func encode() -> [UInt8] {
        let entries = entries
        var bytes: [UInt8] = []
        bytes.append(bigEndian: UInt64(entries.count))
        for entry in entries {
            bytes.append(lengthPrefixed: entry.key)
            bytes.append(lengthPrefixed: entry.value ?? [])
        }
        return bytes
    }

    /// Reads a state; entries out of order or of no kind, accounts with taken numbers or too many
    /// coins are refused.
    public static func decode(_ bytes: [UInt8]) throws(DecodeFault) -> LedgerState {
        var reader = ByteReader(bytes)
        let count: UInt64 = try reader.bigEndian()
        // An entry takes four bytes at least.
        guard count <= UInt64(bytes.count / 4) else {
            throw DecodeFault(
                .overLimit(
                    field: "entries", limit: bytes.count / 4, actual: Int(clamping: count)))
        }
        var entries: [LedgerEntry] = []
        for _ in 0..<count {
            let key = [UInt8](
                try reader.lengthPrefixed(limit: StateEntry.keySizeBytesMax, field: "key"))
            let value = [UInt8](
                try reader.lengthPrefixed(limit: StateEntry.valueSizeBytesMax, field: "value"))
            entries.append(LedgerEntry(key: key, value: value))
        }
        try reader.finish()
        return try LedgerState(entries)
    }

    /// Takes all entries of a state, by rising key.
    ///
    /// - Throws: for entries out of order or of no kind, and for accounts with taken numbers or too
    ///   many coins.
    public init(_ entries: [LedgerEntry]) throws(DecodeFault) {
        var writes: [StateWrite] = []
        writes.reserveCapacity(entries.count)
        var judge = EntryJudge()
        for entry in entries {
            guard writes.last.map({ $0.key.lexicographicallyPrecedes(entry.key) }) ?? true else {
                throw .malformed("entries are out of order")
            }
            guard let value = entry.value else { throw .malformed("an entry without value") }
            try judge.take(entry.key, value)
            writes.append(StateWrite(key: entry.key, value: value))
        }
        let totals = try judge.finish()
        var tree = StateTree()
        do throws(StateTreeFault) {
            _ = try tree.update(writes, version: 1)
        } catch {
            throw .malformed("entries: \(error)")
        }
        self.init(tree, totals)
    }
}

/// What must hold of the entries of a ledger together.
private struct EntryJudge {
    private var accounts: UInt64 = 0
    private var numbersEnd: UInt64 = 0
    private var supply: UInt64 = 0
    private var totals: LedgerAccounts.Totals?

    mutating func take(_ key: [UInt8], _ value: [UInt8]) throws(DecodeFault) {
        guard !value.isEmpty else { throw .malformed("an empty value") }
        if key == LedgerAccounts.totalsKey {
            totals = try LedgerAccounts.Totals.decode(value)
            return
        }
        guard key.first == LedgerAccounts.prefix[0] else {
            _ = try StakingEntry(key: key, value: value == LedgerEntries.emptyValue ? [] : value)
            return
        }
        let account = try Account.decode(value[...])
        let (sum, overflow) = supply.addingReportingOverflow(account.balance)
        guard LedgerAccounts.key(account.address) == key, !overflow, account.number < .max,
            accounts < UInt64(LedgerState.accountLimit)
        else { throw .malformed("an account in another's place, or too much") }
        supply = sum
        accounts += 1
        numbersEnd = max(numbersEnd, account.number + 1)
    }

    func finish() throws(DecodeFault) -> LedgerAccounts.Totals {
        guard let totals, totals.count == accounts, numbersEnd <= totals.nextNumber,
            !supply.addingReportingOverflow(totals.collectedFees).overflow
        else { throw .malformed("totals that are not those of the accounts") }
        return totals
    }
}
