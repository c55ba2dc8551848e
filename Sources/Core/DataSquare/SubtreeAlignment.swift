// SPDX-License-Identifier: Apache-2.0

/// Where a blob may start, so that the roots in its commitment are nodes of the square's row trees.
///
/// A blob starts at a multiple of its subtree width. A row's width is a multiple of that too, so
/// every subtree of the commitment lies aligned within one row, however wide the square is.
/// Specified in Protocol/02-square-layout.md#alignment.
public enum SubtreeAlignment {
    /// How many subtree roots a commitment aims at before subtrees grow.
    public static let rootThreshold = 64

    /// The greatest number of leaves under one subtree root of a blob of `shareCount` shares.
    public static func width(shareCount: Int, threshold: Int = rootThreshold) -> Int {
        precondition(shareCount >= 1 && threshold >= 1, "a blob has a share")
        let wanted = powerOfTwo(atLeast: (shareCount + threshold - 1) / threshold)
        return min(wanted, SquareSize.minimum(forShares: shareCount))
    }

    /// The first share index, not before `cursor`, at which such a blob may start.
    public static func firstIndex(
        notBefore cursor: Int, shareCount: Int, threshold: Int = rootThreshold
    ) -> Int {
        let width = width(shareCount: shareCount, threshold: threshold)
        return (cursor + width - 1) / width * width
    }

    /// The sizes of a commitment's subtrees, in order: `width` while it fits, then falling powers
    /// of two (a "Merkle mountain range").
    public static func subtreeSizes(
        shareCount: Int, threshold: Int = rootThreshold
    ) -> [Int] {
        var sizes: [Int] = []
        var remaining = shareCount
        var size = width(shareCount: shareCount, threshold: threshold)
        while remaining > 0 {
            while size > remaining { size /= 2 }
            sizes.append(size)
            remaining -= size
        }
        return sizes
    }

    private static func powerOfTwo(atLeast count: Int) -> Int {
        var power = 1
        while power < count { power *= 2 }
        return power
    }
}
