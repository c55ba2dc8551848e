// SPDX-License-Identifier: Apache-2.0

/// How sure a light node may be that a square can be recovered, from samples alone.
///
/// Who wants to make a square unrecoverable must hide at least (k+1)² of its 4k² shares. If exactly
/// so many are hidden, s distinct uniformly random samples all miss them with probability
/// C(4k² − (k+1)², s) / C(4k², s): the draw is without return, so the law is the hypergeometric one.
/// The arithmetic is exact and in integers, so that every node states the same number; it is in
/// parts per million, rounded down. Specified in Protocol/08-sampling.md#confidence.
public enum SamplingConfidence {
    /// Certainty.
    public static let whole = 1_000_000

    /// The fewest shares whose hiding makes a square of `width` extended shares a side
    /// unrecoverable: k+1 of each of k+1 rows.
    public static func hiddenSharesMin(width: Int) -> Int {
        (width / 2 + 1) * (width / 2 + 1)
    }

    /// The probability, in parts per million, that `samples` distinct random shares of an
    /// unrecoverable square would have met a hidden one.
    ///
    /// More samples than the square has shares count as all of them.
    public static func partsPerMillion(width: Int, samples: Int) -> Int {
        precondition(
            width >= DataAvailabilityHeader.widthMin && width <= DataAvailabilityHeader.widthMax
                && width & (width - 1) == 0, "the width of an extended square")
        precondition(samples >= 0, "a count is not negative")
        let shares = width * width
        let held = shares - hiddenSharesMin(width: width)
        if samples > held { return whole }
        var missed = Natural(1)
        var drawn = Natural(1)
        for index in 0..<samples {
            missed.multiply(by: held - index)
            drawn.multiply(by: shares - index)
        }
        missed.multiply(by: whole)
        return greatest { missed <= drawn.multiplied(by: whole - $0) }
    }

    /// The greatest value from 0 to `whole` that holds, where 0 does and those that hold come first.
    private static func greatest(_ holds: (Int) -> Bool) -> Int {
        var low = 0
        var high = whole
        while low < high {
            let middle = (low + high + 1) / 2
            if holds(middle) { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// A natural number of any size, least limb first, without leading zeros.
    private struct Natural {
        private var limbs: [UInt32]

        init(_ value: UInt32) {
            limbs = value == 0 ? [] : [value]
        }

        /// Multiplies by a factor of at most 32 bits.
        mutating func multiply(by factor: Int) {
            precondition(factor >= 0 && factor <= Int(UInt32.max), "a factor of one limb")
            var carry: UInt64 = 0
            for index in limbs.indices {
                let product = UInt64(limbs[index]) * UInt64(factor) + carry
                limbs[index] = UInt32(truncatingIfNeeded: product)
                carry = product >> 32
            }
            if carry > 0 { limbs.append(UInt32(carry)) }
            while limbs.last == 0 { limbs.removeLast() }
        }

        func multiplied(by factor: Int) -> Natural {
            var copy = self
            copy.multiply(by: factor)
            return copy
        }

        static func <= (lhs: Natural, rhs: Natural) -> Bool {
            guard lhs.limbs.count == rhs.limbs.count else {
                return lhs.limbs.count < rhs.limbs.count
            }
            return !rhs.limbs.reversed().lexicographicallyPrecedes(lhs.limbs.reversed())
        }
    }
}
