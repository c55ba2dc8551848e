// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography

/// Proofs that end in the data root, for those who have a block's header only.
extension SquareProver {
    /// That some rows of original data are the square's.
    public func rowProof(_ rows: ClosedRange<Int>) -> RowProof {
        precondition(
            rows.lowerBound >= 0 && rows.upperBound < header.originalWidth, "rows of data")
        let leaves = (header.rowRoots + header.columnRoots).map { $0.bytes.array }
        return RowProof(
            rowRoots: Array(header.rowRoots[rows]),
            proofs: Array(MerkleTree.proofs(leaves).proofs[rows]),
            startRow: rows.lowerBound, endRow: rows.upperBound)
    }

    /// That the shares of a run of the original square, all of one namespace, are in the square.
    ///
    /// - Throws: `outside`, or `wrongNamespace` when the run mixes namespaces.
    public func shareProof(_ range: Range<Int>) throws(VerificationFault) -> ShareProof {
        let parts = try parts(of: range)
        let shares = parts.flatMap { self.shares(in: $0.row, $0.columns) }
        return ShareProof(
            shares: shares, shareProofs: parts.map { proof(.row, $0.row, $0.columns) },
            namespace: shares[0].namespace,
            rowProof: rowProof(parts[0].row...parts[parts.count - 1].row))
    }

    /// That the blob whose shares are a run of the original square is in the square.
    ///
    /// - Throws: `outside`, `wrongNamespace` when the run mixes namespaces, `commitmentMismatch`
    ///   for a run that no blob can have, because its start is not aligned.
    public func commitmentProof(
        _ range: Range<Int>, threshold: Int = SubtreeAlignment.rootThreshold
    ) throws(VerificationFault) -> CommitmentProof {
        let parts = try parts(of: range)
        let width = SubtreeAlignment.width(shareCount: range.count, threshold: threshold)
        guard range.lowerBound.isMultiple(of: width) else { throw .commitmentMismatch }
        let roots = parts.flatMap { part in
            (NamespaceRangeProof.cuts(of: part.columns, width: width, limit: .max) ?? []).map {
                node(.row, part.row, over: $0)
            }
        }
        return CommitmentProof(
            subtreeRoots: roots,
            subtreeRootProofs: parts.map { proof(.row, $0.row, $0.columns) },
            namespace: roots[0].minimum,
            rowProof: rowProof(parts[0].row...parts[parts.count - 1].row))
    }
}
