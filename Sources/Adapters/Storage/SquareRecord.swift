// SPDX-License-Identifier: Apache-2.0

package import Bytes
internal import DataSquare

/// What the index knows of one square's file: enough to read any part of it and trust the bytes.
///
/// The shares are summed in segments of 32 (16 KiB), so that reading one share reads 16 KiB, not a
/// file of up to 128 MiB; and a row of 32 shares or more is a whole number of segments.
package struct SquareRecord: Hashable, Sendable {
    /// How many shares one checksum covers.
    package static let segmentShareCount = 32
    /// How many bytes one checksum covers; the last may cover fewer.
    package static let segmentSizeBytes = segmentShareCount * Share.sizeBytes
    private static let version: UInt8 = 1

    /// The width of the original square.
    package let width: Int
    /// How many shares the file holds; those after them are tail padding.
    package let storedShareCount: Int
    /// The checksum of all bytes before the shares.
    package let headerChecksum: UInt32
    /// The checksums of the shares, segment by segment.
    package let segmentChecksums: [UInt32]

    /// Where the shares start in the file.
    package var headerSizeBytes: Int { SquareFile.headerSizeBytes(width: width) }
    /// How large the file is.
    package var fileSizeBytes: Int { headerSizeBytes + storedShareCount * Share.sizeBytes }
    /// Whether the square has nothing but padding, as blocks without transactions do.
    package var isEmpty: Bool { storedShareCount == 0 }

    /// Sums the two parts of a file.
    package init(width: Int, header: [UInt8], storedShares: ArraySlice<UInt8>) {
        precondition(storedShares.count % Share.sizeBytes == 0, "shares are whole")
        self.width = width
        storedShareCount = storedShares.count / Share.sizeBytes
        headerChecksum = Checksum.of(header)
        segmentChecksums = stride(
            from: storedShares.startIndex, to: storedShares.endIndex, by: Self.segmentSizeBytes
        ).map { start in
            let end = min(start + Self.segmentSizeBytes, storedShares.endIndex)
            return Checksum.of(storedShares[start..<end])
        }
    }

    /// Its bytes in the index.
    package func encode() -> [UInt8] {
        var bytes: [UInt8] = [Self.version]
        bytes.reserveCapacity(11 + 4 * segmentChecksums.count)
        bytes.append(bigEndian: UInt16(width))
        bytes.append(bigEndian: UInt32(storedShareCount))
        bytes.append(bigEndian: headerChecksum)
        for sum in segmentChecksums { bytes.append(bigEndian: sum) }
        return bytes
    }

    /// Decodes a value of the index.
    package init(decoding bytes: [UInt8]) throws(DecodeFault) {
        var reader = ByteReader(bytes)
        guard try reader.byte() == Self.version else {
            throw .malformed("unknown version of a square's record")
        }
        width = Int(try reader.bigEndian(UInt16.self))
        storedShareCount = Int(try reader.bigEndian(UInt32.self))
        guard SquareSize.isValid(width), storedShareCount <= width * width else {
            throw .malformed("a square's record names an impossible size", at: 1)
        }
        headerChecksum = try reader.bigEndian()
        let segmentCount =
            (storedShareCount + Self.segmentShareCount - 1) / Self.segmentShareCount
        var sums: [UInt32] = []
        sums.reserveCapacity(segmentCount)
        for _ in 0..<segmentCount { sums.append(try reader.bigEndian()) }
        segmentChecksums = sums
        try reader.finish()
    }
}
