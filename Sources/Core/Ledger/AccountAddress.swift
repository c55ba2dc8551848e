// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import Cryptography

/// An account: 20 bytes made of its key, shown in bech32 under the chain's prefix.
public struct AccountAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The raw bytes, which also stand in blobs as their signer.
    public let bytes: Bytes20

    /// Names an account.
    public init(_ bytes: Bytes20) {
        self.bytes = bytes
    }

    /// The account of a key: RIPEMD-160 of SHA-256 of the compressed point.
    public init(of key: Secp256k1PublicKey) {
        bytes = RIPEMD160.hash(SHA256.hash(key.bytes).array)
    }

    /// Reads bech32 text, which must have the chain's prefix and 20 bytes.
    public init(bech32 text: String, prefix: String) throws(DecodeFault) {
        let (found, decoded) = try Bech32.decode(text)
        guard found == prefix else {
            throw .malformed("an address begins with \(prefix), not \(found)")
        }
        bytes = try Bytes20(decoding: decoded, field: "address")
    }

    /// The text under a prefix, such as `celestia1…`.
    public func bech32(prefix: String) -> String {
        Bech32.encode(prefix: prefix, bytes.array)
    }

    /// Hexadecimal, since the prefix is the chain's.
    public var description: String { bytes.hex }

    /// Order of the bytes.
    public static func < (lhs: AccountAddress, rhs: AccountAddress) -> Bool {
        lhs.bytes < rhs.bytes
    }
}
