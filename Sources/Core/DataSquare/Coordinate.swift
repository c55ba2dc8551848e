// SPDX-License-Identifier: Apache-2.0

/// A place in an extended square, counted from 0 at the top left.
public struct Coordinate: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Rows above it.
    public let row: Int
    /// Columns left of it.
    public let column: Int

    /// Names a place; whether it lies in a square of some width is checked where it is used.
    public init(row: Int, column: Int) {
        self.row = row
        self.column = column
    }

    /// The place at `position` along the axis at `index`.
    public init(_ axis: Axis, _ index: Int, position: Int) {
        self =
            axis == .row ? Self(row: index, column: position) : Self(row: position, column: index)
    }

    /// The index of the axis that runs through it.
    public func index(of axis: Axis) -> Int { axis == .row ? row : column }

    /// How far along that axis it lies.
    public func position(on axis: Axis) -> Int { axis == .row ? column : row }

    /// Row-major order.
    public static func < (lhs: Self, rhs: Self) -> Bool {
        (lhs.row, lhs.column) < (rhs.row, rhs.column)
    }

    /// "(row, column)".
    public var description: String { "(\(row), \(column))" }
}
