// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import DataSquare

/// The input of all families about squares: namespaces that rise every eight shares, and bytes that
/// do not repeat.
enum MeasuredSquare {
    /// A square of k × k shares.
    static func original(width: Int) -> OriginalDataSquare {
        let size = width * width * Share.sizeBytes
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            var state: UInt64 = 0x9E37_79B9_7F4A_7C15
            for at in stride(from: 0, to: size, by: 8) {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                for byte in 0..<8 {
                    buffer[at + byte] = UInt8(truncatingIfNeeded: state >> UInt64(8 * byte))
                }
            }
            for share in 0..<width * width {
                let namespace = UInt64(0x100 + share / 8)
                for offset in 0..<29 {
                    let shift = 8 * (28 - offset)
                    buffer[share * Share.sizeBytes + offset] =
                        shift < 64 ? UInt8(truncatingIfNeeded: namespace >> UInt64(shift)) : 0
                }
            }
            count = size
        }
        do {
            return try OriginalDataSquare(width: width, bytes: bytes)
        } catch {
            preconditionFailure("namespaces rise: \(error)")
        }
    }
}
