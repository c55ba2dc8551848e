// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import DataSquare

/// Reading a stored square again, to find out whether it is still what was written.
extension SquareStore {
    /// Holds every byte of a block's file to its checksum, and some rows to their roots; what fails
    /// is damaged from then on.
    ///
    /// A checksum shows what the disk did to the bytes; only the roots show what was done to them
    /// before they were summed. Each of `rows` is taken by its rest in the original width.
    ///
    /// - Returns: How many bytes were read.
    package func integrity(_ key: BlockKey, rows: [Int]) throws(StorageFault) -> Int {
        if let slice { return try rowsIntegrity(key, rows: rows, of: slice) }
        let (dataRoot, record) = try locate(key)
        let header = try header(.dataRoot(dataRoot))
        let square = try square(.dataRoot(dataRoot))
        for row in rows {
            let row = row % record.width
            let shares = (0..<record.width).map {
                Array(square.shareBytes(at: row * record.width + $0))
            }
            do {
                let half = try shares.map { try Share(decoding: $0) }
                _ = try UnverifiedRow(half: half, side: .left).verify(row: row, against: header)
            } catch {
                try exclusively { () throws(StorageFault) in try markDamaged([dataRoot]) }
                throw .corrupt(
                    .square(
                        dataRoot: dataRoot,
                        segment: row * record.width / SquareRecord.segmentShareCount))
            }
        }
        return record.fileSizeBytes
    }
}
