// SPDX-License-Identifier: Apache-2.0

import Agreement
import Chain

/// What the code of the committee's protocol says, by the names of Protocol/constants.json.
extension ConstantsTests {
    static let agreement: [String: Int] = [
        "agreement.membersMax": QuorumCertificate.membersMax,
        "agreement.epochHeightsMax": Int(Epoch.lengthMax),
        "agreement.messageSizeBytesMax": AgreementMessage.sizeMax,
        "agreement.proposalSizeBytesMax": Proposal.sizeMax,
        "agreement.certificateSizeBytesMax": QuorumCertificate.sizeMax,
        "agreement.standstillViewsMax": Standstill.viewsMax,
        "agreement.standstillSizeBytesMax": Standstill.sizeMax,
        "agreement.openViewsMax": Int(AgreementLimits.openViewsMax),
        "agreement.talliedViewsMax": Int(AgreementLimits.talliedViewsMax),
        "agreement.proposalsMax": AgreementLimits.proposalsMax,
        "agreement.checksOfViewMax": AgreementLimits.checksOfViewMax,
        "agreement.checksMax": AgreementLimits.checksMax,
        "agreement.finalViewsKept": Int(AgreementLimits.finalViewsKept),
        "agreement.commitsAheadMax": Int(AgreementLimits.commitsAheadMax),
        "agreement.lateVotesMax": Int(AgreementLimits.lateVotesMax),
        "agreement.commitsToldMax": AgreementLimits.commitsToldMax,
        "agreement.epochsKept": AgreementLimits.epochsKept,
        "agreement.epochsAheadMax": AgreementLimits.epochsAheadMax,
        "agreement.questionsMax": AgreementLimits.questionsMax,
        "agreement.answersMax": AgreementLimits.answersMax,
        "agreement.askersMax": AgreementLimits.askersMax,
        "agreement.skipTurns": AgreementLimits.skipTurns,
        "agreement.deltaMilliseconds": Int(AgreementLimits.deltaMilliseconds),
        "agreement.deltaMillisecondsMin": Int(AgreementLimits.deltaMillisecondsMin),
        "agreement.deltaMillisecondsMax": Int(AgreementLimits.deltaMillisecondsMax),
        "agreement.deltaMillisecondsCap": Int(AgreementLimits.deltaMillisecondsCap),
        "agreement.samplesMax": AgreementLimits.samplesMax,
        "agreement.samplesAssumed": AgreementLimits.samplesAssumed,
        "agreement.encodeMilliseconds": Int(AgreementLimits.encodeMilliseconds),
        "agreement.timeStepNanoseconds": Int(ProposalRules.stepNanoseconds),
        "agreement.timeDriftMilliseconds": Int(ProposalRules.driftMilliseconds),
        "agreement.recordSizeBytesMax": AgreementRecord.sizeMax,
    ]
}
