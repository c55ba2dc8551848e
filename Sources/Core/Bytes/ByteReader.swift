// SPDX-License-Identifier: Apache-2.0

/// A cursor over bytes that somebody sent; every read is checked and nothing is copied unasked.
///
/// Offsets in faults count from the start of the reader's own input.
public struct ByteReader: Sendable {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    /// Reads an array from its start.
    public init(_ bytes: [UInt8]) {
        self.init(bytes[...])
    }

    /// Reads a slice from its start.
    public init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// Bytes already read.
    public var offset: Int { position - bytes.startIndex }
    /// Bytes not yet read.
    public var remaining: Int { bytes.endIndex - position }
    /// Whether everything was read.
    public var isAtEnd: Bool { position == bytes.endIndex }

    /// The next byte.
    public mutating func byte() throws(DecodeFault) -> UInt8 {
        guard position < bytes.endIndex else { throw truncated(1) }
        defer { position += 1 }
        return bytes[position]
    }

    /// The next `count` bytes, as a view of the input.
    public mutating func slice(_ count: Int) throws(DecodeFault) -> ArraySlice<UInt8> {
        guard count >= 0, count <= remaining else { throw truncated(count) }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// The next `count` bytes, copied.
    public mutating func array(_ count: Int) throws(DecodeFault) -> [UInt8] {
        [UInt8](try slice(count))
    }

    /// The next bytes as a value of fixed size.
    public mutating func fixed<let size: Int>(
        _ type: FixedBytes<size>.Type = FixedBytes<size>.self
    ) throws(DecodeFault) -> FixedBytes<size> {
        try FixedBytes<size>(decoding: try slice(size))
    }

    /// An unsigned integer in network byte order.
    public mutating func bigEndian<Integer: FixedWidthInteger & UnsignedInteger>(
        _ type: Integer.Type = Integer.self
    ) throws(DecodeFault) -> Integer {
        var value: Integer = 0
        for byte in try slice(Integer.bitWidth / 8) { value = value << 8 | Integer(byte) }
        return value
    }

    /// An unsigned integer, least significant byte first.
    public mutating func littleEndian<Integer: FixedWidthInteger & UnsignedInteger>(
        _ type: Integer.Type = Integer.self
    ) throws(DecodeFault) -> Integer {
        try bigEndian(type).byteSwapped
    }

    /// An unsigned LEB128 integer in its shortest form.
    ///
    /// - Throws: `varint` for one longer than needed or than 64 bits, `truncated` at the end.
    public mutating func varint() throws(DecodeFault) -> UInt64 {
        let start = position
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            let byte = try byte()
            if shift == 63 && byte > 1 { throw DecodeFault(.varint, at: start - bytes.startIndex) }
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 {
                guard byte != 0 || shift == 0 else {
                    throw DecodeFault(.varint, at: start - bytes.startIndex)
                }
                return value
            }
        }
        throw DecodeFault(.varint, at: start - bytes.startIndex)
    }

    /// A varint that protobuf allows: up to ten bytes, zero padding accepted.
    public mutating func lenientVarint() throws(DecodeFault) -> UInt64 {
        let start = position
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            let byte = try byte()
            if shift == 63 && byte > 1 { throw DecodeFault(.varint, at: start - bytes.startIndex) }
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return value }
        }
        throw DecodeFault(.varint, at: start - bytes.startIndex)
    }

    /// Bytes that their varint length precedes, as a view of the input.
    public mutating func lengthPrefixed(
        limit: Int, field: String = "length"
    ) throws(DecodeFault) -> ArraySlice<UInt8> {
        let start = offset
        let length = try varint()
        guard length <= UInt64(limit) else {
            throw DecodeFault(
                .overLimit(field: field, limit: limit, actual: Int(clamping: length)), at: start)
        }
        return try slice(Int(length))
    }

    /// All the rest, as a view of the input.
    public mutating func rest() -> ArraySlice<UInt8> {
        defer { position = bytes.endIndex }
        return bytes[position...]
    }

    /// Refuses bytes after the end of a value.
    public func finish() throws(DecodeFault) {
        guard isAtEnd else { throw DecodeFault(.trailing(remaining), at: offset) }
    }

    private func truncated(_ needed: Int) -> DecodeFault {
        DecodeFault(.truncated(needed: needed, available: remaining), at: offset)
    }
}
