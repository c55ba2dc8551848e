// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// What of a chain's constants staking needs; the rest are the same on every chain.
///
/// Specified in Protocol/21-staking.md#parameters.
public struct StakingRules: Hashable, Sendable {
    /// The kind of coin.
    public var denom: String
    /// What addresses of accounts begin with; those of operators have `valoper` behind it.
    public var addressPrefix: String
    /// Blocks of an epoch.
    public var epochBlocks: UInt64

    /// Takes the constants.
    public init(
        denom: String = "utia", addressPrefix: String = "celestia", epochBlocks: UInt64 = 600
    ) {
        self.denom = denom
        self.addressPrefix = addressPrefix
        self.epochBlocks = epochBlocks
    }

    /// What addresses of operators begin with.
    public var operatorPrefix: String { addressPrefix + "valoper" }

    package static let minute: UInt64 = 60_000
    package static let hour: UInt64 = 60 * minute
    package static let day: UInt64 = 24 * hour

    /// From leaving to being free.
    public static let unbondingMilliseconds = 14 * day + hour
    /// From a fault to the last moment at which it can be told.
    public static let evidenceMilliseconds = 14 * day
    /// For how long a block's record is kept; the storage window.
    public static let blockMilliseconds = 7 * day + hour
    /// The most validators that are known at once, in the committee or not.
    public static let validatorsMax: UInt64 = 1000
    /// The most entries that unbond from one validator to one delegator.
    public static let unbondingEntriesMax = 7
    /// The most entries that become free in one block.
    public static let maturitiesMax = 256
    /// The most that a block's records shrink by at once.
    public static let prunedAtOnce = 2
    /// The least self-bond, in the smallest coin.
    public static let selfBondMin: UInt64 = 1_000_000
    /// The least self-bond, of the committee's median.
    public static let selfBondOfMedian = Decimal18(basisPoints: 50)
    /// The least commission.
    public static let commissionMin = Decimal18(basisPoints: 500)
    /// The most commission.
    public static let commissionMax = Decimal18(basisPoints: 6000)
    /// The most that commission rises in a day.
    public static let commissionRise = Decimal18(basisPoints: 100)
    /// The part of a committee's weight that may leave, and that may come, in one epoch: 1 of these.
    public static let churnParts: UInt64 = 6
    /// Blocks within which a vote can be included.
    public static let inclusionBlocks: UInt64 = 8
    /// Blocks within which a vote is in time; later it earns half.
    public static let promptBlocks: UInt64 = 4
    /// Blocks over which misses are counted.
    public static let missWindow: UInt64 = 2000
    /// Misses of those blocks that jail.
    public static let missesMax: UInt16 = 1000
    /// For how long misses jail.
    public static let downtimeJail = 10 * minute
    /// The part of the weight that is not jailed for downtime in one epoch.
    public static let brake = Decimal18(basisPoints: 1700)
}

/// What rewards and slashes are made of.
extension StakingRules {
    /// A year, in milliseconds: 365.2425 days.
    public static let year: UInt64 = 31_556_952_000
    /// The most time that one epoch issues for.
    public static let issuanceMax = hour
    /// Issuance of a year when nothing is staked.
    public static let issuanceLow = Decimal18(basisPoints: 100)
    /// Issuance of a year at the wanted share.
    public static let issuanceHigh = Decimal18(basisPoints: 400)
    /// The share of the supply that is wanted staked.
    public static let stakedWanted = Decimal18(basisPoints: 5000)
    /// By how much more must be staked for the surplus issuance to halve.
    public static let stakedHalving = Decimal18(basisPoints: 500)
    /// What of issuance is left a year later.
    public static let yearlyDecay = Decimal18(basisPoints: 9330)
    /// The most coins that there can ever be.
    public static let supplyMax: UInt64 = 1 << 63
    /// For votes.
    public static let attestationPart = Decimal18(basisPoints: 5000)
    /// For audits.
    public static let auditPart = Decimal18(basisPoints: 2000)
    /// For proposers.
    public static let proposerPart = Decimal18(basisPoints: 2000)
    /// A proposer's part that depends on the votes it includes: 1 of these.
    public static let inclusionParts: UInt64 = 8
    /// What inactivity rises by in an epoch of absence.
    public static let inactivityRise: UInt32 = 4
    /// What it falls by in an epoch of presence.
    public static let inactivityFall: UInt32 = 1
    /// What it falls by besides when the epoch went well.
    public static let inactivityHealing: UInt32 = 16
    /// The inactivity at which votes earn nothing.
    public static let inactivityMax: UInt32 = 256
    /// The longest epoch that went well.
    public static let healthyMilliseconds = 20 * minute

    /// How long what is due waits again while a fault may still cut it.
    public static let faultHold = 10 * minute
    /// What one fault alone costs.
    public static let slashFloor = Decimal18(basisPoints: 50)
    /// From what on a validator never comes back.
    public static let tombstoneFrom = Decimal18(basisPoints: 500)
    /// Epochs before and behind a fault within which others make it dearer.
    public static let correlationEpochs: UInt64 = 8
    /// For how long a fault jails that costs less.
    public static let faultJail = 7 * day
    /// How often over its own share the operator's self-bond pays first.
    public static let selfBondFactor: UInt64 = 2
    /// What of a slash the reporter gets.
    public static let reporterPart = Decimal18(basisPoints: 500)
    /// The most that the reporter gets, in the smallest coin.
    public static let reporterMax: UInt64 = 1_000_000_000
    /// What of a slash the fund gets.
    public static let fundPart = Decimal18(basisPoints: 5000)

    /// Audits of a validator in an epoch.
    public static let auditsPerEpoch = 4
    /// The weight of an epoch's audits in the score: 1 of these.
    public static let auditMemory: UInt64 = 8
    /// The score below which epochs are low.
    public static let auditScoreMin = Decimal18(basisPoints: 5000)
    /// Low epochs in a row that jail.
    public static let lowEpochsMax: UInt8 = 3
    /// For how long a report of loss excuses.
    public static let lossMilliseconds = day
    /// For how long a height cannot be reported lost again.
    public static let lossMemory = 30 * day
    /// The most reports of loss that a validator has at once.
    public static let lossReportsMax = 16
    /// The age up to which blocks are audited; the sampling window.
    public static let auditWindow = 7 * day
    /// The age up to which blocks can be challenged: an answer's time before they need not be kept.
    public static let challengeWindow = 7 * day - 4 * hour
    /// Whole epochs that a challenge waits for answers: 4 h.
    public static let challengeEpochs: UInt64 = 24
    /// The most challenges that are open.
    public static let challengesMax: UInt64 = 64
    /// After how many open challenges the bond doubles.
    public static let challengesPerDoubling: UInt64 = 8
    /// The bond of the first challenge, in the smallest coin.
    public static let challengeBond: UInt64 = 10_000_000
    /// What an answer is paid of that bond: 1 of these.
    public static let answerParts: UInt64 = 8
    /// For how long withheld data jails.
    public static let withholdingJail = day
    /// Within what time repeated withholding costs more.
    public static let withholdingMemory = 30 * day
    /// What withheld data costs the first, second, third and any further time.
    public static let withholdingFractions = [100, 200, 500, 1000].map {
        Decimal18(basisPoints: $0)
    }
}
