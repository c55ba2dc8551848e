// SPDX-License-Identifier: Apache-2.0

/// Writes one protobuf message, deterministically.
///
/// Fields come out in the order of the calls, which must be ascending; a plain call leaves a field
/// out when it holds its default (proto3), a `present` call never does. Canonical bytes matter here
/// because they are hashed and signed. Source: protobuf.dev/programming-guides/encoding.
public struct ProtobufWriter: Sendable {
    /// What was written so far.
    public private(set) var bytes: [UInt8] = []

    /// An empty message.
    public init() {}

    /// An empty message with room for `capacity` bytes.
    public init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// An unsigned integer, left out when zero.
    public mutating func varint(_ field: Int, _ value: UInt64) {
        if value != 0 { presentVarint(field, value) }
    }

    /// An unsigned integer, written even when zero.
    public mutating func presentVarint(_ field: Int, _ value: UInt64) {
        tag(field, 0)
        bytes.append(varint: value)
    }

    /// A signed integer (int32 or int64), left out when zero; negative ones take ten bytes.
    public mutating func signed(_ field: Int, _ value: Int64) {
        varint(field, UInt64(bitPattern: value))
    }

    /// A Boolean, left out when false.
    public mutating func bool(_ field: Int, _ value: Bool) {
        varint(field, value ? 1 : 0)
    }

    /// A signed integer in eight bytes, left out when zero.
    public mutating func signedFixed64(_ field: Int, _ value: Int64) {
        guard value != 0 else { return }
        tag(field, 1)
        bytes.append(littleEndian: UInt64(bitPattern: value))
    }

    /// Bytes, left out when empty.
    public mutating func bytes(_ field: Int, _ value: some Collection<UInt8>) {
        if !value.isEmpty { presentBytes(field, value) }
    }

    /// Bytes of a fixed size, always written.
    public mutating func bytes<let size: Int>(_ field: Int, _ value: FixedBytes<size>) {
        presentBytes(field, value.array)
    }

    /// Bytes or a nested message, written even when empty (elements of repeated fields, too).
    public mutating func presentBytes(_ field: Int, _ value: some Collection<UInt8>) {
        tag(field, 2)
        bytes.append(lengthPrefixed: value)
    }

    /// Text, left out when empty.
    public mutating func string(_ field: Int, _ value: String) {
        bytes(field, Array(value.utf8))
    }

    /// A nested message, written even when empty.
    public mutating func message(_ field: Int, _ body: (inout ProtobufWriter) -> Void) {
        var nested = ProtobufWriter()
        body(&nested)
        presentBytes(field, nested.bytes)
    }

    /// A packed repeated integer, left out when there is none.
    public mutating func packed(_ field: Int, _ values: some Collection<UInt64>) {
        guard !values.isEmpty else { return }
        var body: [UInt8] = []
        for value in values { body.append(varint: value) }
        presentBytes(field, body)
    }

    private mutating func tag(_ field: Int, _ wireType: UInt64) {
        bytes.append(varint: UInt64(field) << 3 | wireType)
    }
}
