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
    /// What hangs there, place by place.
    let children: [TreeChild]
    /// The root of the page.
    let hash: Bytes32
    /// Nodes 1 to 15, kept where many children make them dear.
    let inner: [Bytes32]

    /// From how many children on the nodes inside are kept.
    static let keptFrom = 5

    init(version: UInt64, places: ArraySlice<TreeChild?>, nodes: ArraySlice<Bytes32>) {
        var mask: UInt16 = 0
        var children: [TreeChild] = []
        for (place, child) in places.enumerated() {
            guard let child else { continue }
            mask |= 1 << UInt16(place)
            children.append(child)
        }
        self.version = version
        self.mask = mask
        self.children = children
        hash = nodes[nodes.startIndex + 1]
        inner =
            children.count < Self.keptFrom
            ? [] : Array(nodes[nodes.startIndex + 1..<nodes.startIndex + 16])
    }

    /// The same page with some children put by, to be read again when they are needed.
    init(_ page: TreePage, children: [TreeChild]) {
        version = page.version
        mask = page.mask
        hash = page.hash
        inner = page.inner
        self.children = children
    }

    func child(at place: Int) -> TreeChild? {
        let bit: UInt16 = 1 << UInt16(place)
        guard mask & bit != 0 else { return nil }
        return children[(mask & (bit - 1)).nonzeroBitCount]
    }

    var places: [TreeChild?] { (0..<16).map { child(at: $0) } }

    /// Bit s: a leaf hangs in place s.
    var leafMask: UInt16 {
        var result: UInt16 = 0
        for place in 0..<16 where child(at: place)?.isLeaf == true { result |= 1 << UInt16(place) }
        return result
    }

    /// All 32 nodes; those without entries are zero, and a lone leaf stands for those above it.
    var nodes: [Bytes32] {
        var nodes = [Bytes32](repeating: Bytes32(), count: 32)
        for place in 0..<16 {
            if let child = child(at: place) { nodes[16 + place] = child.hash }
        }
        if inner.isEmpty {
            let leafMask = leafMask
            for index in (1..<16).reversed() {
                nodes[index] = PageShape.node(
                    index, mask: mask, leafMask: leafMask, below: nodes[...])
            }
        } else {
            nodes.replaceSubrange(1..<16, with: inner)
        }
        return nodes
    }
}

/// What the places of a page say about the nodes above them.
enum PageShape {
    /// What a node is.
    enum Node {
        case empty
        /// A lone leaf, in this place.
        case leaf(Int)
        /// Two or more entries.
        case inner
    }

    /// Bits of the places below node `index`.
    static func places(below index: Int) -> UInt16 {
        let height = 4 - (Int.bitWidth - 1 - index.leadingZeroBitCount)
        let first = index << height - 16
        return UInt16(truncatingIfNeeded: (1 << (1 << height) - 1) << first)
    }

    static func node(_ index: Int, mask: UInt16, leafMask: UInt16) -> Node {
        let below = mask & places(below: index)
        if below == 0 { return .empty }
        if below & (below - 1) == 0, below & leafMask != 0 {
            return .leaf(below.trailingZeroBitCount)
        }
        return .inner
    }

    /// The hash of a node from those below it.
    static func node(
        _ index: Int, mask: UInt16, leafMask: UInt16, below nodes: ArraySlice<Bytes32>
    ) -> Bytes32 {
        switch node(index, mask: mask, leafMask: leafMask) {
        case .empty: Bytes32()
        case .leaf(let place): nodes[nodes.startIndex + 16 + place]
        case .inner:
            StateEntry.innerHash(
                nodes[nodes.startIndex + 2 * index], nodes[nodes.startIndex + 2 * index + 1])
        }
    }
}
