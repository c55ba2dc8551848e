// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain
internal import Synchronization

/// Headers that were verified, by height and by hash.
///
/// There may be gaps: a node that starts near the head fills in the past later. The headers of one
/// call become visible together. A header without roots is kept without its validator set, too,
/// which is the same for many: each set is kept once, by its hash.
package final class HeaderStore: Sendable {
    /// The most headers that one call gives or takes.
    package static let batchMax = 512

    private let index: KeyValueStore
    /// The set that was read last, which the next header most likely names, too.
    private let lastSet = Mutex<ValidatorSet?>(nil)

    /// Keeps headers in an index.
    package init(index: KeyValueStore) {
        self.index = index
    }

    // MARK: Writing

    /// Keeps headers, which the caller has verified; they are durable when it returns.
    ///
    /// - Throws: `conflict` for a height that has another header: the caller holds a forked chain.
    package func put(_ headers: [ChainHeader]) throws(StorageFault) {
        guard !headers.isEmpty else { return }
        let forms = try Self.forms(of: headers)
        try index.write { (change) throws(StorageFault) in try Self.put(forms, in: change) }
    }

    /// A header as the index takes it.
    struct Form {
        let height: Height
        let hash: Bytes32
        let bytes: [UInt8]
        /// The set that the bytes do not hold.
        let set: ValidatorSet?
    }

    /// Encodes headers, before any transaction begins.
    static func forms(of headers: [ChainHeader]) throws(StorageFault) -> [Form] {
        guard headers.count <= batchMax else {
            throw .overLimit(what: "headers at once", limit: batchMax, actual: headers.count)
        }
        return headers.map { header in
            let whole = header.extended?.protobuf
            return Form(
                height: header.height, hash: header.hash, bytes: whole ?? header.keptForm,
                set: whole == nil ? header.validatorSet : nil)
        }
    }

    /// Puts headers as part of a larger change.
    static func put(
        _ forms: [Form], in change: borrowing KeyValueChange
    ) throws(StorageFault) {
        for form in forms {
            if let known = try change.view.get(.headerHashes, form.height.key) {
                guard known == form.hash.array else { throw .conflict(height: form.height) }
                continue
            }
            try change.put(.headers, form.height.key, form.bytes)
            try change.put(.headerHashes, form.height.key, form.hash.array)
            try change.put(.headerHeights, form.hash.array, form.height.key)
            if let set = form.set, try change.view.get(.validatorSets, set.hash.array) == nil {
                try change.put(.validatorSets, set.hash.array, set.protobuf)
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
    package func header(at height: Height) throws(StorageFault) -> ChainHeader? {
        let bytes = try index.read { (view) throws(StorageFault) in
            try view.get(.headers, height.key)
        }
        return if let bytes { try decode(bytes) } else { nil }
    }

    /// The header with a hash.
    package func header(hash: Bytes32) throws(StorageFault) -> ChainHeader? {
        let bytes = try index.read { (view) throws(StorageFault) -> [UInt8]? in
            guard let height = try view.get(.headerHeights, hash.array) else { return nil }
            return try view.get(.headers, height)
        }
        return if let bytes { try decode(bytes) } else { nil }
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

    /// The stored forms of at most `limit` consecutive headers from `height` on, up to a gap.
    private func forms(
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
    ) throws(StorageFault) -> [ChainHeader] {
        var headers: [ChainHeader] = []
        for bytes in try forms(from: height, limit: limit) {
            headers.append(try decode(bytes))
        }
        return headers
    }

    /// The highest header.
    package func head() throws(StorageFault) -> ChainHeader? {
        let pair = try index.read { (view) throws(StorageFault) in try view.last(.headers) }
        return if let pair { try decode(pair.value) } else { nil }
    }

    /// The lowest header.
    package func tail() throws(StorageFault) -> ChainHeader? {
        let pair = try index.read { (view) throws(StorageFault) in try view.first(.headers) }
        return if let pair { try decode(pair.value) } else { nil }
    }

    /// The stretches of heights that have headers, ascending; no two of them touch.
    package func ranges() throws(StorageFault) -> [ClosedRange<Height>] {
        var ranges: [ClosedRange<Height>] = []
        try index.scan(.headerHashes) { (key) throws(StorageFault) in
            ranges.append(next: try Height(key: key))
        }
        return ranges
    }

    private func decode(_ bytes: [UInt8]) throws(StorageFault) -> ChainHeader {
        var lost: StorageFault?
        do throws(DecodeFault) {
            let kept = try ChainHeader(kept: bytes) { (hash) throws(DecodeFault) in
                do throws(StorageFault) {
                    if let set = try validatorSet(hash) { return set }
                } catch {
                    lost = error
                }
                throw .malformed("the validator set \(hash) is not in the index")
            }
            if let kept { return kept }
            return ChainHeader(try ExtendedHeader(protobuf: bytes))
        } catch {
            throw lost ?? .malformed(path: "index table headers", error)
        }
    }

    private func validatorSet(_ hash: Bytes32) throws(StorageFault) -> ValidatorSet? {
        if let last = lastSet.withLock({ $0 }), last.hash == hash { return last }
        let bytes = try index.read { (view) throws(StorageFault) in
            try view.get(.validatorSets, hash.array)
        }
        guard let bytes else { return nil }
        do throws(DecodeFault) {
            let set = try ValidatorSet(protobuf: bytes)
            lastSet.withLock { $0 = set }
            return set
        } catch {
            throw .malformed(path: "index table validatorSets", error)
        }
    }
}
