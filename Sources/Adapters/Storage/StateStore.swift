// SPDX-License-Identifier: Apache-2.0

/// A node's own small records, by name: votes it has cast, where its sampling stands.
///
/// A record is durable when `put` returns, which is what lets a validator sign and still keep its
/// word after a power cut. Names are paths of words, `agreement/vote`, so that a part of the node
/// finds its own by prefix.
package final class StateStore: Sendable {
    /// The longest name, in bytes of UTF-8.
    package static let nameMax = 256
    /// The largest record, in bytes.
    package static let recordMax = 64 << 20

    private let index: KeyValueStore

    /// Keeps records in an index.
    package init(index: KeyValueStore) {
        self.index = index
    }

    /// The record of a name.
    package func get(_ name: String) throws(StorageFault) -> [UInt8]? {
        let key = try Self.key(name)
        return try index.read { (view) throws(StorageFault) in try view.get(.records, key) }
    }

    /// Sets a record.
    package func put(_ name: String, _ record: [UInt8]) throws(StorageFault) {
        try put([(name, record)])
    }

    /// Sets several records, all or none; nil removes one.
    package func put(
        _ records: [(name: String, record: [UInt8]?)]
    ) throws(StorageFault) {
        try index.write { (change) throws(StorageFault) in try Self.put(records, in: change) }
    }

    /// Sets records as part of a larger change.
    static func put(
        _ records: [(name: String, record: [UInt8]?)], in change: borrowing KeyValueChange
    ) throws(StorageFault) {
        for (name, record) in records {
            let key = try key(name)
            if let record {
                guard record.count <= recordMax else {
                    throw .overLimit(
                        what: "a record's size", limit: recordMax, actual: record.count)
                }
                try change.put(.records, key, record)
            } else {
                try change.delete(.records, key)
            }
        }
    }

    /// Removes a record; one that is not there is fine.
    package func remove(_ name: String) throws(StorageFault) {
        try put([(name, nil)])
    }

    /// At most `limit` names with their records that begin with `prefix`, in order of their bytes.
    package func records(
        prefix: String, limit: Int
    ) throws(StorageFault) -> [(name: String, record: [UInt8])] {
        let pairs = try index.read { (view) throws(StorageFault) in
            try view.prefixed(.records, Array(prefix.utf8), limit: limit)
        }
        return pairs.map { (String(decoding: $0.key, as: UTF8.self), $0.value) }
    }

    private static func key(_ name: String) throws(StorageFault) -> [UInt8] {
        let key = Array(name.utf8)
        guard (1...nameMax).contains(key.count) else {
            throw .overLimit(what: "a record's name in bytes", limit: nameMax, actual: key.count)
        }
        return key
    }
}
