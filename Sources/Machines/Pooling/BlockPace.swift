// SPDX-License-Identifier: Apache-2.0

/// How wide a square a committee's member proposes, by how the last blocks fared with it.
///
/// A block that takes longer than its views last is given up and made again, only larger, since more
/// waits by then; so what can be carried is not exceeded by much, and not for long. This is a
/// proposer's own caution and no rule: any width up to the chain's is valid.
/// Specified in Protocol/20-agreement.md#pace.
package struct BlockPace: Hashable, Sendable {
    /// The width to begin with, and the least.
    package static let widthFirst = 64
    package static let widthMin = 16
    /// Blocks that were final within this time may be followed by wider ones, in milliseconds.
    package static let quickMilliseconds: UInt64 = 400
    /// Blocks that took longer are followed by narrower ones, in milliseconds.
    package static let slowMilliseconds: UInt64 = 1_200
    /// How many wide and quick blocks in a row widen the next.
    package static let quickInRow = 4

    private let widthMax: Int
    private var quickCount = 0
    /// The width that may be proposed now.
    package private(set) var width: Int

    /// Nothing is known yet; `widthMax` is the chain's.
    package init(widthMax: Int) {
        self.widthMax = widthMax
        width = min(Self.widthFirst, widthMax)
    }

    /// A block of a width became final so long after it was begun; `skippedViews` were given up
    /// before it.
    package mutating func finalized(
        width blockWidth: Int, afterMilliseconds milliseconds: UInt64, skippedViews: UInt64
    ) {
        // Small blocks tell nothing about wide ones.
        guard 2 * blockWidth >= width else { return }
        if skippedViews > 0 || milliseconds > Self.slowMilliseconds {
            width = max(min(Self.widthMin, widthMax), min(width, blockWidth) / 2)
            quickCount = 0
        } else if milliseconds <= Self.quickMilliseconds, blockWidth >= width {
            quickCount += 1
            guard quickCount == Self.quickInRow else { return }
            width = min(2 * width, widthMax)
            quickCount = 0
        } else {
            quickCount = 0
        }
    }
}
