// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography

/// The running hash and keys of a Noise handshake.
///
/// Source: noiseprotocol.org, revision 34, §5.2.
struct NoiseSymmetricState: Sendable {
    private(set) var chainingKey: [UInt8]
    private(set) var hash: [UInt8]
    private var key: [UInt8]?
    private var nonce: UInt64 = 0

    /// Starts with the protocol's name, which has exactly 32 bytes and so is its own hash.
    init(protocolName: String, prologue: [UInt8]) {
        let name = Array(protocolName.utf8)
        precondition(name.count == 32, "the name of the protocol has 32 bytes")
        chainingKey = name
        hash = SHA256.hash(name + prologue).array
    }

    mutating func mix(hash data: some Collection<UInt8>) {
        hash = SHA256.hash(hash + data).array
    }

    mutating func mix(key input: [UInt8]) {
        let (first, second) = Self.derive(chainingKey, input)
        chainingKey = first
        key = second
        nonce = 0
    }

    /// Encrypts under the key there is, if there is one, and takes the result into the hash.
    mutating func seal(_ plaintext: [UInt8]) -> [UInt8] {
        guard let key else {
            mix(hash: plaintext)
            return plaintext
        }
        let sealed = Sodium.seal(plaintext, additional: hash, nonce: nonce, key: key)
        nonce += 1
        mix(hash: sealed)
        return sealed
    }

    /// The opposite of `seal`; nil when the tag is wrong.
    mutating func open(_ ciphertext: ArraySlice<UInt8>) -> [UInt8]? {
        guard let key else {
            mix(hash: ciphertext)
            return [UInt8](ciphertext)
        }
        guard
            let plaintext = Sodium.open(
                [UInt8](ciphertext), additional: hash, nonce: nonce, key: key)
        else { return nil }
        nonce += 1
        mix(hash: ciphertext)
        return plaintext
    }

    /// The keys of the two directions: the initiator sends with the first.
    func split() -> (first: [UInt8], second: [UInt8]) {
        Self.derive(chainingKey, [])
    }

    /// Noise's HKDF with two outputs.
    private static func derive(
        _ chainingKey: [UInt8], _ input: [UInt8]
    ) -> (first: [UInt8], second: [UInt8]) {
        let temporary = HMACSHA256.authenticate(key: chainingKey, input).array
        let first = HMACSHA256.authenticate(key: temporary, [1]).array
        let second = HMACSHA256.authenticate(key: temporary, first + [2]).array
        return (first, second)
    }
}
