// SPDX-License-Identifier: Apache-2.0

/// A block's data with its parity: 2k × 2k shares in one flat row-major buffer (EDS).
///
/// The top left quadrant is the original square; every row and every column is a codeword of the
/// Leopard code, so any k shares of it give the rest. The type promises the shape and that the
/// original quadrant's namespaces are in order, which makes committing total; that the parity is
/// right is promised only by `init(extending:)` and by repair.
public struct ExtendedDataSquare: Hashable, Sendable {
    /// The largest 2k.
    public static let widthMaximum = 2 * OriginalDataSquare.widthMaximum

    /// Shares on a side, 2k: a power of two, 2…1024.
    public let width: Int
    /// All shares, row-major: width² · 512 bytes.
    public internal(set) var bytes: [UInt8]

    /// Takes shares in row-major order; nobody has checked the parity.
    ///
    /// - Throws: `width` or `size` for a wrong shape, `namespaceOrder` for an axis out of order.
    public init(width: Int, bytes: [UInt8]) throws(SquareFault) {
        guard width >= 2, width <= Self.widthMaximum, width.nonzeroBitCount == 1 else {
            throw .width(width)
        }
        let expected = width * width * ShareGrid.shareSizeBytes
        guard bytes.count == expected else {
            throw .size(expected: expected, actual: bytes.count)
        }
        try ShareGrid.checkNamespaceOrder(of: bytes, originalWidth: width / 2, pitchShares: width)
        self.init(checkedWidth: width, bytes: bytes)
    }

    /// Takes what its caller has checked.
    init(checkedWidth width: Int, bytes: [UInt8]) {
        self.width = width
        self.bytes = bytes
    }

    /// Shares on a side of the original quadrant, k.
    public var originalWidth: Int { width / 2 }

    /// The 512 bytes of the share at a place.
    public func shareBytes(row: Int, column: Int) -> ArraySlice<UInt8> {
        precondition(
            row >= 0 && row < width && column >= 0 && column < width, "a place in the square")
        let start = (row * width + column) * ShareGrid.shareSizeBytes
        return bytes[start..<start + ShareGrid.shareSizeBytes]
    }

    /// The 512 bytes of the share at a place.
    public func shareBytes(at place: Coordinate) -> ArraySlice<UInt8> {
        shareBytes(row: place.row, column: place.column)
    }

    /// The shares of one axis, one after another: width · 512 bytes.
    public func axisBytes(_ axis: Axis, _ index: Int) -> [UInt8] {
        precondition(index >= 0 && index < width, "an axis of the square")
        let size = ShareGrid.shareSizeBytes
        if axis == .row { return [UInt8](bytes[index * width * size..<(index + 1) * width * size]) }
        var copy: [UInt8] = []
        copy.reserveCapacity(width * size)
        for row in 0..<width { copy.append(contentsOf: shareBytes(row: row, column: index)) }
        return copy
    }

    /// The top left quadrant, copied.
    public var originalSquare: OriginalDataSquare {
        let rowSize = originalWidth * ShareGrid.shareSizeBytes
        var copy: [UInt8] = []
        copy.reserveCapacity(originalWidth * rowSize)
        for row in 0..<originalWidth {
            copy.append(contentsOf: bytes[row * 2 * rowSize..<row * 2 * rowSize + rowSize])
        }
        return OriginalDataSquare(checkedWidth: originalWidth, bytes: copy)
    }

    /// Whether a place lies in the original quadrant, where a leaf keeps the share's namespace.
    public func isOriginal(row: Int, column: Int) -> Bool {
        row < originalWidth && column < originalWidth
    }
}
