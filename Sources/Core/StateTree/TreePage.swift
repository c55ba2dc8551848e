// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography

/// An entry in the tree; its key and value are at hand or in the store.
final class TreeLeaf: Sendable {
    let path: Bytes32
    let valueHash: Bytes32
    let hash: Bytes32
    /// The version that wrote it.
    let version: UInt64
    let entry: StateEntry?

    init(
        path: Bytes32, valueHash: Bytes32, hash: Bytes32, version: UInt64, entry: StateEntry?
    ) {
        self.path = path
        self.valueHash = valueHash
        self.hash = hash
        self.version = version
        self.entry = entry
    }

    /// The entry, from the store if need be, held to the hashes that the tree commits to.
    func entry(in store: any NodeStore) throws(StateTreeFault) -> StateEntry {
        if let entry { return entry }
        let key = NodeKey.leaf(version, path: path)
        guard let bytes = try store.read(key) else { throw .missing(key) }
        do throws(DecodeFault) {
            var reader = ByteReader(bytes)
            let entry = try StateEntry(from: &reader)
            try reader.finish()
            guard SHA256.hash(entry.key) == path, SHA256.hash(entry.value) == valueHash else {
                throw .malformed("another key or value than the tree commits to")
            }
            return entry
        } catch {
            throw .damaged(key, error)
        }
    }

    var encodedRecord: [UInt8] {
        guard let entry else { preconditionFailure("a leaf that was written has its entry") }
        var bytes: [UInt8] = []
        entry.encode(to: &bytes)
        return bytes
    }
}

/// A page that is in the store, and what it must hash to.
final class TreeStub: Sendable {
    let version: UInt64
    let hash: Bytes32

    init(version: UInt64, hash: Bytes32) {
        self.version = version
        self.hash = hash
    }
}

/// What hangs in one of the sixteen places of a page, or at the root.
enum TreeChild: Sendable {
    case leaf(TreeLeaf)
    case page(TreePage)
    case stub(TreeStub)

    var hash: Bytes32 {
        switch self {
        case .leaf(let leaf): leaf.hash
        case .page(let page): page.hash
        case .stub(let stub): stub.hash
        }
    }

    var isLeaf: Bool {
        if case .leaf = self { return true }
        return false
    }

    func isSame(as other: TreeChild) -> Bool {
        switch (self, other) {
        case (.leaf(let mine), .leaf(let its)): mine === its
        case (.page(let mine), .page(let its)): mine === its
        case (.stub(let mine), .stub(let its)): mine === its
        default: false
        }
    }
}

/// Four levels of the tree: sixteen places, at least two entries below.
///
/// Nodes inside are numbered as in a heap: 1 is the page's root, 2i and 2i+1 are below i, and place
/// s is node 16 + s. A page never changes; versions of the tree share those that are alike.
final class TreePage: Sendable {
    /// The version that wrote it.
    let version: UInt64
    /// Bit s: something hangs in place s.
    let mask: UInt16
    /// Bit s: it is a leaf.
    let leafMask: UInt16
    /// What hangs there, place by place.
    let children: [TreeChild]
    /// The root of the page.
    let hash: Bytes32
    /// Nodes 1 to 31, one after another, kept where many children make them dear.
    let kept: [UInt8]

    /// From how many children on the nodes are kept.
    static let keptFrom = 5

    /// `nodes` are the page's, as `PageNodes` has them.
    init(
        version: UInt64, children: [TreeChild], shape: PageShape, nodes: ArraySlice<UInt8>
    ) {
        let start = nodes.startIndex + PageNodes.nodeSize
        self.version = version
        self.children = children
        mask = shape.mask
        leafMask = shape.leafMask
        hash = PageNodes.node(nodes[start..<start + PageNodes.nodeSize])
        kept = children.count < Self.keptFrom ? [] : Array(nodes[start...])
    }

    /// The same page with some children put by, to be read again when they are needed.
    init(_ page: TreePage, children: [TreeChild]) {
        version = page.version
        mask = page.mask
        leafMask = page.leafMask
        hash = page.hash
        kept = page.kept
        self.children = children
    }

    func child(at place: Int) -> TreeChild? {
        let bit: UInt16 = 1 << UInt16(place)
        guard mask & bit != 0 else { return nil }
        return children[(mask & (bit - 1)).nonzeroBitCount]
    }

    /// What hangs in each place.
    var places: [TreeChild?] {
        var places: [TreeChild?] = []
        places.reserveCapacity(16)
        var next = 0
        for place in 0..<16 {
            if mask & 1 << UInt16(place) == 0 {
                places.append(nil)
            } else {
                places.append(children[next])
                next += 1
            }
        }
        return places
    }

    /// What is where.
    var shape: PageShape { PageShape(mask: mask, leafMask: leafMask) }

    /// All nodes, computed where they are not kept.
    var nodes: PageNodes {
        var nodes = PageNodes(of: kept.isEmpty ? places : [])
        if kept.isEmpty {
            nodes.compute(shape)
        } else {
            nodes.bytes.replaceSubrange(PageNodes.nodeSize..., with: kept)
        }
        return nodes
    }
}

/// The 32 nodes of a page, one after another, of which number 0 is not used.
///
/// Those without entries are zero, and a lone leaf stands for those above it.
struct PageNodes {
    /// Bytes of a node.
    static let nodeSize = 32
    /// Bytes of all nodes.
    static let size = 32 * nodeSize

    var bytes: [UInt8]

    /// The hashes of what hangs in the places; the nodes above are zero.
    init(of places: [TreeChild?]) {
        bytes = []
        bytes.reserveCapacity(Self.size)
        bytes.append(contentsOf: repeatElement(0, count: 16 * Self.nodeSize))
        for child in places {
            if let child {
                bytes.append(child.hash)
            } else {
                bytes.append(contentsOf: repeatElement(0, count: Self.nodeSize))
            }
        }
    }

    /// A node.
    subscript(index: Int) -> Bytes32 {
        Self.node(bytes[index * Self.nodeSize..<(index + 1) * Self.nodeSize])
    }

    static func node(_ bytes: ArraySlice<UInt8>) -> Bytes32 {
        guard let node = Bytes32(bytes) else { preconditionFailure("a node has 32 bytes") }
        return node
    }

    /// Computes the nodes above the places.
    mutating func compute(_ shape: PageShape) {
        for index in (1..<16).reversed() {
            let node: Bytes32 =
                switch shape.node(index) {
                case .empty: Bytes32()
                case .leaf(let place): self[16 + place]
                case .inner: StateEntry.innerHash(self[2 * index], self[2 * index + 1])
                }
            bytes.replaceSubrange(
                index * Self.nodeSize..<(index + 1) * Self.nodeSize, with: node.array)
        }
    }
}

/// What the places of a page say about the nodes above them.
struct PageShape {
    /// Bit s: something hangs in place s.
    var mask: UInt16 = 0
    /// Bit s: it is a leaf.
    var leafMask: UInt16 = 0

    /// What a node is.
    enum Node {
        case empty
        /// A lone leaf, in this place.
        case leaf(Int)
        /// Two or more entries.
        case inner
    }

    /// Notes what hangs in a place from now on.
    mutating func set(_ place: Int, to child: TreeChild?) {
        let bit: UInt16 = 1 << UInt16(place)
        mask &= ~bit
        leafMask &= ~bit
        guard let child else { return }
        mask |= bit
        if child.isLeaf { leafMask |= bit }
    }

    /// Bits of the places below node `index`.
    static func places(below index: Int) -> UInt16 {
        let height = 4 - (Int.bitWidth - 1 - index.leadingZeroBitCount)
        let first = index << height - 16
        return UInt16(truncatingIfNeeded: (1 << (1 << height) - 1) << first)
    }

    func node(_ index: Int) -> Node {
        let below = mask & Self.places(below: index)
        if below == 0 { return .empty }
        if below & (below - 1) == 0, below & leafMask != 0 {
            return .leaf(below.trailingZeroBitCount)
        }
        return .inner
    }
}
