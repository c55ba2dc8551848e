// SPDX-License-Identifier: Apache-2.0

package import Bytes

/// How many coins come into the world.
///
/// Specified in Protocol/21-staking.md#issuance.
public enum Issuance {
    /// 2^(−1/2), 2^(−1/4), … 2^(−1/2²⁴), times 10¹⁸ and rounded down.
    static let roots: [UInt128] = [
        707_106_781_186_547_524, 840_896_415_253_714_543, 917_004_043_204_671_231,
        957_603_280_698_573_646, 978_572_062_087_700_134, 989_228_013_193_975_484,
        994_599_423_483_633_175, 997_296_056_085_470_126, 998_647_112_890_970_173,
        999_323_327_502_650_752, 999_661_606_496_243_683, 999_830_788_931_929_063,
        999_915_390_886_613_497, 999_957_694_548_431_132, 999_978_847_050_491_929,
        999_989_423_469_314_464, 999_994_711_720_674_283, 999_997_355_856_841_394,
        999_998_677_927_546_759, 999_999_338_963_554_895, 999_999_669_481_722_826,
        999_999_834_740_847_757, 999_999_917_370_420_465, 999_999_958_685_209_379,
    ]

    /// 2^(−x), rounded down: x by its binary digits, 24 of them behind the point.
    package static func halved(_ x: Decimal18) throws(ArithmeticFault) -> Decimal18 {
        let halvings = x.raw / Decimal18.scale
        guard halvings < 64 else { return .zero }
        var result = Decimal18.one
        var rest = x.raw % Decimal18.scale
        for root in roots {
            rest *= 2
            guard rest >= Decimal18.scale else { continue }
            rest -= Decimal18.scale
            result = try result.multiplied(by: Decimal18(raw: root), .down)
        }
        if rest > 0, let last = roots.last {
            result = try result.multiplied(by: Decimal18(raw: last), .down)
        }
        return Decimal18(raw: result.raw >> halvings)
    }

    /// Issuance of a year as a part of the supply, when so much of it is staked, before decay.
    static func rate(staked: Decimal18) throws(ArithmeticFault) -> Decimal18 {
        let low = StakingRules.issuanceLow
        let wanted = StakingRules.stakedWanted
        let range = try StakingRules.issuanceHigh.subtracting(low)
        if staked <= wanted {
            return try low.adding(
                try range.multiplied(by: staked, .down).divided(by: wanted, .down))
        }
        let surplus = try staked.subtracting(wanted).divided(
            by: StakingRules.stakedHalving, .up)
        return try low.adding(try range.multiplied(by: try halved(surplus), .down))
    }

    /// What is left of issuance after so many whole years.
    static func decay(years: UInt64) throws(ArithmeticFault) -> Decimal18 {
        var left = Decimal18.one
        for _ in 0..<min(years, 1000) {
            left = try left.multiplied(by: StakingRules.yearlyDecay, .down)
        }
        return left
    }

    /// The coins of an epoch that took so long; none beyond what there can ever be.
    package static func coins(
        supply: UInt64, staked: UInt64, milliseconds: UInt64, years: UInt64
    ) throws(ArithmeticFault) -> UInt64 {
        guard supply > 0 else { return 0 }
        let yearly = try rate(staked: try Decimal18(staked, over: supply, .down).clampedToOne)
            .multiplied(by: try decay(years: years), .down)
        let coins = try Proportion.of(
            try yearly.of(supply, .down), min(milliseconds, StakingRules.issuanceMax),
            over: StakingRules.year, .down)
        return min(coins, StakingRules.supplyMax - min(supply, StakingRules.supplyMax))
    }
}
