// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// A blob's digest, by which stores and pools may know it; no rule of the chain refers to it.
extension Blob {
    /// SHA-256 over a domain text, then namespace, data, share version and signer.
    ///
    /// Every part but the version's one byte stands behind its length in four bytes, big-endian;
    /// an absent signer is empty. Specified in
    /// Protocol/01-namespaces-and-shares.md#blob-hash.
    public var hash: Bytes32 {
        var stream = SHA256.Stream()
        stream.update(Array("celestia.blob.v1".utf8) + [0])
        Self.update(&stream, namespace.bytes.array)
        Self.update(&stream, data)
        stream.update(shareVersion)
        Self.update(&stream, signer?.array ?? [])
        return stream.finish()
    }

    private static func update(_ stream: inout SHA256.Stream, _ part: [UInt8]) {
        var length: [UInt8] = []
        length.append(bigEndian: UInt32(part.count))
        stream.update(length)
        stream.update(part)
    }
}
