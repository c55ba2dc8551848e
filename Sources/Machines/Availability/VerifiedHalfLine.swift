// SPDX-License-Identifier: Apache-2.0

package import DataSquare

/// The first half of a row or a column, known to be the committed one.
package struct VerifiedHalfLine: Hashable, Sendable {
    /// The half, as it can be sent on.
    package let half: HalfLine

    fileprivate init(trusted half: HalfLine) {
        self.half = half
    }

    /// Which line it is half of.
    package var line: AxisLine { half.line }
    /// Its place among the lines of its axis.
    package var index: Int { half.line.index }
    /// The first k shares, one after the other.
    package var bytes: [UInt8] { half.bytes }

    /// The rows of a whole square.
    package static func rows(of square: ExtendedDataSquare) -> [VerifiedHalfLine] {
        (0..<square.width).map { row in
            VerifiedHalfLine(trusted: HalfLine(AxisLine(.row, row), of: square))
        }
    }

    /// The rows of a whole square, then its columns.
    package static func all(of square: ExtendedDataSquare) -> [VerifiedHalfLine] {
        rows(of: square)
            + (0..<square.width).map { column in
                VerifiedHalfLine(trusted: HalfLine(AxisLine(.column, column), of: square))
            }
    }
}

extension HalfLine {
    /// The same, known to be the committed one; throws as `shares(against:)` does.
    package func verify(
        against roots: DataAvailabilityHeader
    ) throws(VerificationFault) -> VerifiedHalfLine {
        _ = try shares(against: roots)
        return VerifiedHalfLine(trusted: self)
    }
}
