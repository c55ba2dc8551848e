// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Chain
package import DataSquare

/// Squares with all four quadrants and their digests, as peers and users are answered from.
extension SquareStore {
    /// The extended square of a block with all that proofs need.
    ///
    /// The last ones stay in memory; another one is read, extended and hashed here, which takes
    /// tens of milliseconds for a large square: call it where waiting is allowed.
    package func committedSquare(
        _ key: BlockKey, parallel: ParallelLoop = .serial
    ) throws(StorageFault) -> CommittedSquare {
        let dataRoot = try locateRoot(key)
        if let square = cache.square(dataRoot) { return square }
        let original = try square(.dataRoot(dataRoot))
        let committed = CommittedSquare(
            ExtendedDataSquare(extending: original, parallel: parallel), parallel: parallel)
        guard committed.header.dataRoot == dataRoot else {
            throw .malformed(
                path: path(dataRoot), .malformed("the shares are not those of the roots"))
        }
        cache.insert(committed)
        return committed
    }

    /// Whether a block's extended square is at hand without reading or hashing.
    package func hasCommittedSquare(_ key: BlockKey) throws(StorageFault) -> Bool {
        cache.square(try locateRoot(key)) != nil
    }

    /// Keeps a square at hand that was extended elsewhere: a new block, which many will ask for.
    package func keepAtHand(_ square: CommittedSquare) {
        cache.insert(square)
    }
}

extension StoredBlock {
    /// A block of a square that was extended and hashed here.
    package init(height: Height, _ square: CommittedSquare) {
        self.init(
            height: height, square: square.square.originalSquare, header: square.header)
    }
}
