// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// The authenticated state: keys with values under one root, which ICS-23 proofs lead to.
///
/// It is a compact sparse Merkle tree over the SHA-256 of the keys. A tree is a value: copies share
/// all that is alike, so a copy is made in no time and the version before an update can still be
/// read and proven. What is not in memory is read from the store, node by node, and verified.
/// Specified in Protocol/23-state-tree.md.
public struct StateTree: Sendable {
    /// The root of nothing: 32 zero bytes.
    public static let emptyRoot = Bytes32()
    /// The most pages that stay in memory once they are stored.
    public static let residentPagesMax = 16_384

    /// The version of the last update.
    public internal(set) var version: UInt64
    /// How many keys there are.
    public internal(set) var count: Int
    var child: TreeChild?
    var index: IndexChild?
    /// What is not in memory is read from here.
    public let store: any NodeStore

    /// Nothing, in memory; what updates write may go to `store`.
    public init(store: any NodeStore = EmptyNodeStore()) {
        version = 0
        count = 0
        self.store = store
    }

    /// The root over all keys and values: what a header's app hash commits to.
    public var root: Bytes32 { child?.hash ?? Self.emptyRoot }

    /// The value of a key, or nil where there is none.
    ///
    /// - Throws: `missing`, `damaged` or `store` when a stored node cannot be had.
    public func value(of key: [UInt8]) throws(StateTreeFault) -> [UInt8]? {
        let path = StateEntry.path(of: key)
        guard let leaf = try leaf(at: path) else { return nil }
        return try leaf.entry(in: store).value
    }

    /// Calls `body` with each entry whose key begins with `prefix`, in the order of the keys, until
    /// it answers false; with `after`, only with those behind that key.
    ///
    /// - Throws: as `value`, and `indexDisagrees`.
    public func forEach(
        prefix: [UInt8] = [], after: [UInt8]? = nil, _ body: (StateEntry) -> Bool
    ) throws(StateTreeFault) {
        _ = try index?.forEach(in: store, prefix: prefix, after: after) {
            (key: [UInt8]) throws(StateTreeFault) -> Bool in
            guard let leaf = try leaf(at: StateEntry.path(of: key)) else {
                throw .indexDisagrees(key: key)
            }
            return body(try leaf.entry(in: store))
        }
    }

    /// The entries whose keys begin with `prefix`, in the order of the keys, at most `limit`.
    public func entries(
        prefix: [UInt8] = [], after: [UInt8]? = nil, limit: Int
    ) throws(StateTreeFault) -> [StateEntry] {
        var found: [StateEntry] = []
        guard limit > 0 else { return found }
        try forEach(prefix: prefix, after: after) { entry in
            found.append(entry)
            return found.count < limit
        }
        return found
    }

    /// The leaf of a path, if there is one.
    func leaf(at path: Bytes32) throws(StateTreeFault) -> TreeLeaf? {
        var place = child
        var depth = 0
        while let here = place {
            if case .leaf(let leaf) = here { return leaf.path == path ? leaf : nil }
            let page = try here.page(in: store, depth: depth, prefix: path.cut(at: depth))
            place = page?.child(at: path.nibble(depth))
            depth += 1
        }
        return nil
    }
}

extension Bytes32 {
    /// The first half bytes, the others zero.
    func cut(at depth: Int) -> Bytes32 {
        var copy = Bytes32()
        for index in 0..<depth / 2 { copy[index] = self[index] }
        if depth & 1 == 1 { copy[depth / 2] = self[depth / 2] & 0xF0 }
        return copy
    }
}
