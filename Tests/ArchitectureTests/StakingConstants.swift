// SPDX-License-Identifier: Apache-2.0

import Agreement
import Chain
import Ledger
import Staking

/// What the code of staking says, by the names of Protocol/constants.json.
extension ConstantsTests {
    /// Stake, earnings and prices.
    static let staking: [String: Int] = [
        "staking.unbondingMilliseconds": Int(StakingRules.unbondingMilliseconds),
        "staking.blockMilliseconds": Int(StakingRules.blockMilliseconds),
        "staking.validatorsMax": Int(StakingRules.validatorsMax),
        "staking.unbondingEntriesMax": StakingRules.unbondingEntriesMax,
        "staking.maturitiesMax": StakingRules.maturitiesMax,
        "staking.prunedAtOnce": StakingRules.prunedAtOnce,
        "staking.selfBondMin": Int(StakingRules.selfBondMin),
        "staking.selfBondOfMedian": StakingRules.selfBondOfMedian.basisPoints,
        "staking.commissionMin": StakingRules.commissionMin.basisPoints,
        "staking.commissionMax": StakingRules.commissionMax.basisPoints,
        "staking.commissionRise": StakingRules.commissionRise.basisPoints,
        "staking.churnParts": Int(StakingRules.churnParts),
        "staking.membersMax": CommitteeRecord.membersMax,
        "staking.powerMax": Int(CommitteeRecord.powerMax),
        "staking.inclusionBlocks": Int(StakingRules.inclusionBlocks),
        "staking.promptBlocks": Int(StakingRules.promptBlocks),
        "staking.issuanceLow": StakingRules.issuanceLow.basisPoints,
        "staking.issuanceHigh": StakingRules.issuanceHigh.basisPoints,
        "staking.stakedWanted": StakingRules.stakedWanted.basisPoints,
        "staking.stakedHalving": StakingRules.stakedHalving.basisPoints,
        "staking.yearlyDecay": StakingRules.yearlyDecay.basisPoints,
        "staking.year": Int(StakingRules.year),
        "staking.issuanceMax": Int(StakingRules.issuanceMax),
        "staking.attestationPart": StakingRules.attestationPart.basisPoints,
        "staking.auditPart": StakingRules.auditPart.basisPoints,
        "staking.proposerPart": StakingRules.proposerPart.basisPoints,
        "staking.inclusionParts": Int(StakingRules.inclusionParts),
        "staking.evidenceSizeBytesMax": StakingMessage.evidenceMax,
        "slashing.impossibleVoteSizeBytesMax": ImpossibleVote.sizeLimit,
        "slashing.seatEpochsMax": Int(LedgerTransition.seatEpochsMax),
        "staking.blockEvidenceBytesMax": ReadBlock.evidenceBytesMax,
        "staking.includedHeightsMax": IncludedVotes.heightsMax,
        "staking.includedVotesMax": IncludedVotes.votesMax,
        "staking.harvestHeightsAhead": Int(VoteHarvest.heightsAhead),
        "staking.cellSizeBytesMax": AuditedCell.sizeMax,
        "price.heldHeights": BasePrices.heldHeights,
        "price.stepParts": Int(BasePrices.stepParts),
    ]

    /// Faults, absence, audits and challenges.
    static let slashing: [String: Int] = [
        "slashing.evidenceMilliseconds": Int(StakingRules.evidenceMilliseconds),
        "slashing.floor": StakingRules.slashFloor.basisPoints,
        "slashing.tombstoneFrom": StakingRules.tombstoneFrom.basisPoints,
        "slashing.correlationEpochs": Int(StakingRules.correlationEpochs),
        "slashing.faultJailMilliseconds": Int(StakingRules.faultJail),
        "slashing.faultHoldMilliseconds": Int(StakingRules.faultHold),
        "slashing.selfBondFactor": Int(StakingRules.selfBondFactor),
        "slashing.reporterPart": StakingRules.reporterPart.basisPoints,
        "slashing.reporterMax": Int(StakingRules.reporterMax),
        "slashing.fundPart": StakingRules.fundPart.basisPoints,
        "slashing.missWindow": Int(StakingRules.missWindow),
        "slashing.missesMax": Int(StakingRules.missesMax),
        "slashing.downtimeJailMilliseconds": Int(StakingRules.downtimeJail),
        "slashing.brake": StakingRules.brake.basisPoints,
        "slashing.inactivityRise": Int(StakingRules.inactivityRise),
        "slashing.inactivityFall": Int(StakingRules.inactivityFall),
        "slashing.inactivityHealing": Int(StakingRules.inactivityHealing),
        "slashing.inactivityMax": Int(StakingRules.inactivityMax),
        "slashing.healthyMilliseconds": Int(StakingRules.healthyMilliseconds),
        "slashing.auditsPerEpoch": StakingRules.auditsPerEpoch,
        "slashing.auditMemory": Int(StakingRules.auditMemory),
        "slashing.auditScoreMin": StakingRules.auditScoreMin.basisPoints,
        "slashing.lowEpochsMax": Int(StakingRules.lowEpochsMax),
        "slashing.auditWindowMilliseconds": Int(StakingRules.auditWindow),
        "slashing.lossMilliseconds": Int(StakingRules.lossMilliseconds),
        "slashing.lossMemoryMilliseconds": Int(StakingRules.lossMemory),
        "slashing.lossReportsMax": StakingRules.lossReportsMax,
        "slashing.challengeWindowMilliseconds": Int(StakingRules.challengeWindow),
        "slashing.challengeEpochs": Int(StakingRules.challengeEpochs),
        "slashing.challengesMax": Int(StakingRules.challengesMax),
        "slashing.challengesPerDoubling": Int(StakingRules.challengesPerDoubling),
        "slashing.challengeBond": Int(StakingRules.challengeBond),
        "slashing.answerParts": Int(StakingRules.answerParts),
        "slashing.columnsMax": Challenge.columnsMax,
        "slashing.withholdingJailMilliseconds": Int(StakingRules.withholdingJail),
        "slashing.withholdingMemoryMilliseconds": Int(StakingRules.withholdingMemory),
    ]
}

extension Decimal18 {
    /// Ten-thousandths, of a rate that is a whole number of them.
    fileprivate var basisPoints: Int {
        let part = Decimal18.scale / 10_000
        return raw % part == 0 ? Int(raw / part) : -1
    }
}
