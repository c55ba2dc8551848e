// SPDX-License-Identifier: Apache-2.0

/// How a committee's members find a block available before they vote for it for good.
public enum AvailabilityProfile: Hashable, Sendable {
    /// Each rebuilds the whole square and extends it again.
    case whole
    /// Each holds its own rows and columns, and draws cells of the others.
    case custody
}

/// The widest squares that every member of a network's committee rebuilds whole.
///
/// Specified in Protocol/24-attestation.md#profiles.
public struct AvailabilityRule: Hashable, Sendable {
    /// Every square is rebuilt: what holds where a network says nothing else.
    public static let everySquare = AvailabilityRule(wholeWidthMax: .max)

    /// The widest original square that is rebuilt.
    public let wholeWidthMax: Int

    /// Sets the widest original square that is rebuilt.
    public init(wholeWidthMax: Int) {
        self.wholeWidthMax = wholeWidthMax
    }

    /// What a member does for a square of which each line has so many holders.
    ///
    /// Where everybody holds every line, the whole square is at hand anyway and is rebuilt.
    public func profile(
        originalWidth: Int, holdersPerLine: Int, memberCount: Int
    ) -> AvailabilityProfile {
        originalWidth > wholeWidthMax && holdersPerLine < memberCount ? .custody : .whole
    }
}
