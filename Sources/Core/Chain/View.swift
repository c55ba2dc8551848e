// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// One attempt of the committee to agree on a block; an epoch's first is 1.
///
/// Views stand in commits as rounds, so they are no larger than a round may be. View 0 is the block
/// that an epoch stands on. Specified in Protocol/20-agreement.md#views.
public struct View: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The block that the epoch stands on, which was decided before the epoch began.
    public static let base = View(checked: 0)
    /// The first attempt of an epoch.
    public static let first = View(checked: 1)
    /// The last that a commit can name.
    public static let last = View(checked: UInt64(Int32.max))

    /// The number itself, at most 2^31 − 1.
    public let value: UInt64

    /// Names a view, or is nil beyond `last`.
    public init?(_ value: UInt64) {
        guard value <= UInt64(Int32.max) else { return nil }
        self.value = value
    }

    /// Takes the number from the wire; larger ones than `last` are refused.
    public init(decoding value: UInt64, at offset: Int = 0) throws(DecodeFault) {
        guard let view = View(value) else {
            throw DecodeFault(
                .overLimit(field: "view", limit: Int(Int32.max), actual: Int(clamping: value)),
                at: offset)
        }
        self = view
    }

    private init(checked value: UInt64) {
        self.value = value
    }

    /// The attempt after this one; `last` has none and stays.
    public var next: View { self == .last ? self : View(checked: value + 1) }

    /// The attempt before this one, or nil for `base`.
    public var previous: View? { value == 0 ? nil : View(checked: value - 1) }

    /// The number as commits carry it.
    public var round: Int32 { Int32(clamping: value) }

    /// The number in decimal.
    public var description: String { String(value) }

    /// Order of the numbers.
    public static func < (lhs: View, rhs: View) -> Bool { lhs.value < rhs.value }
}
