// SPDX-License-Identifier: Apache-2.0

package import DataSquare
internal import Machinery
package import Syncing

/// What a node keeps and how its files are, for people who watch it.
package struct StorageReport: Hashable, Sendable {
    /// A pinned namespace.
    package struct Pin: Hashable, Sendable {
        /// The namespace.
        package let namespace: Namespace
        /// At how many heights what it has is kept.
        package let heightCount: UInt64
        /// The newest of them; 0 without any.
        package let newest: UInt64
    }

    /// What the node's files take.
    package let usedBytes: UInt64
    /// What they may take; nil for all that the disk has.
    package let budgetBytes: UInt64?
    /// Why there is no room for more squares; nil while there is.
    package let shortage: String?
    /// The rows that are kept of each square; nil for all.
    package let slice: RowSlice?
    /// Whether squares are kept for ever.
    package let isArchival: Bool
    /// The lowest height within the storage window; nil until it is known.
    package let horizon: UInt64?
    /// How many squares are held.
    package let squareCount: UInt64
    /// How many were pruned in this run.
    package let prunedCount: UInt64
    /// In order of their namespaces.
    package let pins: [Pin]
    /// The last word about a backfill; nil when there was none.
    package let backfill: BackfillProgress?
    /// How far stored squares were read again.
    package let scrub: ScrubPosition
    /// The height whose square is being repaired from pieces.
    package let repairing: UInt64?

    /// Whether more squares are stored, as far as there is room.
    package var isFull: Bool { shortage != nil }
}

extension Node {
    /// What this node keeps and how its files are.
    package var storageReport: StorageReport {
        StorageReport(
            usedBytes: retention.space.usedBytes, budgetBytes: configuration.diskBudgetBytes,
            shortage: retention.space.shortage?.rawValue, slice: configuration.slice,
            isArchival: configuration.isArchival,
            horizon: squareHorizon, squareCount: chain.squares.count,
            prunedCount: retention.pruning.prunedCount,
            pins: retention.pins.map {
                StorageReport.Pin(
                    namespace: $0.namespace, heightCount: $0.heights.count,
                    newest: $0.heights.ranges.last?.upperBound ?? 0)
            },
            backfill: retention.progress, scrub: retention.scrub.position,
            repairing: repair?.height)
    }
}
