// SPDX-License-Identifier: Apache-2.0

/// What a namespace proof shows, for any size of namespace: the definition behind `NamespaceProof`.
///
/// The verifier is stricter than the reference where that one is lax: the flag must be the rule's,
/// an absence proof comes without leaves, inclusion of nothing shows nothing, and where the number
/// of leaves is known the proof must fit it. Specified in
/// Protocol/04-namespaced-merkle-tree.md#proofs.
package struct NamespaceRangeProof: Hashable, Sendable {
    /// How the tree hashes.
    package let rule: NamespaceTreeRule
    /// The first leaf.
    package let start: Int
    /// The place after the last leaf.
    package let end: Int
    /// The subtrees around the range, from left to right.
    package let nodes: [[UInt8]]
    /// The first leaf after the place where the namespace would be, when that is empty.
    package let leafHash: [UInt8]?

    /// Takes the parts as they are; the verifying functions judge them.
    package init(
        rule: NamespaceTreeRule, start: Int, end: Int, nodes: [[UInt8]], leafHash: [UInt8]? = nil
    ) {
        self.rule = rule
        self.start = start
        self.end = end
        self.nodes = nodes
        self.leafHash = leafHash
    }

    /// Whether the proof says that a namespace is outside of a root's range.
    package var isEmpty: Bool { start == end && nodes.isEmpty && leafHash == nil }

    /// Whether `leaves`, all of `namespace`, stand at `start ..< end` under `root`.
    package func verifyInclusion(
        namespace: [UInt8], leaves: [[UInt8]], root: [UInt8], leafCount: Int? = nil
    ) -> Bool {
        verifyInclusion(
            namespace: namespace, leavesGiven: leaves.count, root: root, leafCount: leafCount
        ) { pieces(of: leaves, namespace) }
    }

    /// The same for `leavesGiven` leaves whose nodes, or aligned subtrees of them, `pieces` makes.
    func verifyInclusion(
        namespace: [UInt8], leavesGiven: Int, root: [UInt8], leafCount: Int?,
        pieces: () -> [NamespaceRangeFold.Piece]
    ) -> Bool {
        guard leafHash == nil, namespace.count == rule.namespaceSizeBytes, isRange,
            leavesGiven == end - start
        else { return false }
        return leads(pieces(), to: root, leafCount)
    }

    /// Whether `leaves` are all that `root` has of `namespace`, which may be none.
    package func verifyNamespace(
        _ namespace: [UInt8], leaves: [[UInt8]], root: [UInt8], leafCount: Int? = nil
    ) -> Bool {
        verifyNamespace(
            namespace, leavesGiven: leaves.count, root: root, leafCount: leafCount
        ) { pieces(of: leaves, namespace) }
    }

    /// The same for `leavesGiven` leaves whose nodes, or aligned subtrees of them, `pieces` makes.
    func verifyNamespace(
        _ namespace: [UInt8], leavesGiven: Int, root: [UInt8], leafCount: Int?,
        pieces: () -> [NamespaceRangeFold.Piece]
    ) -> Bool {
        guard namespace.count == rule.namespaceSizeBytes, rule.isWellFormed(root) else {
            return false
        }
        if isEmpty {
            return leavesGiven == 0 && start >= 0 && isOutside(namespace, of: root)
        }
        guard isRange, isComplete(namespace) else { return false }
        guard let leafHash else {
            return verifyInclusion(
                namespace: namespace, leavesGiven: leavesGiven, root: root, leafCount: leafCount,
                pieces: pieces)
        }
        guard leavesGiven == 0, end - start == 1, rule.isWellFormed(leafHash),
            isBelow(namespace, leafHash)
        else { return false }
        return leads([.init(range: start..<end, node: leafHash)], to: root, leafCount)
    }

    /// Whether `subtreeRoots`, cut from the range by `width`, stand under `root`.
    package func verifySubtreeRoots(
        _ subtreeRoots: [[UInt8]], width: Int, root: [UInt8], leafCount: Int? = nil
    ) -> Bool {
        guard leafHash == nil, isRange, width > 0,
            let cuts = Self.cuts(of: start..<end, width: width, limit: subtreeRoots.count),
            cuts.count == subtreeRoots.count
        else { return false }
        let pieces = zip(cuts, subtreeRoots).map { NamespaceRangeFold.Piece(range: $0, node: $1) }
        return leads(pieces, to: root, leafCount)
    }

    /// The pieces of a range: from its start, each the largest power of two that fits and is not
    /// above `width`; nil when there are more than `limit`.
    package static func cuts(of range: Range<Int>, width: Int, limit: Int) -> [Range<Int>]? {
        var cuts: [Range<Int>] = []
        var cursor = range.lowerBound
        while cursor < range.upperBound {
            guard cuts.count < limit else { return nil }
            let most = min(range.upperBound - cursor, width)
            let size = 1 << (Int.bitWidth - 1 - most.leadingZeroBitCount)
            cuts.append(cursor..<cursor + size)
            cursor += size
        }
        return cuts
    }

    private var isRange: Bool {
        start >= 0 && start < end && end <= NamespaceRangeFold.endMax
    }

    private func pieces(
        of leaves: [[UInt8]], _ namespace: [UInt8]
    ) -> [NamespaceRangeFold.Piece] {
        leaves.enumerated().map {
            NamespaceRangeFold.Piece(
                range: start + $0..<start + $0 + 1,
                node: rule.leaf(namespace: namespace, data: $1))
        }
    }

    private func leads(
        _ pieces: [NamespaceRangeFold.Piece], to root: [UInt8], _ leafCount: Int?
    ) -> Bool {
        root
            == NamespaceRangeFold.root(
                rule: rule, range: start..<end, pieces: pieces, nodes: nodes, leafCount: leafCount)
    }

    /// Whether everything left of the range is below `namespace`, and everything right above it.
    ///
    /// A proof with fewer nodes than lie to the left of its start is refused: it would leave the
    /// range's place open (GHSA-r9fq-g486-v8pg).
    private func isComplete(_ namespace: [UInt8]) -> Bool {
        let leftCount = start.nonzeroBitCount
        guard nodes.count >= leftCount, nodes.allSatisfy({ rule.isWellFormed($0) }) else {
            return false
        }
        return nodes.prefix(leftCount).allSatisfy {
            NamespaceTreeRule.isLess(rule.maximum(of: $0), namespace[...])
        }
            && nodes.dropFirst(leftCount).allSatisfy { isBelow(namespace, $0) }
    }

    private func isBelow(_ namespace: [UInt8], _ node: [UInt8]) -> Bool {
        NamespaceTreeRule.isLess(namespace[...], rule.minimum(of: node))
    }

    private func isOutside(_ namespace: [UInt8], of root: [UInt8]) -> Bool {
        root == rule.emptyRoot || isBelow(namespace, root)
            || NamespaceTreeRule.isLess(rule.maximum(of: root), namespace[...])
    }
}
