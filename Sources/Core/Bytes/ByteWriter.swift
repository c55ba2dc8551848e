// SPDX-License-Identifier: Apache-2.0

/// Appends values to an array of bytes, in the byte orders that the formats use.
extension [UInt8] {
    /// Appends an integer in network byte order.
    @inlinable
    public mutating func append<Integer: FixedWidthInteger>(bigEndian value: Integer) {
        var shift = Integer.bitWidth - 8
        while shift >= 0 {
            append(UInt8(truncatingIfNeeded: value >> Integer(shift)))
            shift -= 8
        }
    }

    /// Appends an integer, least significant byte first.
    @inlinable
    public mutating func append<Integer: FixedWidthInteger>(littleEndian value: Integer) {
        append(bigEndian: value.byteSwapped)
    }

    /// Appends an unsigned LEB128 integer in its shortest form.
    @inlinable
    public mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends bytes after their length as a varint.
    @inlinable
    public mutating func append(lengthPrefixed bytes: some Collection<UInt8>) {
        append(varint: UInt64(bytes.count))
        append(contentsOf: bytes)
    }

    /// Appends bytes of a fixed size.
    @inlinable
    public mutating func append<let size: Int>(_ value: FixedBytes<size>) {
        for index in 0..<size { append(value[index]) }
    }
}

/// How many bytes a number takes as a varint.
public enum Varint {
    /// The encoded size of `value`, from 1 to 10 bytes.
    @inlinable
    public static func size(_ value: UInt64) -> Int {
        value == 0 ? 1 : (70 - value.leadingZeroBitCount) / 7
    }
}
