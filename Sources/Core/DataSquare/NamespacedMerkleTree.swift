// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// A binary hash tree whose nodes say which namespaces lie below them, so that "these are all the
/// shares of that namespace" can be proven.
///
/// This is the definition, plain and slow: nothing is kept but the leaves' nodes, and every root
/// and proof is computed from them. Squares commit with kernels and are compared with it.
/// Specified in Protocol/04-namespaced-merkle-tree.md#tree.
public struct NamespacedMerkleTree: Sendable {
    /// A leaf whose namespace is below that of the leaf before it.
    public struct OrderFault: Error, Hashable, Sendable, CustomStringConvertible {
        /// How many leaves stood in order.
        public let count: Int
        /// What went wrong, in words.
        public var description: String { "leaf \(count) has a namespace below the one before it" }
    }

    private let rule: NamespaceTreeRule
    private var leaves: [[UInt8]] = []

    /// An empty tree of the square's kind.
    public init() {
        rule = .square
    }

    /// An empty tree with another rule.
    package init(rule: NamespaceTreeRule) {
        self.rule = rule
    }

    /// How many leaves were pushed.
    public var count: Int { leaves.count }

    /// Adds a leaf at the right.
    public mutating func push(namespace: Namespace, data: [UInt8]) throws(OrderFault) {
        try push(namespaceBytes: namespace.bytes.array, data: data)
    }

    /// Adds a leaf whose namespace has the size of the tree's rule.
    package mutating func push(namespaceBytes: [UInt8], data: [UInt8]) throws(OrderFault) {
        if let last = leaves.last,
            NamespaceTreeRule.isLess(namespaceBytes[...], rule.minimum(of: last))
        {
            throw OrderFault(count: leaves.count)
        }
        leaves.append(rule.leaf(namespace: namespaceBytes, data: data))
    }

    /// The root over all leaves.
    public var root: NamespacedHash { NamespacedHash(trusted: rootNode) }

    /// The root over all leaves, in the size of the tree's rule.
    package var rootNode: [UInt8] {
        leaves.isEmpty ? rule.emptyRoot : node(over: 0..<leaves.count)
    }

    /// The root of the subtree over some leaves, at least one.
    public func subtreeRoot(_ range: Range<Int>) -> NamespacedHash {
        NamespacedHash(trusted: node(over: range))
    }

    /// The proof that the leaves of `range`, at least one, are where they are.
    public func proof(of range: Range<Int>) -> NamespaceProof {
        NamespaceProof(generalProof(of: range))
    }

    /// The proof of all leaves of `namespace`, or of their absence.
    ///
    /// Parity beside data counts as outside: the root passes over it.
    public func proof(of namespace: Namespace) -> NamespaceProof {
        NamespaceProof(generalProof(ofNamespace: namespace.bytes.array))
    }

    /// The leaves that bear `namespace`; empty at the place where they would be when none do.
    package func range(of namespace: [UInt8]) -> Range<Int> {
        let isBelow = { NamespaceTreeRule.isLess($0, namespace[...]) }
        let start = leaves.firstIndex { !isBelow(rule.minimum(of: $0)) } ?? leaves.count
        let end = leaves[start...].firstIndex { rule.minimum(of: $0) != namespace[...] }
        return start..<(end ?? leaves.count)
    }

    /// The proof of `range` in the general form.
    package func generalProof(of range: Range<Int>) -> NamespaceRangeProof {
        precondition(
            range.lowerBound >= 0 && !range.isEmpty && range.upperBound <= leaves.count,
            "a proven range holds leaves of the tree")
        return NamespaceRangeProof(
            rule: rule, start: range.lowerBound, end: range.upperBound, nodes: around(range))
    }

    /// The proof of a namespace in the general form.
    package func generalProof(ofNamespace namespace: [UInt8]) -> NamespaceRangeProof {
        let isOutside =
            leaves.isEmpty
            || NamespaceTreeRule.isLess(namespace[...], rule.minimum(of: rootNode))
            || NamespaceTreeRule.isLess(rule.maximum(of: rootNode), namespace[...])
        if isOutside { return NamespaceRangeProof(rule: rule, start: 0, end: 0, nodes: []) }
        let range = range(of: namespace)
        if !range.isEmpty { return generalProof(of: range) }
        let place = range.lowerBound
        return NamespaceRangeProof(
            rule: rule, start: place, end: place + 1, nodes: around(place..<place + 1),
            leafHash: leaves[place])
    }

    private func around(_ range: Range<Int>) -> [[UInt8]] {
        NamespaceRangeFold.outside(of: range, leafCount: leaves.count).map { node(over: $0) }
    }

    /// RFC 6962's shape: the left part is the largest power of two below the count.
    private func node(over range: Range<Int>) -> [UInt8] {
        precondition(!range.isEmpty, "a node stands over leaves")
        if range.count == 1 { return leaves[range.lowerBound] }
        let half = NamespaceRangeFold.powerOfTwo(holding: range.count) / 2
        let middle = range.lowerBound + half
        let left = node(over: range.lowerBound..<middle)
        let right = node(over: middle..<range.upperBound)
        guard let node = rule.node(left, right) else {
            preconditionFailure("leaves are pushed in order")
        }
        return node
    }
}

extension NamespaceProof {
    /// Takes a proof that a square's own tree has made.
    init(_ proof: NamespaceRangeProof) {
        self.init(
            start: proof.start, end: proof.end,
            nodes: proof.nodes.map { NamespacedHash(trusted: $0) },
            leafHash: proof.leafHash.map { NamespacedHash(trusted: $0) },
            isMaxNamespaceIgnored: proof.rule.isMaxNamespaceIgnored)
    }
}
