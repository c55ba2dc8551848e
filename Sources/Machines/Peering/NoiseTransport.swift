// SPDX-License-Identifier: Apache-2.0

/// The sealed channel after a handshake: frames of at most 65,519 bytes of plaintext.
///
/// A frame is its length as two bytes, most significant first, then ciphertext and tag. Each
/// direction counts its own nonces. Empty frames are legal to receive and never sent, since
/// py-libp2p drops the connection over them.
/// Specified in Protocol/09-peer-layer.md#frames.
package struct NoiseTransport {
    /// The most plaintext in a frame, in bytes.
    package static let plaintextLimit = 65_519
    /// What a frame adds to its plaintext: length and tag.
    package static let overheadBytes = 18

    private let cipher: BulkCipher
    private let sendingKey: [UInt8]
    private let receivingKey: [UInt8]
    private var sendingNonce: UInt64 = 0
    private var receivingNonce: UInt64 = 0
    private var partial: [UInt8] = []

    /// A channel with the keys that a handshake gave.
    package init(sendingKey: [UInt8], receivingKey: [UInt8], cipher: BulkCipher) {
        self.sendingKey = sendingKey
        self.receivingKey = receivingKey
        self.cipher = cipher
    }

    /// Bytes of a frame that has not come whole; less than one frame.
    package var partialSizeBytes: Int { partial.count }

    /// The frames of `plaintext`; none when it is empty.
    package mutating func seal(_ plaintext: [UInt8]) throws(NoiseFault) -> [UInt8] {
        let frames = (plaintext.count + Self.plaintextLimit - 1) / Self.plaintextLimit
        guard sendingNonce < UInt64.max - UInt64(frames) else { throw .nonces }
        let size = plaintext.count + frames * Self.overheadBytes
        let output = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            unsafe plaintext.withUnsafeBufferPointer { input in
                var offset = 0
                while offset < input.count {
                    let count = min(Self.plaintextLimit, input.count - offset)
                    guard let source = input.baseAddress, let target = buffer.baseAddress
                    else { preconditionFailure("bytes have an address") }
                    let body = count + Sodium.tagSizeBytes
                    unsafe target[filled] = UInt8(body >> 8)
                    unsafe target[filled + 1] = UInt8(body & 255)
                    unsafe cipher.seal(
                        source + offset, count: count, nonce: sendingNonce, key: sendingKey,
                        into: target + filled + 2)
                    sendingNonce += 1
                    filled += 2 + body
                    offset += count
                }
            }
        }
        return output
    }

    /// The plaintext of all frames that have come whole; the rest is kept.
    package mutating func open(_ bytes: ArraySlice<UInt8>) throws(NoiseFault) -> [UInt8] {
        var rest = bytes
        completePartial(&rest)
        var fault: NoiseFault?
        let size = partial.count + rest.count
        let plaintext = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            do throws(NoiseFault) {
                let opened = unsafe try openFrames(partial[...], buffer, &filled)
                partial.removeFirst(opened)
                if partial.isEmpty {
                    rest = unsafe rest.dropFirst(try openFrames(rest, buffer, &filled))
                }
            } catch {
                fault = error
            }
        }
        if let fault { throw fault }
        partial += rest
        return plaintext
    }

    /// Moves to the partial frame what it lacks, as far as that is there.
    private mutating func completePartial(_ rest: inout ArraySlice<UInt8>) {
        if partial.isEmpty { return }
        if partial.count == 1, let second = rest.popFirst() { partial.append(second) }
        guard partial.count >= 2 else { return }
        let missing = 2 + (Int(partial[0]) << 8 | Int(partial[1])) - partial.count
        guard missing > 0 else { return }
        partial += rest.prefix(missing)
        rest = rest.dropFirst(missing)
    }

    /// Opens the whole frames at the start of `bytes` to the end of what is filled of `buffer`.
    ///
    /// - Returns: How many bytes they took.
    private mutating func openFrames(
        _ bytes: ArraySlice<UInt8>, _ buffer: UnsafeMutableBufferPointer<UInt8>,
        _ filled: inout Int
    ) throws(NoiseFault) -> Int {
        var fault: NoiseFault?
        var consumed = 0
        unsafe bytes.withUnsafeBufferPointer { input in
            guard let source = input.baseAddress, let target = buffer.baseAddress else { return }
            while input.count - consumed >= 2 {
                let body = unsafe Int(source[consumed]) << 8 | Int(source[consumed + 1])
                guard body >= Sodium.tagSizeBytes else {
                    fault = .frameSize
                    return
                }
                guard input.count - consumed >= 2 + body else { return }
                let isOpen = unsafe cipher.open(
                    source + consumed + 2, count: body, nonce: receivingNonce,
                    key: receivingKey, into: target + filled)
                guard isOpen else {
                    fault = .tag
                    return
                }
                receivingNonce += 1
                consumed += 2 + body
                filled += body - Sodium.tagSizeBytes
            }
        }
        if let fault { throw fault }
        return consumed
    }
}
