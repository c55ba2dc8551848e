// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// SHA-256 (FIPS 180-4), computed by the fastest kernel that the processor has.
///
/// `SHA256Definition` is what the kernels are held to.
public enum SHA256 {
    /// Bytes of a digest.
    public static let sizeBytes = 32

    /// The digest of `bytes`.
    public static func hash(_ bytes: [UInt8]) -> Bytes32 {
        bytes.withUnsafeBufferPointer { digest(of: $0, level: .best) }
    }

    /// The digest of a part of an array, without a copy of it.
    public static func hash(_ bytes: ArraySlice<UInt8>) -> Bytes32 {
        bytes.withUnsafeBufferPointer { digest(of: $0, level: .best) }
    }

    /// The digest of a value of fixed size.
    public static func hash<let size: Int>(_ bytes: FixedBytes<size>) -> Bytes32 {
        hash(bytes.array)
    }

    /// The digest of `bytes` by a kernel that the processor supports; all give the same.
    public static func hash(_ bytes: [UInt8], level: Level) -> Bytes32 {
        precondition(level.isSupported, "the processor has the kernel's instructions")
        return bytes.withUnsafeBufferPointer { digest(of: $0, level: level) }
    }

    /// The digests, one after another, of messages of one length that lie one after another.
    ///
    /// Several are hashed at once where the processor can. The length must be positive and divide
    /// the count of bytes.
    public static func hashEach(_ messages: [UInt8], ofLength length: Int) -> [UInt8] {
        precondition(length > 0 && messages.count % length == 0, "messages of one length")
        return digests(of: messages, length: length, level: .best)
    }

    /// A digest of bytes that come piece by piece.
    ///
    /// A copy goes on from where the original stood, so a common beginning is hashed once.
    public struct Stream: Sendable {
        private var state = SHA256.initialState
        private var block = InlineArray<64, UInt8>(repeating: 0)
        private var total: UInt64 = 0

        /// Nothing hashed yet.
        public init() {}

        /// Goes on with `bytes`.
        public mutating func update(_ bytes: [UInt8]) {
            bytes.withUnsafeBufferPointer { update($0) }
        }

        /// Goes on with a part of an array.
        public mutating func update(_ bytes: ArraySlice<UInt8>) {
            bytes.withUnsafeBufferPointer { update($0) }
        }

        /// Goes on with one byte.
        public mutating func update(_ byte: UInt8) {
            withUnsafePointer(to: byte) { update(UnsafeBufferPointer(start: $0, count: 1)) }
        }

        /// Goes on with a value of fixed size.
        public mutating func update<let size: Int>(_ bytes: FixedBytes<size>) {
            update(bytes.array)
        }

        /// The digest of all that came; the stream then starts anew.
        ///
        /// The last blocks are 0x80, zeros, and the length in bits in eight bytes.
        public mutating func finish() -> Bytes32 {
            let bits = total &* 8
            let filled = Int(total % 64)
            var padding: [UInt8] = [0x80]
            padding.append(contentsOf: repeatElement(0, count: (119 - filled) % 64))
            padding.append(bigEndian: bits)
            update(padding)
            defer { self = Stream() }
            var digest = Bytes32()
            for index in 0..<32 {
                let word = state[index / 4]
                digest[index] = UInt8(truncatingIfNeeded: word >> UInt32(24 - index % 4 * 8))
            }
            return digest
        }

        private mutating func update(_ bytes: UnsafeBufferPointer<UInt8>) {
            var rest = bytes[...]
            let filled = Int(total % 64)
            total &+= UInt64(bytes.count)
            if filled > 0 {
                let taken = rest.prefix(64 - filled)
                for (index, byte) in taken.enumerated() { block[filled + index] = byte }
                rest = rest.dropFirst(taken.count)
                guard filled + taken.count == 64 else { return }
                withUnsafePointer(to: &block) {
                    SHA256.compress(&state, blocks: UnsafeRawPointer($0), count: 1)
                }
            }
            let whole = rest.count / 64
            if whole > 0, let start = UnsafeBufferPointer(rebasing: rest).baseAddress {
                SHA256.compress(&state, blocks: start, count: whole)
                rest = rest.dropFirst(whole * 64)
            }
            for (index, byte) in rest.enumerated() { block[index] = byte }
        }
    }
}
