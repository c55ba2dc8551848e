// SPDX-License-Identifier: Apache-2.0

/// A block's data as k × k shares in row-major order (ODS), before extension.
///
/// Namespaces never decrease along a row or a column, so that every axis has a namespaced Merkle
/// tree. Specified in Protocol/02-square-layout.md.
public struct OriginalDataSquare: Hashable, Sendable {
    /// The largest k.
    public static let widthMaximum = 512

    /// Shares on a side, k: a power of two, 1…512.
    public let width: Int
    /// All shares, row-major: width² · 512 bytes.
    public let bytes: [UInt8]

    /// Takes shares in row-major order.
    ///
    /// - Throws: `width` or `size` for a wrong shape, `namespaceOrder` for an axis out of order.
    public init(width: Int, bytes: [UInt8]) throws(SquareFault) {
        guard width >= 1, width <= Self.widthMaximum, width.nonzeroBitCount == 1 else {
            throw .width(width)
        }
        let expected = width * width * ShareGrid.shareSizeBytes
        guard bytes.count == expected else {
            throw .size(expected: expected, actual: bytes.count)
        }
        try ShareGrid.checkNamespaceOrder(of: bytes, originalWidth: width, pitchShares: width)
        self.width = width
        self.bytes = bytes
    }

    /// Takes what its caller has checked.
    init(checkedWidth width: Int, bytes: [UInt8]) {
        self.width = width
        self.bytes = bytes
    }

    /// The 512 bytes of the share at a place in this square.
    public func shareBytes(row: Int, column: Int) -> ArraySlice<UInt8> {
        precondition(
            row >= 0 && row < width && column >= 0 && column < width, "a place in the square")
        return shareBytes(at: row * width + column)
    }

    /// The 512 bytes of the share at a row-major index.
    public func shareBytes(at index: Int) -> ArraySlice<UInt8> {
        let start = index * ShareGrid.shareSizeBytes
        return bytes[start..<start + ShareGrid.shareSizeBytes]
    }
}
