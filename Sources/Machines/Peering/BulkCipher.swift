// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

/// ChaCha20-Poly1305 over sealed frames: libsodium for short ones, OpenSSL for long ones.
///
/// OpenSSL is 1.5 to 2.3 times faster from 1 KiB on and slower below (measured); both give the same
/// bytes. The contexts are scratch space that every frame sets anew, so one object serves all
/// connections of a host and holds nothing of any; it is used by one thread.
@safe package final class BulkCipher {
    /// The plaintext size from which OpenSSL is used, in bytes.
    package static let thresholdBytes = 1024

    private let threshold: Int
    private let cipher: OpaquePointer?
    private let sealing: OpaquePointer?
    private let opening: OpaquePointer?

    /// Makes the contexts; frames of `threshold` bytes and more go to OpenSSL.
    package init(threshold: Int = BulkCipher.thresholdBytes) {
        self.threshold = threshold
        unsafe cipher = EVP_CIPHER_fetch(nil, "ChaCha20-Poly1305", nil)
        unsafe sealing = EVP_CIPHER_CTX_new()
        unsafe opening = EVP_CIPHER_CTX_new()
        unsafe precondition(
            cipher != nil && sealing != nil && opening != nil, "OpenSSL has ChaCha20-Poly1305")
    }

    deinit {
        unsafe EVP_CIPHER_CTX_free(sealing)
        unsafe EVP_CIPHER_CTX_free(opening)
        unsafe EVP_CIPHER_free(cipher)
    }

    /// Writes `count` bytes of ciphertext and the tag to `output`.
    @unsafe func seal(
        _ input: UnsafePointer<UInt8>, count: Int, nonce: UInt64, key: [UInt8],
        into output: UnsafeMutablePointer<UInt8>
    ) {
        guard count >= threshold else {
            return unsafe Sodium.seal(input, count: count, nonce: nonce, key: key, into: output)
        }
        precondition(key.count == Sodium.keySizeBytes, "a key has 32 bytes")
        let nonceBytes = Sodium.nonceBytes(nonce)
        var written: Int32 = 0
        var last: Int32 = 0
        let isDone =
            unsafe EVP_EncryptInit_ex(sealing, cipher, nil, key, nonceBytes) == 1
            && EVP_EncryptUpdate(sealing, output, &written, input, Int32(count)) == 1
            && EVP_EncryptFinal_ex(sealing, output + Int(written), &last) == 1
            && EVP_CIPHER_CTX_ctrl(sealing, EVP_CTRL_AEAD_GET_TAG, 16, output + count) == 1
        precondition(isDone && Int(written + last) == count, "sealing does not fail")
    }

    /// Opens `count` bytes of ciphertext and tag into `output`, which has room for `count - 16`.
    ///
    /// - Returns: Whether the tag was right.
    @unsafe func open(
        _ input: UnsafePointer<UInt8>, count: Int, nonce: UInt64, key: [UInt8],
        into output: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        let size = count - Sodium.tagSizeBytes
        guard size >= threshold else {
            return unsafe Sodium.open(input, count: count, nonce: nonce, key: key, into: output)
        }
        precondition(key.count == Sodium.keySizeBytes, "a key has 32 bytes")
        let nonceBytes = Sodium.nonceBytes(nonce)
        var written: Int32 = 0
        var last: Int32 = 0
        let tag = unsafe UnsafeMutableRawPointer(mutating: input + size)
        return unsafe EVP_DecryptInit_ex(opening, cipher, nil, key, nonceBytes) == 1
            && EVP_DecryptUpdate(opening, output, &written, input, Int32(size)) == 1
            && EVP_CIPHER_CTX_ctrl(opening, EVP_CTRL_AEAD_SET_TAG, 16, tag) == 1
            && EVP_DecryptFinal_ex(opening, output + Int(written), &last) == 1
    }
}
