// SPDX-License-Identifier: Apache-2.0

internal import ErasureCoding

extension ExtendedDataSquare {
    /// Extends an original square: parity of rows to the right, then of all columns below.
    ///
    /// Specified in Protocol/03-erasure-coding.md#extension.
    public init(extending original: OriginalDataSquare, parallel: ParallelLoop = .serial) {
        let width = 2 * original.width
        let bytes = unsafe [UInt8](
            unsafeUninitializedCapacity: width * width * Share.sizeBytes
        ) { buffer, count in
            if let base = buffer.baseAddress {
                unsafe Self.fill(base, from: original, parallel: parallel)
            }
            count = width * width * Share.sizeBytes
        }
        self.init(checkedWidth: width, bytes: bytes)
    }

    /// Extends a square whose rows come one by one, so that it is never in memory beside its
    /// extension; `row` gives the k shares of a row, one after another.
    ///
    /// - Throws: `width`; `size` for a row of another size; `namespaceOrder`.
    public init(
        originalWidth: Int, parallel: ParallelLoop = .serial, row: (Int) -> [UInt8]
    ) throws(SquareFault) {
        guard originalWidth >= 1, originalWidth <= OriginalDataSquare.widthMaximum,
            originalWidth.nonzeroBitCount == 1
        else { throw .width(originalWidth) }
        let half = originalWidth * Share.sizeBytes
        let size = 4 * originalWidth * half
        var fault: SquareFault?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = size
            guard let base = buffer.baseAddress else { return }
            for index in 0..<originalWidth {
                let given = row(index)
                guard given.count == half else {
                    fault = .size(expected: half, actual: given.count)
                    count = 0
                    return
                }
                unsafe (base + index * 2 * half).initialize(from: given, count: half)
            }
            unsafe Self.extend(
                base, width: originalWidth, copying: nil, parallel: parallel)
        }
        if let fault { throw fault }
        try ShareGrid.checkNamespaceOrder(
            of: bytes, originalWidth: originalWidth, pitchShares: 2 * originalWidth)
        self.init(checkedWidth: 2 * originalWidth, bytes: bytes)
    }

    /// Becomes the extension of another original square of the same width, in the memory of this
    /// one: a node that takes a block every few seconds need not ask for 128 MiB each time.
    public mutating func refill(
        extending original: OriginalDataSquare, parallel: ParallelLoop = .serial
    ) {
        precondition(original.width == originalWidth, "a square of the same width")
        unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            unsafe Self.fill(base, from: original, parallel: parallel)
        }
    }

    /// Writes all four quadrants.
    private static func fill(
        _ square: UnsafeMutablePointer<UInt8>, from original: OriginalDataSquare,
        parallel: ParallelLoop
    ) {
        unsafe original.bytes.withUnsafeBufferPointer { bytes in
            unsafe extend(
                square, width: original.width, copying: bytes.baseAddress, parallel: parallel)
        }
    }

    /// Writes all quadrants but the first, and that too if it is given: then each row is extended
    /// while it is in the cache.
    private static func extend(
        _ square: UnsafeMutablePointer<UInt8>, width: Int, copying original: UnsafePointer<UInt8>?,
        parallel: ParallelLoop
    ) {
        let code = AxisCode.of(width: width)
        let half = width * Share.sizeBytes
        // Turns write to disjoint rows and columns.
        nonisolated(unsafe) let square = unsafe square
        nonisolated(unsafe) let original = unsafe original
        parallel.forEachRange(of: width, unit: 1) { rows in
            for row in rows {
                if let original = unsafe original {
                    unsafe (square + row * 2 * half).initialize(
                        from: original + row * half, count: half)
                }
                unsafe code.extendRows(row..<row + 1, of: square, shareSize: Share.sizeBytes)
            }
        }
        parallel.forEachRange(of: 2 * width, unit: 4) { columns in
            unsafe code.extendColumns(columns, of: square, shareSize: Share.sizeBytes)
        }
    }
}
