// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CKernels

/// Hashes perfect subtrees over shares of one namespace, many leaves and nodes at a time.
///
/// Equal to `NamespacedHash.leaf` and `.node`, which are the definition.
struct SubtreeHasher {
    private static let digestSizeBytes = 32

    private let namespace: [UInt8]
    private let leafCountMax: Int
    private let level: ck_sha256_level
    /// The nodes of the leaves so far, 90 bytes each; trees are built in their place.
    private var nodes: [UInt8]
    private var digests: [UInt8] = []
    private var leafCount = 0

    /// Makes room for subtrees of up to `leafCountMax` shares, a power of two.
    init(namespace: Namespace, leafCountMax: Int) {
        precondition(leafCountMax.nonzeroBitCount == 1, "a subtree has a power of two of leaves")
        self.namespace = namespace.bytes.array
        self.leafCountMax = leafCountMax
        level = ck_sha256_best()
        nodes = [UInt8](repeating: 0, count: leafCountMax * NamespacedHash.sizeBytes)
    }

    /// Adds the leaves of shares that stand one behind the other.
    mutating func append(shares: [UInt8]) {
        let count = shares.count / Share.sizeBytes
        precondition(shares.count % Share.sizeBytes == 0, "whole shares")
        precondition(leafCount + count <= leafCountMax, "the subtree has room")
        if digests.count < count * Self.digestSizeBytes {
            digests = [UInt8](repeating: 0, count: count * Self.digestSizeBytes)
        }
        _ = unsafe ck_nmt_leaves(level, shares, Share.sizeBytes, namespace, 0, count, &digests)
        unsafe digests.withUnsafeBufferPointer { digests in
            unsafe namespace.withUnsafeBufferPointer { namespace in
                var places = unsafe ck_nmt_leaf_places(
                    digests: digests.baseAddress, digest_pitch: Self.digestSizeBytes,
                    digest_step: 0, namespaces: namespace.baseAddress, namespace_pitch: 0,
                    namespace_step: 0)
                unsafe ck_nmt_leaf_nodes(&places, leafCount, count, 1, leafCountMax, &nodes)
            }
        }
        leafCount += count
    }

    /// The root over the leaves so far, a power of two; the next subtree begins.
    mutating func finish() -> NamespacedHash {
        precondition(leafCount.nonzeroBitCount == 1, "a subtree has a power of two of leaves")
        if leafCount > 1 { _ = unsafe ck_nmt_forest(level, &nodes, 1, leafCount, nil) }
        leafCount = 0
        return NamespacedHash(trusted: Array(nodes[..<NamespacedHash.sizeBytes]))
    }
}
