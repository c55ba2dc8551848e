// SPDX-License-Identifier: Apache-2.0

internal import CISAL

/// CRC-32C (Castagnoli; RFC 3720 appendix B.4), which finds bytes that a disk returned wrong.
///
/// It is no defence against a person: what comes from others is held to its data root instead.
package enum Checksum {
    /// The most bytes one call of the library takes.
    private static let stepMax = 1 << 30

    /// The checksum of `bytes`.
    package static func of(_ bytes: [UInt8]) -> UInt32 {
        of(bytes[...])
    }

    /// The checksum of a slice.
    package static func of(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.withUnsafeBytes { of($0) }
    }

    /// The checksum of memory.
    package static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        guard var next = bytes.baseAddress else { return 0 }
        var left = bytes.count
        var sum = ~UInt32(0)
        while left > 0 {
            let count = min(left, stepMax)
            // The library only reads; its signature is older than its const-correctness.
            let start = UnsafeMutableRawPointer(mutating: next)
            sum = crc32_iscsi(start.assumingMemoryBound(to: UInt8.self), Int32(count), sum)
            next += count
            left -= count
        }
        return ~sum
    }
}
