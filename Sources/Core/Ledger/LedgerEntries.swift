// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Staking
internal import StateTree

/// Keys of one part of the ledger with their values: a state tree, and what changed since.
///
/// Changes stand in the order of their keys above the tree, so that reading sees them at once and
/// they go into the tree together, when a block is done.
struct LedgerEntries: Sendable {
    /// What stands in the tree for a value of no bytes, which a tree has none of.
    static let emptyValue: [UInt8] = [0]

    /// A point to which `undo` goes back.
    struct Mark: Sendable {
        fileprivate let length: Int
    }

    private var tree: StateTree
    private var keys: [[UInt8]] = []
    /// For each key its new value, or nil when it is gone.
    private var values: [[UInt8]?] = []
    /// What each change found among the changes, for `undo`.
    private var log: [(key: [UInt8], before: [UInt8]??)] = []

    init(_ tree: StateTree = StateTree()) {
        self.tree = tree
    }

    /// Every change, by rising key.
    var writes: [StateWrite] {
        zip(keys, values).map { key, value in
            StateWrite(key: key, value: value.map { $0.isEmpty ? Self.emptyValue : $0 })
        }
    }

    var isChanged: Bool { !keys.isEmpty }

    /// Stands on a tree that has all changes.
    mutating func settle(into tree: StateTree) {
        self = LedgerEntries(tree)
    }

    /// Where `undo` can go back to, until the next `settle`.
    var mark: Mark { Mark(length: log.count) }

    /// Takes back every change behind a mark.
    mutating func undo(to mark: Mark) {
        while log.count > mark.length, let last = log.popLast() {
            let place = place(of: last.key)
            if let before = last.before {
                values[place] = before
            } else {
                keys.remove(at: place)
                values.remove(at: place)
            }
        }
    }

    private mutating func change(_ key: [UInt8], to value: [UInt8]?) {
        let place = place(of: key)
        if place < keys.count, keys[place] == key {
            log.append((key, .some(values[place])))
            values[place] = value
        } else {
            log.append((key, nil))
            keys.insert(key, at: place)
            values.insert(value, at: place)
        }
    }

    /// The first place among the changes whose key is not below `key`.
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

    static func plain(_ stored: [UInt8]) -> [UInt8] {
        stored == emptyValue ? [] : stored
    }

}

extension LedgerEntries: StakingStore {
    func value(of key: [UInt8]) -> [UInt8]? {
        let place = place(of: key)
        if place < keys.count, keys[place] == key { return values[place] }
        return tree.reading(else: nil) { tree throws(StateTreeFault) in
            try tree.value(of: key).map { Self.plain($0) }
        }
    }

    mutating func set(_ key: [UInt8], to value: [UInt8]) {
        change(key, to: value)
    }

    mutating func remove(_ key: [UInt8]) {
        guard value(of: key) != nil else { return }
        change(key, to: nil)
    }

    func entries(
        prefix: [UInt8], from start: [UInt8], limit: Int
    ) -> [(key: [UInt8], value: [UInt8])] {
        var found: [(key: [UInt8], value: [UInt8])] = []
        guard limit > 0 else { return found }
        var next = place(of: start.isEmpty ? prefix : start)
        /// Takes the changes before a key of the tree, or all that are left.
        func takeChanges(before key: [UInt8]?) {
            while next < keys.count, found.count < limit, keys[next].starts(with: prefix),
                key.map({ keys[next].lexicographicallyPrecedes($0) }) ?? true
            {
                if let value = values[next] { found.append((keys[next], value)) }
                next += 1
            }
        }
        func take(_ entry: StateEntry) -> Bool {
            takeChanges(before: entry.key)
            guard found.count < limit else { return false }
            if next < keys.count, keys[next] == entry.key {
                if let value = values[next] { found.append((entry.key, value)) }
                next += 1
            } else {
                found.append((entry.key, Self.plain(entry.value)))
            }
            return found.count < limit
        }
        tree.reading(else: ()) { tree throws(StateTreeFault) in
            if !start.isEmpty, let value = try tree.value(of: start) {
                guard take(StateEntry(key: start, value: value)) else { return }
            }
            try tree.forEach(prefix: prefix, after: start.isEmpty ? nil : start, take)
        }
        takeChanges(before: nil)
        return found
    }
}
