// SPDX-License-Identifier: Apache-2.0

package import Bytes
internal import Cryptography
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

    /// The generator that draws a block's coordinates, the same for as long as the secret is kept.
    ///
    /// A node draws for a block once. Were it to draw anew on each try, an attacker who hides some
    /// shares would only have to wait for a draw that misses them. So the draw hangs on nothing but
    /// a secret of the node, which it keeps from its first start on and tells nobody, and on which
    /// block it is. Specified in Protocol/08-sampling.md#places.
    package static func generator(
        secret: Bytes32, height: UInt64, dataRoot: Bytes32
    ) -> SeededGenerator {
        var message = Array("quadrat sampling places".utf8)
        message.append(bigEndian: height)
        message.append(dataRoot)
        return SeededGenerator(
            seed: HMACSHA256.authenticate(key: secret.array, message))
    }

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
