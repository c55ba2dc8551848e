// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// Somebody's shares in a validator's stake.
///
/// Byte form: shares (8) ‖ reward of a share when they were last settled (16).
public struct Delegation: StakingEntity {
    /// The shares.
    public var shares: UInt64
    /// The validator's reward per share when its delegator's were last paid.
    public var settledAt: Decimal18

    init(shares: UInt64, settledAt: Decimal18) {
        self.shares = shares
        self.settledAt = settledAt
    }

    package init(from reader: inout ByteReader) throws(DecodeFault) {
        shares = try reader.bigEndian()
        settledAt = try reader.decimal()
    }

    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: shares)
        bytes.append(decimal: settledAt)
        return bytes
    }
}

/// Coins on their way out of a validator's stake; they can still be slashed.
///
/// Byte form: epoch (8) ‖ due time (8) ‖ balance (8).
public struct UnbondingEntry: StakingEntity {
    /// The epoch in which they left.
    public var epoch: UInt64
    /// When they are free, in milliseconds since 1970.
    public var due: UInt64
    /// The coins.
    public var balance: UInt64

    init(epoch: UInt64, due: UInt64, balance: UInt64) {
        self.epoch = epoch
        self.due = due
        self.balance = balance
    }

    package init(from reader: inout ByteReader) throws(DecodeFault) {
        epoch = try reader.bigEndian()
        due = try reader.bigEndian()
        balance = try reader.bigEndian()
    }

    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        for number in [epoch, due, balance] { bytes.append(bigEndian: number) }
        return bytes
    }
}

/// Coins that went from one validator to another and still answer for the first.
///
/// Byte form: destination (20) ‖ epoch (8) ‖ height (8) ‖ due time (8) ‖ coins (8).
public struct Redelegation: StakingEntity {
    /// Where they went.
    public var destination: Bytes20
    /// The epoch in which they went.
    public var epoch: UInt64
    /// The height at which they went.
    public var height: UInt64
    /// Until when they answer for the first validator, in milliseconds since 1970.
    public var due: UInt64
    /// How much of them still does.
    public var coins: UInt64

    init(destination: Bytes20, epoch: UInt64, height: UInt64, due: UInt64, coins: UInt64) {
        self.destination = destination
        self.epoch = epoch
        self.height = height
        self.due = due
        self.coins = coins
    }

    package init(from reader: inout ByteReader) throws(DecodeFault) {
        destination = try reader.fixed()
        epoch = try reader.bigEndian()
        height = try reader.bigEndian()
        due = try reader.bigEndian()
        coins = try reader.bigEndian()
    }

    package func encode() -> [UInt8] {
        var bytes = destination.array
        for number in [epoch, height, due, coins] { bytes.append(bigEndian: number) }
        return bytes
    }
}

/// Where every coin is that no account holds, and how many there are in all.
///
/// Byte form: the members in order, 8 bytes each.
public struct StakingTotals: StakingEntity {
    /// All coins of the chain, those of accounts included.
    public var supply: UInt64 = 0
    /// Staked.
    public var bonded: UInt64 = 0
    /// On their way out.
    public var unbonding: UInt64 = 0
    /// Rewards and commission that are not yet paid.
    public var rewards: UInt64 = 0
    /// For common ends.
    public var pool: UInt64 = 0
    /// For those whom faults have harmed.
    public var fund: UInt64 = 0
    /// Fees since the last end of an epoch.
    public var fees: UInt64 = 0
    /// Bonds of open challenges.
    public var bonds: UInt64 = 0
    /// Ever issued.
    public var issued: UInt64 = 0
    /// Ever burned.
    public var burned: UInt64 = 0
    /// How many validators are known.
    public var validators: UInt64 = 0
    /// Challenges ever opened, which names the next one.
    public var challengesOpened: UInt64 = 0
    /// Challenges open now.
    public var challengesOpen: UInt64 = 0

    init() {}

    package init(from reader: inout ByteReader) throws(DecodeFault) {
        supply = try reader.bigEndian()
        bonded = try reader.bigEndian()
        unbonding = try reader.bigEndian()
        rewards = try reader.bigEndian()
        pool = try reader.bigEndian()
        fund = try reader.bigEndian()
        fees = try reader.bigEndian()
        bonds = try reader.bigEndian()
        issued = try reader.bigEndian()
        burned = try reader.bigEndian()
        validators = try reader.bigEndian()
        challengesOpened = try reader.bigEndian()
        challengesOpen = try reader.bigEndian()
    }

    package func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        for number in [
            supply, bonded, unbonding, rewards, pool, fund, fees, bonds, issued, burned,
            validators, challengesOpened, challengesOpen,
        ] {
            bytes.append(bigEndian: number)
        }
        return bytes
    }
}
