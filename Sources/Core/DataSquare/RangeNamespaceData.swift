// SPDX-License-Identifier: Apache-2.0

/// A run of shares of one namespace, as somebody sent it, row by row.
///
/// Rows that the run covers whole need no proof: they are extended and compared with their roots.
/// The first row has one if the run begins in its middle (or ends there, when it is the only row),
/// the last of several rows if the run ends in its middle.
/// Specified in Protocol/07-share-exchange.md#range-namespace-data.
public struct UnverifiedRangeNamespaceData: Hashable, Sendable {
    /// The shares of each row that the run touches, top first.
    public let rows: [[Share]]
    /// That the first row's shares stand in their row, when they are not all of it.
    public let firstRowProof: NamespaceProof?
    /// That the last row's shares stand in their row, when they are not all of it and there is
    /// more than one row.
    public let lastRowProof: NamespaceProof?

    /// Takes the parts as they came.
    public init(rows: [[Share]], firstRowProof: NamespaceProof?, lastRowProof: NamespaceProof?) {
        self.rows = rows
        self.firstRowProof = firstRowProof
        self.lastRowProof = lastRowProof
    }
}

extension UnverifiedRangeNamespaceData {
    /// Makes trusted data, if these are the shares at `range` of the original square, all of one
    /// namespace.
    ///
    /// - Throws: `outside` for a range that the square does not have, `rowCount`, `shareCount`,
    ///   `wrongNamespace`, `proofKind` for a proof too many or too few, `proofRange`,
    ///   `proofInvalid`, or `rootMismatch` for a whole row.
    public func verify(
        range: Range<Int>, against header: DataAvailabilityHeader
    ) throws(VerificationFault) -> RangeNamespaceData {
        try check(range, completeFor: nil, against: header)
        return RangeNamespaceData(trusted: self, range: range)
    }

    /// The same, and these are all shares of `namespace` in every row that the range touches.
    ///
    /// - Throws: what `verify(range:against:)` throws, `wrongNamespace` for another namespace, and
    ///   `proofInvalid` when a row has more of it.
    public func verify(
        range: Range<Int>, completeFor namespace: Namespace,
        against header: DataAvailabilityHeader
    ) throws(VerificationFault) -> RangeNamespaceData {
        try check(range, completeFor: namespace, against: header)
        return RangeNamespaceData(trusted: self, range: range)
    }

    private func check(
        _ range: Range<Int>, completeFor namespace: Namespace?,
        against header: DataAvailabilityHeader
    ) throws(VerificationFault) {
        let width = header.originalWidth
        guard range.lowerBound >= 0, !range.isEmpty, range.upperBound <= width * width else {
            throw .outside(width: header.width)
        }
        let first = range.lowerBound / width
        let last = (range.upperBound - 1) / width
        guard rows.count == last - first + 1 else {
            throw .rowCount(expected: last - first + 1, actual: rows.count)
        }
        guard let own = rows.first?.first?.namespace, namespace == nil || namespace == own,
            rows.allSatisfy({ Share.allBear(own, $0) })
        else { throw .wrongNamespace }
        for (offset, shares) in rows.enumerated() {
            let row = first + offset
            let columns = range.clamped(to: row * width..<(row + 1) * width)
            let start = columns.lowerBound - row * width
            try check(
                shares, in: row, columns: start..<start + columns.count,
                proof: offset == 0 ? firstRowProof : row == last ? lastRowProof : nil,
                completeFor: namespace, against: header)
        }
        guard rows.count > 1 || lastRowProof == nil else { throw .proofKind }
    }

    private func check(
        _ shares: [Share], in row: Int, columns: Range<Int>, proof: NamespaceProof?,
        completeFor namespace: Namespace?, against header: DataAvailabilityHeader
    ) throws(VerificationFault) {
        guard shares.count == columns.count else {
            throw .shareCount(expected: columns.count, actual: shares.count)
        }
        let isWhole = columns.count == header.originalWidth
        guard isWhole == (proof == nil) else { throw .proofKind }
        guard let proof else {
            return try UnverifiedRow(half: shares, side: .left).check(row: row, against: header)
        }
        guard proof.leafHash == nil, proof.start < proof.end else { throw .proofKind }
        guard proof.start == columns.lowerBound, proof.end == columns.upperBound else {
            throw .proofRange(expected: columns, actual: proof.start..<proof.end)
        }
        let leaves = shares.map { $0.bytes }
        let root = header.rowRoots[row]
        let holds =
            namespace.map {
                proof.verifyNamespace($0, leaves: leaves, root: root, leafCount: header.width)
            }
            ?? proof.verifyInclusion(
                namespace: shares[0].namespace, leaves: leaves, root: root,
                leafCount: header.width)
        guard holds else { throw .proofInvalid(.row, index: row) }
    }
}

/// A run of shares of one namespace, known to stand where it was asked for.
public struct RangeNamespaceData: Hashable, Sendable {
    /// The shares' indexes in the original square.
    public let range: Range<Int>
    /// The shares with their proofs, as they can be sent on.
    public let container: UnverifiedRangeNamespaceData

    /// For verification and for proofs made from a whole square; nobody else may trust.
    init(trusted container: UnverifiedRangeNamespaceData, range: Range<Int>) {
        self.container = container
        self.range = range
    }

    /// All shares in their order.
    public var shares: [Share] { container.rows.flatMap { $0 } }
}
