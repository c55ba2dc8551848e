// SPDX-License-Identifier: Apache-2.0

internal import ErasureCoding

extension OriginalDataSquare {
    /// Rebuilds a square from the left halves of k rows of its extension, whichever they are.
    ///
    /// Only what is missing of the k left columns is decoded; whether the rows belong together shows
    /// when the square is extended again and compared with its roots.
    ///
    /// - Throws: `size` for another number of rows than k or of bytes in one, or a row that is twice
    ///   there or outside; else as `init(width:bytes:)`.
    public init(
        width: Int, leftHalves rows: [(index: Int, bytes: [UInt8])]
    ) throws(SquareFault) {
        guard width >= 1, width <= Self.widthMaximum, width.nonzeroBitCount == 1 else {
            throw .width(width)
        }
        let size = width * Share.sizeBytes
        let whole = width * size
        var isKept = [Bool](repeating: false, count: 2 * width)
        for row in rows {
            guard isKept.indices.contains(row.index), !isKept[row.index], row.bytes.count == size
            else { throw .size(expected: size, actual: row.bytes.count) }
            isKept[row.index] = true
        }
        guard rows.count == width else {
            throw .size(expected: whole, actual: rows.count * size)
        }
        if !isKept[..<width].contains(false) {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(whole)
            for row in rows.sorted(by: { $0.index < $1.index }) {
                bytes.append(contentsOf: row.bytes)
            }
            try self.init(width: width, bytes: bytes)
            return
        }
        try self.init(width: width, bytes: Self.decoded(rows, isKept, width: width))
    }

    /// The data rows, those that are missing decoded from the others.
    private static func decoded(
        _ rows: [(index: Int, bytes: [UInt8])], _ isKept: [Bool], width: Int
    ) -> [UInt8] {
        let size = width * Share.sizeBytes
        let code = AxisCode.of(width: width)
        let pattern: ErasurePattern
        do {
            pattern = try ErasurePattern(code, isKept: isKept)
        } catch {
            preconditionFailure("k rows are there")
        }
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 2 * width * size)
        defer { unsafe buffer.deallocate() }
        guard let start = buffer.baseAddress else { preconditionFailure("it has bytes") }
        for row in rows {
            unsafe row.bytes.withUnsafeBufferPointer { bytes in
                guard let source = bytes.baseAddress else { return }
                unsafe (start + row.index * size).initialize(from: source, count: size)
            }
        }
        unsafe code.restoreColumns(
            Array(0..<width), of: start, shareSize: Share.sizeBytes, pattern: pattern, pitch: size)
        return unsafe Array(UnsafeBufferPointer(start: start, count: width * size))
    }
}
