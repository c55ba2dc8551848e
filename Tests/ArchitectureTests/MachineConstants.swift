// SPDX-License-Identifier: Apache-2.0

import Availability
import Chain
import DataSquare
import Peering
import Pooling
import Roles
import Storage
import Syncing

/// What the code of machines and roles says, by the names of Protocol/constants.json.
extension ConstantsTests {
    static let availability: [String: Int] = [
        "sampling.samplesPerBlock": CoordinateChoice.samplesPerBlock,
        "sampling.requestMilliseconds": Int(SamplingMachine.requestMilliseconds),
        "sampling.blockMilliseconds": Int(SamplingMachine.blockMilliseconds),
        "sampling.witnesses": SamplingMachine.witnesses,
        "sampling.roundPauseMilliseconds": Int(SamplingMachine.roundPauseMilliseconds),
        "sampling.hedgeMilliseconds": Int(SamplingMachine.hedgeMilliseconds),
        "sampling.peersAskedMax": SamplingMachine.peersAskedMax,
        "sampling.peersInTurnMax": SamplingMachine.peersInTurnMax,
        "sampling.strangersAtOnce": SamplingMachine.strangersAtOnce,
        "sampling.roundPauseMillisecondsMax": Int(SamplingMachine.roundPauseMillisecondsMax),
        "sampling.seekMilliseconds": Int(SamplingMachine.seekMilliseconds),
        "sampling.seekAgainMilliseconds": Int(NodeLimits.seekAgainMilliseconds),
        "sampling.latePeersMax": NodeLimits.latePeersMax,
        "sampling.lateMilliseconds": Int(NodeLimits.lateMilliseconds),
        "sampling.lateDoublingsMax": NodeLimits.lateDoublingsMax,
        "sampling.newBlocksAtOnce": SamplingSchedule.newBlocksAtOnce,
        "sampling.blocksAtOnce": SamplingSchedule.blocksAtOnce,
        "sampling.retriesAtOnce": SamplingSchedule.retriesAtOnce,
        "sampling.retryMilliseconds": Int(SamplingSchedule.retryMilliseconds),
        "sampling.failedHeightsMax": SamplingSchedule.failedHeightsMax,
        "sampling.receiptsKept": NodeLimits.receiptsKept,
        "sampling.evidenceKept": NodeLimits.evidenceKept,
        "repair.rowsAtOnce": RepairMachine.rowsAtOnce,
        "repair.sharesAtOnce": RepairMachine.sharesAtOnce,
        "repair.refusedRows": RepairMachine.refusedRows,
        "repair.refusedShares": RepairMachine.refusedShares,
        "repair.requestsMax": RepairMachine.requestsMax,
        "repair.waitingMax": NodeLimits.repairsWaitingMax,
        "repair.pieceMilliseconds": Int(NodeLimits.repairPieceMilliseconds),
    ]

    static let fraud: [String: Int] = [
        "sidecar.valueSizeBytes": EncodingSidecar.valueSizeBytes,
        "sidecar.openingSizeMax": SidecarOpening.sizeLimit,
        "sidecar.answerSizeMax": SidecarExchange.answerLimit,
        "sidecar.requestSizeBytes": SidecarExchange.requestSize,
        "sidecar.pendingMax": NodeLimits.sidecarsMax,
        "sidecar.peersMax": NodeLimits.sidecarPeersMax,
        "fraud.proofSizeMax": FraudMachine.proofSizeMax,
        "fraud.waitingMax": FraudMachine.waitingMax,
        "fraud.earlyMax": FraudMachine.earlyMax,
        "fraud.searchesAtOnce": FraudMachine.searchesAtOnce,
        "fraud.suspicionsMax": FraudMachine.suspicionsMax,
        "fraud.sharesAtOnce": FraudMachine.sharesAtOnce,
        "fraud.requestMilliseconds": Int(FraudMachine.requestMilliseconds),
        "fraud.lineMilliseconds": Int(FraudMachine.lineMilliseconds),
        "fraud.roundPauseMilliseconds": Int(FraudMachine.roundPauseMilliseconds),
        "fraud.alarmColumns": FraudMachine.alarmColumns,
        "fraud.questionMilliseconds": Int(NodeLimits.fraudQuestionMilliseconds),
        "fraud.requestSizeMax": FraudExchange.requestLimit,
        "fraud.typesMax": FraudExchange.typesMax,
        "fraud.proofsMax": FraudExchange.proofsMax,
        "fraud.answerSizeMax": FraudExchange.answerLimit,
    ]

    static let syncing: [String: Int] = [
        "sync.headWitnesses": HeaderSyncMachine.headWitnesses,
        "sync.headersAtOnce": Int(HeaderSyncMachine.headersAtOnce),
        "sync.gossipPollMilliseconds": Int(HeaderSyncMachine.gossipPollMilliseconds),
        "sync.holdersMax": SquareSyncMachine.holdersMax,
        "sync.witnessMemory": HeaderSyncMachine.witnessMemory,
        "sync.bisectionDepth": HeaderSyncMachine.bisectionDepth,
        "sync.squaresAtOnce": SquareSyncMachine.squaresAtOnce,
        "sync.liarsMax": LiarList.limit,
        "sync.wantedMax": SquareSyncMachine.wantedMax,
        "sync.restMilliseconds": Int(SquareSyncMachine.restMilliseconds),
        "sync.restDoublings": SquareSyncMachine.restDoublings,
        "sync.refusalsMax": SquareSyncMachine.refusalsMax,
        "backfill.missingMin": Int(BackfillMeter.missingMin),
        "backfill.reportMilliseconds": Int(BackfillMeter.reportMilliseconds),
        "retention.timesAtOnce": Int(WindowMachine.timesAtOnce),
        "retention.restMilliseconds": Int(WindowMachine.restMilliseconds),
        "retention.prunedAtOnce": PruningMachine.prunedAtOnce,
        "retention.samplingWindowMilliseconds": Int(NodeConfiguration.samplingWindowDefault),
        "retention.storageWindowMilliseconds": Int(NodeConfiguration.storageWindowDefault),
        "retention.pinsMax": NodeLimits.pinsMax,
        "space.reserveBytes": Int(SpaceMachine.reserveBytes),
        "space.againMilliseconds": Int(SpaceMachine.againMilliseconds),
        "scrub.savedEvery": Int(ScrubMachine.savedEvery),
        "scrub.passMilliseconds": Int(ScrubMachine.passMilliseconds),
        "scrub.bytesPerSecond": Int(ScrubMachine.bytesPerSecond),
        "scrub.rows": NodeLimits.scrubbedRows,
        "pin.partSizeBytes": PinnedRecord.partSizeBytes,
        "pin.sizeMax": PinnedRecord.sizeMax,
    ]

    static let lightClients: [String: Int] = [
        "light.headerRequestSizeBytesMax": SamplingHeaderExchange.requestLimit,
        "light.linesMax": SamplingHeaderExchange.linesMax,
        "light.questionsPerSecond": Int(SamplingHeaderExchange.questionsPerSecond),
        "light.rootMessageSizeBytesMax": SamplingHeaderExchange.rootLimit,
        "light.samplesMax": SampleManyExchange.coordinatesMax,
        "light.sampleRequestSizeBytesMax": SampleManyExchange.requestLimit,
        "light.sampleMessageSizeBytesMax": SampleManyExchange.messageLimit,
        "light.auntsMin": UnverifiedAxisRoot.auntsMin,
        "light.auntsMax": UnverifiedAxisRoot.auntsMax,
        "light.rootsAtHand": NodeLimits.rootsAtHand,
        "light.rootsFetchesAtOnce": NodeLimits.rootsFetchesAtOnce,
        "light.giversKept": NodeLimits.giversKept,
    ]

    static let pooling: [String: Int] = [
        "submission.windowMilliseconds": Int(SubmissionMachine.windowMilliseconds),
        "submission.resultsMax": SubmissionMachine.resultsMax,
        "submission.ordersMax": SubmissionMachine.ordersMax,
        "submission.ordersBytesMax": SubmissionMachine.ordersBytesMax,
        "submission.callerMilliseconds": Int(SubmissionMachine.callerMilliseconds),
        "submission.restMilliseconds": Int(SubmissionMachine.restMilliseconds),
        "submission.transactionMax": SubmissionMachine.transactionMax,
        "submission.requestMax": SubmissionExchange.requestLimit,
        "submission.responseMax": SubmissionExchange.responseLimit,
        "submission.patienceMilliseconds": Int(SubmissionExchange.patienceMilliseconds),
        "pool.transactionsMax": TransactionPool.transactionsMax,
        "pool.bytesMax": TransactionPool.bytesMax,
        "pool.blobTransactionsPerBlock": TransactionPool.blobTransactionsPerBlock,
        "pool.plainTransactionsPerBlock": TransactionPool.plainTransactionsPerBlock,
    ]

    static let roles: [String: Int] = [
        "submission.ownBlockMilliseconds": Int(NodeLimits.ownBlockMilliseconds),
        "validator.inclusionBlocks": Int(NodeLimits.inclusionBlocks),
        "validator.waitersMax": NodeLimits.waitersMax,
        "validator.readingMax": NodeLimits.readingMax,
        "peers.questionMilliseconds": Int(NodeLimits.questionMilliseconds),
        "peers.redialMilliseconds": Int(NodeLimits.redialMilliseconds),
        "peers.answerPart": NodeLimits.answerPart,
        "peers.pingsMax": NodeLimits.pingsMax,
        "peers.protectionsMax": NodeLimits.protectionsMax,
        "chain.lagMax": Int(NodeLimits.lagMax),
        "chain.recentHeaders": NodeLimits.recentHeaders,
        "retrieval.pieceMilliseconds": Int(NodeLimits.pieceMilliseconds),
        "retrieval.milliseconds": Int(NodeLimits.retrievalMilliseconds),
        "submission.silentValidatorsMax": NodeLimits.silentValidatorsMax,
        "retrieval.peersMax": NodeLimits.retrievalPeersMax,
        "retrieval.atOnce": NodeLimits.retrievalsAtOnce,
        "store.againMilliseconds": Int(NodeLimits.storeAgainMilliseconds),
        "store.unstoredMax": NodeLimits.unstoredMax,
    ]
}
