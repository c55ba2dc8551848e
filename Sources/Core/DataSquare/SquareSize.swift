// SPDX-License-Identifier: Apache-2.0

/// The width of an original square: a power of two from 1 to 512.
///
/// Specified in Protocol/02-square-layout.md#square-size.
public enum SquareSize {
    /// The greatest width of an original square that the formats can carry.
    public static let upperBound = 512
    /// The greatest width under app versions 1 to 5.
    public static let upperBoundBeforeVersion6 = 128
    /// Shares in the greatest square; also the share index that fees and counts assume at worst.
    public static let sharesMax = upperBound * upperBound

    /// Whether an original square can be `width` shares wide.
    public static func isValid(_ width: Int) -> Bool {
        width >= 1 && width <= upperBound && width & (width - 1) == 0
    }

    /// The least power of two whose square holds `shares` shares; 1 for none.
    ///
    /// It may be more than `upperBound`; callers that build squares compare.
    public static func minimum(forShares shares: Int) -> Int {
        precondition(shares >= 0 && shares < 1 << 60, "a count of shares")
        var width = 1
        while width * width < shares { width *= 2 }
        return width
    }
}
