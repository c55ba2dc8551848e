// SPDX-License-Identifier: Apache-2.0

/// Folds a range of leaves (or aligned subtrees) and the nodes around it up to a tree's root.
///
/// The one walk that every namespace proof is checked by. From `[0, E)`, with E the least power of
/// two that holds the range: a subtree wholly outside takes the next node of the proof, a piece of
/// the range its own node, everything else splits in half. What nodes then remain stand to the
/// right, level by level. Specified in Protocol/04-namespaced-merkle-tree.md#fold.
package struct NamespaceRangeFold {
    /// A part of the range whose node is known: one leaf, or one aligned subtree.
    package struct Piece {
        /// The leaves below it.
        package let range: Range<Int>
        /// Its node.
        package let node: [UInt8]

        /// Names a piece.
        package init(range: Range<Int>, node: [UInt8]) {
            self.range = range
            self.node = node
        }
    }

    /// The proof's parts do not fit each other.
    private struct Misfit: Error {}

    /// The furthest leaf that a proof may speak of; real trees have at most 1024.
    package static let endMax = 1 << 40

    private let rule: NamespaceTreeRule
    private let range: Range<Int>
    private var pieces: ArraySlice<Piece>
    private var nodes: ArraySlice<[UInt8]>

    /// The root that `pieces`, which cover `range` without gaps, and `nodes` lead to.
    ///
    /// Nil when a node is malformed, missing, surplus or out of order. Where it is known that the
    /// tree has `leafCount` leaves, the proof must have exactly the nodes that it calls for.
    package static func root(
        rule: NamespaceTreeRule, range: Range<Int>, pieces: [Piece], nodes: [[UInt8]],
        leafCount: Int? = nil
    ) -> [UInt8]? {
        guard range.lowerBound >= 0, !range.isEmpty, range.upperBound <= endMax,
            (nodes + pieces.map { $0.node }).allSatisfy({ rule.isWellFormed($0) }),
            nodes.count >= range.lowerBound.nonzeroBitCount
        else { return nil }
        if let leafCount {
            guard range.upperBound <= leafCount,
                nodes.count == nodeCount(range: range, leafCount: leafCount)
            else { return nil }
        }
        var fold = NamespaceRangeFold(
            rule: rule, range: range, pieces: pieces[...], nodes: nodes[...])
        return try? fold.run()
    }

    /// How many nodes stand around `range` in a tree of `leafCount` leaves.
    package static func nodeCount(range: Range<Int>, leafCount: Int) -> Int {
        outside(of: range, leafCount: leafCount).count
    }

    /// The subtrees around `range`, from left to right, clipped to the tree's `leafCount` leaves.
    package static func outside(of range: Range<Int>, leafCount: Int) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var open = [0..<powerOfTwo(holding: max(leafCount, range.upperBound))]
        while let subtree = open.popLast() {
            guard subtree.lowerBound < leafCount else { continue }
            if !subtree.overlaps(range) {
                found.append(subtree.clamped(to: 0..<leafCount))
            } else if subtree.count > 1 {
                let middle = subtree.lowerBound + subtree.count / 2
                open.append(middle..<subtree.upperBound)
                open.append(subtree.lowerBound..<middle)
            }
        }
        return found
    }

    /// The least power of two that is not below `count`.
    package static func powerOfTwo(holding count: Int) -> Int {
        count <= 1 ? 1 : 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
    }

    private mutating func run() throws(Misfit) -> [UInt8] {
        let whole = 0..<Self.powerOfTwo(holding: range.upperBound)
        guard var root = try subtree(whole), pieces.isEmpty else { throw Misfit() }
        while let node = nodes.popFirst() { root = try join(root, node) }
        return root
    }

    /// The node over `subtree`, or nil where the proof has no more nodes and the tree has ended.
    private mutating func subtree(_ subtree: Range<Int>) throws(Misfit) -> [UInt8]? {
        guard subtree.overlaps(range) else { return nodes.popFirst() }
        if let piece = pieces.first, piece.range == subtree {
            pieces.removeFirst()
            return piece.node
        }
        guard subtree.count > 1 else { throw Misfit() }
        let middle = subtree.lowerBound + subtree.count / 2
        let left = try self.subtree(subtree.lowerBound..<middle)
        let right = try self.subtree(middle..<subtree.upperBound)
        guard let left else { throw Misfit() }
        return try right.map { right throws(Misfit) in try join(left, right) } ?? left
    }

    private func join(_ left: [UInt8], _ right: [UInt8]) throws(Misfit) -> [UInt8] {
        guard let node = rule.node(left, right) else { throw Misfit() }
        return node
    }
}
