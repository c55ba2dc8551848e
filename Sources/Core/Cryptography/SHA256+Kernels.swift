// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CKernels

/// The kernels behind SHA-256; lengths are checked here, so that none of them sees a wrong one.
extension SHA256 {
    /// Ways to compute; all give the same bytes.
    public enum Level: CaseIterable, Sendable {
        /// Plain C.
        case portable
        /// The processor's own SHA instructions.
        case shani
        /// Those, and sixteen messages at once by AVX-512.
        case avx512

        /// The fastest that this processor has.
        public static let best =
            switch ck_sha256_best() {
            case CK_SHA256_AVX512: Level.avx512
            case CK_SHA256_SHANI: Level.shani
            default: Level.portable
            }

        /// Whether this processor has it.
        public var isSupported: Bool { ck_sha256_supports(kernel) }

        var kernel: ck_sha256_level {
            switch self {
            case .portable: CK_SHA256_PORTABLE
            case .shani: CK_SHA256_SHANI
            case .avx512: CK_SHA256_AVX512
            }
        }
    }

    typealias State = InlineArray<8, UInt32>

    static let initialState: State = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
        0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]

    static func digest(of bytes: UnsafeBufferPointer<UInt8>, level: Level) -> Bytes32 {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: sizeBytes) { digest in
            digest.initialize(repeating: 0)
            withUnsafePointer(to: 0 as UInt8) { nothing in
                ck_sha256_many(
                    level.kernel, bytes.baseAddress ?? nothing, bytes.count, 0, 1,
                    digest.baseAddress)
            }
            guard let value = Bytes32(UnsafeBufferPointer(digest)) else {
                preconditionFailure("a digest has 32 bytes")
            }
            return value
        }
    }

    static func digests(of messages: [UInt8], length: Int, level: Level) -> [UInt8] {
        let count = messages.count / length
        return [UInt8](unsafeUninitializedCapacity: count * sizeBytes) { digests, written in
            if count > 0 {
                ck_sha256_many(
                    level.kernel, messages, length, length, count, digests.baseAddress)
            }
            written = count * sizeBytes
        }
    }

    static func compress(
        _ state: inout State, blocks: UnsafeRawPointer, count: Int
    ) {
        withUnsafeMutablePointer(to: &state) { state in
            state.withMemoryRebound(to: UInt32.self, capacity: 8) { words in
                ck_sha256_compress(
                    Level.best.kernel, words, blocks.assumingMemoryBound(to: UInt8.self), count)
            }
        }
    }
}
