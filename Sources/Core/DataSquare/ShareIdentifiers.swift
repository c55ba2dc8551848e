// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// The fields that the names of pieces are made of, big-endian, each name of one fixed length.
///
/// Source: CIP-19; specified in Protocol/07-share-exchange.md#identifiers.
enum ShareIdentifier {
    /// Reads a name of exactly `size` bytes that begins with a height above 0.
    static func reader(
        _ bytes: some Collection<UInt8>, size: Int, of name: String
    ) throws(DecodeFault) -> (reader: ByteReader, height: UInt64) {
        guard bytes.count == size else {
            throw DecodeFault(.wrongSize(field: name, expected: size, actual: bytes.count))
        }
        var reader = ByteReader(Array(bytes))
        let height = try reader.bigEndian(UInt64.self)
        guard height > 0 else { throw .malformed("height 0 names no block") }
        return (reader, height)
    }

    /// Refuses a height of 0, which names no block.
    static func check(height: UInt64) {
        precondition(height > 0, "height 0 names no block")
    }
}

/// Names the square of a block: 8 bytes of height.
public struct SquareID: Hashable, Sendable {
    /// How long the name is.
    public static let sizeBytes = 8
    /// Which block, above 0.
    public let height: UInt64

    /// Names the square of block `height`, which is above 0.
    public init(height: UInt64) {
        ShareIdentifier.check(height: height)
        self.height = height
    }

    /// Reads 8 bytes.
    public init(decoding bytes: some Collection<UInt8>) throws(DecodeFault) {
        height = try ShareIdentifier.reader(bytes, size: Self.sizeBytes, of: "square id").height
    }

    /// The name's bytes.
    public func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: height)
        return bytes
    }
}

/// Names one row of a square: height and a row of 16 bits.
public struct RowID: Hashable, Sendable {
    /// How long the name is.
    public static let sizeBytes = 10
    /// Which block, above 0.
    public let height: UInt64
    /// Which row of the extended square.
    public let row: UInt16

    /// Names a row of the extended square of block `height`, which is above 0.
    public init(height: UInt64, row: UInt16) {
        ShareIdentifier.check(height: height)
        self.height = height
        self.row = row
    }

    /// Reads 10 bytes; whether the row is inside the square is for its header to say.
    public init(decoding bytes: some Collection<UInt8>) throws(DecodeFault) {
        var fields = try ShareIdentifier.reader(bytes, size: Self.sizeBytes, of: "row id")
        height = fields.height
        row = try fields.reader.bigEndian()
    }

    /// The name's bytes.
    public func encode() -> [UInt8] {
        var bytes = SquareID(height: height).encode()
        bytes.append(bigEndian: row)
        return bytes
    }
}

/// Names one share of a square: height, row and column of 16 bits each.
public struct SampleID: Hashable, Sendable {
    /// How long the name is.
    public static let sizeBytes = 12
    /// Which block, above 0.
    public let height: UInt64
    /// Which row of the extended square.
    public let row: UInt16
    /// Which column of the extended square.
    public let column: UInt16

    /// Names a share of the extended square of block `height`, which is above 0.
    public init(height: UInt64, row: UInt16, column: UInt16) {
        ShareIdentifier.check(height: height)
        self.height = height
        self.row = row
        self.column = column
    }

    /// Reads 12 bytes; whether the place is inside the square is for its header to say.
    public init(decoding bytes: some Collection<UInt8>) throws(DecodeFault) {
        var fields = try ShareIdentifier.reader(bytes, size: Self.sizeBytes, of: "sample id")
        height = fields.height
        row = try fields.reader.bigEndian()
        column = try fields.reader.bigEndian()
    }

    /// The place in the square.
    public var coordinate: Coordinate { Coordinate(row: Int(row), column: Int(column)) }

    /// The name's bytes.
    public func encode() -> [UInt8] {
        var bytes = RowID(height: height, row: row).encode()
        bytes.append(bigEndian: column)
        return bytes
    }
}
