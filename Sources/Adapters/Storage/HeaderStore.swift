// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain

/// Headers that were verified, by height and by hash.
///
/// There may be gaps: a node that starts near the head fills in the past later. The headers of one
/// call become visible together.
package final class HeaderStore: Sendable {
    /// The most headers that one call gives or takes.
    package static let batchMax = 512

    private let index: KeyValueStore

    /// Keeps headers in an index.
    package init(index: KeyValueStore) {
        self.index = index
    }

    // MARK: Writing

    /// Keeps headers, which the caller has verified; they are durable when it returns.
    ///
    /// - Throws: `conflict` for a height that has another header: the caller holds a forked chain.
    package func put(_ headers: [ExtendedHeader]) throws(StorageFault) {
        guard headers.count <= Self.batchMax else {
            throw .overLimit(
                what: "headers at once", limit: Self.batchMax, actual: headers.count)
        }
        guard !headers.isEmpty else { return }
        let entries = headers.map { (height: $0.height, hash: $0.hash, bytes: $0.protobuf) }
        try index.write { (change) throws(StorageFault) in
            for entry in entries {
                if let known = try change.view.get(.headerHashes, entry.height.key) {
                    guard known == entry.hash.array else {
                        throw .conflict(height: entry.height)
                    }
                    continue
                }
                try change.put(.headers, entry.height.key, entry.bytes)
                try change.put(.headerHashes, entry.height.key, entry.hash.array)
                try change.put(.headerHeights, entry.hash.array, entry.height.key)
            }
        }
    }

    /// Forgets headers; heights that are not stored are fine.
    package func remove(heights: [Height]) throws(StorageFault) {
        try index.write { (change) throws(StorageFault) in
            for height in heights {
                guard let hash = try change.view.get(.headerHashes, height.key) else { continue }
                try change.delete(.headers, height.key)
                try change.delete(.headerHashes, height.key)
                try change.delete(.headerHeights, hash)
            }
        }
    }

    // MARK: Reading

    /// The header at a height.
    package func header(at height: Height) throws(StorageFault) -> ExtendedHeader? {
        let bytes = try index.read { (view) throws(StorageFault) in
            try view.get(.headers, height.key)
        }
        return if let bytes { try Self.decode(bytes) } else { nil }
    }

    /// The header with a hash.
    package func header(hash: Bytes32) throws(StorageFault) -> ExtendedHeader? {
        let bytes = try index.read { (view) throws(StorageFault) -> [UInt8]? in
            guard let height = try view.get(.headerHeights, hash.array) else { return nil }
            return try view.get(.headers, height)
        }
        return if let bytes { try Self.decode(bytes) } else { nil }
    }

    /// The hash of the header at a height, which takes no decoding.
    package func hash(at height: Height) throws(StorageFault) -> Bytes32? {
        let bytes = try index.read { (view) throws(StorageFault) in
            try view.get(.headerHashes, height.key)
        }
        guard let bytes else { return nil }
        guard let hash = Bytes32(bytes) else { throw .corrupt(.index) }
        return hash
    }

    /// The wire forms of at most `limit` consecutive headers from `height` on, up to the first gap.
    ///
    /// They are what a peer is answered with, so nothing is decoded.
    package func wireForms(
        from height: Height, limit: Int
    ) throws(StorageFault) -> [[UInt8]] {
        let count = min(max(limit, 0), Self.batchMax)
        let pairs = try index.read { (view) throws(StorageFault) in
            try view.range(.headers, from: height.key, limit: count)
        }
        var forms: [[UInt8]] = []
        for pair in pairs {
            guard try Height(key: pair.key).value == height.value + UInt64(forms.count) else {
                break
            }
            forms.append(pair.value)
        }
        return forms
    }

    /// At most `limit` consecutive headers from `height` on, up to the first gap.
    package func headers(
        from height: Height, limit: Int
    ) throws(StorageFault) -> [ExtendedHeader] {
        var headers: [ExtendedHeader] = []
        for bytes in try wireForms(from: height, limit: limit) {
            headers.append(try Self.decode(bytes))
        }
        return headers
    }

    /// The highest header.
    package func head() throws(StorageFault) -> ExtendedHeader? {
        let pair = try index.read { (view) throws(StorageFault) in try view.last(.headers) }
        return if let pair { try Self.decode(pair.value) } else { nil }
    }

    /// The lowest header.
    package func tail() throws(StorageFault) -> ExtendedHeader? {
        let pair = try index.read { (view) throws(StorageFault) in try view.first(.headers) }
        return if let pair { try Self.decode(pair.value) } else { nil }
    }

    /// The stretches of heights that have headers, ascending; no two of them touch.
    package func ranges() throws(StorageFault) -> [ClosedRange<Height>] {
        var ranges: [ClosedRange<Height>] = []
        var from: [UInt8] = []
        while true {
            let start = from
            let keys = try index.read { (view) throws(StorageFault) in
                try view.keys(.headerHashes, from: start, limit: Self.pageMax)
            }
            for key in keys {
                let height = try Height(key: key)
                if let last = ranges.last, last.upperBound.next == height {
                    ranges[ranges.count - 1] = last.lowerBound...height
                } else {
                    ranges.append(height...height)
                }
            }
            guard let last = keys.last, keys.count == Self.pageMax else { return ranges }
            from = last + [0]
        }
    }

    private static let pageMax = 4096

    private static func decode(_ bytes: [UInt8]) throws(StorageFault) -> ExtendedHeader {
        do {
            return try ExtendedHeader(protobuf: bytes)
        } catch {
            throw .malformed(path: "index table headers", error)
        }
    }
}
