// SPDX-License-Identifier: Apache-2.0

/// Exactly `size` bytes: the length is in the type, so it is checked once, where bytes come in.
///
/// Ordered as unsigned bytes, first byte first (the order of namespaces and addresses). Its text
/// is lower-case hexadecimal.
public struct FixedBytes<let size: Int>: Hashable, Comparable, Sendable, CustomStringConvertible {
    @usableFromInline var storage: InlineArray<size, UInt8>

    /// All zero.
    @inlinable public init() {
        storage = InlineArray(repeating: 0)
    }

    /// The same byte everywhere.
    @inlinable public init(repeating byte: UInt8) {
        storage = InlineArray(repeating: byte)
    }

    /// Copies `bytes`, or is nil when there are not exactly `size` of them.
    @inlinable public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == size else { return nil }
        storage = InlineArray(repeating: 0)
        var index = 0
        for byte in bytes {
            storage[index] = byte
            index += 1
        }
    }

    /// Copies `bytes`; throws `wrongSize` when there are not exactly `size` of them.
    @inlinable public init(
        decoding bytes: some Collection<UInt8>, field: String = "value", at offset: Int = 0
    ) throws(DecodeFault) {
        guard let value = Self(bytes) else {
            throw DecodeFault(
                .wrongSize(field: field, expected: size, actual: bytes.count), at: offset)
        }
        self = value
    }

    /// The byte at `index`, 0 ..< size.
    @inlinable public subscript(index: Int) -> UInt8 {
        get { storage[index] }
        set { storage[index] = newValue }
    }

    /// A copy as an array.
    @inlinable public var array: [UInt8] {
        var copy: [UInt8] = []
        copy.reserveCapacity(size)
        for index in 0..<size { copy.append(storage[index]) }
        return copy
    }

    /// Whether every byte is zero.
    @inlinable public var isZero: Bool {
        for index in 0..<size where storage[index] != 0 { return false }
        return true
    }

    /// Lower-case hexadecimal.
    public var hex: String { Hex.encode(array) }

    /// Lower-case hexadecimal.
    public var description: String { hex }

    /// Whether all bytes agree.
    @inlinable public static func == (lhs: Self, rhs: Self) -> Bool {
        for index in 0..<size where lhs.storage[index] != rhs.storage[index] { return false }
        return true
    }

    /// Order of the first byte that differs.
    @inlinable public static func < (lhs: Self, rhs: Self) -> Bool {
        for index in 0..<size where lhs.storage[index] != rhs.storage[index] {
            return lhs.storage[index] < rhs.storage[index]
        }
        return false
    }

    /// Feeds all bytes.
    @inlinable public func hash(into hasher: inout Hasher) {
        for index in 0..<size { hasher.combine(storage[index]) }
    }
}

/// A digest, a root, a key: 32 bytes.
public typealias Bytes32 = FixedBytes<32>
/// An address: 20 bytes.
public typealias Bytes20 = FixedBytes<20>
/// A signature: 64 bytes.
public typealias Bytes64 = FixedBytes<64>
