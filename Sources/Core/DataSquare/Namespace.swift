// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// Whose data a share carries: one byte of version and 28 of identifier, ordered as 29 bytes.
///
/// Users' namespaces have version 0 and eighteen leading zero bytes in the identifier, so ten bytes
/// are theirs. Version 255 is the protocol's own. No other version exists.
/// Specified in Protocol/01-namespaces-and-shares.md#namespace.
public struct Namespace: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Bytes of a namespace: version and identifier.
    public static let sizeBytes = 29
    /// Bytes of the identifier.
    public static let identifierSizeBytes = 28
    /// Bytes of the identifier that a user chooses.
    public static let userIDSizeBytesMax = 10

    /// The version followed by the identifier.
    public let bytes: FixedBytes<29>

    /// Takes bytes whose form is known to be right, or does not matter (a tree's node).
    @inlinable public init(unchecked bytes: FixedBytes<29>) {
        self.bytes = bytes
    }

    /// Reads 29 bytes of a valid version and, for version 0, a zero prefix.
    public init(decoding bytes: some Collection<UInt8>) throws(DecodeFault) {
        let bytes = try FixedBytes<29>(decoding: bytes, field: "namespace")
        try self.init(checking: bytes)
    }

    /// Joins a version and an identifier of 28 bytes, as protobuf carries them.
    public init(
        version: UInt8, identifier: some Collection<UInt8>
    ) throws(DecodeFault) {
        guard identifier.count == Self.identifierSizeBytes else {
            throw DecodeFault(
                .wrongSize(
                    field: "namespace identifier", expected: Self.identifierSizeBytes,
                    actual: identifier.count))
        }
        var joined = [version]
        joined.append(contentsOf: identifier)
        try self.init(decoding: joined)
    }

    /// A user's namespace: version 0, the identifier padded on the left with zeros.
    ///
    /// - Throws: `wrongSize` for more than ten bytes. Ten bytes that name a reserved namespace are
    ///   taken; `isValidForBlob` tells them apart.
    public init(userID: some Collection<UInt8>) throws(DecodeFault) {
        guard userID.count <= Self.userIDSizeBytesMax else {
            throw DecodeFault(
                .overLimit(
                    field: "namespace user id", limit: Self.userIDSizeBytesMax,
                    actual: userID.count))
        }
        var bytes = FixedBytes<29>()
        for (index, byte) in userID.enumerated() {
            bytes[Self.sizeBytes - userID.count + index] = byte
        }
        self.init(unchecked: bytes)
    }

    private init(checking bytes: FixedBytes<29>) throws(DecodeFault) {
        switch bytes[0] {
        case Self.userVersion:
            for index in 1...18 where bytes[index] != 0 {
                throw .malformed("a version 0 namespace has a byte other than zero", at: index)
            }
        case Self.reservedVersion:
            break
        default:
            throw .malformed("namespace version \(bytes[0]) does not exist")
        }
        self.bytes = bytes
    }

    /// The first byte.
    public var version: UInt8 { bytes[0] }

    /// The 28 bytes after the version.
    public var identifier: [UInt8] { Array(bytes.array.dropFirst()) }

    /// The namespace `offset` places further, both read as unsigned big-endian integers.
    ///
    /// - Throws: `ArithmeticFault` beyond either end. The result's form is not checked.
    public func advanced(by offset: Int) throws(ArithmeticFault) -> Namespace {
        var sum = bytes
        var carry = offset
        for index in (0..<Self.sizeBytes).reversed() {
            let total = Int(sum[index]) + (carry & 0xff)
            sum[index] = UInt8(truncatingIfNeeded: total)
            carry = (carry >> 8) + (total >> 8)
        }
        guard carry == 0 else { throw ArithmeticFault() }
        return Namespace(unchecked: sum)
    }

    /// Lower-case hexadecimal.
    public var description: String { bytes.hex }

    /// Order of the bytes, first byte first.
    @inlinable public static func < (lhs: Namespace, rhs: Namespace) -> Bool {
        lhs.bytes < rhs.bytes
    }
}
