// SPDX-License-Identifier: Apache-2.0

/// The factors of both transforms over consecutive points, layer by layer.
struct TransformPlan: Sendable {
    let count: Int
    let inverse: Direction
    let forward: Direction
    let pairing: KernelFactors

    /// One of the transforms.
    struct Direction: Sendable {
        /// Factors below 256, of all layers.
        let narrow: KernelFactors
        /// Factors of the layers that have larger ones, on pairs.
        let large: KernelFactors
        /// Layers of a half-size that is not below this have no large factor.
        let wide: Int
        /// Whether it starts at the point 0, so that the first factor of each layer is zero.
        let isFromZero: Bool

        init<Field: BinaryField>(count: Int, offset: Int, in field: Field.Type) {
            let factors = Self.factors(count, offset, field)
            narrow = KernelFactors(narrow: factors, in: field)
            isFromZero = offset == 0
            guard let first = factors.firstIndex(where: { Int($0) > 255 }) else {
                wide = 0
                large = KernelFactors()
                return
            }
            wide = 2 * (factors.count / nextPowerOfTwo(first + 1))
            large = KernelFactors(factors, in: field, form: .paired)
        }

        /// Number 0 is no group's.
        private static func factors<Field: BinaryField>(
            _ count: Int, _ offset: Int, _ field: Field.Type
        ) -> [Field.Symbol] {
            var factors = [Field.Symbol](repeating: 0, count: max(count, 1))
            var half = count / 2
            while half >= 1 {
                for group in 0..<count / (2 * half) {
                    factors[count / (2 * half) + group] = LeopardTransform<Field>.factor(
                        start: offset + group * 2 * half, half: half)
                }
                half /= 2
            }
            return factors
        }
    }

    /// Values at the points from `inverseOffset` become values at those from `forwardOffset`.
    init<Field: BinaryField>(
        count: Int, inverseOffset: Int, forwardOffset: Int, in field: Field.Type
    ) {
        self.count = count
        inverse = Direction(count: count, offset: inverseOffset, in: field)
        forward = Direction(count: count, offset: forwardOffset, in: field)
        pairing = KernelFactors(pairsOf: field)
    }
}
