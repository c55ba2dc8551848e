// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CLMDB

/// One key with its value.
package struct KeyValue: Hashable, Sendable {
    /// The key, at most `KeyValueStore.keyMax` bytes.
    package let key: [UInt8]
    /// The value, its checksum already held to it.
    package let value: [UInt8]
}

/// One unchanging view of the index; it lives only while the closure that got it runs.
package struct KeyValueView: ~Copyable {
    let transaction: OpaquePointer
    let handles: [MDB_dbi]

    init(transaction: OpaquePointer, handles: [MDB_dbi]) {
        self.transaction = transaction
        self.handles = handles
    }

    /// The value of a key.
    package borrowing func get(_ table: Table, _ key: [UInt8]) throws(StorageFault) -> [UInt8]? {
        var value = MDB_val()
        let code = Self.withValue(key) { key in
            mdb_get(transaction, handle(table), key, &value)
        }
        if code == MDB_NOTFOUND { return nil }
        try KeyValueStore.check(code, .read, table.rawValue)
        return try Self.checked(value, table)
    }

    /// Whether a key is there.
    package borrowing func contains(_ table: Table, _ key: [UInt8]) throws(StorageFault) -> Bool {
        var value = MDB_val()
        let code = Self.withValue(key) { key in
            mdb_get(transaction, handle(table), key, &value)
        }
        if code == MDB_NOTFOUND { return false }
        try KeyValueStore.check(code, .read, table.rawValue)
        return true
    }

    /// How many keys a table has.
    package borrowing func count(_ table: Table) throws(StorageFault) -> Int {
        var statistics = MDB_stat()
        try KeyValueStore.check(
            mdb_stat(transaction, handle(table), &statistics), .read, table.rawValue)
        return statistics.ms_entries
    }

    /// The first pair, in order of the keys' bytes.
    package borrowing func first(_ table: Table) throws(StorageFault) -> KeyValue? {
        try pairs(table, start: [], limit: 1, forward: true) { _ in true }.first
    }

    /// The last pair, in order of the keys' bytes.
    package borrowing func last(_ table: Table) throws(StorageFault) -> KeyValue? {
        try pairs(table, start: nil, limit: 1, forward: false) { _ in true }.first
    }

    /// At most `limit` pairs with `from <= key`, and `key < to` where given, ascending.
    package borrowing func range(
        _ table: Table, from: [UInt8], to: [UInt8]? = nil, limit: Int
    ) throws(StorageFault) -> [KeyValue] {
        try pairs(table, start: from, limit: limit, forward: true) { key in
            guard let to else { return true }
            return key.lexicographicallyPrecedes(to)
        }
    }

    /// At most `limit` pairs whose keys begin with `prefix`, ascending.
    package borrowing func prefixed(
        _ table: Table, _ prefix: [UInt8], limit: Int
    ) throws(StorageFault) -> [KeyValue] {
        try pairs(table, start: prefix, limit: limit, forward: true) { $0.starts(with: prefix) }
    }

    /// At most `limit` keys from `from` on, ascending; their values are not looked at.
    package borrowing func keys(
        _ table: Table, from: [UInt8], limit: Int
    ) throws(StorageFault) -> [[UInt8]] {
        var keys: [[UInt8]] = []
        try visit(table, start: from, forward: true) { (key, _) throws(StorageFault) in
            guard keys.count < limit else { return false }
            keys.append(key)
            return true
        }
        return keys
    }

    /// Pairs from `start` (nil: from the end), while `belongs`, at most `limit`.
    private borrowing func pairs(
        _ table: Table, start: [UInt8]?, limit: Int, forward: Bool,
        while belongs: ([UInt8]) -> Bool
    ) throws(StorageFault) -> [KeyValue] {
        var found: [KeyValue] = []
        try visit(table, start: start, forward: forward) { (key, value) throws(StorageFault) in
            guard found.count < limit, belongs(key) else { return false }
            found.append(KeyValue(key: key, value: try Self.checked(value, table)))
            return true
        }
        return found
    }

    /// Shows pairs from `start` (nil: from the end) until `body` says that it has enough.
    private borrowing func visit(
        _ table: Table, start: [UInt8]?, forward: Bool,
        _ body: ([UInt8], MDB_val) throws(StorageFault) -> Bool
    ) throws(StorageFault) {
        var cursor: OpaquePointer?
        try KeyValueStore.check(
            mdb_cursor_open(transaction, handle(table), &cursor), .read, table.rawValue)
        defer { mdb_cursor_close(cursor) }
        var key = MDB_val()
        var value = MDB_val()
        var code: Int32
        if let start, !start.isEmpty {
            code = Self.withValue(start) { sought in
                key = sought.pointee
                return mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE)
            }
        } else {
            code = mdb_cursor_get(cursor, &key, &value, start == nil ? MDB_LAST : MDB_FIRST)
        }
        while code == 0 {
            guard try body(Self.bytes(key), value) else { return }
            code = mdb_cursor_get(cursor, &key, &value, forward ? MDB_NEXT : MDB_PREV)
        }
        if code != MDB_NOTFOUND { try KeyValueStore.check(code, .read, table.rawValue) }
    }

    borrowing func handle(_ table: Table) -> MDB_dbi {
        for (index, other) in Table.allCases.enumerated() where other == table {
            return handles[index]
        }
        preconditionFailure("every table has a handle")
    }

    // MARK: Bytes and their checksums

    static func withValue<Result>(
        _ bytes: [UInt8], _ body: (UnsafeMutablePointer<MDB_val>) -> Result
    ) -> Result {
        bytes.withUnsafeBytes { buffer in
            // LMDB reads through this pointer only; it has no const.
            var value = MDB_val(
                mv_size: buffer.count,
                mv_data: UnsafeMutableRawPointer(mutating: buffer.baseAddress))
            return body(&value)
        }
    }

    private static func bytes(_ value: MDB_val) -> [UInt8] {
        [UInt8](UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size))
    }

    /// The value without its last four bytes, which are its checksum.
    private static func checked(_ value: MDB_val, _ table: Table) throws(StorageFault) -> [UInt8] {
        let stored = UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size)
        guard stored.count >= 4 else { throw .corrupt(.value(table: table.rawValue)) }
        let content = UnsafeRawBufferPointer(rebasing: stored.dropLast(4))
        var sum: UInt32 = 0
        for byte in stored.suffix(4) { sum = sum << 8 | UInt32(byte) }
        guard sum == Checksum.of(content) else { throw .corrupt(.value(table: table.rawValue)) }
        return [UInt8](content)
    }
}

/// Changes to the index that will be visible together; lives only while its closure runs.
package struct KeyValueChange: ~Copyable {
    /// What is there now, these changes included.
    package let view: KeyValueView

    init(view: consuming KeyValueView) {
        self.view = view
    }

    /// Sets the value of a key.
    package borrowing func put(
        _ table: Table, _ key: [UInt8], _ value: [UInt8]
    ) throws(StorageFault) {
        guard (1...KeyValueStore.keyMax).contains(key.count) else {
            throw .overLimit(
                what: "a key's size", limit: KeyValueStore.keyMax, actual: key.count)
        }
        guard value.count <= KeyValueStore.valueMax else {
            throw .overLimit(
                what: "a value's size", limit: KeyValueStore.valueMax, actual: value.count)
        }
        var stored = value
        stored.append(bigEndian: Checksum.of(value))
        let code = KeyValueView.withValue(key) { key in
            KeyValueView.withValue(stored) { stored in
                mdb_put(view.transaction, view.handle(table), key, stored, 0)
            }
        }
        try KeyValueStore.check(code, .write, table.rawValue)
    }

    /// Removes a key; says whether it was there.
    @discardableResult
    package borrowing func delete(_ table: Table, _ key: [UInt8]) throws(StorageFault) -> Bool {
        let code = KeyValueView.withValue(key) { key in
            mdb_del(view.transaction, view.handle(table), key, nil)
        }
        if code == MDB_NOTFOUND { return false }
        try KeyValueStore.check(code, .write, table.rawValue)
        return true
    }
}
