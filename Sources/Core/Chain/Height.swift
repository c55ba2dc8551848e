// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// The place of a block in its chain; the first block has height 1.
public struct Height: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The largest height, which the headers' signed 64-bit integer sets.
    public static let largest = Height(UInt64(Int64.max))

    /// The number itself.
    public let value: UInt64

    /// Names a height.
    public init(_ value: UInt64) {
        self.value = value
    }

    /// Takes the signed integer of a header; negative ones are refused.
    public init(decoding value: Int64, at offset: Int = 0) throws(DecodeFault) {
        guard value >= 0 else { throw .malformed("height \(value) is negative", at: offset) }
        self.value = UInt64(value)
    }

    /// The height of the next block.
    public var next: Height { Height(value &+ 1) }

    /// The height of the block before, or nil at the chain's beginning.
    public var previous: Height? { value > 1 ? Height(value - 1) : nil }

    /// The number as headers carry it.
    var signed: Int64 { Int64(clamping: value) }

    /// The number in decimal.
    public var description: String { String(value) }

    /// Order of the numbers.
    public static func < (lhs: Height, rhs: Height) -> Bool { lhs.value < rhs.value }
}
