// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import DataSquare

/// The data root that a whole original square extends to, computed and not believed.
public struct ReencodedSquare: Hashable, Sendable {
    /// The root over all rows and columns.
    public let dataRoot: Bytes32

    /// Extends and hashes a square.
    public init(_ square: OriginalDataSquare, parallel: ParallelLoop = .serial) {
        let extended = ExtendedDataSquare(extending: square)
        dataRoot = CommittedSquare(extended, parallel: parallel).header.dataRoot
    }

    private init(dataRoot: Bytes32) {
        self.dataRoot = dataRoot
    }

    /// A square extended and hashed once, and that this was done.
    public static func extending(
        _ square: OriginalDataSquare, parallel: ParallelLoop = .serial
    ) -> (square: CommittedSquare, proof: ReencodedSquare) {
        let extended = ExtendedDataSquare(extending: square, parallel: parallel)
        let committed = CommittedSquare(extended, parallel: parallel)
        return (committed, ReencodedSquare(dataRoot: committed.header.dataRoot))
    }
}

/// A block whose data this node held: its whole square, extended to the header's data root, or, where
/// the network's rule allows it, its custody and fresh samples.
///
/// It is what a vote to finalize is made of: `SigningIntent` takes no other, so a node that has not
/// had the data in its hands cannot vouch for it. Specified in
/// Protocol/20-agreement.md#availability-gates.
public struct CertifiedAvailable: Hashable, Sendable {
    /// The block.
    public let block: BlockReference

    /// Certifies a header's block by its re-encoded square, or is nil where the roots differ.
    public init?(_ header: BlockHeader, square: ReencodedSquare) {
        guard header.dataHash == square.dataRoot, let block = BlockReference(header) else {
            return nil
        }
        self.block = block
    }
    /// Certifies a header's block by what this member holds of it, or is nil where that is of another.
    public init?(_ header: BlockHeader, custody: CheckedCustody) {
        guard header.hash == custody.block, header.dataHash == custody.dataRoot,
            let block = BlockReference(header)
        else { return nil }
        self.block = block
    }
}
