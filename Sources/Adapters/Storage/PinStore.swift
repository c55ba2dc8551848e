// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Chain
package import DataSquare

/// What pinned namespaces have, height by height, for ever.
///
/// It lies in the index and not in files: most heights have nothing but a short proof of absence, or
/// not even that, and a file would take a block of the disk for each.
package final class PinStore: Sendable {
    private let index: KeyValueStore

    /// Keeps pins in an index.
    package init(index: KeyValueStore) {
        self.index = index
    }

    /// Keeps what namespaces have at a height, all or none; durable when it returns.
    package func put(
        _ pins: [(namespace: Namespace, data: [UInt8])], at height: Height
    ) throws(StorageFault) {
        for pin in pins where pin.data.count > PinnedRecord.sizeMax {
            throw .overLimit(
                what: "a pinned record in bytes", limit: PinnedRecord.sizeMax,
                actual: pin.data.count)
        }
        let records = pins.map { ($0.namespace, PinnedRecord.encode($0.data)) }
        try index.write { (change) throws(StorageFault) in
            for (namespace, parts) in records {
                for (part, value) in parts.enumerated() {
                    try change.put(.pins, Self.key(namespace, height, part), value)
                }
            }
        }
    }

    /// What a namespace has at a height, as `nd_v0` sends it; nil when that is not kept.
    package func get(
        _ namespace: Namespace, at height: Height
    ) throws(StorageFault) -> [UInt8]? {
        try index.read { (view) throws(StorageFault) -> [UInt8]? in
            guard var record = try view.get(.pins, Self.key(namespace, height, 0)) else {
                return nil
            }
            do {
                for part in 1..<max(1, try PinnedRecord.partCount(record)) {
                    guard let value = try view.get(.pins, Self.key(namespace, height, part)) else {
                        throw StorageFault.corrupt(.value(table: Table.pins.rawValue))
                    }
                    record += value
                }
                return try PinnedRecord.decode(record)
            } catch let fault as DecodeFault {
                throw StorageFault.malformed(path: "index table pins", fault)
            } catch let fault as StorageFault {
                throw fault
            } catch {
                preconditionFailure("there are two kinds of faults here: \(error)")
            }
        }
    }

    /// The heights of each namespace, both in order.
    package func ranges() throws(StorageFault) -> [(Namespace, [ClosedRange<Height>])] {
        var found: [(Namespace, [ClosedRange<Height>])] = []
        var last: Height?
        try index.scan(.pins) { (key) throws(StorageFault) in
            guard key.count == Self.keySizeBytes else { throw .corrupt(.index) }
            let namespace: Namespace
            do throws(DecodeFault) {
                namespace = try Namespace(decoding: key.prefix(Namespace.sizeBytes))
            } catch {
                throw .corrupt(.index)
            }
            let height = try Height(key: key.dropFirst(Namespace.sizeBytes).dropLast(2))
            if found.last?.0 != namespace {
                found.append((namespace, []))
                last = nil
            }
            if last != height { found[found.count - 1].1.append(next: height) }
            last = height
        }
        return found
    }

    /// How many bytes of keys and values a namespace takes.
    package func sizeBytes(of namespace: Namespace) throws(StorageFault) -> Int {
        let prefix = namespace.bytes.array
        let pairs = try index.read { (view) throws(StorageFault) in
            try view.prefixed(.pins, prefix, limit: .max)
        }
        return pairs.reduce(0) { $0 + $1.key.count + $1.value.count + 4 }
    }

    private static let keySizeBytes = Namespace.sizeBytes + 10

    private static func key(_ namespace: Namespace, _ height: Height, _ part: Int) -> [UInt8] {
        var key = namespace.bytes.array + height.key
        key.append(bigEndian: UInt16(part))
        return key
    }
}
