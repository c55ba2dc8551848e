// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// An extended square with its header, and with all that proofs about it need.
///
/// The digests of leaves and inner nodes are kept (96 bytes a share, a fifth of the square), so that
/// any proof is read off, not hashed.
public struct CommittedSquare: Sendable {
    /// The square.
    public let square: ExtendedDataSquare
    /// Its roots.
    public let header: DataAvailabilityHeader
    private let forest: SquareForest

    /// Hashes a square, each leaf once.
    public init(_ square: ExtendedDataSquare, parallel: ParallelLoop = .serial) {
        self.square = square
        forest = SquareForest(of: square, keepsInner: true, parallel: parallel)
        header = forest.header
    }

    /// SHA-256 compressions that the trees took; it depends on the width alone.
    public var compressionCount: Int { forest.compressionCount }

    /// The node over some leaves of an axis: as many as a power of two, from a multiple of it.
    public func node(_ axis: Axis, _ index: Int, over range: Range<Int>) -> NamespacedHash {
        precondition(index >= 0 && index < square.width, "an axis of the square")
        precondition(
            range.lowerBound >= 0 && range.upperBound <= square.width
                && range.count.nonzeroBitCount == 1
                && range.lowerBound.isMultiple(of: range.count), "a subtree of the axis")
        let place = forest.digestPlace(axis, index, over: range)
        let (least, greatest) = namespacePlaces(axis, index, over: range)
        var node = FixedBytes<90>(repeating: 0xFF)
        for offset in 0..<Namespace.sizeBytes {
            if let least { node[offset] = square.bytes[least + offset] }
            if let greatest { node[29 + offset] = square.bytes[greatest + offset] }
        }
        for offset in 0..<SquareForest.digestSize {
            node[58 + offset] = forest.store[place + offset]
        }
        return NamespacedHash(node)
    }

    /// The proof that the shares of a range, at least one, stand where they do on an axis.
    public func proof(_ axis: Axis, _ index: Int, of range: Range<Int>) -> NamespaceProof {
        precondition(
            range.lowerBound >= 0 && !range.isEmpty && range.upperBound <= square.width,
            "shares of the axis")
        return NamespaceProof(
            start: range.lowerBound, end: range.upperBound, nodes: nodes(axis, index, around: range)
        )
    }

    /// A share with its proof.
    public func sample(at place: Coordinate, axis: Axis = .row) -> VerifiedSample {
        let position = place.position(on: axis)
        let share = Share(counted: [UInt8](square.shareBytes(at: place)))
        let proof = proof(axis, place.index(of: axis), of: position..<position + 1)
        return VerifiedSample(
            trusted: UnverifiedSample(share: share, proof: proof, axis: axis), at: place)
    }

    /// The subtrees beside a range, from left to right.
    private func nodes(
        _ axis: Axis, _ index: Int, around range: Range<Int>
    ) -> [NamespacedHash] {
        var nodes: [NamespacedHash] = []
        nodes.reserveCapacity(2 * (square.width.trailingZeroBitCount))
        var left = 0
        while left < range.lowerBound {
            let count = 1 << (range.lowerBound - left).mostSignificantBit
            nodes.append(node(axis, index, over: left..<left + count))
            left += count
        }
        var right = range.upperBound
        while right < square.width {
            let count = 1 << right.trailingZeroBitCount
            nodes.append(node(axis, index, over: right..<right + count))
            right += count
        }
        return nodes
    }

    /// Where in the square the least and the greatest namespace below a node stand; nil for parity.
    private func namespacePlaces(
        _ axis: Axis, _ index: Int, over range: Range<Int>
    ) -> (least: Int?, greatest: Int?) {
        let half = square.originalWidth
        guard index < half, range.lowerBound < half else { return (nil, nil) }
        func place(_ position: Int) -> Int {
            let cell = Coordinate(axis, index, position: position)
            return (cell.row * square.width + cell.column) * Share.sizeBytes
        }
        var last = min(range.upperBound, half) - 1
        // A share of the original quadrant may bear the parity namespace; maxima pass over it.
        while last > range.lowerBound, isParity(at: place(last)) { last -= 1 }
        return (place(range.lowerBound), place(last))
    }

    private func isParity(at place: Int) -> Bool {
        for offset in 0..<Namespace.sizeBytes where square.bytes[place + offset] != 0xFF {
            return false
        }
        return true
    }
}

extension ExtendedDataSquare {
    /// The roots of all rows and columns, and the data root; each leaf is hashed once.
    public func commit(parallel: ParallelLoop = .serial) -> DataAvailabilityHeader {
        SquareForest(of: self, keepsInner: false, parallel: parallel).header
    }
}

extension SquareForest {
    /// The roots as a header.
    var header: DataAvailabilityHeader {
        var roots: [NamespacedHash] = []
        roots.reserveCapacity(2 * width)
        for index in 0..<2 * width { roots.append(root(index)) }
        do {
            return try DataAvailabilityHeader(
                rowRoots: Array(roots[..<width]), columnRoots: Array(roots[width...]))
        } catch {
            preconditionFailure("as many row roots as column roots, a width of squares")
        }
    }

    /// The root of a row, or past those of a column.
    private func root(_ index: Int) -> NamespacedHash {
        let start = Self.rootsStart(width: width) + index * NamespacedHash.sizeBytes
        var bytes = FixedBytes<90>()
        for offset in 0..<NamespacedHash.sizeBytes { bytes[offset] = store[start + offset] }
        return NamespacedHash(bytes)
    }

    /// Where in the store the digest of a subtree stands.
    func digestPlace(_ axis: Axis, _ index: Int, over range: Range<Int>) -> Int {
        let height = range.count.trailingZeroBitCount
        guard height > 0 else {
            let cell = Coordinate(axis, index, position: range.lowerBound)
            return (cell.row * width + cell.column) * Self.digestSize
        }
        let group = Self.groupSize(width: width)
        let first = index / group * group + (axis == .row ? 0 : width)
        let below = group * (width - width >> (height - 1))
        let inLevel = index % group * (width >> height) + range.lowerBound >> height
        return Self.innerStart(width: width)
            + (first * (width - 1) + below + inLevel) * Self.digestSize
    }
}

extension Int {
    /// The place of the highest bit of a positive number.
    fileprivate var mostSignificantBit: Int { bitWidth - 1 - leadingZeroBitCount }
}
