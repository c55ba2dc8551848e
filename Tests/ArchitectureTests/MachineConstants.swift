// SPDX-License-Identifier: Apache-2.0

import Availability
import DataSquare
import Peering
import Pooling
import Roles
import Syncing

/// What the code of machines and roles says, by the names of Protocol/constants.json.
extension ConstantsTests {
    static let availability: [String: Int] = [
        "sampling.samplesPerBlock": CoordinateChoice.samplesPerBlock,
        "sampling.requestMilliseconds": Int(SamplingMachine.requestMilliseconds),
        "sampling.blockMilliseconds": Int(SamplingMachine.blockMilliseconds),
        "sampling.witnesses": SamplingMachine.witnesses,
        "sampling.roundPauseMilliseconds": Int(SamplingMachine.roundPauseMilliseconds),
        "sampling.blocksAtOnce": SamplingSchedule.blocksAtOnce,
        "sampling.retryMilliseconds": Int(SamplingSchedule.retryMilliseconds),
        "sampling.failedHeightsMax": SamplingSchedule.failedHeightsMax,
        "sampling.receiptsKept": NodeLimits.receiptsKept,
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
        "chain.recentHeaders": NodeLimits.recentHeaders,
        "retrieval.peersMax": NodeLimits.retrievalPeersMax,
        "retrieval.atOnce": NodeLimits.retrievalsAtOnce,
        "store.againMilliseconds": Int(NodeLimits.storeAgainMilliseconds),
        "store.unstoredMax": NodeLimits.unstoredMax,
    ]
}
