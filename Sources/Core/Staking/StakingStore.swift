// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// Where the state of staking lies: values by key, in the order of the keys.
///
/// A tree that can prove what it holds may stand behind it as well as a list in memory.
public protocol StakingStore {
    /// The value of a key, if there is one.
    func value(of key: [UInt8]) -> [UInt8]?
    /// Puts a value in place of what was there.
    mutating func set(_ key: [UInt8], to value: [UInt8])
    /// Takes a key out; one that is not there is no fault.
    mutating func remove(_ key: [UInt8])
    /// Keys with a prefix and their values, in the order of the keys as bytes, from the first that
    /// is not below `start` (which begins with the prefix, or is empty), at most `limit` of them.
    func entries(
        prefix: [UInt8], from start: [UInt8], limit: Int
    ) -> [(key: [UInt8], value: [UInt8])]
}

extension StakingStore {
    /// All keys with a prefix, and their values.
    package func entries(prefix: [UInt8]) -> [(key: [UInt8], value: [UInt8])] {
        entries(prefix: prefix, from: [], limit: .max)
    }
}

/// The accounts that coins come from and go to; the ledger has them.
public protocol StakingAccounts {
    /// What an account can spend.
    func balance(of account: Bytes20) -> UInt64
    /// Takes coins; only called for at most the balance.
    mutating func debit(_ amount: UInt64, from account: Bytes20)
    /// Gives coins; an account that is not there comes to be.
    mutating func credit(_ amount: UInt64, to account: Bytes20)
}

/// A store in memory: one list in the order of its keys.
public struct MemoryStakingStore: StakingStore, Hashable, Sendable {
    private var keys: [[UInt8]] = []
    private var values: [[UInt8]] = []

    /// An empty one.
    public init() {}

    /// How many values there are.
    public var count: Int { keys.count }

    /// The value of a key, if there is one.
    public func value(of key: [UInt8]) -> [UInt8]? {
        let place = place(of: key)
        return place < keys.count && keys[place] == key ? values[place] : nil
    }

    /// Puts a value in place of what was there.
    public mutating func set(_ key: [UInt8], to value: [UInt8]) {
        let place = place(of: key)
        if place < keys.count, keys[place] == key {
            values[place] = value
        } else {
            keys.insert(key, at: place)
            values.insert(value, at: place)
        }
    }

    /// Takes a key out; one that is not there is no fault.
    public mutating func remove(_ key: [UInt8]) {
        let place = place(of: key)
        guard place < keys.count, keys[place] == key else { return }
        keys.remove(at: place)
        values.remove(at: place)
    }

    /// Keys with a prefix and their values, in order.
    public func entries(
        prefix: [UInt8], from start: [UInt8], limit: Int
    ) -> [(key: [UInt8], value: [UInt8])] {
        var found: [(key: [UInt8], value: [UInt8])] = []
        var place = place(of: start.isEmpty ? prefix : start)
        while place < keys.count, found.count < limit, keys[place].starts(with: prefix) {
            found.append((keys[place], values[place]))
            place += 1
        }
        return found
    }

    /// The first place whose key is not below `key`.
    private func place(of key: [UInt8]) -> Int {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle].lexicographicallyPrecedes(key) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
