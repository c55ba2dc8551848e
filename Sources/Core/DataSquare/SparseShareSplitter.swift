// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Lays a blob out as shares.
///
/// Specified in Protocol/01-namespaces-and-shares.md#sparse-shares.
public enum SparseShareSplitter {
    /// All shares of a blob, the last one filled with zeros.
    public static func shares(of blob: Blob) -> [Share] {
        var flat: [UInt8] = []
        return (0..<blob.shareCount).map { index in
            flat.removeAll(keepingCapacity: true)
            append(index..<index + 1, of: blob, to: &flat)
            return Share(counted: flat)
        }
    }

    /// Appends a part of a blob's shares to shares that stand one behind the other.
    ///
    /// Content is copied once, from the blob into its place; so a commitment can be made tile by
    /// tile, without the whole blob as shares.
    public static func append(_ range: Range<Int>, of blob: Blob, to shares: inout [UInt8]) {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= blob.shareCount,
            "the blob has these shares")
        shares.reserveCapacity(shares.count + range.count * Share.sizeBytes)
        var index = range.lowerBound
        if index == 0, !range.isEmpty {
            appendFirst(of: blob, to: &shares)
            index = 1
        }
        var prefix = blob.namespace.bytes.array
        prefix.append(
            InfoByte(shareVersion: blob.shareVersion, isSequenceStart: false).rawValue)
        let first = firstContentSizeBytes(of: blob)
        while index < range.upperBound {
            let start = first + (index - 1) * Blob.furtherContentSizeBytes
            shares.append(contentsOf: prefix)
            appendContent(
                of: blob, from: start, room: Blob.furtherContentSizeBytes, to: &shares)
            index += 1
        }
    }

    private static func appendFirst(of blob: Blob, to shares: inout [UInt8]) {
        shares.append(contentsOf: blob.namespace.bytes.array)
        shares.append(
            InfoByte(shareVersion: blob.shareVersion, isSequenceStart: true).rawValue)
        shares.append(bigEndian: UInt32(blob.data.count))
        if let signer = blob.signer { shares.append(signer) }
        appendContent(of: blob, from: 0, room: firstContentSizeBytes(of: blob), to: &shares)
    }

    private static func appendContent(
        of blob: Blob, from start: Int, room: Int, to shares: inout [UInt8]
    ) {
        let end = min(start + room, blob.data.count)
        shares.append(contentsOf: blob.data[start..<end])
        shares.append(contentsOf: repeatElement(0, count: room - (end - start)))
    }

    private static func firstContentSizeBytes(of blob: Blob) -> Int {
        Blob.firstContentSizeBytes - (blob.signer == nil ? 0 : Share.signerSizeBytes)
    }
}
