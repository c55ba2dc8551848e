// SPDX-License-Identifier: Apache-2.0

/// Shares that belong together: one blob, or all transactions of one namespace.
public struct ShareSequence: Hashable, Sendable {
    /// The namespace of all its shares.
    public let namespace: Namespace
    /// Where its shares stand among those that were read.
    public let shares: Range<Int>
    /// Bytes of content that the first share states.
    public let lengthBytes: Int

    /// Shares that content of this length takes in this layout.
    static func shareCount(of header: ShareHeader, lengthBytes: Int) -> Int {
        if header.namespace.isCompact {
            return CompactShareSplitter.shareCount(streamSizeBytes: lengthBytes)
        }
        return Blob.shareCount(sizeBytes: lengthBytes, hasSigner: header.signer != nil)
    }
}
