// SPDX-License-Identifier: Apache-2.0

/// Some rows of a square, known to be the committed ones, and what they answer without the rest.
///
/// Each is kept by its left half, from which the other follows. Specified in
/// Protocol/16-retention.md#slice-answers.
public struct KeptRows: Sendable {
    /// The roots of the whole square.
    public let header: DataAvailabilityHeader
    /// The rows' indexes, ascending.
    public let indexes: [Int]
    private let halves: [[Share]]

    /// Takes verified rows of the square of `header`, in any order; one that comes twice counts once.
    public init(_ rows: [Row], of header: DataAvailabilityHeader) {
        var indexes: [Int] = []
        var halves: [[Share]] = []
        for row in rows.sorted(by: { $0.index < $1.index }) where indexes.last != row.index {
            precondition(row.shares.count == header.width, "a row of the header's square")
            indexes.append(row.index)
            halves.append(row.container.half)
        }
        self.header = header
        self.indexes = indexes
        self.halves = halves
    }

    /// Takes the rows of a slice out of a whole square.
    public init(_ slice: RowSlice, of square: CommittedSquare) {
        let prover = SquareProver(square)
        header = square.header
        indexes = slice.rows(width: square.header.width)
        halves = indexes.map { prover.row($0).container.half }
    }

    /// The left halves one after another, in the order of `indexes`, 512 bytes a share.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(indexes.count * header.originalWidth * Share.sizeBytes)
        for half in halves { for share in half { bytes += share.bytes } }
        return bytes
    }

    /// A row, if it is kept.
    public func row(_ index: Int) -> Row? {
        guard let place = indexes.firstIndex(of: index) else { return nil }
        return Row(trusted: AxisShares(half: halves[place], isParity: false).shares, index: index)
    }

    /// The share at a place with its proof to the row's root, if its row is kept.
    ///
    /// Hashes the row: slow beside `CommittedSquare.sample`, which has it hashed.
    public func sample(at place: Coordinate) -> VerifiedSample? {
        guard place.column >= 0, place.column < header.width,
            let tree = row(place.row).map({ RowTree($0, header: header) })
        else { return nil }
        return VerifiedSample(
            trusted: UnverifiedSample(
                share: tree.shares[place.column],
                proof: tree.proof(place.column..<place.column + 1), axis: .row),
            at: place)
    }

    /// Everything that the square has of a namespace; nil when a row that may have some is not kept.
    ///
    /// - Throws: `wrongNamespace` for parity, tail padding and what has no valid form.
    public func namespaceData(
        _ namespace: Namespace
    ) throws(VerificationFault) -> NamespaceData? {
        guard namespace.isValidForData else { throw .wrongNamespace }
        var found: [RowNamespaceData] = []
        for index in header.rows(covering: namespace) {
            guard let row = row(index) else { return nil }
            found.append(RowTree(row, header: header).data(of: namespace))
        }
        return NamespaceData(trusted: found, of: namespace)
    }
}

/// The tree over one row, hashed where a proof needs it.
private struct RowTree {
    let shares: [Share]
    private let index: Int
    private let tree: NamespacedMerkleTree

    init(_ row: Row, header: DataAvailabilityHeader) {
        index = row.index
        shares = row.shares
        var tree = NamespacedMerkleTree()
        for (column, share) in row.shares.enumerated() {
            let place = Coordinate(row: row.index, column: column)
            let namespace =
                place.isOriginal(width: header.width)
                ? ShareHeader(of: share.bytes[...]).namespace : .parity
            do throws(NamespacedMerkleTree.OrderFault) {
                try tree.push(namespace: namespace, data: share.bytes)
            } catch {
                preconditionFailure("the namespaces of a committed row are in order: \(error)")
            }
        }
        self.tree = tree
    }

    func proof(_ range: Range<Int>) -> NamespaceProof { tree.proof(of: range) }

    /// A namespace's shares in the row, or the proof that there are none; the root covers it.
    func data(of namespace: Namespace) -> RowNamespaceData {
        let proof = tree.proof(of: namespace)
        let found = proof.leafHash == nil ? Array(shares[proof.start..<proof.end]) : []
        return RowNamespaceData(
            trusted: UnverifiedRowNamespaceData(shares: found, proof: proof), row: index)
    }
}
