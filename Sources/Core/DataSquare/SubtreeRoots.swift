// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// The roots of a commitment's subtrees: nodes that the blob has in every square it lies in.
///
/// Specified in Protocol/06-share-commitments.md#subtree-roots.
public enum SubtreeRoots {
    /// The roots over a blob's shares, in order.
    public static func roots(
        of blob: Blob, threshold: Int = SubtreeAlignment.rootThreshold
    ) -> [NamespacedHash] {
        var roots: [NamespacedHash] = []
        var tile: [UInt8] = []
        var start = 0
        for size in SubtreeAlignment.subtreeSizes(
            shareCount: blob.shareCount, threshold: threshold)
        {
            tile.removeAll(keepingCapacity: true)
            SparseShareSplitter.append(start..<start + size, of: blob, to: &tile)
            roots.append(root(ofShares: tile, namespace: blob.namespace))
            start += size
        }
        return roots
    }

    /// The root over a power of two of shares of one namespace.
    static func root(ofShares shares: [UInt8], namespace: Namespace) -> NamespacedHash {
        var level = stride(from: 0, to: shares.count, by: Share.sizeBytes).map {
            NamespacedHash.leaf(
                namespace: namespace, data: Array(shares[$0..<$0 + Share.sizeBytes]))
        }
        while level.count > 1 {
            level = stride(from: 0, to: level.count, by: 2).map {
                guard let node = NamespacedHash.node(level[$0], level[$0 + 1]) else {
                    preconditionFailure("leaves of one namespace are in order")
                }
                return node
            }
        }
        return level[0]
    }
}
