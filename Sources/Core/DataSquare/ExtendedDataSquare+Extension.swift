// SPDX-License-Identifier: Apache-2.0

internal import ErasureCoding

extension ExtendedDataSquare {
    /// Extends an original square: parity of rows to the right, then of all columns below.
    ///
    /// Specified in celestia-app specs/data_structures (2D Reed–Solomon).
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
        let code = AxisCode.of(width: original.width)
        let half = original.width * Share.sizeBytes
        // Turns write to disjoint rows and columns.
        nonisolated(unsafe) let square = unsafe square
        parallel.forEachRange(of: original.width, unit: 1) { rows in
            unsafe original.bytes.withUnsafeBufferPointer { bytes in
                guard let base = bytes.baseAddress else { return }
                for row in rows {
                    unsafe (square + row * 2 * half).initialize(
                        from: base + row * half, count: half)
                }
            }
            unsafe code.extendRows(rows, of: square, shareSize: Share.sizeBytes)
        }
        parallel.forEachRange(of: 2 * original.width, unit: 2) { columns in
            unsafe code.extendColumns(columns, of: square, shareSize: Share.sizeBytes)
        }
    }
}
