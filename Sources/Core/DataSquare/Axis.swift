// SPDX-License-Identifier: Apache-2.0

/// The two directions of a square; a row or a column of an extended square is one codeword.
public enum Axis: Hashable, Sendable, CaseIterable, CustomStringConvertible {
    /// From left to right.
    case row
    /// From top to bottom.
    case column

    /// The other direction.
    public var orthogonal: Axis { self == .row ? .column : .row }

    /// "row" or "column".
    public var description: String { self == .row ? "row" : "column" }
}
