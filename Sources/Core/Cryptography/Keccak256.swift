// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import CKeccak

/// Keccak-256 with the padding of 2013, which Ethereum hashes with; SHA3-256 pads otherwise.
///
/// Computed by the fastest kernel that the processor has; `Keccak256Definition` is what the
/// kernels are held to.
public enum Keccak256 {
    /// Ways to compute; all give the same bytes.
    public enum Level: CaseIterable, Sendable {
        /// Plain C.
        case portable
        /// One message with BMI, four at once by AVX2.
        case avx2
        /// Eight messages at once by AVX-512.
        case avx512

        /// The fastest that this processor has.
        public static let best =
            switch ck_keccak_best() {
            case CK_KECCAK_AVX512: Level.avx512
            case CK_KECCAK_AVX2: Level.avx2
            default: Level.portable
            }

        /// Whether this processor has it.
        public var isSupported: Bool { ck_keccak_supports(kernel) }

        var kernel: ck_keccak_level {
            switch self {
            case .portable: CK_KECCAK_PORTABLE
            case .avx2: CK_KECCAK_AVX2
            case .avx512: CK_KECCAK_AVX512
            }
        }
    }

    /// The digest of `bytes`.
    public static func hash(_ bytes: [UInt8]) -> Bytes32 { hash(bytes, level: .best) }

    /// The digest of a part of an array, without a copy of it.
    public static func hash(_ bytes: ArraySlice<UInt8>) -> Bytes32 {
        bytes.withUnsafeBufferPointer { digest(of: $0, level: .best) }
    }

    /// The digest of `bytes` by a kernel that the processor supports; all give the same.
    public static func hash(_ bytes: [UInt8], level: Level) -> Bytes32 {
        precondition(level.isSupported, "the processor has the kernel's instructions")
        return bytes.withUnsafeBufferPointer { digest(of: $0, level: level) }
    }

    /// Digests, one after another, of messages that lie one after another with these lengths.
    ///
    /// Several are hashed at once where the processor can; the lengths add up to the bytes.
    public static func hashEach(
        _ messages: [UInt8], lengths: [Int], level: Level = .best
    ) -> [UInt8] {
        precondition(
            lengths.allSatisfy { $0 >= 0 } && lengths.reduce(0, +) == messages.count,
            "the lengths add up to the bytes")
        precondition(level.isSupported, "the processor has the kernel's instructions")
        return [UInt8](unsafeUninitializedCapacity: lengths.count * 32) { digests, written in
            messages.withUnsafeBufferPointer { bytes in
                withUnsafePointer(to: 0 as UInt8) { nothing in
                    var place = bytes.baseAddress ?? nothing
                    var places: [UnsafePointer<UInt8>?] = []
                    places.reserveCapacity(lengths.count)
                    for length in lengths {
                        places.append(place)
                        place += length
                    }
                    ck_keccak256_many(
                        level.kernel, places, lengths, lengths.count, digests.baseAddress)
                }
            }
            written = lengths.count * 32
        }
    }

    /// Writes the digest of `count` bytes at `bytes` to the 32 bytes at `digest`.
    ///
    /// For callers that hold pointers already; the caller answers for both.
    @inlinable public static func hash(
        _ bytes: UnsafePointer<UInt8>, count: Int, into digest: UnsafeMutablePointer<UInt8>
    ) {
        write(bytes, count, digest)
    }

    @usableFromInline static func write(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ digest: UnsafeMutablePointer<UInt8>
    ) {
        ck_keccak256(bestKernel, bytes, count, digest)
    }

    private static let bestKernel = ck_keccak_best()

    private static func digest(of bytes: UnsafeBufferPointer<UInt8>, level: Level) -> Bytes32 {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { digest in
            digest.initialize(repeating: 0)
            withUnsafePointer(to: 0 as UInt8) { nothing in
                ck_keccak256(
                    level.kernel, bytes.baseAddress ?? nothing, bytes.count, digest.baseAddress)
            }
            guard let value = Bytes32(UnsafeBufferPointer(digest)) else {
                preconditionFailure("a digest has 32 bytes")
            }
            return value
        }
    }
}
