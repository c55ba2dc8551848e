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
    /// The checksums of the shares, segment by segment, four bytes each as they stand in the index:
    /// a share is read far more often than a file, and needs one of up to 8192.
    private let segmentChecksums: ArraySlice<UInt8>

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
        var sums: [UInt8] = []
        var rest = storedShares
        while !rest.isEmpty {
            let segment = rest.prefix(Self.segmentSizeBytes)
            sums.append(bigEndian: Checksum.of(segment))
            rest = rest.dropFirst(segment.count)
        }
        segmentChecksums = sums[...]
    }

    /// The checksum of a segment.
    package func checksum(ofSegment segment: Int) -> UInt32 {
        var sum: UInt32 = 0
        for index in 0..<4 {
            let byte = segmentChecksums[segmentChecksums.startIndex + 4 * segment + index]
            sum = sum << 8 | UInt32(byte)
        }
        return sum
    }

    /// Its bytes in the index.
    package func encode() -> [UInt8] {
        var bytes: [UInt8] = [Self.version]
        bytes.reserveCapacity(11 + segmentChecksums.count)
        bytes.append(bigEndian: UInt16(width))
        bytes.append(bigEndian: UInt32(storedShareCount))
        bytes.append(bigEndian: headerChecksum)
        return bytes + segmentChecksums
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
        segmentChecksums = try reader.slice(4 * segmentCount)
        try reader.finish()
    }
}
