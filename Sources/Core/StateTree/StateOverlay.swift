// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// A state with changes on top that are not yet in the tree.
///
/// It is what a block is executed on: reads see what was written before, `undo` takes back what a
/// failed transaction wrote, and in the end all changes go into the tree in one batch.
public struct StateOverlay: Sendable {
    /// A point to which `undo` goes back.
    public struct Mark: Sendable {
        fileprivate let length: Int
    }

    /// The state below.
    public let base: StateTree
    private var values: [[UInt8]: [UInt8]?] = [:]
    /// What each write found, for `undo`.
    private var log: [(key: [UInt8], before: [UInt8]??)] = []

    /// No changes yet.
    public init(_ base: StateTree) { self.base = base }

    /// The value of a key, or nil where there is none.
    ///
    /// - Throws: as `StateTree.value`.
    public func value(of key: [UInt8]) throws(StateTreeFault) -> [UInt8]? {
        if let changed = values[key] { return changed }
        return try base.value(of: key)
    }

    /// Sets a value, or removes it when it is nil.
    ///
    /// - Throws: `keySize` or `valueSize`; nothing is then changed.
    public mutating func set(_ key: [UInt8], to value: [UInt8]?) throws(StateTreeFault) {
        let write = StateWrite(key: key, value: value)
        try write.check()
        log.append((key, values[key]))
        values[key] = .some(value)
    }

    /// Where `undo` can go back to.
    public var mark: Mark { Mark(length: log.count) }

    /// Takes back every write behind a mark.
    public mutating func undo(to mark: Mark) {
        while log.count > mark.length, let last = log.popLast() { values[last.key] = last.before }
    }

    /// Every change, by rising key.
    public var writes: [StateWrite] {
        values.map { StateWrite(key: $0.key, value: $0.value) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }

    /// The entries whose keys begin with `prefix`, in the order of the keys, at most `limit`.
    ///
    /// - Throws: as `StateTree.forEach`.
    public func entries(
        prefix: [UInt8] = [], after: [UInt8]? = nil, limit: Int
    ) throws(StateTreeFault) -> [StateEntry] {
        var found: [StateEntry] = []
        guard limit > 0 else { return found }
        var rest = writes.filter { write in
            write.key.starts(with: prefix)
                && (after.map { $0.lexicographicallyPrecedes(write.key) } ?? true)
        }[...]
        try base.forEach(prefix: prefix, after: after) { entry in
            while let write = rest.first, write.key.lexicographicallyPrecedes(entry.key) {
                rest.removeFirst()
                if let value = write.value {
                    found.append(StateEntry(key: write.key, value: value))
                }
            }
            if let write = rest.first, write.key == entry.key {
                rest.removeFirst()
                if let value = write.value {
                    found.append(StateEntry(key: write.key, value: value))
                }
            } else {
                found.append(entry)
            }
            return found.count < limit
        }
        for write in rest {
            if let value = write.value { found.append(StateEntry(key: write.key, value: value)) }
        }
        return Array(found.prefix(limit))
    }
}
