// SPDX-License-Identifier: Apache-2.0

/// Makes, from a whole square, every piece and proof that others may ask for.
///
/// The pieces are of the trusted types, since whoever holds the square has checked it against its
/// header; their `container` is what goes over the wire.
/// Specified in Protocol/07-share-exchange.md#serving.
public struct SquareProver: Sendable {
    /// The square.
    public let square: ExtendedDataSquare
    /// What commits to it.
    public let header: DataAvailabilityHeader

    private let nodes: any SubtreeNodes

    init(square: ExtendedDataSquare, header: DataAvailabilityHeader, nodes: any SubtreeNodes) {
        precondition(square.width == header.width, "the square's own header")
        self.square = square
        self.header = header
        self.nodes = nodes
    }

    /// Reads every proof off the digests of a committed square, without hashing.
    public init(_ committed: CommittedSquare) {
        self.init(square: committed.square, header: committed.header, nodes: committed)
    }

    /// Proves by hashing each axis anew, where it is asked for; `header` must be that of `square`.
    public init(square: ExtendedDataSquare, header: DataAvailabilityHeader) {
        self.init(square: square, header: header, nodes: HashedAxes(square: square))
    }

    /// The share at a place of the square, with a proof to the root of its row or column.
    public func sample(at coordinate: Coordinate, axis: Axis = .row) -> VerifiedSample {
        precondition(coordinate.isInside(width: square.width), "a place in the square")
        let position = coordinate.position(on: axis)
        let proof = proof(axis, coordinate.index(of: axis), position..<position + 1)
        return VerifiedSample(
            trusted: UnverifiedSample(share: share(at: coordinate), proof: proof, axis: axis),
            at: coordinate)
    }

    /// A whole row.
    public func row(_ index: Int) -> Row {
        Row(trusted: shares(in: index, 0..<square.width), index: index)
    }

    /// A namespace's part of a row, or nil where the row's root says that it has none.
    public func rowNamespaceData(_ namespace: Namespace, row: Int) -> RowNamespaceData? {
        guard header.rowRoots[row].covers(namespace) else { return nil }
        let columns = self.columns(of: namespace, in: row)
        let place = columns.isEmpty ? columns.lowerBound..<columns.lowerBound + 1 : columns
        let proof = proof(.row, row, place)
        guard columns.isEmpty else {
            return RowNamespaceData(
                trusted: UnverifiedRowNamespaceData(shares: shares(in: row, columns), proof: proof),
                row: row)
        }
        let absence = NamespaceProof(
            start: proof.start, end: proof.end, nodes: proof.nodes,
            leafHash: nodes.node(.row, row, over: place))
        return RowNamespaceData(
            trusted: UnverifiedRowNamespaceData(shares: [], proof: absence), row: row)
    }

    /// Everything that the square has of a namespace which may be asked for.
    ///
    /// - Throws: `wrongNamespace` for parity, tail padding and what has no valid form.
    public func namespaceData(
        _ namespace: Namespace
    ) throws(VerificationFault) -> NamespaceData {
        guard namespace.isValidForData else { throw .wrongNamespace }
        return NamespaceData(
            trusted: header.rows(covering: namespace).compactMap {
                rowNamespaceData(namespace, row: $0)
            }, of: namespace)
    }

    /// A run of shares of the original square, which must be of one namespace.
    ///
    /// - Throws: `outside` for a run that the square does not have, `wrongNamespace` for one that
    ///   mixes namespaces.
    public func range(_ range: Range<Int>) throws(VerificationFault) -> RangeNamespaceData {
        let parts = try parts(of: range)
        let proofs = parts.map { part in
            part.columns.count == header.originalWidth
                ? nil : proof(.row, part.row, part.columns)
        }
        return RangeNamespaceData(
            trusted: UnverifiedRangeNamespaceData(
                rows: parts.map { shares(in: $0.row, $0.columns) },
                firstRowProof: proofs[0],
                lastRowProof: parts.count > 1 ? proofs[proofs.count - 1] : nil),
            range: range)
    }

    /// The share at a place.
    func share(at coordinate: Coordinate) -> Share {
        Share(counted: Array(square.shareBytes(at: coordinate)))
    }

    /// The shares of some columns of a row.
    func shares(in row: Int, _ columns: Range<Int>) -> [Share] {
        columns.map { share(at: Coordinate(row: row, column: $0)) }
    }

    /// The proof of some leaves of an axis.
    func proof(_ axis: Axis, _ index: Int, _ range: Range<Int>) -> NamespaceProof {
        NamespaceProof(
            start: range.lowerBound, end: range.upperBound,
            nodes: NamespaceRangeFold.outside(of: range, leafCount: square.width).map {
                nodes.node(axis, index, over: $0)
            })
    }

    /// The node over an aligned subtree of an axis.
    func node(_ axis: Axis, _ index: Int, over range: Range<Int>) -> NamespacedHash {
        nodes.node(axis, index, over: range)
    }

    /// A run of the original square cut into rows.
    ///
    /// - Throws: `outside`, or `wrongNamespace` when it mixes namespaces.
    func parts(
        of range: Range<Int>
    ) throws(VerificationFault) -> [(row: Int, columns: Range<Int>)] {
        let width = header.originalWidth
        guard range.lowerBound >= 0, !range.isEmpty, range.upperBound <= width * width else {
            throw .outside(width: header.width)
        }
        let ends = [range.lowerBound, range.upperBound - 1].map {
            namespace(Coordinate(row: $0 / width, column: $0 % width))
        }
        guard ends[0] == ends[1] else { throw .wrongNamespace }
        return (range.lowerBound / width...(range.upperBound - 1) / width).map { row in
            let part = range.clamped(to: row * width..<(row + 1) * width)
            let start = part.lowerBound - row * width
            return (row, start..<start + part.count)
        }
    }

    /// The columns of a row's shares of `namespace`; empty at the place where they would be.
    private func columns(of namespace: Namespace, in row: Int) -> Range<Int> {
        let leaves = { (column: Int) -> Namespace in
            let place = Coordinate(row: row, column: column)
            return place.isOriginal(width: square.width) ? self.namespace(place) : .parity
        }
        let start = Self.first(in: 0..<square.width) { leaves($0) >= namespace }
        return start..<Self.first(in: start..<square.width) { leaves($0) > namespace }
    }

    private func namespace(_ coordinate: Coordinate) -> Namespace {
        ShareHeader(of: square.shareBytes(at: coordinate)).namespace
    }

    /// The first place in a range where `holds` begins to hold; its end when it never does.
    private static func first(in range: Range<Int>, where holds: (Int) -> Bool) -> Int {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// Who knows the nodes of a square's trees.
protocol SubtreeNodes: Sendable {
    /// The node over `range`, an aligned power of two of leaves, of an axis.
    func node(_ axis: Axis, _ index: Int, over range: Range<Int>) -> NamespacedHash
}

extension CommittedSquare: SubtreeNodes {}

/// Nodes that are hashed when they are asked for.
private struct HashedAxes: SubtreeNodes {
    let square: ExtendedDataSquare

    func node(_ axis: Axis, _ index: Int, over range: Range<Int>) -> NamespacedHash {
        var line: [UInt8] = []
        line.reserveCapacity(range.count * Share.sizeBytes)
        for position in range {
            line += square.shareBytes(at: Coordinate(axis, index, position: position))
        }
        let half = square.originalWidth
        let original = index < half ? range.clamped(to: 0..<half).count : 0
        guard range.count > 1 else {
            let namespace = original > 0 ? ShareHeader(of: line[...]).namespace : .parity
            return NamespacedHash.leaf(namespace: namespace, data: line)
        }
        guard let root = AxisTree.root(of: line, originalCount: original) else {
            preconditionFailure("the namespaces of a square are in order")
        }
        return root
    }
}
