// SPDX-License-Identifier: Apache-2.0

package import Bytes
public import Chain

/// A price that the network has promised to take, and until when.
public struct FeeQuote: Hashable, Sendable {
    /// The price of a unit of gas.
    public let gasPrice: Decimal18
    /// What the gas that was asked for costs at that price, rounded up.
    public let fee: UInt64
    /// The last height at which it suffices.
    public let validThrough: Height

    /// Takes the parts; only `BasePrices` knows which are true.
    package init(gasPrice: Decimal18, fee: UInt64, validThrough: Height) {
        self.gasPrice = gasPrice
        self.fee = fee
        self.validThrough = validThrough
    }
}

/// The least prices of gas of this and the last eight heights.
///
/// The price moves by at most an eighth from height to height, towards more where blocks are fuller
/// than half. Whoever pays the price of any of the last nine heights pays enough, so that what was
/// asked for at one height suffices at the next eight. Byte form: floor (16) ‖ target (8) ‖ count (1)
/// ‖ prices, the oldest first (16 each). Specified in Protocol/21-staking.md#prices.
public struct BasePrices: StakingEntity {
    /// Heights behind the first for which a price is promised.
    public static let heldHeights = 8
    /// The most that the price moves: 1 of these.
    public static let stepParts: UInt64 = 8

    /// The least that the price can be.
    public let floor: Decimal18
    /// The gas of a block at which the price stays.
    public let target: UInt64
    /// The prices, the oldest first, at most nine; the last is that of the height to come.
    public private(set) var recent: [Decimal18]

    /// Prices that begin at their floor.
    public init(floor: Decimal18, target: UInt64) {
        self.floor = floor
        self.target = max(1, target)
        recent = [floor]
    }

    package init(from reader: inout ByteReader) throws(DecodeFault) {
        floor = try reader.decimal()
        target = try reader.bigEndian()
        let count = Int(try reader.byte())
        guard (1...Self.heldHeights + 1).contains(count), target > 0 else {
            throw .malformed("from one to nine prices and a target", at: reader.offset)
        }
        recent = []
        for _ in 0..<count { recent.append(try reader.decimal()) }
    }

    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(decimal: floor)
        bytes.append(bigEndian: target)
        bytes.append(UInt8(recent.count))
        for price in recent { bytes.append(decimal: price) }
        return bytes
    }

    /// The price of the height to come.
    public var current: Decimal18 { recent.last ?? floor }

    /// What a transaction must pay at the height to come: the least of the prices that still hold.
    public var required: Decimal18 { recent.min() ?? floor }

    /// The least fee of so much gas at the height to come, rounded up.
    public func fee(forGas gas: UInt64) -> UInt64? {
        Self.fee(forGas: gas, at: required)
    }

    /// Promises a price for the height to come and as many as `heights` in all, at most eight.
    public func quote(gas: UInt64, next: Height, heights: Int) -> FeeQuote? {
        let held = UInt64(min(max(heights, 1), Self.heldHeights))
        guard let fee = Self.fee(forGas: gas, at: current) else { return nil }
        return FeeQuote(
            gasPrice: current, fee: fee, validThrough: Height(next.value &+ held &- 1))
    }

    /// Moves on by a block that used so much gas.
    public mutating func advance(gasUsed: UInt64) {
        let price = current
        let used = min(gasUsed, target > .max / 2 ? .max : 2 * target)
        let distance = used > target ? used - target : target - used
        let wide = price.raw.multipliedFullWidth(by: UInt128(distance))
        let divisor = UInt128(target) * UInt128(Self.stepParts)
        // The distance is at most the target, so the step is at most an eighth of the price.
        let step = divisor.dividingFullWidth((wide.high, wide.low)).quotient
        let moved: UInt128
        if used > target {
            let (sum, overflow) = price.raw.addingReportingOverflow(step)
            moved = overflow ? price.raw : sum
        } else {
            moved = price.raw - step
        }
        recent.append(max(floor, Decimal18(raw: moved)))
        if recent.count > Self.heldHeights + 1 { recent.removeFirst() }
    }

    private static func fee(forGas gas: UInt64, at price: Decimal18) -> UInt64? {
        do throws(ArithmeticFault) { return try price.of(gas, .up) } catch { return nil }
    }
}

extension StakingState {
    /// The prices of gas as they are held.
    public func prices() throws(StakingFault) -> BasePrices {
        guard let prices: BasePrices = try load(StakingKey.prices) else {
            throw .state("no prices")
        }
        return prices
    }

    /// Puts prices in place, at the chain's beginning.
    public mutating func begin(_ prices: BasePrices) {
        save(prices, StakingKey.prices)
    }
}
