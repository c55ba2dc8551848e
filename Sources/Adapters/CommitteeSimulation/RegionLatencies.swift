// SPDX-License-Identifier: Apache-2.0

/// How long messages travel between regions.
///
/// Those of AWS are medians of round trips that cloudping.co measured; the ten regions are those in
/// which Commonware estimates its own protocols. `Protocol/vectors/region_latencies.json` has the same
/// numbers with their source.
package struct RegionLatencies: Sendable {
    /// The regions' names.
    package let names: [String]
    /// Round trips from each region, its row, to each, in microseconds.
    package let roundTripMicroseconds: [[UInt64]]

    /// One region with the same time on every way, in microseconds.
    package static func uniform(oneWayMicroseconds: UInt64) -> RegionLatencies {
        RegionLatencies(
            names: ["uniform"], roundTripMicroseconds: [[2 * oneWayMicroseconds]])
    }

    /// Nanoseconds from a region to another: half of the round trip.
    package func oneWayNanoseconds(from: Int, to: Int) -> UInt64 {
        roundTripMicroseconds[from][to] * 500
    }

    /// The median time on the way from one region to another or itself, in nanoseconds.
    package var medianNanoseconds: UInt64 {
        let all = roundTripMicroseconds.flatMap { $0 }.sorted()
        return all[all.count / 2] * 500
    }

    /// Ten regions of AWS.
    package static let aws = RegionLatencies(
        names: [
            "us-west-1", "us-east-1", "eu-west-1", "ap-northeast-1", "eu-north-1", "ap-south-1",
            "sa-east-1", "eu-central-1", "ap-northeast-2", "ap-southeast-2",
        ],
        roundTripMicroseconds: [
            [
                2_817, 63_944, 129_934, 108_256, 172_856,
                232_000, 174_762, 153_252, 133_536, 139_126,
            ],
            [
                64_160, 5_506, 69_622, 149_684, 112_794,
                192_506, 115_310, 93_160, 179_824, 199_812,
            ],
            [
                130_108, 69_736, 3_178, 202_282, 40_878,
                125_890, 178_206, 27_456, 232_626, 255_742,
            ],
            [
                108_744, 149_537, 202_468, 2_750, 247_227,
                134_328, 258_343, 227_580, 36_343, 106_936,
            ],
            [
                172_498, 112_202, 39_718, 246_670, 3_332,
                148_877, 222_980, 22_980, 250_092, 271_220,
            ],
            [
                231_589, 189_670, 125_389, 133_254, 148_430,
                3_167, 301_022, 128_968, 134_488, 154_675,
            ],
            [
                175_308, 115_378, 178_588, 258_918, 223_336,
                301_760, 3_318, 205_014, 289_659, 312_424,
            ],
            [
                153_012, 92_650, 26_988, 226_991, 22_938,
                129_262, 204_017, 4_042, 230_834, 251_345,
            ],
            [
                133_928, 179_504, 233_225, 36_369, 250_374,
                135_238, 289_366, 231_554, 4_020, 145_232,
            ],
            [
                139_250, 199_676, 255_590, 105_814, 271_595,
                154_862, 312_056, 251_648, 146_134, 4_096,
            ],
        ])
}
