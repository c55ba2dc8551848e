// SPDX-License-Identifier: Apache-2.0

/// A value of Ethereum's recursive length prefix, as a view of the bytes it was read from.
///
/// Only the canonical form is read (yellow paper, appendix B): a single byte below 0x80 stands for
/// itself, and a length takes its shortest form. Nesting is read level by level, on demand, so
/// that no depth of it costs anything.
public struct RLPItem: Sendable {
    /// Whether it is a list; otherwise it is a string of bytes.
    public let isList: Bool
    /// The string's bytes, or the encodings of the list's items one after another.
    public let content: ArraySlice<UInt8>
    /// The item with its own prefix.
    public let encoding: ArraySlice<UInt8>

    /// Reads bytes that are exactly one item.
    public init(decoding bytes: [UInt8]) throws(DecodeFault) {
        try self.init(decoding: bytes[...])
    }

    /// Reads a slice that is exactly one item.
    public init(decoding bytes: ArraySlice<UInt8>) throws(DecodeFault) {
        var rest = bytes
        self = try Self.next(&rest)
        guard rest.isEmpty else {
            throw DecodeFault(.trailing(rest.count), at: rest.startIndex - bytes.startIndex)
        }
    }

    private init(isList: Bool, content: ArraySlice<UInt8>, encoding: ArraySlice<UInt8>) {
        self.isList = isList
        self.content = content
        self.encoding = encoding
    }

    /// Takes the first item off `rest`.
    ///
    /// - Throws: `truncated` where the bytes end, `malformed` for a form that is not the shortest.
    public static func next(_ rest: inout ArraySlice<UInt8>) throws(DecodeFault) -> RLPItem {
        guard let first = rest.first else { throw DecodeFault(.truncated(needed: 1, available: 0)) }
        let start = rest.startIndex
        if first < 0x80 {
            let content = rest.prefix(1)
            rest = rest.dropFirst()
            return RLPItem(isList: false, content: content, encoding: content)
        }
        let isList = first >= 0xc0
        let short = Int(first & 0x3f)
        var header = 1
        var length = short
        if short > 55 {
            header = 1 + short - 55
            length = try longLength(rest, header: header)
        }
        guard length <= rest.count - header else {
            throw DecodeFault(
                .truncated(needed: length, available: max(0, rest.count - header)), at: start)
        }
        let end = start + header + length
        let content = rest[start + header..<end]
        if !isList, length == 1, let byte = content.first, byte < 0x80 {
            throw .malformed("an RLP byte that needs no prefix has one", at: start)
        }
        let item = RLPItem(isList: isList, content: content, encoding: rest[start..<end])
        rest = rest[end...]
        return item
    }

    /// The big-endian length behind a long prefix; more than 55 and without leading zeros.
    private static func longLength(
        _ rest: ArraySlice<UInt8>, header: Int
    ) throws(DecodeFault) -> Int {
        let start = rest.startIndex
        guard rest.count >= header else {
            throw DecodeFault(.truncated(needed: header, available: rest.count), at: start)
        }
        guard rest[start + 1] != 0 else {
            throw .malformed("an RLP length has leading zeros", at: start)
        }
        var length: UInt64 = 0
        for byte in rest[start + 1..<start + header] { length = length << 8 | UInt64(byte) }
        guard length > 55 else { throw .malformed("an RLP length is not in its short form") }
        guard let length = Int(exactly: length) else {
            throw DecodeFault(.truncated(needed: Int.max, available: rest.count), at: start)
        }
        return length
    }

    /// The string's bytes.
    public func string(_ field: String = "item") throws(DecodeFault) -> ArraySlice<UInt8> {
        guard !isList else { throw .malformed("RLP: \(field) is a list", at: content.startIndex) }
        return content
    }

    /// The list's items, at most `limit` of them.
    public func list(
        limit: Int = .max, _ field: String = "item"
    ) throws(DecodeFault) -> [RLPItem] {
        guard isList else { throw .malformed("RLP: \(field) is no list", at: content.startIndex) }
        var items: [RLPItem] = []
        var rest = content
        while !rest.isEmpty {
            guard items.count < limit else {
                throw DecodeFault(
                    .overLimit(field: field, limit: limit, actual: items.count + 1),
                    at: rest.startIndex)
            }
            items.append(try Self.next(&rest))
        }
        return items
    }

    /// An unsigned integer without leading zeros.
    public func integer<Integer: FixedWidthInteger & UnsignedInteger>(
        _ type: Integer.Type = Integer.self, _ field: String = "item"
    ) throws(DecodeFault) -> Integer {
        let bytes = try string(field)
        guard bytes.first != 0 else {
            throw .malformed("RLP: \(field) has leading zeros", at: bytes.startIndex)
        }
        guard bytes.count <= Integer.bitWidth / 8 else {
            throw DecodeFault(
                .overLimit(field: field, limit: Integer.bitWidth / 8, actual: bytes.count),
                at: bytes.startIndex)
        }
        return bytes.reduce(0) { $0 << 8 | Integer($1) }
    }

    /// A value of fixed size.
    public func fixed<let size: Int>(
        _ field: String = "item"
    ) throws(DecodeFault) -> FixedBytes<size> {
        let bytes = try string(field)
        return try FixedBytes<size>(decoding: bytes, field: field, at: bytes.startIndex)
    }
}

/// Writes Ethereum's recursive length prefix.
///
/// A list is written by writing its items first and its prefix before them afterwards.
public struct RLPWriter: Sendable {
    /// What was written.
    public private(set) var bytes: [UInt8] = []

    /// Nothing written yet.
    public init() {}

    /// A string of bytes.
    public mutating func string(_ content: some Collection<UInt8>) {
        if content.count == 1, let byte = content.first, byte < 0x80 {
            bytes.append(byte)
        } else {
            prefix(0x80, content.count)
            bytes.append(contentsOf: content)
        }
    }

    /// A value of fixed size.
    public mutating func fixed<let size: Int>(_ value: FixedBytes<size>) {
        string(value.array)
    }

    /// An integer without leading zeros.
    public mutating func integer(_ value: UInt64) {
        guard value >= 0x80 else { return bytes.append(value == 0 ? 0x80 : UInt8(value)) }
        let size = (71 - value.leadingZeroBitCount) / 8
        prefix(0x80, size)
        for index in (0..<size).reversed() {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index)))
        }
    }

    /// What is encoded already.
    public mutating func raw(_ encoding: some Collection<UInt8>) {
        bytes.append(contentsOf: encoding)
    }

    /// A list of what `items` writes.
    public mutating func list<Failure: Error>(
        _ items: (inout RLPWriter) throws(Failure) -> Void
    ) throws(Failure) {
        var inner = RLPWriter()
        try items(&inner)
        prefix(0xc0, inner.bytes.count)
        bytes.append(contentsOf: inner.bytes)
    }

    private mutating func prefix(_ base: UInt8, _ length: Int) {
        if length <= 55 {
            bytes.append(base + UInt8(length))
        } else {
            let size = (71 - UInt64(length).leadingZeroBitCount) / 8
            bytes.append(base + 55 + UInt8(size))
            for index in (0..<size).reversed() {
                bytes.append(UInt8(truncatingIfNeeded: length >> (8 * index)))
            }
        }
    }
}
