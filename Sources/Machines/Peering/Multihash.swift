// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// A digest that says how it was made: function code, length, digest.
///
/// Source: multiformats.io/multihash.
package struct Multihash: Hashable, Sendable {
    /// The digest is the input itself.
    package static let identityCode: UInt64 = 0x00
    /// The digest is SHA-256.
    package static let sha256Code: UInt64 = 0x12
    /// The longest digest that is read, in bytes.
    package static let digestLimit = 128

    /// The function's code.
    package let code: UInt64
    /// The digest.
    package let digest: [UInt8]

    /// Names a digest.
    package init(code: UInt64, digest: [UInt8]) {
        self.code = code
        self.digest = digest
    }

    /// Reads a multihash that fills `bytes`.
    package init(decoding bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var reader = ByteReader(bytes)
        code = try reader.varint()
        digest = [UInt8](
            try reader.lengthPrefixed(limit: Self.digestLimit, field: "multihash digest"))
        try reader.finish()
    }

    /// Its bytes.
    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(varint: code)
        bytes.append(lengthPrefixed: digest)
        return bytes
    }
}
