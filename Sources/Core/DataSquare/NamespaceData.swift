// SPDX-License-Identifier: Apache-2.0

/// One row's part of a namespace as somebody sent it: shares, or a proof that there are none.
///
/// Wire form: `shwap.RowNamespaceData { repeated Share shares = 1; proof.pb.Proof proof = 2 }`.
/// Specified in Protocol/07-share-exchange.md#row-namespace-data.
public struct UnverifiedRowNamespaceData: Hashable, Sendable {
    /// The shares of the namespace in the row, from left to right.
    public let shares: [Share]
    /// That they are all, or that there is none.
    public let proof: NamespaceProof

    /// Takes the parts as they came.
    public init(shares: [Share], proof: NamespaceProof) {
        self.shares = shares
        self.proof = proof
    }

    /// Makes trusted data, if these are all shares of `namespace` in `row`.
    ///
    /// The row's root must cover the namespace: of rows whose root says that they have none of it,
    /// nothing is asked and nothing taken.
    ///
    /// - Throws: `outside` for a row that the square does not have, `proofKind` for an empty proof
    ///   or shares beside a proof of absence, `proofInvalid` for any other flaw.
    public func verify(
        namespace: Namespace, row: Int, against header: DataAvailabilityHeader
    ) throws(VerificationFault) -> RowNamespaceData {
        guard row >= 0, row < header.width else { throw .outside(width: header.width) }
        guard !proof.isOutside, shares.isEmpty == proof.isAbsenceWithin else { throw .proofKind }
        let root = header.root(of: .row, row)
        guard root.covers(namespace),
            proof.verifyNamespace(
                namespace, leaves: shares.map { $0.bytes }, root: root, leafCount: header.width)
        else { throw .proofInvalid(.row, index: row) }
        return RowNamespaceData(trusted: self, row: row)
    }
}

/// All shares of a namespace in one row, known to be all.
public struct RowNamespaceData: Hashable, Sendable {
    /// Which row of the extended square.
    public let row: Int
    /// The shares with their proof, as they can be sent on.
    public let container: UnverifiedRowNamespaceData

    /// For verification and for proofs made from a whole square; nobody else may trust.
    init(trusted container: UnverifiedRowNamespaceData, row: Int) {
        self.row = row
        self.container = container
    }

    /// The shares, from left to right; none when the proof is of absence.
    public var shares: [Share] { container.shares }
    /// That they are all.
    public var proof: NamespaceProof { container.proof }
}

/// A namespace's shares in a whole square as somebody sent them.
///
/// On the wire the rows come one after another, each under its length; the single message
/// `shwap.NamespaceData { repeated RowNamespaceData namespaceData = 1 }` exists as well.
/// Specified in Protocol/07-share-exchange.md#namespace-data.
public struct UnverifiedNamespaceData: Hashable, Sendable {
    /// One part for each row whose root covers the namespace, top first.
    public let rows: [UnverifiedRowNamespaceData]

    /// Takes the rows as they came.
    public init(rows: [UnverifiedRowNamespaceData]) {
        self.rows = rows
    }

    /// Makes trusted data, if this is everything that the square has of `namespace`.
    ///
    /// - Throws: `wrongNamespace` for one that may not be asked for, `rowCount` for more or fewer
    ///   rows than the roots call for, and what each row's verification throws.
    public func verify(
        namespace: Namespace, against header: DataAvailabilityHeader
    ) throws(VerificationFault) -> NamespaceData {
        guard namespace.isValidForData else { throw .wrongNamespace }
        let indexes = header.rows(covering: namespace)
        guard indexes.count == rows.count else {
            throw .rowCount(expected: indexes.count, actual: rows.count)
        }
        var verified: [RowNamespaceData] = []
        verified.reserveCapacity(rows.count)
        for (row, part) in zip(indexes, rows) {
            verified.append(try part.verify(namespace: namespace, row: row, against: header))
        }
        return NamespaceData(trusted: verified, of: namespace)
    }
}

/// Everything that a square has of a namespace, known to be everything.
public struct NamespaceData: Hashable, Sendable {
    /// Whose shares.
    public let namespace: Namespace
    /// One part for each row whose root covers the namespace, top first.
    public let rows: [RowNamespaceData]

    /// For verification and for proofs made from a whole square; nobody else may trust.
    init(trusted rows: [RowNamespaceData], of namespace: Namespace) {
        self.namespace = namespace
        self.rows = rows
    }

    /// All shares in their order.
    public var shares: [Share] { rows.flatMap { $0.shares } }
    /// The rows as they can be sent on.
    public var container: UnverifiedNamespaceData {
        UnverifiedNamespaceData(rows: rows.map { $0.container })
    }
}

extension DataAvailabilityHeader {
    /// The rows whose roots leave room for `namespace`, top first.
    public func rows(covering namespace: Namespace) -> [Int] {
        rowRoots.indices.filter { rowRoots[$0].covers(namespace) }
    }
}
