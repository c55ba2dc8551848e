// SPDX-License-Identifier: Apache-2.0

/// Which rows of every square a node keeps that keeps no whole squares: slice `index` of `count`.
///
/// Slice i of n has the rows whose rest by n is i − 1; in a square of fewer than n rows, by its
/// width. So every slice has as much data as parity, any half of the slices has half of the rows,
/// and these give the square. Specified in Protocol/16-retention.md#slices.
public struct RowSlice: Hashable, Sendable, CustomStringConvertible {
    /// How many slices a square may be cut into; `slice.countMax` in Protocol/constants.json.
    public static let countMax = 64

    /// Which slice, from 1.
    public let index: Int
    /// How many slices there are: a power of two, 2 or more.
    public let count: Int

    /// Names a slice; nil for a count that is no power of two from 2 to 64, or an index outside.
    public init?(_ index: Int, of count: Int) {
        guard count >= 2, count <= Self.countMax, count.nonzeroBitCount == 1,
            (1...count).contains(index)
        else { return nil }
        self.index = index
        self.count = count
    }

    /// Reads `index/count` in decimal, as a person writes it.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]),
            "\(index)/\(count)" == text
        else { return nil }
        self.init(index, of: count)
    }

    /// Whether a row of an extended square `width` wide is in the slice.
    public func contains(_ row: Int, width: Int) -> Bool {
        let step = min(count, width)
        return row % step == (index - 1) % step
    }

    /// The slice's rows of an extended square `width` wide, ascending; at least one.
    public func rows(width: Int) -> [Int] {
        let step = min(count, width)
        return Array(stride(from: (index - 1) % step, to: width, by: step))
    }

    /// Whether whoever keeps this slice has all rows of another, whatever the width.
    public func covers(_ other: RowSlice) -> Bool {
        count <= other.count && (other.index - 1) % count == index - 1
    }

    /// Whether slices have half of the rows of a wide square together, which give the whole.
    public static func areEnough(_ slices: [RowSlice]) -> Bool {
        let rows = (0..<countMax).count { row in
            slices.contains { $0.contains(row, width: countMax) }
        }
        return rows >= countMax / 2
    }

    /// `index/count`.
    public var description: String { "\(index)/\(count)" }
}
