// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// The roots of a commitment's subtrees: nodes that the blob has in every square it lies in.
///
/// Specified in Protocol/06-share-commitments.md#subtree-roots.
public enum SubtreeRoots {
    /// Shares that are laid out and hashed at once: they fit the processor's first cache.
    private static let tileShareCount = 32

    /// The roots over a blob's shares, in order.
    public static func roots(
        of blob: Blob, threshold: Int = SubtreeAlignment.rootThreshold
    ) -> [NamespacedHash] {
        let sizes = SubtreeAlignment.subtreeSizes(
            shareCount: blob.shareCount, threshold: threshold)
        var hasher = SubtreeHasher(namespace: blob.namespace, leafCountMax: sizes[0])
        var tile: [UInt8] = []
        var roots: [NamespacedHash] = []
        roots.reserveCapacity(sizes.count)
        var start = 0
        for size in sizes {
            let end = start + size
            while start < end {
                let next = min(start + tileShareCount, end)
                tile.removeAll(keepingCapacity: true)
                SparseShareSplitter.append(start..<next, of: blob, to: &tile)
                hasher.append(shares: tile)
                start = next
            }
            roots.append(hasher.finish())
        }
        return roots
    }
}
