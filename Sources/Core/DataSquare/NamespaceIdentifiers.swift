// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// Names the shares of one namespace in one row: height, row of 16 bits, namespace.
///
/// Any namespace of a valid form is taken, those of padding and parity too, as the reference does.
public struct RowNamespaceDataID: Hashable, Sendable {
    /// How long the name is.
    public static let sizeBytes = 39
    /// Which block, above 0.
    public let height: UInt64
    /// Which row of the extended square.
    public let row: UInt16
    /// Whose shares.
    public let namespace: Namespace

    /// Names a namespace's part of a row of block `height`, which is above 0.
    public init(height: UInt64, row: UInt16, namespace: Namespace) {
        ShareIdentifier.check(height: height)
        self.height = height
        self.row = row
        self.namespace = namespace
    }

    /// Reads 39 bytes.
    public init(decoding bytes: some Collection<UInt8>) throws(DecodeFault) {
        var fields = try ShareIdentifier.reader(
            bytes, size: Self.sizeBytes, of: "row namespace data id")
        height = fields.height
        row = try fields.reader.bigEndian()
        namespace = try Namespace(decoding: fields.reader.rest())
    }

    /// The name's bytes.
    public func encode() -> [UInt8] {
        var bytes = RowID(height: height, row: row).encode()
        bytes.append(namespace.bytes)
        return bytes
    }
}

/// Names all shares of one namespace in a square: height and namespace.
public struct NamespaceDataID: Hashable, Sendable {
    /// How long the name is.
    public static let sizeBytes = 37
    /// Which block, above 0.
    public let height: UInt64
    /// Whose shares; neither parity nor tail padding.
    public let namespace: Namespace

    /// Names a namespace's shares in block `height`, which is above 0.
    ///
    /// - Throws: `malformed` for a namespace that may not be asked for.
    public init(height: UInt64, namespace: Namespace) throws(DecodeFault) {
        ShareIdentifier.check(height: height)
        guard namespace.isValidForData else { throw .malformed("namespace is not of data", at: 8) }
        self.height = height
        self.namespace = namespace
    }

    /// Reads 37 bytes; the namespaces of tail padding and parity are refused.
    public init(decoding bytes: some Collection<UInt8>) throws(DecodeFault) {
        var fields = try ShareIdentifier.reader(
            bytes, size: Self.sizeBytes, of: "namespace data id")
        try self.init(
            height: fields.height, namespace: try Namespace(decoding: fields.reader.rest()))
    }

    /// The name's bytes.
    public func encode() -> [UInt8] {
        var bytes = SquareID(height: height).encode()
        bytes.append(namespace.bytes)
        return bytes
    }
}

/// Names a run of shares of the original square, counted row by row.
///
/// Two forms are on the wire: the share exchange's with 32-bit ends, and an older one with 16-bit
/// ends inside of Bitswap's content identifiers.
public struct RangeNamespaceDataID: Hashable, Sendable {
    /// How long the name is.
    public static let sizeBytes = 16
    /// How long the form with 16-bit ends is.
    public static let compactSizeBytes = 12
    /// Which block, above 0.
    public let height: UInt64
    /// The first share's index in the original square.
    public let from: UInt32
    /// The index after the last share's; above `from`.
    public let to: UInt32

    /// Names shares `from ..< to` of block `height`, which is above 0.
    ///
    /// - Throws: `malformed` when the range is empty or runs backwards.
    public init(height: UInt64, from: UInt32, to: UInt32) throws(DecodeFault) {
        ShareIdentifier.check(height: height)
        guard from < to else { throw .malformed("range from \(from) to \(to)", at: 8) }
        self.height = height
        self.from = from
        self.to = to
    }

    /// Reads 16 bytes.
    public init(decoding bytes: some Collection<UInt8>) throws(DecodeFault) {
        var fields = try ShareIdentifier.reader(
            bytes, size: Self.sizeBytes, of: "range namespace data id")
        let from = try fields.reader.bigEndian(UInt32.self)
        try self.init(height: fields.height, from: from, to: try fields.reader.bigEndian())
    }

    /// Reads the 12 bytes of the form with 16-bit ends.
    public init(decodingCompact bytes: some Collection<UInt8>) throws(DecodeFault) {
        var fields = try ShareIdentifier.reader(
            bytes, size: Self.compactSizeBytes, of: "compact range namespace data id")
        let from = try fields.reader.bigEndian(UInt16.self)
        let to = try fields.reader.bigEndian(UInt16.self)
        try self.init(height: fields.height, from: UInt32(from), to: UInt32(to))
    }

    /// The indexes of the shares.
    public var range: Range<Int> { Int(from)..<Int(to) }

    /// The name's 16 bytes.
    public func encode() -> [UInt8] {
        var bytes = SquareID(height: height).encode()
        bytes.append(bigEndian: from)
        bytes.append(bigEndian: to)
        return bytes
    }

    /// The 12 bytes of the form with 16-bit ends, or nil when an end needs more bits.
    public func encodeCompact() -> [UInt8]? {
        guard let from = UInt16(exactly: from), let to = UInt16(exactly: to) else { return nil }
        var bytes = SquareID(height: height).encode()
        bytes.append(bigEndian: from)
        bytes.append(bigEndian: to)
        return bytes
    }
}
