// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// Data that somebody posts: a namespace, at least one byte, a share version, perhaps a signer.
///
/// Specified in Protocol/01-namespaces-and-shares.md#blob.
public struct Blob: Hashable, Sendable {
    /// The most bytes of content, so that the blob alone fits the greatest square.
    public static let sizeBytesMax =
        firstContentSizeBytes + (SquareSize.sharesMax - 1) * furtherContentSizeBytes
    /// Bytes of content in the first share of a blob without a signer.
    public static let firstContentSizeBytes =
        furtherContentSizeBytes - Share.sequenceLengthSizeBytes
    /// Bytes of content in every further share.
    public static let furtherContentSizeBytes =
        Share.sizeBytes - Namespace.sizeBytes - Share.infoSizeBytes
    /// Bytes of a version 2 blob: a version of four and a commitment of 32.
    public static let fibreDataSizeBytes = 36

    /// Whose data it is; always of version 0.
    public let namespace: Namespace
    /// The content.
    public let data: [UInt8]
    /// How its shares are laid out: 0, 1 or 2.
    public let shareVersion: UInt8
    /// The account that signed for it; present exactly in versions 1 and 2.
    public let signer: Bytes20?

    /// Checks the rules that hold for any blob in a square.
    ///
    /// A user's blob must also pass `namespace.isValidForBlob`; this initializer takes the reserved
    /// namespaces of version 0, as the reference does, so that history can be read.
    public init(
        namespace: Namespace, data: [UInt8], shareVersion: UInt8 = ShareVersion.plain,
        signer: Bytes20? = nil
    ) throws(BlobFault) {
        guard namespace.version == Namespace.userVersion else {
            throw .namespaceVersion(namespace.version)
        }
        guard ShareVersion.isSupported(shareVersion) else { throw .shareVersion(shareVersion) }
        guard !data.isEmpty else { throw .empty }
        guard data.count <= Self.sizeBytesMax else {
            throw .tooLarge(limit: Self.sizeBytesMax, actual: data.count)
        }
        if ShareVersion.hasSigner(shareVersion) {
            guard signer != nil else { throw .signerMissing(shareVersion: shareVersion) }
        } else {
            guard signer == nil else { throw .signerUnexpected }
        }
        if shareVersion == ShareVersion.fibre, data.count != Self.fibreDataSizeBytes {
            throw .fibreDataSize(expected: Self.fibreDataSizeBytes, actual: data.count)
        }
        self.namespace = namespace
        self.data = data
        self.shareVersion = shareVersion
        self.signer = signer
    }

    /// Shares that it takes.
    public var shareCount: Int {
        Self.shareCount(sizeBytes: data.count, hasSigner: signer != nil)
    }

    /// Shares that a blob of `sizeBytes` bytes takes; none for none.
    public static func shareCount(sizeBytes: Int, hasSigner: Bool) -> Int {
        guard sizeBytes > 0 else { return 0 }
        let first = firstContentSizeBytes - (hasSigner ? Share.signerSizeBytes : 0)
        guard sizeBytes > first else { return 1 }
        return 1 + (sizeBytes - first - 1) / furtherContentSizeBytes + 1
    }
}
