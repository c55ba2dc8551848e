// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography

/// One pass over the tree: down to the leaves that change, then up again, level by level.
struct TreeUpdate {
    /// A write at its place in the tree.
    private struct PlacedWrite {
        let path: Bytes32
        let key: [UInt8]
        /// What is there from now on; nil when nothing is.
        let leaf: TreeLeaf?
    }

    /// A page that is being made: what was there, and what becomes of some of its places.
    private struct OpenPage {
        let prefix: Bytes32
        /// What was there, and the page that it stands for.
        let old: TreeChild?
        let page: TreePage?
        /// The page above, as index of the level above, and the place there.
        let above: (page: Int, place: Int)
        /// What hangs in places where it is another than before.
        private(set) var edits: [(place: Int, child: TreeChild?)] = []
        private(set) var shape: PageShape

        init(
            prefix: Bytes32, old: TreeChild?, page: TreePage?, above: (page: Int, place: Int)
        ) {
            self.prefix = prefix
            self.old = old
            self.page = page
            self.above = above
            shape = page?.shape ?? PageShape()
        }

        /// Bits of the places in `edits`.
        var changed: UInt16 { edits.reduce(0) { $0 | 1 << UInt16($1.place) } }

        mutating func set(_ place: Int, to child: TreeChild?) {
            if let index = edits.firstIndex(where: { $0.place == place }) {
                edits[index].child = child
            } else {
                guard !TreeUpdate.isSame(page?.child(at: place), child) else { return }
                edits.append((place, child))
            }
            shape.set(place, to: child)
        }

        /// What hangs in the places, each of the others as it was.
        var children: [TreeChild] {
            var edited = [Int8](repeating: -1, count: 16)
            for (index, edit) in edits.enumerated() { edited[edit.place] = Int8(index) }
            var children: [TreeChild] = []
            children.reserveCapacity(shape.mask.nonzeroBitCount)
            var next = 0
            for place in 0..<16 {
                let bit: UInt16 = 1 << UInt16(place)
                if edited[place] >= 0 {
                    if let child = edits[Int(edited[place])].child { children.append(child) }
                } else if let page, page.mask & bit != 0 {
                    children.append(page.children[next])
                }
                if let page, page.mask & bit != 0 { next += 1 }
            }
            return children
        }
    }

    private let writes: [PlacedWrite]
    private let version: UInt64
    private let store: any NodeStore
    private var levels: [[OpenPage]] = []
    /// Keys that appear or disappear.
    private(set) var edits: [IndexEdit] = []
    private(set) var change: StateTreeChange

    init(_ writes: [StateWrite], version: UInt64, store: any NodeStore) {
        self.version = version
        self.store = store
        change = StateTreeChange(version: version)
        self.writes = Self.place(writes, version: version)
    }

    /// Writes by rising path, each with its leaf; leaves are hashed together.
    private static func place(_ writes: [StateWrite], version: UInt64) -> [PlacedWrite] {
        let paths = writes.map { SHA256.hash($0.key) }
        let valueHashes = writes.map { $0.value.map { SHA256.hash($0) } }
        var messages: [UInt8] = []
        messages.reserveCapacity(65 * writes.count)
        for (path, valueHash) in zip(paths, valueHashes) {
            guard let valueHash else { continue }
            messages.append(0)
            messages.append(path)
            messages.append(valueHash)
        }
        let hashes = SHA256.hashEach(messages, ofLength: 65)
        var next = 0
        var placed: [PlacedWrite] = []
        placed.reserveCapacity(writes.count)
        for (index, write) in writes.enumerated() {
            var leaf: TreeLeaf?
            if let value = write.value, let valueHash = valueHashes[index] {
                leaf = TreeLeaf(
                    path: paths[index], valueHash: valueHash,
                    hash: Bytes32(digest: next, of: hashes), version: version,
                    entry: StateEntry(key: write.key, value: value))
                next += 1
            }
            placed.append(PlacedWrite(path: paths[index], key: write.key, leaf: leaf))
        }
        return placed.sorted { $0.path < $1.path }
    }

    /// The new root.
    mutating func run(from root: TreeChild?) throws(StateTreeFault) -> TreeChild? {
        var result = try descend(
            root, writes.startIndex..<writes.endIndex, depth: 0, prefix: Bytes32(), above: (0, 0))
        for depth in levels.indices.reversed() {
            let pages = levels.removeLast()
            let nodes = Self.hash(pages)
            for (index, page) in pages.enumerated() {
                let closed = close(
                    page, depth: depth,
                    nodes: nodes[index * PageNodes.size..<(index + 1) * PageNodes.size])
                if depth == 0 {
                    result = closed
                } else {
                    levels[depth - 1][page.above.page].set(page.above.place, to: closed)
                }
            }
        }
        return result
    }

    /// What hangs in a place after its writes; pages that must be made are opened, and what is
    /// answered for them is what was there.
    private mutating func descend(
        _ child: TreeChild?, _ range: Range<Int>, depth: Int, prefix: Bytes32,
        above: (page: Int, place: Int)
    ) throws(StateTreeFault) -> TreeChild? {
        guard !range.isEmpty else { return child }
        guard let child, !child.isLeaf else {
            return settle(child, range, depth: depth, prefix: prefix, above: above)
        }
        guard let page = try child.page(in: store, depth: depth, prefix: prefix) else {
            return child
        }
        let index = open(
            OpenPage(prefix: prefix, old: child, page: page, above: above), depth)
        var start = range.lowerBound
        while start < range.upperBound {
            let place = writes[start].path.nibble(depth)
            var end = start + 1
            while end < range.upperBound, writes[end].path.nibble(depth) == place { end += 1 }
            let new = try descend(
                page.child(at: place), start..<end, depth: depth + 1,
                prefix: prefix.with(nibble: place, at: depth), above: (index, place))
            levels[depth][index].set(place, to: new)
            start = end
        }
        return child
    }

    private mutating func open(_ page: OpenPage, _ depth: Int) -> Int {
        while levels.count <= depth { levels.append([]) }
        levels[depth].append(page)
        return levels[depth].count - 1
    }

    /// What becomes of an empty place or a lone leaf.
    private mutating func settle(
        _ child: TreeChild?, _ range: Range<Int>, depth: Int, prefix: Bytes32,
        above: (page: Int, place: Int)
    ) -> TreeChild? {
        var old: TreeLeaf?
        if case .leaf(let leaf) = child { old = leaf }
        var leaves: [TreeLeaf] = []
        var isMet = false
        for write in writes[range] {
            if let old, !isMet, old.path <= write.path {
                isMet = true
                if old.path != write.path {
                    leaves.append(old)
                } else if write.leaf?.valueHash == old.valueHash {
                    leaves.append(old)
                    continue
                } else {
                    change.stale.append(.leaf(old.version, path: old.path))
                    if write.leaf == nil { edits.append(IndexEdit(key: write.key, isThere: false)) }
                    if let leaf = write.leaf {
                        change.leaves.append(leaf)
                        leaves.append(leaf)
                    }
                    continue
                }
            }
            guard let leaf = write.leaf else { continue }
            edits.append(IndexEdit(key: write.key, isThere: true))
            change.leaves.append(leaf)
            leaves.append(leaf)
        }
        if let old, !isMet { leaves.append(old) }
        return grow(leaves[...], depth: depth, prefix: prefix, above: above)
    }

    /// Opens the pages that leaves need which share a place; answers what needs none.
    private mutating func grow(
        _ leaves: ArraySlice<TreeLeaf>, depth: Int, prefix: Bytes32,
        above: (page: Int, place: Int)
    ) -> TreeChild? {
        guard let first = leaves.first else { return nil }
        guard leaves.count > 1 else { return .leaf(first) }
        precondition(depth < 64, "no two keys have one SHA-256")
        let index = open(
            OpenPage(prefix: prefix, old: nil, page: nil, above: above), depth)
        var rest = leaves
        while let next = rest.first {
            let place = next.path.nibble(depth)
            let end = rest.firstIndex { $0.path.nibble(depth) != place } ?? rest.endIndex
            let grown = grow(
                rest[rest.startIndex..<end], depth: depth + 1,
                prefix: prefix.with(nibble: place, at: depth), above: (index, place))
            levels[depth][index].set(place, to: grown)
            rest = rest[end...]
        }
        return nil
    }

    /// The nodes of the pages of a level: four levels of nodes, one after another, all pages at
    /// once; those above nothing that has changed are taken from the page that was there.
    private static func hash(_ pages: [OpenPage]) -> [UInt8] {
        var nodes: [UInt8] = []
        nodes.reserveCapacity(pages.count * PageNodes.size)
        var changed: [UInt16] = []
        changed.reserveCapacity(pages.count)
        for page in pages {
            let start = nodes.count
            if let old = page.page, !old.kept.isEmpty {
                nodes.append(contentsOf: repeatElement(0, count: PageNodes.nodeSize))
                nodes.append(contentsOf: old.kept)
                changed.append(page.changed)
            } else {
                // Where the nodes are not kept, all are computed, with the others.
                nodes.append(contentsOf: repeatElement(0, count: PageNodes.size))
                for place in 0..<16 {
                    guard let child = page.page?.child(at: place) else { continue }
                    put(child.hash, in: &nodes, at: start + (16 + place) * PageNodes.nodeSize)
                }
                changed.append(page.edits.isEmpty ? 0 : 0xFFFF)
            }
            for edit in page.edits {
                put(
                    edit.child?.hash ?? Bytes32(), in: &nodes,
                    at: start + (16 + edit.place) * PageNodes.nodeSize)
            }
        }
        for first in [8, 4, 2, 1] {
            hash(first..<2 * first, of: &nodes, where: changed, pages)
        }
        return nodes
    }

    private static func put(_ hash: Bytes32, in nodes: inout [UInt8], at start: Int) {
        for byte in 0..<PageNodes.nodeSize { nodes[start + byte] = hash[byte] }
    }

    private static func hash(
        _ range: Range<Int>, of nodes: inout [UInt8], where changed: [UInt16], _ pages: [OpenPage]
    ) {
        let size = PageNodes.nodeSize
        var messages: [UInt8] = []
        messages.reserveCapacity(pages.count * range.count * (2 * size + 1))
        var targets: [Int] = []
        for (page, open) in pages.enumerated() where changed[page] != 0 {
            let start = page * PageNodes.size
            for node in range where changed[page] & PageShape.places(below: node) != 0 {
                let target = start + node * size
                switch open.shape.node(node) {
                case .empty:
                    for byte in target..<target + size { nodes[byte] = 0 }
                case .leaf(let place):
                    let leaf = start + (16 + place) * size
                    for byte in 0..<size { nodes[target + byte] = nodes[leaf + byte] }
                case .inner:
                    // The two nodes below lie one after another.
                    let below = start + 2 * node * size
                    messages.append(1)
                    messages.append(contentsOf: nodes[below..<below + 2 * size])
                    targets.append(target)
                }
            }
        }
        let hashes = SHA256.hashEach(messages, ofLength: 2 * size + 1)
        for (index, target) in targets.enumerated() {
            for byte in 0..<size { nodes[target + byte] = hashes[index * size + byte] }
        }
    }

    /// What a page has become: the same, a new one, a lone leaf, or nothing.
    private mutating func close(
        _ page: OpenPage, depth: Int, nodes: ArraySlice<UInt8>
    ) -> TreeChild? {
        if page.edits.isEmpty { return page.old }
        if let old = page.page {
            change.stale.append(.page(old.version, depth: depth, prefix: page.prefix))
        }
        let children = page.children
        switch page.shape.node(1) {
        case .empty: return nil
        case .leaf: return children.first
        case .inner: break
        }
        let made = TreePage(
            version: version, children: children, shape: page.shape, nodes: nodes)
        change.pages.append((depth, page.prefix, made))
        return .page(made)
    }

    private static func isSame(_ one: TreeChild?, _ other: TreeChild?) -> Bool {
        switch (one, other) {
        case (nil, nil): true
        case (let one?, let other?): one.isSame(as: other)
        default: false
        }
    }
}

extension Bytes32 {
    /// A digest among many.
    init(digest index: Int, of digests: [UInt8]) {
        self.init()
        for byte in 0..<32 { self[byte] = digests[32 * index + byte] }
    }
}
