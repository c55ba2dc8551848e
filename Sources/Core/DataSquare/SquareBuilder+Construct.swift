// SPDX-License-Identifier: Apache-2.0

extension SquareBuilder {
    /// The one square of a block's transactions, which must stand in block order and all fit.
    ///
    /// A verifier builds it from the block and compares the data root with the header's.
    /// - Throws: the first reason why there is no such square, with the place in the list.
    public static func construct(
        _ entries: [SquareEntry], sizeMaximum: Int,
        appVersion: UInt64 = SquareRules.appVersionDefault,
        subtreeRootThreshold: Int = SubtreeAlignment.rootThreshold
    ) throws(SquareBuildFault) -> BuiltSquare {
        var builder = try SquareBuilder(
            sizeMaximum: sizeMaximum, appVersion: appVersion,
            subtreeRootThreshold: subtreeRootThreshold)
        var run = 0
        for (index, entry) in entries.enumerated() {
            guard entry.run >= run else { throw .order(index: index) }
            run = entry.run
            guard areNamespacesFree(in: entry.blobs) else { throw .namespace(index: index) }
            guard try builder.append(entry) else { throw .noRoom(index: index) }
        }
        return builder.build()
    }

    /// Adds a transaction of any kind, or returns false when it does not fit.
    public mutating func append(_ entry: SquareEntry) throws(SquareBuildFault) -> Bool {
        switch entry {
        case .plain(let transaction): append(transaction: transaction)
        case .blob(let transaction): append(blobTransaction: transaction)
        case .payForFibre(let transaction, let blob):
            try append(payForFibre: transaction, systemBlob: blob)
        }
    }
}
