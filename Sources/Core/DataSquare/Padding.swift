// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Shares that say nothing: a sequence of no bytes in a namespace that keeps the square in order.
///
/// Specified in Protocol/01-namespaces-and-shares.md#padding.
public enum Padding {
    /// The share that fills a square's end.
    public static let tail = share(namespace: .tailPadding)
    /// The share between the last transaction and the first blob.
    public static let reserved = share(namespace: .primaryReservedPadding)

    /// A share that says nothing, in `namespace`.
    ///
    /// Between blobs it takes namespace and share version of the blob before it.
    public static func share(
        namespace: Namespace, shareVersion: UInt8 = ShareVersion.plain
    ) -> Share {
        var bytes = namespace.bytes.array
        bytes.append(InfoByte(shareVersion: shareVersion, isSequenceStart: true).rawValue)
        bytes.append(contentsOf: repeatElement(0, count: Share.sizeBytes - bytes.count))
        return Share(counted: bytes)
    }

    /// Appends `count` times `share` to shares that stand one behind the other.
    static func append(_ share: Share, count: Int, to shares: inout [UInt8]) {
        for _ in 0..<count { shares.append(contentsOf: share.bytes) }
    }
}
