// SPDX-License-Identifier: Apache-2.0

internal import CSodium

/// The one door to libsodium in this module; every length is checked here.
enum Sodium {
    static let keySizeBytes = 32
    static let tagSizeBytes = 16

    /// The X25519 public key of 32 private bytes.
    static func publicKey(ofX25519 privateKey: [UInt8]) -> [UInt8] {
        precondition(privateKey.count == 32, "an X25519 key has 32 bytes")
        var result = [UInt8](repeating: 0, count: 32)
        let code = unsafe crypto_scalarmult_base(&result, privateKey)
        precondition(code == 0, "X25519 takes every private key")
        return result
    }

    /// The X25519 shared secret, or nil when the other key has low order.
    static func sharedSecret(_ privateKey: [UInt8], _ publicKey: [UInt8]) -> [UInt8]? {
        guard privateKey.count == 32, publicKey.count == 32 else { return nil }
        var result = [UInt8](repeating: 0, count: 32)
        return unsafe crypto_scalarmult(&result, privateKey, publicKey) == 0 ? result : nil
    }

    /// BLAKE2b (RFC 7693) of 32 bytes, without a key.
    static func blake2b256(_ input: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: 32)
        let code = unsafe crypto_generichash(&result, 32, input, UInt64(input.count), nil, 0)
        precondition(code == 0, "BLAKE2b takes every input")
        return result
    }

    /// ChaCha20-Poly1305 (RFC 8439): writes `count` bytes of ciphertext and the tag to `output`.
    ///
    /// `output` has room for `count + 16` bytes and may be where `input` is.
    @unsafe static func seal(
        _ input: UnsafePointer<UInt8>, count: Int, additional: [UInt8] = [], nonce: UInt64,
        key: [UInt8], into output: UnsafeMutablePointer<UInt8>
    ) {
        precondition(key.count == keySizeBytes, "a key has 32 bytes")
        let nonceBytes = nonceBytes(nonce)
        let code = unsafe crypto_aead_chacha20poly1305_ietf_encrypt(
            output, nil, input, UInt64(count), additional, UInt64(additional.count), nil,
            nonceBytes, key)
        precondition(code == 0, "sealing does not fail")
    }

    /// Opens `count` bytes of ciphertext and tag into `output`, which has room for `count - 16`.
    ///
    /// - Returns: Whether the tag was right.
    @unsafe static func open(
        _ input: UnsafePointer<UInt8>, count: Int, additional: [UInt8] = [], nonce: UInt64,
        key: [UInt8], into output: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        precondition(key.count == keySizeBytes, "a key has 32 bytes")
        guard count >= tagSizeBytes else { return false }
        let nonceBytes = nonceBytes(nonce)
        return unsafe crypto_aead_chacha20poly1305_ietf_decrypt(
            output, nil, nil, input, UInt64(count), additional, UInt64(additional.count),
            nonceBytes, key) == 0
    }

    /// The ciphertext of `plaintext` with its tag.
    static func seal(
        _ plaintext: [UInt8], additional: [UInt8], nonce: UInt64, key: [UInt8]
    ) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: plaintext.count + tagSizeBytes)
        unsafe seal(
            plaintext, count: plaintext.count, additional: additional, nonce: nonce, key: key,
            into: &output)
        return output
    }

    /// The plaintext of `ciphertext`, or nil when its tag is wrong.
    static func open(
        _ ciphertext: [UInt8], additional: [UInt8], nonce: UInt64, key: [UInt8]
    ) -> [UInt8]? {
        guard ciphertext.count >= tagSizeBytes else { return nil }
        var output = [UInt8](repeating: 0, count: ciphertext.count - tagSizeBytes)
        let isOpen = unsafe open(
            ciphertext, count: ciphertext.count, additional: additional, nonce: nonce, key: key,
            into: &output)
        return isOpen ? output : nil
    }

    /// Noise's nonce: four zero bytes and the counter, least significant byte first.
    static func nonceBytes(_ counter: UInt64) -> [UInt8] {
        var nonce = [UInt8](repeating: 0, count: 12)
        for index in 0..<8 {
            nonce[4 + index] = UInt8(truncatingIfNeeded: counter >> UInt64(8 * index))
        }
        return nonce
    }
}
