// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Puts transactions and blobs into a square, the same for every proposer and verifier.
///
/// While transactions come, the builder counts shares as if every blob needed the most padding and
/// every index the most bytes. What fits by that count fits for certain, and the square's width
/// follows from that count alone, not from the final layout.
/// Specified in Protocol/02-square-layout.md#counting.
public struct SquareBuilder: Sendable {
    /// The rules of the app version.
    public let rules: SquareRules
    /// The greatest width that the square may get.
    public let sizeMaximum: Int
    /// See `SubtreeAlignment.rootThreshold`.
    public let subtreeRootThreshold: Int

    private(set) var plain = CountedRun<[UInt8]>()
    private(set) var blobTransactions = CountedRun<BlobTransaction>()
    private(set) var payForFibre = CountedRun<(transaction: [UInt8], systemBlob: Blob)>()

    /// An empty square of at most `sizeMaximum` × `sizeMaximum` shares.
    public init(
        sizeMaximum: Int, appVersion: UInt64 = SquareRules.appVersionDefault,
        subtreeRootThreshold: Int = SubtreeAlignment.rootThreshold
    ) throws(SquareBuildFault) {
        rules = try SquareRules(appVersion: appVersion)
        guard SquareSize.isValid(sizeMaximum), sizeMaximum <= rules.widthMaximum else {
            throw .sizeMaximum(sizeMaximum)
        }
        precondition(subtreeRootThreshold >= 1, "a commitment has a root")
        self.sizeMaximum = sizeMaximum
        self.subtreeRootThreshold = subtreeRootThreshold
    }

    /// Shares counted so far, never fewer than the layout takes.
    public var shareCountEstimate: Int {
        plain.shareCount + blobTransactions.shareCount + payForFibre.shareCount
    }

    /// The width that the square has, as it stands.
    public var width: Int { SquareSize.minimum(forShares: shareCountEstimate) }

    /// Adds a transaction that pays for no blobs, or returns false when it does not fit.
    public mutating func append(transaction: [UInt8]) -> Bool {
        append(transaction, cost: cost(of: transaction), to: \.plain)
    }

    /// Adds a transaction with its blobs, or returns false when they do not fit.
    ///
    /// Blobs in reserved namespaces have no place in a square and never fit.
    public mutating func append(blobTransaction: BlobTransaction) -> Bool {
        guard Self.areNamespacesFree(in: blobTransaction.blobs) else { return false }
        return append(
            blobTransaction, cost: cost(of: blobTransaction), to: \.blobTransactions)
    }

    /// Adds a transaction that pays for data outside of the square, or returns false when it does
    /// not fit.
    ///
    /// - Throws: `payForFibre` in versions that have none.
    public mutating func append(
        payForFibre transaction: [UInt8], systemBlob: Blob
    ) throws(SquareBuildFault) -> Bool {
        guard rules.hasPayForFibre else { throw .payForFibre(appVersion: rules.appVersion) }
        precondition(
            systemBlob.shareVersion == ShareVersion.fibre, "a system blob has share version 2")
        guard Self.areNamespacesFree(in: [systemBlob]) else { return false }
        return append(
            (transaction, systemBlob), cost: cost(ofPayForFibre: transaction), to: \.payForFibre)
    }

    /// Whether a transaction without blobs would fit.
    public func fits(transaction: [UInt8]) -> Bool {
        fits(cost(of: transaction), in: plain)
    }

    /// Whether a transaction and its blobs would fit.
    public func fits(blobTransaction: BlobTransaction) -> Bool {
        Self.areNamespacesFree(in: blobTransaction.blobs)
            && fits(cost(of: blobTransaction), in: blobTransactions)
    }

    /// Whether all blobs belong behind the square's compact shares.
    static func areNamespacesFree(in blobs: [Blob]) -> Bool {
        blobs.allSatisfy { $0.namespace.isValidForBlob }
    }

    /// Takes the last plain transaction out again; false when there is none.
    public mutating func revertLastTransaction() -> Bool { plain.revertLast() }

    /// Takes the last blob transaction out again; false when there is none.
    public mutating func revertLastBlobTransaction() -> Bool { blobTransactions.revertLast() }

    /// Takes the last PayForFibre transaction out again; false when there is none.
    public mutating func revertLastPayForFibre() -> Bool { payForFibre.revertLast() }

    private mutating func append<Entry>(
        _ entry: Entry, cost: ShareCost, to run: WritableKeyPath<Self, CountedRun<Entry>>
    ) -> Bool {
        guard fits(cost, in: self[keyPath: run]) else { return false }
        self[keyPath: run].append(entry, cost: cost)
        return true
    }

    private func fits<Entry>(_ cost: ShareCost, in run: CountedRun<Entry>) -> Bool {
        shareCountEstimate + run.growth(of: cost) <= sizeMaximum * sizeMaximum
    }

    private func cost(of transaction: [UInt8]) -> ShareCost {
        ShareCost(unitSizeBytes: transaction.count, blobShares: 0)
    }

    private func cost(of transaction: BlobTransaction) -> ShareCost {
        var shares = 0
        for blob in transaction.blobs {
            let count = blob.shareCount
            shares +=
                count - 1
                + SubtreeAlignment.width(shareCount: count, threshold: subtreeRootThreshold)
        }
        return ShareCost(
            unitSizeBytes: IndexWrapper.worstCaseSizeBytes(
                transactionSizeBytes: transaction.transaction.count,
                blobCount: transaction.blobs.count),
            blobShares: shares)
    }

    private func cost(ofPayForFibre transaction: [UInt8]) -> ShareCost {
        ShareCost(unitSizeBytes: transaction.count, blobShares: 1)
    }
}
