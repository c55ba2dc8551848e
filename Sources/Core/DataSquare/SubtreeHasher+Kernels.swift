// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CKernels

/// Hashes perfect subtrees over shares of one namespace, many leaves and nodes at a time.
///
/// All nodes of such a subtree have the same 58 bytes of namespaces, so they are written once and
/// only digests change. Equal to `NamespacedHash.leaf` and `.node`, which are the definition.
struct SubtreeHasher {
    private static let digestStart = 2 * Namespace.sizeBytes
    private static let digestSizeBytes = 32

    private let namespace: [UInt8]
    private let leafCountMax: Int
    private let level: ck_sha256_level
    /// Nodes of one level and of the next, 90 bytes each, in turns.
    private var nodes: [UInt8]
    private var parents: [UInt8]
    private var digests: [UInt8] = []
    private var leafCount = 0

    /// Makes room for subtrees of up to `leafCountMax` shares, a power of two.
    init(namespace: Namespace, leafCountMax: Int) {
        precondition(leafCountMax.nonzeroBitCount == 1, "a subtree has a power of two of leaves")
        self.namespace = namespace.bytes.array
        self.leafCountMax = leafCountMax
        level = ck_sha256_best()
        let node =
            self.namespace + self.namespace
            + [UInt8](repeating: 0, count: Self.digestSizeBytes)
        nodes = []
        nodes.reserveCapacity(leafCountMax * node.count)
        for _ in 0..<leafCountMax { nodes.append(contentsOf: node) }
        parents = nodes
    }

    /// Adds the leaves of shares that stand one behind the other.
    mutating func append(shares: [UInt8]) {
        let count = shares.count / Share.sizeBytes
        precondition(shares.count % Share.sizeBytes == 0, "whole shares")
        precondition(leafCount + count <= leafCountMax, "the subtree has room")
        if digests.count < count * Self.digestSizeBytes {
            digests = [UInt8](repeating: 0, count: count * Self.digestSizeBytes)
        }
        unsafe ck_nmt_leaves(level, shares, Share.sizeBytes, namespace, 0, count, &digests)
        for index in 0..<count {
            let place = (leafCount + index) * NamespacedHash.sizeBytes + Self.digestStart
            let source = index * Self.digestSizeBytes
            for offset in 0..<Self.digestSizeBytes {
                nodes[place + offset] = digests[source + offset]
            }
        }
        leafCount += count
    }

    /// The root over the leaves so far, a power of two; the next subtree begins.
    mutating func finish() -> NamespacedHash {
        precondition(leafCount.nonzeroBitCount == 1, "a subtree has a power of two of leaves")
        while leafCount > 1 {
            leafCount /= 2
            unsafe parents.withUnsafeMutableBufferPointer { parents in
                guard let base = parents.baseAddress else { return }
                unsafe ck_nmt_nodes(
                    level, nodes, leafCount, base + Self.digestStart, NamespacedHash.sizeBytes)
            }
            swap(&nodes, &parents)
        }
        leafCount = 0
        return NamespacedHash(trusted: Array(nodes[..<NamespacedHash.sizeBytes]))
    }
}
