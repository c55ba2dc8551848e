// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography

extension IndexChild {
    /// The node, from the store if need be; nil for a lone key.
    func page(in store: any NodeStore) throws(StateTreeFault) -> IndexPage? {
        switch self {
        case .key: return nil
        case .page(let page): return page
        case .stub(let version, let place):
            let key = NodeKey.index(version, place: place)
            guard let bytes = try store.read(key) else { throw .missing(key) }
            do throws(DecodeFault) {
                return try IndexPage.decode(bytes, key: key)
            } catch {
                throw .damaged(key, error)
            }
        }
    }

    /// Calls `body` with the keys that begin with `prefix` and are behind `last`, in their order,
    /// until it answers false; answers whether it never did.
    func forEach(
        in store: any NodeStore, prefix: [UInt8], after last: [UInt8]?,
        _ body: ([UInt8]) throws(StateTreeFault) -> Bool
    ) throws(StateTreeFault) -> Bool {
        let place = place
        let shared = place.sharedBytes(with: prefix)
        guard shared == prefix.count || shared == place.count else { return true }
        if let last, place.lexicographicallyPrecedes(last), !last.starts(with: place) {
            return true
        }
        guard let page = try page(in: store) else {
            return try Self.offer(place, prefix, last, body)
        }
        if page.isKey, !(try Self.offer(place, prefix, last, body)) { return false }
        for child in page.children {
            guard try child.forEach(in: store, prefix: prefix, after: last, body) else {
                return false
            }
        }
        return true
    }

    private static func offer(
        _ key: [UInt8], _ prefix: [UInt8], _ last: [UInt8]?,
        _ body: ([UInt8]) throws(StateTreeFault) -> Bool
    ) throws(StateTreeFault) -> Bool {
        guard key.starts(with: prefix), last.map({ $0.lexicographicallyPrecedes(key) }) ?? true
        else { return true }
        return try body(key)
    }
}

/// Nodes of the index as a store keeps them, under a checksum of their own.
extension IndexPage {
    /// `checksum 8 ‖ is key ‖ count varint`, then for each child `0 ‖ rest of the key` or
    /// `1 ‖ rest of the beginning ‖ version u64`, rests behind their lengths.
    func encode() -> [UInt8] {
        var body: [UInt8] = [isKey ? 1 : 0]
        body.append(varint: UInt64(children.count))
        for child in children {
            switch child {
            case .key(let key):
                body.append(0)
                body.append(lengthPrefixed: key[place.count...])
            case .page(let page):
                body.append(1)
                body.append(lengthPrefixed: page.place[place.count...])
                body.append(bigEndian: page.version)
            case .stub(let version, let below):
                body.append(1)
                body.append(lengthPrefixed: below[place.count...])
                body.append(bigEndian: version)
            }
        }
        return Self.checksum(body[...], key: key) + body
    }

    static func decode(_ bytes: [UInt8], key: NodeKey) throws(DecodeFault) -> IndexPage {
        var reader = ByteReader(bytes)
        let checksum = try reader.slice(8)
        guard Array(checksum) == Self.checksum(bytes[8...], key: key) else {
            throw .malformed("a wrong checksum")
        }
        let isKey = try reader.byte()
        let count = try reader.varint()
        guard isKey <= 1, count <= 256, Int(isKey) + Int(count) >= 2 else {
            throw .malformed("a node of the index with too few or too many children", at: 8)
        }
        var children: [IndexChild] = []
        for _ in 0..<count {
            let at = reader.offset
            let kind = try reader.byte()
            let room = StateEntry.keySizeBytesMax - key.place.count
            let rest = try reader.lengthPrefixed(limit: max(0, room), field: "key")
            guard let byte = rest.first, kind <= 1,
                children.last.map({ $0.place[key.place.count] < byte }) ?? true
            else { throw .malformed("children of the index out of order", at: at) }
            let place = key.place + rest
            guard kind == 1 else {
                children.append(.key(place))
                continue
            }
            let version: UInt64 = try reader.bigEndian()
            guard version <= key.version else {
                throw .malformed("a node of a later version", at: at)
            }
            children.append(.stub(version: version, place: place))
        }
        try reader.finish()
        return IndexPage(
            version: key.version, place: key.place, isKey: isKey == 1, children: children)
    }

    private static func checksum(_ body: ArraySlice<UInt8>, key: NodeKey) -> [UInt8] {
        Array(SHA256.hash(key.bytes + body).array.prefix(8))
    }
}
