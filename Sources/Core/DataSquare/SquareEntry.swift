// SPDX-License-Identifier: Apache-2.0

/// One transaction of a block, by the place it takes in a square; the cases stand in block order.
public enum SquareEntry: Hashable, Sendable {
    /// A transaction that pays for no blobs.
    case plain([UInt8])
    /// A transaction with its blobs.
    case blob(BlobTransaction)
    /// A transaction that pays for data outside of the square, with the one share that stands for
    /// the data (app version 10).
    case payForFibre([UInt8], systemBlob: Blob)

    /// What takes sparse shares for it.
    var blobs: [Blob] {
        switch self {
        case .plain: []
        case .blob(let transaction): transaction.blobs
        case .payForFibre(_, let systemBlob): [systemBlob]
        }
    }

    /// Which of a block's three runs it belongs to.
    var run: Int {
        switch self {
        case .plain: 0
        case .blob: 1
        case .payForFibre: 2
        }
    }
}
