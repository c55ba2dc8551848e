// SPDX-License-Identifier: Apache-2.0

/// The code's definition: a polynomial through the known symbols, evaluated where one is unknown.
///
/// Quadratic and obvious; every faster way is held to it. With K data symbols, P parity symbols and
/// groups of nextPow2(P) points, the data of each group is one polynomial of degree below the group's
/// size, and the parity is the sum of all groups' polynomials at the first P points. For one group
/// this is interpolation through the data. Specified in
/// Protocol/03-erasure-coding.md#parity.
public struct ReferenceCode<Field: BinaryField>: Sendable {
    /// Where the symbols stand.
    public let points: CodePoints

    /// A code of these counts.
    public init(points: CodePoints) {
        self.points = points
    }

    /// The parity of data symbols.
    public func parity(of data: [Field.Symbol]) -> [Field.Symbol] {
        precondition(data.count == points.dataCount, "as many symbols as the code has")
        let size = points.dataStart
        var parity = [Field.Symbol](repeating: 0, count: points.parityCount)
        for start in stride(from: 0, to: data.count, by: size) {
            var group = Array(data[start..<min(start + size, data.count)])
            group += [Field.Symbol](repeating: 0, count: size - group.count)
            let places = (0..<size).map { Field.Symbol(size + start + $0) }
            for index in parity.indices {
                parity[index] ^= Self.interpolated(
                    at: Field.Symbol(index), through: places, values: group)
            }
        }
        return parity
    }

    /// The value at `place` of the polynomial of least degree through `places`, none of which is it.
    public static func interpolated(
        at place: Field.Symbol, through places: [Field.Symbol], values: [Field.Symbol]
    ) -> Field.Symbol {
        var sum: Field.Symbol = 0
        for (index, own) in places.enumerated() {
            var term = values[index]
            for other in places where other != own {
                term = Field.product(term, place ^ other)
                term = Field.product(term, Field.inverse(own ^ other))
            }
            sum ^= term
        }
        return sum
    }
}
