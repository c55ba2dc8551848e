// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import DataSquare

/// The file of one block: its roots and its original shares, in the form celestia-node writes.
///
/// ```text
/// byte 0        header version, 1
/// 1 ..< 65      [0] file version, 1; [1 ..< 28] zero; [28 ..< 30] share size, little-endian;
///               [30 ..< 32] extended width w, little-endian; [32 ..< 64] data root
/// 65 …          w row roots, then w column roots, 90 bytes each
/// then          the original shares, row by row, without the tail padding at their end
/// ```
/// Only whole canonical padding shares are left out, so any square comes back byte for byte. The
/// other three quadrants are computed in less time than reading them takes. Source: celestia-node
/// `store/file/ods.go`; so either software reads the other's files. Specified in
/// Protocol/18-storage-formats.md#square-file.
package enum SquareFile {
    /// The bytes before the roots.
    package static let fixedSizeBytes = 65
    /// The largest file there can be.
    package static let sizeMax =
        headerSizeBytes(width: SquareSize.upperBound) + SquareSize.sharesMax * Share.sizeBytes

    /// Where the shares start in the file of an original square `width` wide.
    package static func headerSizeBytes(width: Int) -> Int {
        fixedSizeBytes + 4 * width * NamespacedHash.sizeBytes
    }

    // MARK: Encoding

    /// All bytes before the shares.
    package static func encodeHeader(_ header: DataAvailabilityHeader) -> [UInt8] {
        var bytes: [UInt8] = [1, 1]
        bytes.reserveCapacity(headerSizeBytes(width: header.originalWidth))
        bytes.append(contentsOf: repeatElement(0, count: 27))
        bytes.append(littleEndian: UInt16(Share.sizeBytes))
        bytes.append(littleEndian: UInt16(header.width))
        bytes.append(header.dataRoot)
        for root in header.rowRoots { bytes.append(root.bytes) }
        for root in header.columnRoots { bytes.append(root.bytes) }
        return bytes
    }

    /// The shares that are written: all but the canonical tail padding at the end.
    ///
    /// Specified in Protocol/18-storage-formats.md#stored-shares.
    package static func storedShares(of square: OriginalDataSquare) -> ArraySlice<UInt8> {
        var count = square.width * square.width
        while count > 0, isTailPadding(square.shareBytes(at: count - 1)) { count -= 1 }
        return square.bytes[..<(count * Share.sizeBytes)]
    }

    private static func isTailPadding(_ share: ArraySlice<UInt8>) -> Bool {
        share.elementsEqual(Padding.tail.bytes)
    }

    // MARK: Decoding

    /// The original width, from the bytes before the roots; refuses what is of another format.
    package static func width(decoding bytes: [UInt8]) throws(DecodeFault) -> Int {
        var reader = ByteReader(bytes)
        guard try reader.byte() == 1 else { throw .malformed("not a square's file", at: 0) }
        guard try reader.byte() == 1 else { throw .malformed("unknown file version", at: 1) }
        guard try reader.slice(27).allSatisfy({ $0 == 0 }) else {
            throw .malformed("reserved bytes are not zero", at: 2)
        }
        guard try reader.littleEndian(UInt16.self) == UInt16(Share.sizeBytes) else {
            throw .malformed("unknown share size", at: 29)
        }
        let width = Int(try reader.littleEndian(UInt16.self))
        guard width % 2 == 0, SquareSize.isValid(width / 2) else {
            throw .malformed("\(width) is no width of an extended square", at: 31)
        }
        return width / 2
    }

    /// The data root that the bytes before the roots state.
    package static func statedDataRoot(_ bytes: [UInt8]) throws(DecodeFault) -> Bytes32 {
        try Bytes32(
            decoding: bytes.prefix(fixedSizeBytes).suffix(32), field: "data root", at: 33)
    }

    /// The roots, from exactly the bytes before the shares; they must give the stated data root.
    package static func decodeHeader(
        _ bytes: [UInt8]
    ) throws(DecodeFault) -> DataAvailabilityHeader {
        let width = 2 * (try width(decoding: bytes))
        let stated = try statedDataRoot(bytes)
        var reader = ByteReader(bytes[fixedSizeBytes...])
        var roots: [NamespacedHash] = []
        roots.reserveCapacity(2 * width)
        for _ in 0..<2 * width { roots.append(NamespacedHash(try reader.fixed())) }
        try reader.finish()
        let header = try DataAvailabilityHeader(
            rowRoots: Array(roots[..<width]), columnRoots: Array(roots[width...]))
        guard header.dataRoot == stated else {
            throw .malformed("the roots do not give the data root", at: 33)
        }
        return header
    }

    /// The square, from the shares that were written; the rest is tail padding.
    package static func decodeSquare(
        width: Int, storedShares: [UInt8]
    ) throws(DecodeFault) -> OriginalDataSquare {
        let total = width * width * Share.sizeBytes
        guard storedShares.count % Share.sizeBytes == 0, storedShares.count <= total else {
            throw DecodeFault(
                .wrongSize(field: "shares", expected: total, actual: storedShares.count))
        }
        var bytes = storedShares
        if bytes.count < total { bytes.reserveCapacity(total) }
        while bytes.count < total { bytes.append(contentsOf: Padding.tail.bytes) }
        do {
            return try OriginalDataSquare(width: width, bytes: bytes)
        } catch {
            throw .malformed("the shares are not in order of their namespaces")
        }
    }

    /// A whole file, of ours or of others; that the shares are those of the roots is not checked.
    package static func decode(
        _ bytes: [UInt8]
    ) throws(DecodeFault) -> (square: OriginalDataSquare, header: DataAvailabilityHeader) {
        let width = try width(decoding: bytes)
        let split = headerSizeBytes(width: width)
        guard bytes.count >= split else {
            throw DecodeFault(
                .truncated(needed: split - fixedSizeBytes, available: bytes.count - fixedSizeBytes),
                at: fixedSizeBytes)
        }
        let header = try decodeHeader(Array(bytes[..<split]))
        let square = try decodeSquare(width: width, storedShares: Array(bytes[split...]))
        return (square, header)
    }
}
