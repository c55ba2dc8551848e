// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import TestSupport

/// The blob that a vector's case describes.
enum BlobVectorCase {
    /// Makes it, or throws what is wrong with it (a wrong signer's size, too, is a blob's fault).
    static func blob(_ test: JSONTree) throws -> Blob {
        let signer = try test["signer"].hex
        let version = try test["share_version"].integer
        return try Blob(
            namespace: try Namespace(decoding: try test["namespace"].hex),
            data: try DeterministicBytes.bytes(of: try test["data"]),
            shareVersion: try requireByte(version),
            signer: signer.isEmpty ? nil : try Bytes20(decoding: signer))
    }

    private static func requireByte(_ value: Int) throws -> UInt8 {
        guard let byte = UInt8(exactly: value) else { throw DecodeFault(.varint) }
        return byte
    }
}
