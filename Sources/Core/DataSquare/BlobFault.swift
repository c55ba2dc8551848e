// SPDX-License-Identifier: Apache-2.0

/// Why data cannot be a blob; every case is the sender's fault.
public enum BlobFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Blobs have no empty form.
    case empty
    /// More bytes than the greatest square holds.
    case tooLarge(limit: Int, actual: Int)
    /// Blobs live in namespaces of version 0.
    case namespaceVersion(UInt8)
    /// The layout is unknown.
    case shareVersion(UInt8)
    /// The version needs a signer of 20 bytes.
    case signerMissing(shareVersion: UInt8)
    /// Version 0 has no place for a signer.
    case signerUnexpected
    /// A version 2 blob is exactly a version and a commitment.
    case fibreDataSize(expected: Int, actual: Int)

    /// One line: what was wrong.
    public var description: String {
        switch self {
        case .empty: "a blob has at least one byte"
        case .tooLarge(let limit, let actual): "the blob has \(actual) bytes, the limit is \(limit)"
        case .namespaceVersion(let version): "blobs do not live in namespace version \(version)"
        case .shareVersion(let version): "share version \(version) is unknown"
        case .signerMissing(let version): "share version \(version) needs a signer"
        case .signerUnexpected: "share version 0 has no signer"
        case .fibreDataSize(let expected, let actual):
            "share version 2 carries \(expected) bytes, not \(actual)"
        }
    }
}
