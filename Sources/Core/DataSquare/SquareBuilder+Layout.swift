// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// A square and where everything in it lies.
public struct BuiltSquare: Sendable {
    /// The shares.
    public let square: OriginalDataSquare
    /// The shares of each transaction, in block order, as row-major indexes.
    public let transactionRanges: [Range<Int>]
    /// The shares of each blob of each blob transaction, in their order.
    public let blobRanges: [[Range<Int>]]
    /// What stands in the square for each blob transaction.
    public let indexWrappers: [IndexWrapper]
}

extension SquareBuilder {
    /// Lays out what was added.
    ///
    /// Transactions without blobs come first, then index wrappers, PayForFibre transactions,
    /// padding, the blobs by namespace, padding. Specified in
    /// Protocol/02-square-layout.md#laying-out.
    public func build() -> BuiltSquare {
        let compactCount =
            plain.compactShareCount + blobTransactions.compactShareCount
            + payForFibre.compactShareCount
        let placed = placedBlobs(after: compactCount)
        var indexes = blobTransactions.entries.map { [Int](repeating: 0, count: $0.blobs.count) }
        for place in placed {
            if let owner = place.owner { indexes[owner.transaction][owner.blob] = place.start }
        }
        let wrappers = zip(blobTransactions.entries, indexes).map { transaction, starts in
            IndexWrapper(
                transaction: transaction.transaction, shareIndexes: starts.map { UInt32($0) })
        }
        var shares: [UInt8] = []
        shares.reserveCapacity(width * width * Share.sizeBytes)
        let ranges = appendCompact(wrappers: wrappers, to: &shares)
        append(placed, to: &shares)
        let missing = width * width - shares.count / Share.sizeBytes
        precondition(missing >= 0, "the count is never below the layout")
        Padding.append(Padding.tail, count: missing, to: &shares)
        return BuiltSquare(
            square: OriginalDataSquare(checkedWidth: width, bytes: shares),
            transactionRanges: ranges,
            blobRanges: zip(blobTransactions.entries, indexes).map { transaction, starts in
                zip(transaction.blobs, starts).map { $1..<$1 + $0.shareCount }
            },
            indexWrappers: wrappers)
    }

    /// A blob and the index of its first share.
    private struct PlacedBlob {
        let blob: Blob
        /// Whose blob it is; nil for a system blob.
        let owner: (transaction: Int, blob: Int)?
        var start = 0
    }

    /// All blobs by namespace, those of one namespace in the order they came, each at its place.
    private func placedBlobs(after compactCount: Int) -> [PlacedBlob] {
        var blobs: [PlacedBlob] = []
        for (index, transaction) in blobTransactions.entries.enumerated() {
            for (number, blob) in transaction.blobs.enumerated() {
                blobs.append(PlacedBlob(blob: blob, owner: (index, number)))
            }
        }
        for entry in payForFibre.entries {
            blobs.append(PlacedBlob(blob: entry.systemBlob, owner: nil))
        }
        let order = blobs.indices.sorted {
            let (left, right) = (blobs[$0].blob.namespace, blobs[$1].blob.namespace)
            return left == right ? $0 < $1 : left < right
        }
        var cursor = compactCount
        return order.map { index in
            var place = blobs[index]
            let count = place.blob.shareCount
            place.start = SubtreeAlignment.firstIndex(
                notBefore: cursor, shareCount: count, threshold: subtreeRootThreshold)
            cursor = place.start + count
            return place
        }
    }

    /// Appends the compact sequences; returns the shares of each transaction.
    private func appendCompact(
        wrappers: [IndexWrapper], to shares: inout [UInt8]
    ) -> [Range<Int>] {
        let sequences: [(Namespace, [[UInt8]])] = [
            (.transactions, plain.entries),
            (.payForBlobs, wrappers.map { $0.encode() }),
            (.payForFibre, payForFibre.entries.map(\.transaction)),
        ]
        var ranges: [Range<Int>] = []
        for (namespace, units) in sequences {
            var splitter = CompactShareSplitter(namespace: namespace)
            for unit in units { splitter.append(unit) }
            let first = shares.count / Share.sizeBytes
            ranges += splitter.shareRanges.map {
                $0.lowerBound + first..<$0.upperBound + first
            }
            splitter.append(to: &shares)
        }
        return ranges
    }

    /// Appends the blobs, each behind the padding that brings it to its place.
    private func append(_ placed: [PlacedBlob], to shares: inout [UInt8]) {
        var padding = Padding.reserved
        for place in placed {
            let missing = place.start - shares.count / Share.sizeBytes
            precondition(missing >= 0, "blobs stand one behind the other")
            Padding.append(padding, count: missing, to: &shares)
            SparseShareSplitter.append(0..<place.blob.shareCount, of: place.blob, to: &shares)
            padding = Padding.share(
                namespace: place.blob.namespace, shareVersion: place.blob.shareVersion)
        }
    }
}
