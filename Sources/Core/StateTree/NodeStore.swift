// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Where a stored node is: the version that wrote it, its kind, and its place in its tree.
///
/// A node is never written twice with different bytes in different versions under one key, so
/// removing the nodes that a version made stale can never remove one that a later version wrote.
public struct NodeKey: Hashable, Sendable, CustomStringConvertible {
    /// What a node is.
    public enum Kind: UInt8, Sendable {
        /// Four levels of the tree.
        case page = 0
        /// A key with its value.
        case leaf = 1
        /// A node of the index of keys.
        case index = 2
    }

    /// The version that wrote the node.
    public let version: UInt64
    /// What it is.
    public let kind: Kind
    /// A page's depth in half bytes and the bytes of its path, a leaf's path, or an index node's
    /// beginning of keys.
    public let place: [UInt8]

    /// `version u64 ‖ kind ‖ place`: 9 to 265 bytes, in the order of versions.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(9 + place.count)
        bytes.append(bigEndian: version)
        bytes.append(kind.rawValue)
        bytes.append(contentsOf: place)
        return bytes
    }

    /// Kind, version and place in hexadecimal.
    public var description: String { "\(kind) \(version)/\(Hex.encode(place))" }

    static func page(_ version: UInt64, depth: Int, prefix: Bytes32) -> NodeKey {
        var place = [UInt8(depth)]
        for index in 0..<(depth + 1) / 2 { place.append(prefix[index]) }
        return NodeKey(version: version, kind: .page, place: place)
    }

    static func leaf(_ version: UInt64, path: Bytes32) -> NodeKey {
        NodeKey(version: version, kind: .leaf, place: path.array)
    }

    static func index(_ version: UInt64, place: [UInt8]) -> NodeKey {
        NodeKey(version: version, kind: .index, place: place)
    }
}

/// Where nodes are kept; what it gives is verified, so it need not be trusted.
public protocol NodeStore: Sendable {
    /// The bytes of a node, or nil where it is not.
    func read(_ key: NodeKey) throws(StateTreeFault) -> [UInt8]?
}

/// A store that remembers when it could not give what it must have.
///
/// A ledger goes on as if nothing stood there, until somebody asks whether the store held; whatever was
/// made of it since then is wrong and thrown away. A store that failed once is not trusted again
/// before it is opened anew.
public protocol WatchedNodeStore: NodeStore {
    /// Why the store cannot be trusted any more; nil while it can.
    var fault: StateTreeFault? { get }
    /// Takes note of a node that could not be had; the first one counts.
    func note(_ fault: StateTreeFault)
}

/// A watched store where there is none: what updates write goes nowhere.
public struct NoStoredNodes: WatchedNodeStore {
    /// The only one there is.
    public init() {}
    /// Nothing.
    public func read(_ key: NodeKey) throws(StateTreeFault) -> [UInt8]? { nil }
    /// Nothing fails.
    public var fault: StateTreeFault? { nil }
    /// All nodes are in memory, so this does not happen.
    public func note(_ fault: StateTreeFault) {
        preconditionFailure("a tree in memory: \(fault)")
    }
}

/// A store without nodes, for a tree that stays in memory.
public struct EmptyNodeStore: NodeStore {
    /// The only one there is.
    public init() {}
    /// Nothing.
    public func read(_ key: NodeKey) throws(StateTreeFault) -> [UInt8]? { nil }
}

/// What one update did, for a store: what to write, and what no later version needs.
///
/// Writing it together with the tree's new `head`, in one transaction, keeps a store whole. What is
/// stale may be removed as soon as no version before this one is to be read again.
public struct StateTreeChange: Sendable {
    /// The version that the update made.
    public let version: UInt64
    /// What to write, each key once.
    public var written: [(key: NodeKey, bytes: [UInt8])] {
        pages.map { (.page(version, depth: $0.depth, prefix: $0.prefix), $0.page.encode()) }
            + leaves.map { (.leaf(version, path: $0.path), $0.encodedRecord) }
            + indexPages.map { ($0.key, $0.encode()) }
    }
    /// What an earlier update of the same version wrote and no version has: remove it at once.
    public private(set) var removed: [NodeKey] = []
    /// What earlier versions have and this one has not.
    public internal(set) var stale: [NodeKey] = []

    var pages: [(depth: Int, prefix: Bytes32, page: TreePage)] = []
    var leaves: [TreeLeaf] = []
    var indexPages: [IndexPage] = []

    init(version: UInt64) { self.version = version }

    /// How many nodes are to be written: pages, leaves and nodes of the index.
    public var counts: (pages: Int, leaves: Int, indexNodes: Int) {
        (pages.count, leaves.count, indexPages.count)
    }

    /// Parts what this version itself wrote before from what earlier ones wrote.
    mutating func settle() {
        let own = stale.filter { $0.version == version }
        guard !own.isEmpty else { return }
        stale.removeAll { $0.version == version }
        let again = Set(
            pages.map { NodeKey.page(version, depth: $0.depth, prefix: $0.prefix) }
                + leaves.map { NodeKey.leaf(version, path: $0.path) } + indexPages.map(\.key))
        removed = own.filter { !again.contains($0) }
    }
}
