// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Chain
package import DataSquare

/// The store of a node that keeps a slice of each square: the same steps, other files.
extension SquareStore {
    /// Keeps the rows of a slice at a height; when it returns they survive a power cut.
    ///
    /// - Throws: `misuse` for rows that are not those of the store's slice, `conflict` for a height
    ///   that has another square.
    package func put(_ rows: KeptRows, at height: Height) throws(StorageFault) {
        guard let slice, rows.indexes == slice.rows(width: rows.header.width) else {
            throw .misuse("the rows are not those that this store keeps")
        }
        try put(
            contents: [
                Content(
                    height: height, dataRoot: rows.header.dataRoot,
                    width: rows.header.originalWidth,
                    header: RowFile.encodeHeader(rows.header, slice: slice),
                    shares: rows.bytes[...])
            ]) { (_) throws(StorageFault) in }
    }

    /// Those of the wanted rows of a block that this store keeps, held to their roots.
    ///
    /// `wanted` is told the roots.
    package func rows(
        _ key: BlockKey, wanted: (DataAvailabilityHeader) -> [Int]
    ) throws(StorageFault) -> KeptRows {
        guard let slice else { throw .missing }
        let (dataRoot, record) = try locate(key)
        let header = try header(.dataRoot(dataRoot))
        let kept = slice.rows(width: header.width)
        var rows: [Row] = []
        for index in wanted(header) {
            guard let place = kept.firstIndex(of: index) else { continue }
            let range = place * record.width..<(place + 1) * record.width
            let half = try storedShares(dataRoot, record, range)
            do throws(DecodeFault) {
                rows.append(try RowFile.row(index, half: half[...], header))
            } catch {
                try exclusively { () throws(StorageFault) in try markDamaged([dataRoot]) }
                let segment = range.lowerBound / SquareRecord.segmentShareCount
                throw .corrupt(.square(dataRoot: dataRoot, segment: segment))
            }
        }
        return KeptRows(rows, of: header)
    }

    /// Holds every byte of a block's rows to its checksum, and some rows to their roots.
    func rowsIntegrity(_ key: BlockKey, rows: [Int], of slice: RowSlice) throws(StorageFault)
        -> Int
    {
        let (dataRoot, record) = try locate(key)
        _ = try storedShares(dataRoot, record, 0..<record.storedShareCount)
        let kept = slice.rows(width: 2 * record.width)
        _ = try self.rows(.dataRoot(dataRoot)) { _ in rows.map { kept[$0 % kept.count] } }
        return record.fileSizeBytes
    }

    /// What the index is to know of a file that was found, if it is the one of its name.
    static func record(
        ofRows bytes: [UInt8], _ dataRoot: Bytes32, slice: RowSlice
    ) -> SquareRecord? {
        do throws(DecodeFault) {
            let (found, rows) = try RowFile.decode(bytes)
            guard found == slice, rows.header.dataRoot == dataRoot else { return nil }
            let split = SquareFile.headerSizeBytes(width: rows.header.originalWidth)
            return SquareRecord(
                width: rows.header.originalWidth, header: Array(bytes[..<split]),
                storedShares: bytes[split...])
        } catch {
            return nil
        }
    }
}
