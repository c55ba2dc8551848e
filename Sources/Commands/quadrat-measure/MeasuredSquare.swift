// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import DataSquare

/// The input of all families about squares: namespaces that rise every eight shares, and bytes that
/// do not repeat.
enum MeasuredSquare {
    /// A square of k × k shares.
    static func original(width: Int) -> OriginalDataSquare {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(width * width * Share.sizeBytes)
        for index in 0..<width { bytes.append(contentsOf: row(index, width: width)) }
        do {
            return try OriginalDataSquare(width: width, bytes: bytes)
        } catch {
            preconditionFailure("namespaces rise: \(error)")
        }
    }

    /// One of its rows.
    static func row(_ index: Int, width: Int) -> [UInt8] {
        let size = width * Share.sizeBytes
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            var state = 0x9E37_79B9_7F4A_7C15 &+ UInt64(index)
            for at in stride(from: 0, to: size, by: 8) {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                for byte in 0..<8 {
                    buffer[at + byte] = UInt8(truncatingIfNeeded: state >> UInt64(8 * byte))
                }
            }
            for column in 0..<width {
                let namespace = UInt64(0x100 + (index * width + column) / 8)
                for offset in 0..<29 {
                    let shift = 8 * (28 - offset)
                    buffer[column * Share.sizeBytes + offset] =
                        shift < 64 ? UInt8(truncatingIfNeeded: namespace >> UInt64(shift)) : 0
                }
            }
            count = size
        }
    }
}
