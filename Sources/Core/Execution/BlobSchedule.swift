// SPDX-License-Identifier: Apache-2.0

/// How many blobs blocks carry, and how their price moves (EIP-4844, 7691, 7892).
public struct BlobSchedule: Hashable, Sendable {
    /// Blobs at which the price stays.
    public var target: UInt64
    /// Blobs at most.
    public var max: UInt64
    /// How slowly the price moves.
    public var updateFraction: UInt64

    /// Joins its parts.
    public init(target: UInt64, max: UInt64, updateFraction: UInt64) {
        self.target = target
        self.max = max
        self.updateFraction = updateFraction
    }

    /// Cancun's.
    public static let cancun = BlobSchedule(target: 3, max: 6, updateFraction: 3_338_477)
    /// Prague's and Osaka's.
    public static let prague = BlobSchedule(target: 6, max: 9, updateFraction: 5_007_716)
    /// That of the first fork that moved these numbers alone.
    public static let first = BlobSchedule(target: 10, max: 15, updateFraction: 8_346_193)
    /// That of the second.
    public static let second = BlobSchedule(target: 14, max: 21, updateFraction: 11_684_671)

    /// The schedule that a fork brought.
    public static func of(_ fork: Hardfork) -> BlobSchedule {
        fork >= .prague ? .prague : .cancun
    }

    /// What a unit of blob gas costs, in wei: e to the power of excess over the fraction.
    ///
    /// The largest number when it would be more than 256 bits, which no block comes near.
    public func baseFee(excess: UInt64) -> UInt256 {
        let fraction = UInt256(updateFraction)
        var output = UInt256.zero
        var term = fraction
        var step: UInt64 = 1
        while !term.isZero {
            let (sum, isLarge) = output.adding(term)
            let (product, overflow) = term.multiplied(by: UInt256(excess))
            if isLarge || overflow { return .max }
            output = sum
            term = product / (fraction &* UInt256(step))
            step += 1
        }
        return output / fraction
    }

    /// The excess after a block (EIP-4844, with the floor of EIP-7918 since Osaka).
    public func excess(
        after parent: (excess: UInt64, used: UInt64, baseFee: UInt256), fork: Hardfork
    ) -> UInt64 {
        let goal = target * Transaction.gasPerBlob
        let total = parent.excess &+ parent.used
        if total < goal { return 0 }
        if fork >= .osaka {
            let reserve = UInt256(8192) &* parent.baseFee
            let price = baseFee(excess: parent.excess) &* UInt256(Transaction.gasPerBlob)
            if reserve > price { return parent.excess &+ parent.used &* (max - target) / max }
        }
        return total - goal
    }
}
