// SPDX-License-Identifier: Apache-2.0

/// Rows and columns of a whole square: 2k × 2k shares of `shareSize` bytes, row-major in one buffer.
///
/// Rows are contiguous and worked on where they lie. Columns lie a power of two apart, where caches
/// hold few lines; each is gathered into a tile whose rows are packed, worked on there, and written
/// back past the caches.
extension AxisCode {
    /// Fills the right half of some of the upper rows from their left half.
    public func extendRows(
        _ rows: Range<Int>, of square: UnsafeMutablePointer<UInt8>, shareSize: Int,
        level: KernelLevel = .best
    ) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= width, "rows of the upper half")
        let pitch = 2 * width * shareSize
        for row in rows {
            let start = square + row * pitch
            encode(
                start, stride: shareSize, parity: start + pitch / 2, parityStride: shareSize,
                size: shareSize, level: level)
        }
    }

    /// Shares side by side in a tile: enough that memory is read in runs, few enough for the caches.
    private static var tileShares: Int { 4 }

    /// Fills the lower half of some columns from their upper half.
    public func extendColumns(
        _ columns: Range<Int>, of square: UnsafeMutablePointer<UInt8>, shareSize: Int,
        level: KernelLevel = .best
    ) {
        precondition(columns.lowerBound >= 0 && columns.upperBound <= 2 * width, "its columns")
        let pitch = 2 * width * shareSize
        withTile(rows: width, shareSize: shareSize) { tile, tilePitch in
            for first in stride(
                from: columns.lowerBound, to: columns.upperBound, by: Self.tileShares)
            {
                let size = min(Self.tileShares, columns.upperBound - first) * shareSize
                let top = square + first * shareSize
                LeopardKernels.gather(
                    from: top, stride: pitch, into: tile, targetStride: tilePitch, count: width,
                    width: size)
                encode(
                    tile, stride: tilePitch, parity: tile, parityStride: tilePitch, size: size,
                    level: level)
                LeopardKernels.scatter(
                    from: tile, stride: tilePitch, into: top + width * pitch, targetStride: pitch,
                    count: width, width: size)
            }
        }
    }

    /// Restores some columns, all of which lost the same shares.
    ///
    /// `pitch` is the bytes from one row to the next; nil is those of a whole extended square.
    public func restoreColumns(
        _ columns: [Int], of square: UnsafeMutablePointer<UInt8>, shareSize: Int,
        pattern: ErasurePattern, pitch: Int? = nil, level: KernelLevel = .best
    ) {
        let pitch = pitch ?? 2 * width * shareSize
        withTile(rows: 2 * width, shareSize: shareSize) { tile, tilePitch in
            var done = 0
            while done < columns.count {
                let first = columns[done]
                var count = 1
                while count < Self.tileShares, done + count < columns.count,
                    columns[done + count] == first + count
                {
                    count += 1
                }
                done += count
                precondition(
                    first >= 0 && (first + count) * shareSize <= pitch, "its columns")
                let top = square + first * shareSize
                LeopardKernels.gather(
                    from: top, stride: pitch, into: tile, targetStride: tilePitch,
                    count: 2 * width, width: count * shareSize, chosen: pattern.keptShares)
                restore(
                    tile, stride: tilePitch, size: count * shareSize, pattern: pattern,
                    level: level)
                LeopardKernels.scatter(
                    from: tile, stride: tilePitch, into: top, targetStride: pitch,
                    count: 2 * width, width: count * shareSize, chosen: pattern.lostShares)
            }
        }
    }

    /// Restores some rows, all of which lost the same shares.
    public func restoreRows(
        _ rows: [Int], of square: UnsafeMutablePointer<UInt8>, shareSize: Int,
        pattern: ErasurePattern, level: KernelLevel = .best
    ) {
        let pitch = 2 * width * shareSize
        for row in rows {
            precondition(row >= 0 && row < 2 * width, "its rows")
            restore(
                square + row * pitch, stride: shareSize, size: shareSize, pattern: pattern,
                level: level)
        }
    }

    /// Whether the right half of some rows is the parity of their left half.
    public func areRowsEncoded(
        _ rows: Range<Int>, of square: UnsafePointer<UInt8>, shareSize: Int,
        level: KernelLevel = .best
    ) -> Bool {
        let pitch = 2 * width * shareSize
        var agree = true
        withUnsafeTemporaryAllocation(byteCount: pitch / 2, alignment: 64) { parity in
            guard let base = parity.baseAddress else { return }
            let parity = base.bindMemory(to: UInt8.self, capacity: pitch / 2)
            for row in rows where agree {
                let start = square + row * pitch
                encode(
                    start, stride: shareSize, parity: parity, parityStride: shareSize,
                    size: shareSize, level: level)
                agree = LeopardKernels.equal(parity, start + pitch / 2, size: pitch / 2)
            }
        }
        return agree
    }

    /// Whether the lower half of some columns is the parity of their upper half.
    public func areColumnsEncoded(
        _ columns: Range<Int>, of square: UnsafePointer<UInt8>, shareSize: Int,
        level: KernelLevel = .best
    ) -> Bool {
        let pitch = 2 * width * shareSize
        var agree = true
        withTile(rows: width, shareSize: shareSize) { tile, tilePitch in
            for first in stride(
                from: columns.lowerBound, to: columns.upperBound, by: Self.tileShares)
            {
                let size = min(Self.tileShares, columns.upperBound - first) * shareSize
                let top = square + first * shareSize
                LeopardKernels.gather(
                    from: top, stride: pitch, into: tile, targetStride: tilePitch, count: width,
                    width: size)
                encode(
                    tile, stride: tilePitch, parity: tile, parityStride: tilePitch, size: size,
                    level: level)
                for row in 0..<width where agree {
                    agree = LeopardKernels.equal(
                        tile + row * tilePitch, top + (width + row) * pitch, size: size)
                }
            }
        }
        return agree
    }

    /// Memory for shares whose distance is no power of two.
    private func withTile(
        rows: Int, shareSize: Int, _ body: (UnsafeMutablePointer<UInt8>, Int) -> Void
    ) {
        let pitch = LeopardKernels.tileStride(width: Self.tileShares * shareSize)
        withUnsafeTemporaryAllocation(byteCount: rows * pitch, alignment: 64) { tile in
            guard let base = tile.baseAddress else { return }
            body(base.bindMemory(to: UInt8.self, capacity: rows * pitch), pitch)
        }
    }
}
