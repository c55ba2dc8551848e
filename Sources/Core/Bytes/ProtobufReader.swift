// SPDX-License-Identifier: Apache-2.0

/// One field of a protobuf message as it came over the wire.
public struct ProtobufField: Sendable {
    /// The content, by wire type.
    public enum Content: Sendable {
        /// Wire type 0.
        case varint(UInt64)
        /// Wire type 1, as it stood, least significant byte first.
        case fixed64(UInt64)
        /// Wire type 2, a view of the input.
        case bytes(ArraySlice<UInt8>)
        /// Wire type 5.
        case fixed32(UInt32)
    }

    /// The field's number in its schema, from 1.
    public let number: Int
    /// Its content.
    public let content: Content
    /// Where the field's tag stands in the message.
    public let offset: Int

    /// The content as an unsigned integer.
    public func varint() throws(DecodeFault) -> UInt64 {
        guard case .varint(let value) = content else { throw wrongType }
        return value
    }

    /// The content as an unsigned 32-bit integer; larger ones are refused.
    public func varint32() throws(DecodeFault) -> UInt32 {
        let wide = try varint()
        guard let value = UInt32(exactly: wide) else {
            throw DecodeFault(
                .overLimit(
                    field: "field \(number)", limit: Int(UInt32.max), actual: Int(clamping: wide)),
                at: offset)
        }
        return value
    }

    /// The content as a signed integer (int32 or int64).
    public func signed() throws(DecodeFault) -> Int64 {
        Int64(bitPattern: try varint())
    }

    /// The content as a Boolean.
    public func bool() throws(DecodeFault) -> Bool {
        try varint() != 0
    }

    /// The content as a signed integer of eight bytes.
    public func signedFixed64() throws(DecodeFault) -> Int64 {
        guard case .fixed64(let value) = content else { throw wrongType }
        return Int64(bitPattern: value)
    }

    /// The content as a view of the input.
    public func bytes() throws(DecodeFault) -> ArraySlice<UInt8> {
        guard case .bytes(let value) = content else { throw wrongType }
        return value
    }

    /// The content as bytes of a fixed size.
    public func fixed<let size: Int>(
        _ type: FixedBytes<size>.Type = FixedBytes<size>.self
    ) throws(DecodeFault) -> FixedBytes<size> {
        try FixedBytes<size>(decoding: try bytes(), field: "field \(number)", at: offset)
    }

    /// The content as text; bytes that are not UTF-8 are refused.
    public func string(limit: Int = 65_536) throws(DecodeFault) -> String {
        let raw = try bytes()
        guard raw.count <= limit else {
            throw DecodeFault(
                .overLimit(field: "field \(number)", limit: limit, actual: raw.count), at: offset)
        }
        guard let text = String(validating: raw, as: UTF8.self) else {
            throw .malformed("field \(number) is not UTF-8", at: offset)
        }
        return text
    }

    /// The content as a nested message.
    public func message() throws(DecodeFault) -> ProtobufReader {
        ProtobufReader(try bytes())
    }

    /// Appends the element or elements of a repeated integer, packed or not.
    public func appendVarints(to list: inout [UInt64], limit: Int) throws(DecodeFault) {
        switch content {
        case .varint(let value):
            list.append(value)
        case .bytes(let packed):
            var reader = ByteReader(packed)
            while !reader.isAtEnd {
                guard list.count < limit else { throw over(limit) }
                list.append(try reader.lenientVarint())
            }
        case .fixed64, .fixed32:
            throw wrongType
        }
        guard list.count <= limit else { throw over(limit) }
    }

    private func over(_ limit: Int) -> DecodeFault {
        DecodeFault(
            .overLimit(field: "field \(number)", limit: limit, actual: limit + 1), at: offset)
    }

    private var wrongType: DecodeFault { DecodeFault(.wireType(field: number), at: offset) }
}

/// Reads the fields of one protobuf message in the order they came; groups are refused.
public struct ProtobufReader: Sendable {
    private var reader: ByteReader

    /// Reads a message that fills `bytes`.
    public init(_ bytes: ArraySlice<UInt8>) {
        reader = ByteReader(bytes)
    }

    /// Reads a message that fills `bytes`.
    public init(_ bytes: [UInt8]) {
        reader = ByteReader(bytes)
    }

    /// The next field, or nil at the end.
    public mutating func next() throws(DecodeFault) -> ProtobufField? {
        if reader.isAtEnd { return nil }
        let start = reader.offset
        let tag = try reader.lenientVarint()
        let number = tag >> 3
        guard number >= 1, number <= 536_870_911 else {
            throw .malformed("field number \(number) is out of range", at: start)
        }
        let content: ProtobufField.Content
        switch tag & 7 {
        case 0: content = .varint(try reader.lenientVarint())
        case 1: content = .fixed64(try reader.littleEndian(UInt64.self))
        case 2: content = .bytes(try lengthDelimited())
        case 5: content = .fixed32(try reader.littleEndian(UInt32.self))
        default: throw DecodeFault(.wireType(field: Int(number)), at: start)
        }
        return ProtobufField(number: Int(number), content: content, offset: start)
    }

    private mutating func lengthDelimited() throws(DecodeFault) -> ArraySlice<UInt8> {
        let start = reader.offset
        let length = try reader.lenientVarint()
        guard length <= UInt64(reader.remaining) else {
            throw DecodeFault(
                .truncated(needed: Int(clamping: length), available: reader.remaining), at: start)
        }
        return try reader.slice(Int(length))
    }
}
