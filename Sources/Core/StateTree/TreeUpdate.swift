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

    /// A page that is being made.
    private struct OpenPage {
        let prefix: Bytes32
        /// What was there, and the page that it stands for.
        let old: TreeChild?
        let page: TreePage?
        var places: [TreeChild?]
        /// Bit s: what hangs in place s is another than before.
        var changed: UInt16
        /// The page above, as index of the level above, and the place there.
        let above: (page: Int, place: Int)
        var nodes: [Bytes32] = []
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
            hash(depth)
            for page in levels[depth].indices {
                let closed = close(levels[depth][page], depth: depth)
                if depth == 0 {
                    result = closed
                } else {
                    let above = levels[depth][page].above
                    let old = levels[depth - 1][above.page].places[above.place]
                    levels[depth - 1][above.page].places[above.place] = closed
                    if !Self.isSame(old, closed) {
                        levels[depth - 1][above.page].changed |= 1 << UInt16(above.place)
                    }
                }
            }
            levels[depth] = []
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
            OpenPage(
                prefix: prefix, old: child, page: page, places: page.places, changed: 0,
                above: above), depth)
        var start = range.lowerBound
        while start < range.upperBound {
            let place = writes[start].path.nibble(depth)
            var end = start + 1
            while end < range.upperBound, writes[end].path.nibble(depth) == place { end += 1 }
            let old = levels[depth][index].places[place]
            let new = try descend(
                old, start..<end, depth: depth + 1, prefix: prefix.with(nibble: place, at: depth),
                above: (index, place))
            if !Self.isSame(old, new) {
                levels[depth][index].places[place] = new
                levels[depth][index].changed |= 1 << UInt16(place)
            }
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
            OpenPage(
                prefix: prefix, old: nil, page: nil,
                places: [TreeChild?](repeating: nil, count: 16), changed: 0xFFFF, above: above),
            depth)
        var rest = leaves
        while let next = rest.first {
            let place = next.path.nibble(depth)
            let end = rest.firstIndex { $0.path.nibble(depth) != place } ?? rest.endIndex
            let grown = grow(
                rest[rest.startIndex..<end], depth: depth + 1,
                prefix: prefix.with(nibble: place, at: depth), above: (index, place))
            levels[depth][index].places[place] = grown
            rest = rest[end...]
        }
        return nil
    }

    /// Hashes the pages of a level: their four levels one after another, all pages at once.
    private mutating func hash(_ depth: Int) {
        var shapes: [(mask: UInt16, leaves: UInt16)] = []
        shapes.reserveCapacity(levels[depth].count)
        for page in levels[depth].indices {
            var shape: (mask: UInt16, leaves: UInt16) = (0, 0)
            shapes.append(shape)
            guard levels[depth][page].changed != 0 else { continue }
            var nodes = [Bytes32](repeating: Bytes32(), count: 32)
            if let old = levels[depth][page].page, levels[depth][page].changed != 0xFFFF {
                nodes = old.nodes
            }
            for (place, child) in levels[depth][page].places.enumerated() {
                nodes[16 + place] = child?.hash ?? Bytes32()
                guard let child else { continue }
                shape.mask |= 1 << UInt16(place)
                if child.isLeaf { shape.leaves |= 1 << UInt16(place) }
            }
            levels[depth][page].nodes = nodes
            shapes[page] = shape
        }
        for first in [8, 4, 2, 1] { hash(depth, nodes: first..<2 * first, shapes) }
    }

    private mutating func hash(
        _ depth: Int, nodes range: Range<Int>, _ shapes: [(mask: UInt16, leaves: UInt16)]
    ) {
        var messages: [UInt8] = []
        var targets: [(page: Int, node: Int)] = []
        for page in levels[depth].indices {
            let changed = levels[depth][page].changed
            guard changed != 0 else { continue }
            for node in range where changed & PageShape.places(below: node) != 0 {
                switch PageShape.node(
                    node, mask: shapes[page].mask, leafMask: shapes[page].leaves)
                {
                case .empty: levels[depth][page].nodes[node] = Bytes32()
                case .leaf(let place):
                    levels[depth][page].nodes[node] = levels[depth][page].nodes[16 + place]
                case .inner:
                    messages.append(1)
                    messages.append(levels[depth][page].nodes[2 * node])
                    messages.append(levels[depth][page].nodes[2 * node + 1])
                    targets.append((page, node))
                }
            }
        }
        let hashes = SHA256.hashEach(messages, ofLength: 65)
        for (index, target) in targets.enumerated() {
            levels[depth][target.page].nodes[target.node] = Bytes32(digest: index, of: hashes)
        }
    }

    /// What a page has become: the same, a new one, a lone leaf, or nothing.
    private mutating func close(_ page: OpenPage, depth: Int) -> TreeChild? {
        if page.changed == 0 { return page.old }
        if let old = page.page {
            change.stale.append(.page(old.version, depth: depth, prefix: page.prefix))
        }
        let children = page.places.compactMap { $0 }
        guard let only = children.first else { return nil }
        if children.count == 1, only.isLeaf { return only }
        let made = TreePage(version: version, places: page.places[...], nodes: page.nodes[...])
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
