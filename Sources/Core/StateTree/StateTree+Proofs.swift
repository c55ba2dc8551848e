// SPDX-License-Identifier: Apache-2.0

internal import Bytes

extension StateTree {
    /// What this state says of a key, with the way to the root.
    ///
    /// - Throws: `keySize`, and `missing`, `damaged` or `store` when a stored node cannot be had.
    public func proof(of key: [UInt8]) throws(StateTreeFault) -> StateProof {
        guard (1...StateEntry.keySizeBytesMax).contains(key.count) else {
            throw .keySize(key.count)
        }
        let path = StateEntry.path(of: key)
        if let leaf = try leaf(at: path) { return .present(try presence(of: leaf)) }
        let left = try neighbour(of: path, isBefore: true, under: child, depth: 0)
        let right = try neighbour(of: path, isBefore: false, under: child, depth: 0)
        var proofs: [StatePresence?] = []
        for leaf in [left, right] {
            guard let leaf else {
                proofs.append(nil)
                continue
            }
            proofs.append(try presence(of: leaf))
        }
        return .absent(StateAbsence(key: key, left: proofs[0], right: proofs[1]))
    }

    private func presence(of leaf: TreeLeaf) throws(StateTreeFault) -> StatePresence {
        StatePresence(
            entry: try leaf.entry(in: store), siblings: try siblings(of: leaf.path).reversed())
    }

    /// The nodes beside the way from the root to a leaf that is there, from the root downwards.
    func siblings(of path: Bytes32) throws(StateTreeFault) -> [Bytes32] {
        var siblings: [Bytes32] = []
        var place = child
        var depth = 0
        while let here = place,
            let page = try here.page(in: store, depth: depth, prefix: path.cut(at: depth))
        {
            let nodes = page.nodes
            let shape = page.shape
            var node = 1
            var bit = 4 * depth
            while node < 16, case .inner = shape.node(node) {
                node = 2 * node + (path.bit(bit) ? 1 : 0)
                siblings.append(nodes[node ^ 1])
                bit += 1
            }
            guard node >= 16 else { break }
            place = page.child(at: node - 16)
            depth += 1
        }
        return siblings
    }

    /// The last leaf before a path, or the first one behind it; `path` itself does not count.
    private func neighbour(
        of path: Bytes32, isBefore: Bool, under child: TreeChild?, depth: Int
    ) throws(StateTreeFault) -> TreeLeaf? {
        guard let child else { return nil }
        if case .leaf(let leaf) = child {
            return (isBefore ? leaf.path < path : path < leaf.path) ? leaf : nil
        }
        let prefix = path.cut(at: depth)
        guard let page = try child.page(in: store, depth: depth, prefix: prefix) else { return nil }
        let place = path.nibble(depth)
        if let found = try neighbour(
            of: path, isBefore: isBefore, under: page.child(at: place), depth: depth + 1)
        {
            return found
        }
        let others = isBefore ? Array((0..<place).reversed()) : Array(place + 1..<16)
        for other in others {
            guard let child = page.child(at: other) else { continue }
            return try outermost(
                under: child, isLast: isBefore, depth: depth + 1,
                prefix: prefix.with(nibble: other, at: depth))
        }
        return nil
    }

    /// The first or the last leaf of a part of the tree.
    private func outermost(
        under child: TreeChild, isLast: Bool, depth: Int, prefix: Bytes32
    ) throws(StateTreeFault) -> TreeLeaf? {
        var (child, depth, prefix) = (child, depth, prefix)
        while true {
            if case .leaf(let leaf) = child { return leaf }
            guard let page = try child.page(in: store, depth: depth, prefix: prefix),
                let next = isLast ? page.children.last : page.children.first
            else { return nil }
            let place = isLast ? 15 - page.mask.leadingZeroBitCount : page.mask.trailingZeroBitCount
            child = next
            prefix = prefix.with(nibble: place, at: depth)
            depth += 1
        }
    }

    /// Calls `body` with each leaf whose path is behind `last`, by rising path, until it answers
    /// false.
    func forEachLeaf(
        after last: Bytes32?, _ body: (TreeLeaf) throws(StateTreeFault) -> Bool
    ) throws(StateTreeFault) {
        _ = try forEachLeaf(under: child, depth: 0, prefix: Bytes32(), after: last, body)
    }

    private func forEachLeaf(
        under child: TreeChild?, depth: Int, prefix: Bytes32, after last: Bytes32?,
        _ body: (TreeLeaf) throws(StateTreeFault) -> Bool
    ) throws(StateTreeFault) -> Bool {
        guard let child else { return true }
        if case .leaf(let leaf) = child {
            if let last, leaf.path <= last { return true }
            return try body(leaf)
        }
        if let last, prefix < last.cut(at: depth) { return true }
        guard let page = try child.page(in: store, depth: depth, prefix: prefix) else {
            return true
        }
        for place in 0..<16 {
            guard
                try forEachLeaf(
                    under: page.child(at: place), depth: depth + 1,
                    prefix: prefix.with(nibble: place, at: depth), after: last, body)
            else { return false }
        }
        return true
    }
}
