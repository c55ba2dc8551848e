// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// That the blob of a share commitment stands in the square under a data root.
///
/// The commitment's subtree roots are nodes of the rows' trees; so the proof shows them under row
/// roots, and the row roots under the data root, without the blob's shares. It travels as JSON.
/// Source: celestia-node blob/commitment_proof.go. Specified in
/// Protocol/06-share-commitments.md#commitment-proof.
public struct CommitmentProof: Hashable, Sendable {
    /// The subtree roots of the commitment, in order.
    public let subtreeRoots: [NamespacedHash]
    /// One proof for each row that the blob touches, top first.
    public let subtreeRootProofs: [NamespaceProof]
    /// The blob's namespace.
    public let namespace: Namespace
    /// That the rows are the square's.
    public let rowProof: RowProof

    /// Takes the parts as they came.
    public init(
        subtreeRoots: [NamespacedHash], subtreeRootProofs: [NamespaceProof],
        namespace: Namespace, rowProof: RowProof
    ) {
        self.subtreeRoots = subtreeRoots
        self.subtreeRootProofs = subtreeRootProofs
        self.namespace = namespace
        self.rowProof = rowProof
    }

    /// The commitment that the subtree roots make.
    public var commitment: ShareCommitment { ShareCommitment(ofSubtreeRoots: subtreeRoots) }

    /// Checks the proof and gives the indexes of the blob's shares in the original square.
    ///
    /// Stricter than the reference: every subtree root is of the blob's namespace alone, and the
    /// ranges in the rows join to one run of shares. `threshold` is the chain's constant.
    ///
    /// - Throws: `commitmentMismatch` for another commitment, what the row proof throws,
    ///   `wrongNamespace`, or `proofInvalid` for the row that fails.
    public func verify(
        commitment: ShareCommitment, dataRoot: Bytes32,
        threshold: Int = SubtreeAlignment.rootThreshold
    ) throws(VerificationFault) -> Range<Int> {
        guard commitment == self.commitment else { throw .commitmentMismatch }
        let width = try rowProof.verify(dataRoot: dataRoot)
        let run = try rowProof.run(of: subtreeRootProofs, originalWidth: width / 2)
        guard subtreeRoots.allSatisfy({ $0.minimum == namespace && $0.maximum == namespace })
        else { throw .wrongNamespace }
        let subtreeWidth = SubtreeAlignment.width(shareCount: run.count, threshold: threshold)
        var rest = subtreeRoots[...]
        for (offset, proof) in subtreeRootProofs.enumerated() {
            let row = rowProof.startRow + offset
            let range = proof.start..<proof.end
            guard
                let cuts = NamespaceRangeProof.cuts(
                    of: range, width: subtreeWidth, limit: rest.count),
                proof.verifySubtreeRootInclusion(
                    Array(rest.prefix(cuts.count)), width: subtreeWidth,
                    root: rowProof.rowRoots[offset], leafCount: width)
            else { throw .proofInvalid(.row, index: row) }
            rest = rest.dropFirst(cuts.count)
        }
        guard rest.isEmpty else {
            throw .shareCount(
                expected: subtreeRoots.count - rest.count, actual: subtreeRoots.count)
        }
        return run
    }
}
