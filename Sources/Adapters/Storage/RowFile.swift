// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import DataSquare

/// The file of one block at a node that keeps a slice of each square: its roots, and half of each of
/// the slice's rows.
///
/// ```text
/// byte 0        header version, 2
/// 1 ..< 65      as in a square's file, but [1] is the slice's index, from 1, and [2] how many
///               slices there are
/// 65 …          w row roots, then w column roots, 90 bytes each
/// then          the left halves of the slice's rows, ascending, w/2 shares each
/// ```
/// It has the square file's header but for three bytes, so what is known of one serves for the
/// other. Specified in Protocol/18-storage-formats.md#row-file.
package enum RowFile {
    private static let version: UInt8 = 2
    /// Where the slice stands: its index, then the count.
    private static let slicePlace = 2

    /// The largest file there can be: half of the rows of the largest square, as large as its data.
    package static let sizeMax = SquareFile.sizeMax

    // MARK: Encoding

    /// All bytes before the shares.
    package static func encodeHeader(
        _ header: DataAvailabilityHeader, slice: RowSlice
    ) -> [UInt8] {
        var bytes = SquareFile.encodeHeader(header)
        bytes[0] = version
        bytes[slicePlace] = UInt8(slice.index)
        bytes[slicePlace + 1] = UInt8(slice.count)
        return bytes
    }

    // MARK: Decoding

    /// The slice and the roots, from exactly the bytes before the shares.
    package static func decodeHeader(
        _ bytes: [UInt8]
    ) throws(DecodeFault) -> (slice: RowSlice, header: DataAvailabilityHeader) {
        let (slice, plain) = try split(bytes)
        return (slice, try SquareFile.decodeHeader(plain))
    }

    /// A whole file: every row is held to its root.
    package static func decode(
        _ bytes: [UInt8]
    ) throws(DecodeFault) -> (slice: RowSlice, rows: KeptRows) {
        let (slice, plain) = try split(bytes)
        let headerSize = SquareFile.headerSizeBytes(width: try SquareFile.width(decoding: plain))
        guard bytes.count >= headerSize else {
            throw DecodeFault(.truncated(needed: headerSize, available: bytes.count))
        }
        let header = try SquareFile.decodeHeader(Array(plain[..<headerSize]))
        let indexes = slice.rows(width: header.width)
        let rowSize = header.originalWidth * Share.sizeBytes
        guard bytes.count - headerSize == indexes.count * rowSize else {
            throw DecodeFault(
                .wrongSize(
                    field: "rows", expected: indexes.count * rowSize,
                    actual: bytes.count - headerSize))
        }
        var rows: [Row] = []
        for (place, index) in indexes.enumerated() {
            let start = headerSize + place * rowSize
            rows.append(try row(index, half: bytes[start..<start + rowSize], header))
        }
        return (slice, KeptRows(rows, of: header))
    }

    /// A row from the bytes of its left half, held to its root.
    package static func row(
        _ index: Int, half bytes: ArraySlice<UInt8>, _ header: DataAvailabilityHeader
    ) throws(DecodeFault) -> Row {
        var half: [Share] = []
        var rest = bytes
        while !rest.isEmpty {
            half.append(try Share(decoding: Array(rest.prefix(Share.sizeBytes))))
            rest = rest.dropFirst(Share.sizeBytes)
        }
        do throws(VerificationFault) {
            return try UnverifiedRow(half: half, side: .left).verify(row: index, against: header)
        } catch {
            throw .malformed("row \(index) is not the one of its root")
        }
    }

    /// The slice, and the bytes as a square's file would have them.
    private static func split(_ bytes: [UInt8]) throws(DecodeFault) -> (RowSlice, [UInt8]) {
        guard bytes.count >= SquareFile.fixedSizeBytes else {
            throw DecodeFault(
                .truncated(needed: SquareFile.fixedSizeBytes, available: bytes.count))
        }
        guard bytes[0] == version else { throw .malformed("not a file of rows", at: 0) }
        guard
            let slice = RowSlice(
                Int(bytes[slicePlace]), of: Int(bytes[slicePlace + 1]))
        else { throw .malformed("no such slice of rows", at: slicePlace) }
        var plain = bytes
        plain[0] = 1
        plain[slicePlace] = 0
        plain[slicePlace + 1] = 0
        return (slice, plain)
    }
}
