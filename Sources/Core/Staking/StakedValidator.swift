// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// What is known of somebody who validates, or wants to.
///
/// Byte form: 220 bytes, in the order of the members.
public struct StakedValidator: StakingEntity {
    /// The account that runs it.
    public let operatorAddress: Bytes20
    /// The Ed25519 key that it votes with.
    public var consensusKey: Bytes32
    /// The key that it will vote with in committees yet to be fixed; the same when none waits.
    public var nextKey: Bytes32
    /// The coins staked with it.
    public var tokens: UInt64
    /// The shares in those coins.
    public var shares: UInt64
    /// The least that its operator promises to stake itself.
    public var selfMinimum: UInt64
    /// Coins that belong to its delegators as rewards, not yet paid.
    public var rewards: UInt64
    /// The rewards of one share since the beginning.
    public var rewardPerShare: Decimal18
    /// Coins that belong to its operator as commission, not yet paid.
    public var commission: UInt64
    /// The part of rewards that its operator keeps.
    public var commissionRate: Decimal18
    /// The most that it may ever be.
    public var commissionRateMax: Decimal18
    /// The most that it may rise in a day.
    public var commissionRiseMax: Decimal18
    /// When it last rose, in milliseconds since 1970.
    public var commissionRaised: UInt64
    /// Whether it is kept out of committees.
    public var isJailed: Bool
    /// Whether that is for ever.
    public var isTombstoned: Bool
    /// Whether it needs a new key before it may come back.
    public var needsNewKey: Bool
    /// Before when it may not come back, in milliseconds since 1970.
    public var jailedUntil: UInt64
    /// Since which epoch its weight waits to change, plus one; 0 when it does not.
    public var waitingSince: UInt64
    /// The last epoch whose committee it is in, plus one; 0 for none.
    public var lastSeat: UInt64
    /// Faults of its that await their second step.
    public var openFaults: UInt16
    /// Entries that unbond from it.
    public var unbondingEntries: UInt32

    /// One that nobody has staked with yet.
    package init(
        operatorAddress: Bytes20, key: Bytes32, selfMinimum: UInt64, rates: CommissionRates
    ) {
        self.operatorAddress = operatorAddress
        consensusKey = key
        nextKey = key
        tokens = 0
        shares = 0
        self.selfMinimum = selfMinimum
        rewards = 0
        rewardPerShare = .zero
        commission = 0
        commissionRate = rates.rate
        commissionRateMax = rates.maximum
        commissionRiseMax = rates.rise
        commissionRaised = 0
        isJailed = false
        isTombstoned = false
        needsNewKey = false
        jailedUntil = 0
        waitingSince = 0
        lastSeat = 0
        openFaults = 0
        unbondingEntries = 0
    }

    package init(from reader: inout ByteReader) throws(DecodeFault) {
        operatorAddress = try reader.fixed()
        consensusKey = try reader.fixed()
        nextKey = try reader.fixed()
        tokens = try reader.bigEndian()
        shares = try reader.bigEndian()
        selfMinimum = try reader.bigEndian()
        rewards = try reader.bigEndian()
        rewardPerShare = try reader.decimal()
        commission = try reader.bigEndian()
        commissionRate = try reader.rate()
        commissionRateMax = try reader.rate()
        commissionRiseMax = try reader.rate()
        commissionRaised = try reader.bigEndian()
        isJailed = try reader.flag()
        isTombstoned = try reader.flag()
        needsNewKey = try reader.flag()
        jailedUntil = try reader.bigEndian()
        waitingSince = try reader.bigEndian()
        lastSeat = try reader.bigEndian()
        openFaults = try reader.bigEndian()
        unbondingEntries = try reader.bigEndian()
    }

    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(220)
        bytes.append(operatorAddress)
        bytes.append(consensusKey)
        bytes.append(nextKey)
        for number in [tokens, shares, selfMinimum, rewards] { bytes.append(bigEndian: number) }
        bytes.append(decimal: rewardPerShare)
        bytes.append(bigEndian: commission)
        for rate in [commissionRate, commissionRateMax, commissionRiseMax] {
            bytes.append(rate: rate)
        }
        bytes.append(bigEndian: commissionRaised)
        for flag in [isJailed, isTombstoned, needsNewKey] { bytes.append(flag: flag) }
        for number in [jailedUntil, waitingSince, lastSeat] { bytes.append(bigEndian: number) }
        bytes.append(bigEndian: openFaults)
        bytes.append(bigEndian: unbondingEntries)
        return bytes
    }

    /// What so many shares are worth, rounded down: what somebody gets for them.
    package func worth(of some: UInt64) throws(ArithmeticFault) -> UInt64 {
        shares == 0 ? 0 : try Proportion.of(some, tokens, over: shares, .down)
    }

    /// The shares that coins buy, rounded down.
    package func sharesBought(by coins: UInt64) throws(ArithmeticFault) -> UInt64 {
        shares == 0 ? coins : try Proportion.of(coins, shares, over: tokens, .down)
    }

    /// The shares that must be given up for coins, rounded up.
    package func sharesSold(for coins: UInt64) throws(ArithmeticFault) -> UInt64 {
        try Proportion.of(coins, shares, over: tokens, .up)
    }
}

/// Whose a consensus key is; it stays after the key was changed, since old votes can be faults.
///
/// Byte form: operator (20) ‖ key (32).
struct KeyOwner: StakingEntity {
    let operatorAddress: Bytes20
    let key: Bytes32

    init(operatorAddress: Bytes20, key: Bytes32) {
        self.operatorAddress = operatorAddress
        self.key = key
    }

    init(from reader: inout ByteReader) throws(DecodeFault) {
        operatorAddress = try reader.fixed()
        key = try reader.fixed()
    }

    func encode() -> [UInt8] { operatorAddress.array + key.array }
}
