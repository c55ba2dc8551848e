// SPDX-License-Identifier: Apache-2.0

package import DataSquare
package import Machinery

/// Which shares of a block a light node asks for.
///
/// Specified in Protocol/08-sampling.md.
package enum CoordinateChoice {
    /// Shares sampled in one block; `sampling.samplesPerBlock` in Protocol/constants.json.
    ///
    /// Celestia's light nodes draw 16: an attacker must hide more than a quarter of the square, so
    /// one node misses it with at most 0.75¹⁶, about 1 %.
    package static let samplesPerBlock = 16

    /// Distinct coordinates of an extended square, each equally likely, in the order drawn.
    ///
    /// `width` is the extended square's (2k); a square of at most `count` shares is taken whole.
    package static func draw(
        width: Int, with generator: inout SeededGenerator, count: Int = samplesPerBlock
    ) -> [Coordinate] {
        let cells = width * width
        if cells <= count {
            return (0..<cells).map { Coordinate(row: $0 / width, column: $0 % width) }
        }
        var chosen: [Coordinate] = []
        while chosen.count < count {
            let cell = generator.next(below: cells)
            let coordinate = Coordinate(row: cell / width, column: cell % width)
            if !chosen.contains(coordinate) { chosen.append(coordinate) }
        }
        return chosen
    }
}
