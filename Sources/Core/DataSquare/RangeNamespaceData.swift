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
