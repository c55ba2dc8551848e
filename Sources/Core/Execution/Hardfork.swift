// SPDX-License-Identifier: Apache-2.0

/// Ethereum's changes of rules that execution can see, in their order.
///
/// Later ones keep what earlier ones brought, so code asks `fork >= .berlin`. Forks that moved the
/// difficulty bomb or blob parameters alone are no cases here: `ForkSchedule` knows those.
public enum Hardfork: UInt8, CaseIterable, Comparable, Sendable {
    /// The first rules, 2015.
    case frontier
    /// EIP-2, EIP-7.
    case homestead
    /// EIP-150: calls cost what they cause.
    case tangerineWhistle
    /// EIP-155, 160, 161, 170.
    case spuriousDragon
    /// EIP-140, 196 to 198, 211, 214, 649, 658.
    case byzantium
    /// EIP-145, 1014, 1052, 1234, 1283.
    case constantinople
    /// The same without EIP-1283.
    case petersburg
    /// EIP-152, 1108, 1344, 1884, 2028, 2200.
    case istanbul
    /// EIP-2565, 2718, 2929, 2930.
    case berlin
    /// EIP-1559, 3198, 3529, 3541.
    case london
    /// EIP-3675, 4399: proof of stake.
    case paris
    /// EIP-3651, 3855, 3860, 4895.
    case shanghai
    /// EIP-1153, 4788, 4844, 5656, 6780, 7516.
    case cancun
    /// EIP-2537, 2935, 6110, 7002, 7251, 7623, 7685, 7691, 7702.
    case prague
    /// EIP-7594, 7823, 7825, 7883, 7918, 7934, 7939, 7951.
    case osaka

    /// Order in time.
    public static func < (a: Hardfork, b: Hardfork) -> Bool { a.rawValue < b.rawValue }
}
