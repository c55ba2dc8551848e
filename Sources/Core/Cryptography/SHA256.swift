// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import CSodium

/// SHA-256 (FIPS 180-4).
public enum SHA256 {
    /// The digest of `bytes`.
    public static func hash(_ bytes: [UInt8]) -> Bytes32 {
        bytes.withUnsafeBufferPointer { hash($0) }
    }

    /// The digest of a part of an array, without a copy of it.
    public static func hash(_ bytes: ArraySlice<UInt8>) -> Bytes32 {
        bytes.withUnsafeBufferPointer { hash($0) }
    }

    /// The digest of a value of fixed size.
    public static func hash<let size: Int>(_ bytes: FixedBytes<size>) -> Bytes32 {
        hash(bytes.array)
    }

    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> Bytes32 {
        digest { crypto_hash_sha256($0, bytes.baseAddress, UInt64(bytes.count)) }
    }

    /// The 32 bytes that `body` writes.
    fileprivate static func digest(_ body: (UnsafeMutablePointer<UInt8>) -> Int32) -> Bytes32 {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { buffer in
            buffer.initialize(repeating: 0)
            guard let address = buffer.baseAddress, body(address) == 0,
                let value = Bytes32(UnsafeBufferPointer(buffer))
            else { preconditionFailure("SHA-256 gives 32 bytes") }
            return value
        }
    }

    /// A digest of bytes that come piece by piece.
    ///
    /// A copy goes on from where the original stood, so a common beginning is hashed once.
    public struct Stream: Sendable {
        private var state = crypto_hash_sha256_state()

        /// Nothing hashed yet.
        public init() {
            crypto_hash_sha256_init(&state)
        }

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
        public mutating func finish() -> Bytes32 {
            defer { self = Stream() }
            return SHA256.digest { crypto_hash_sha256_final(&state, $0) }
        }

        private mutating func update(_ bytes: UnsafeBufferPointer<UInt8>) {
            crypto_hash_sha256_update(&state, bytes.baseAddress, UInt64(bytes.count))
        }
    }
}
