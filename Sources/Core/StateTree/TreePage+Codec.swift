// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography

/// Pages as a store keeps them; reading computes the page's root, so no other bytes can pass.
extension TreePage {
    /// `places u16 ‖ leaves u16`, then for each child a leaf's `version u64 ‖ path ‖ value hash` or
    /// a page's `version u64 ‖ hash`.
    func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 + children.count * 72)
        bytes.append(bigEndian: mask)
        bytes.append(bigEndian: leafMask)
        for child in children { child.encode(to: &bytes) }
        return bytes
    }

    /// Reads the page at a place; refuses what does not hash to `hash`.
    ///
    /// Nothing below a page is younger than it.
    static func decode(
        _ bytes: [UInt8], depth: Int, prefix: Bytes32, version: UInt64, hash: Bytes32
    ) throws(DecodeFault) -> TreePage {
        guard depth < 64 else { throw .malformed("a page below the last half byte") }
        var reader = ByteReader(bytes)
        let mask: UInt16 = try reader.bigEndian()
        let leafMask: UInt16 = try reader.bigEndian()
        guard leafMask & ~mask == 0 else { throw .malformed("a leaf in an empty place", at: 2) }
        var places = [TreeChild?](repeating: nil, count: 16)
        for place in 0..<16 where mask & 1 << UInt16(place) != 0 {
            let at = reader.offset
            let child = try TreeChild.decode(
                &reader, isLeaf: leafMask & 1 << UInt16(place) != 0, newest: version)
            if case .leaf(let leaf) = child {
                guard leaf.path.sharedBits(with: prefix) >= 4 * depth,
                    leaf.path.nibble(depth) == place
                else { throw .malformed("a leaf in another's place", at: at) }
            } else if depth == 63 {
                throw .malformed("a page below the last half byte", at: at)
            }
            places[place] = child
        }
        try reader.finish()
        let shape = PageShape(mask: mask, leafMask: leafMask)
        guard case .inner = shape.node(1) else {
            throw .malformed("a page with fewer than two entries")
        }
        var nodes = PageNodes(of: places)
        nodes.compute(shape)
        guard nodes[1] == hash else { throw .malformed("a page of another hash") }
        return TreePage(
            version: version, children: places.compactMap { $0 }, shape: shape,
            nodes: nodes.bytes[...])
    }
}

extension TreeChild {
    func encode(to bytes: inout [UInt8]) {
        switch self {
        case .leaf(let leaf):
            bytes.append(bigEndian: leaf.version)
            bytes.append(leaf.path)
            bytes.append(leaf.valueHash)
        case .page(let page):
            bytes.append(bigEndian: page.version)
            bytes.append(page.hash)
        case .stub(let stub):
            bytes.append(bigEndian: stub.version)
            bytes.append(stub.hash)
        }
    }

    static func decode(
        _ reader: inout ByteReader, isLeaf: Bool, newest: UInt64
    ) throws(DecodeFault) -> TreeChild {
        let at = reader.offset
        let version: UInt64 = try reader.bigEndian()
        guard version <= newest else { throw .malformed("a node of a later version", at: at) }
        let first: Bytes32 = try reader.fixed()
        guard isLeaf else { return .stub(TreeStub(version: version, hash: first)) }
        let valueHash: Bytes32 = try reader.fixed()
        return .leaf(
            TreeLeaf(
                path: first, valueHash: valueHash,
                hash: StateEntry.leafHash(path: first, valueHash: valueHash), version: version,
                entry: nil))
    }

    /// The page, from the store if need be; nil for a leaf.
    func page(
        in store: any NodeStore, depth: Int, prefix: Bytes32
    ) throws(StateTreeFault) -> TreePage? {
        switch self {
        case .leaf: return nil
        case .page(let page): return page
        case .stub(let stub):
            let key = NodeKey.page(stub.version, depth: depth, prefix: prefix)
            guard let bytes = try store.read(key) else { throw .missing(key) }
            do throws(DecodeFault) {
                return try TreePage.decode(
                    bytes, depth: depth, prefix: prefix, version: stub.version, hash: stub.hash)
            } catch {
                throw .damaged(key, error)
            }
        }
    }
}
