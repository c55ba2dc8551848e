// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain
package import DataSquare

/// How a stored block is named.
package enum BlockKey: Hashable, Sendable {
    /// By its height.
    case height(Height)
    /// By the root of its square.
    case dataRoot(Bytes32)
}

/// A block's data as it goes into the store.
package struct StoredBlock: Sendable {
    /// Its height; the same square may have several.
    package let height: Height
    /// The original shares.
    package let square: OriginalDataSquare
    /// The roots of their extension, which whoever stores them has held them to.
    package let header: DataAvailabilityHeader

    /// Names a block's data; `header` must be that of `square`.
    package init(height: Height, square: OriginalDataSquare, header: DataAvailabilityHeader) {
        precondition(header.originalWidth == square.width, "the header is the square's")
        self.height = height
        self.square = square
        self.header = header
    }
}

/// Where blocks are kept; on this machine's disk today, in an object store where one is not enough.
///
/// `missing` and `corrupt` both mean that the block must be fetched again, and putting it again
/// heals it. Places are in the original square; the other quadrants are computed.
package protocol BlockStore: Sendable {
    /// Keeps blocks; when it returns they survive a power cut, when it throws none of them is
    /// visible.
    func put(_ blocks: [StoredBlock]) throws(StorageFault)
    /// Whether the block is held, as far as is known without reading it.
    func contains(_ key: BlockKey) throws(StorageFault) -> Bool
    /// The data root at a height, held or damaged.
    func dataRoot(at height: Height) throws(StorageFault) -> Bytes32?
    /// The roots.
    func header(_ key: BlockKey) throws(StorageFault) -> DataAvailabilityHeader
    /// All original shares.
    func square(_ key: BlockKey) throws(StorageFault) -> OriginalDataSquare
    /// One original row, `width` shares of 512 bytes.
    func row(_ key: BlockKey, _ index: Int) throws(StorageFault) -> [UInt8]
    /// One original share.
    func share(_ key: BlockKey, at place: Coordinate) throws(StorageFault) -> Share
    /// The extended square with all that proofs need, from memory where it is at hand.
    func committedSquare(
        _ key: BlockKey, parallel: ParallelLoop
    ) throws(StorageFault) -> CommittedSquare
    /// Forgets blocks; heights that are not stored are fine.
    func remove(heights: [Height]) throws(StorageFault)
}
