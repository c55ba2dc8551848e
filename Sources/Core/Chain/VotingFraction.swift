// SPDX-License-Identifier: Apache-2.0

/// A part of a set's weight that must be exceeded, as an exact fraction.
public struct VotingFraction: Hashable, Sendable {
    /// What makes a block final.
    public static let twoThirds = VotingFraction(checked: 2, 3)
    /// What must be exceeded of a trusted set to skip to a later header.
    public static let oneThird = VotingFraction(checked: 1, 3)

    /// Above the line.
    public let numerator: UInt64
    /// Below the line.
    public let denominator: UInt64

    /// A fraction from 0 to 1, or nil.
    public init?(_ numerator: UInt64, _ denominator: UInt64) {
        guard denominator > 0, numerator <= denominator else { return nil }
        self.init(checked: numerator, denominator)
    }

    private init(checked numerator: UInt64, _ denominator: UInt64) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// Whether `power` is more than this part of `total`; neither is negative.
    public func isExceeded(by power: Int64, of total: Int64) -> Bool {
        let left = UInt64(clamping: power).multipliedFullWidth(by: denominator)
        let right = UInt64(clamping: total).multipliedFullWidth(by: numerator)
        return (left.high, left.low) > (right.high, right.low)
    }

    /// Whether it is at least one third and at most all: what a trust level may be.
    public var isTrustLevel: Bool {
        let triple = numerator.multipliedFullWidth(by: 3)
        return triple.high > 0 || triple.low >= denominator
    }
}
