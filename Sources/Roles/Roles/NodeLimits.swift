// SPDX-License-Identifier: Apache-2.0

/// What a node waits for, holds and gives at most; each stands in Protocol/constants.json.
package enum NodeLimits {
    /// How long a question of ours may take when nothing says otherwise.
    package static let questionMilliseconds: UInt64 = 15_000
    /// How often lost bootstrap peers are dialled again.
    package static let redialMilliseconds: UInt64 = 1_000
    /// How often known peers are stored while they change.
    package static let peerStoreMilliseconds: UInt64 = 60_000
    /// How many peers' words are kept about where this node is seen.
    package static let sightingsMax = 16
    /// What serving squares is worth to a peer when connections are trimmed.
    package static let storageScore = 100
    /// What a place in the routing table is worth to it.
    package static let serverScore = 10
    /// The part of an answer that is handed to the peer layer at once.
    package static let answerPart = 65_536
    /// How many blocks a node may be behind and still count as following the chain.
    package static let lagMax: UInt64 = 8
    /// How many pings may be under way.
    package static let pingsMax = 64
    /// What may wait for one member of the committee on one channel, in bytes.
    package static let channelQueueBytes = 8 << 20
    /// What may wait for one member of rows, in bytes: all that the proposer of a largest block owes
    /// to one of four members.
    package static let rowsQueueBytes = 64 << 20
    /// What one member may send of rows at a time, in bytes: at 1 Gbit/s, what is under way for 134 ms.
    package static let rowsWindowBytes = 16 << 20
    /// What may have come of messages that are not whole on one channel, in bytes.
    package static let channelIncompleteBytes = 32 << 20
    /// How many greetings of validators are kept that are in no set yet.
    package static let waitingGreetingsMax = 256
    /// How many blocks of the committee are kept that are not settled.
    package static let committeeBlocksMax = 32
    /// How many settled blocks are kept for members that still ask for their rows.
    package static let settledBlocksKept: UInt64 = 4
    /// How many final blocks without a commit may wait to be verified again.
    package static let recertifiedMax = 1_024
    /// How many answers to audits and challenges may wait to be sent.
    package static let dutiesWaitingMax = 128
    /// How many pieces of evidence are kept on disk.
    package static let slashingEvidenceMax = 256
    /// How many peers users may protect.
    package static let protectionsMax = 1_024
    /// How far behind the head a block may be that is announced, and ahead of it one heard of.
    package static let announceWindow: UInt64 = 16
    /// With so many peers a node does not dial those that others name.
    package static let namedPeersBelow = 32
    /// How many announced squares wait for their headers.
    package static let announcementsMax = 256
    /// How many of those one peer may have announced.
    package static let announcementsPerPeer = 16
    /// How many of the newest headers are kept at hand.
    package static let recentHeaders = 64
    /// How many peers are tried before a user is told that data is not available.
    package static let retrievalPeersMax = 4
    /// How many questions of users that need peers may run at once.
    package static let retrievalsAtOnce = 64
    /// How many namespaces a node pins.
    package static let pinsMax = 256
    /// How long heights rest first of which nobody had what the pins lack; twice as long each time.
    package static let pinRestMilliseconds: UInt64 = 60_000
    /// How long they rest at most.
    package static let pinRestMillisecondsMax: UInt64 = 3_840_000
    /// How many rows of a stored square are held to their roots when it is read again.
    package static let scrubbedRows = 4
    /// How many rows of one square a node that keeps a slice asks for at once.
    package static let rowsAtOnce = 8
    /// How many squares may wait to be repaired, while one is.
    package static let repairsWaitingMax = 256
    /// How long a peer may take for a piece of a square that is being repaired.
    package static let repairPieceMilliseconds: UInt64 = 5_000
    /// How long headers that could not be stored wait.
    package static let storeAgainMilliseconds: UInt64 = 1_000
    /// How many batches of headers may wait for the disk.
    package static let unstoredMax = 1_024
    /// How soon more storage nodes are looked for again.
    package static let seekAgainMilliseconds: UInt64 = 5_000
    /// How many peers that let samples wait are remembered.
    package static let latePeersMax = 64
    /// How long one is asked after others; twice as long each time.
    package static let lateMilliseconds: UInt64 = 60_000
    /// How often that doubles.
    package static let lateDoublingsMax = 4
    /// How many verdicts of sampling are kept at hand.
    package static let receiptsKept = 1_024
    /// How many of the newest verdicts are kept with their samples, for export.
    package static let evidenceKept = 64
    /// How many reports of attacks are remembered, so that each is looked at once;
    /// `attacks.remembered`.
    package static let attacksRemembered = 64
    /// How many peers are told of an attack, at most; `attacks.told`.
    package static let attackTold = 256
    /// How long one peer may take over a piece of a square that a user wants.
    package static let pieceMilliseconds: UInt64 = 4_000
    /// How long a user waits for what this node must fetch from peers.
    package static let retrievalMilliseconds: UInt64 = 60_000
    /// How many validators and relays that did not answer are remembered.
    package static let silentValidatorsMax = 64
    /// How many snapshots a validator keeps.
    package static let snapshotsKept = 2
    /// How many chunks of snapshots are being made for peers at once.
    package static let snapshotJobsMax = 4
    /// How often peers are asked for snapshots before blocks are executed instead.
    package static let snapshotSeeks = 3
    /// How long no snapshot is looked for after that.
    package static let snapshotRestMilliseconds: UInt64 = 600_000
    /// How long a peer may take for a manifest or a chunk.
    package static let snapshotMilliseconds: UInt64 = 20_000
    /// How many questions of users about the ledger may be under way.
    package static let inquiriesMax = 64
    /// How many blocks' roots a node that keeps none has at hand.
    package static let rootsAtHand = 16
    /// How many fetches of roots may run at once.
    package static let rootsFetchesAtOnce = 64
    /// Of how many of the newest headers a light node knows who gave them.
    package static let giversKept = 256
    /// How long a user waits for this node to have the block of a submission.
    package static let ownBlockMilliseconds: UInt64 = 10_000
    /// How many blocks' inclusions a validator remembers.
    package static let inclusionBlocks: UInt64 = 512
    /// How many status questions may wait for news at a validator.
    package static let waitersMax = 4_096
    /// How often a peer is asked for proofs of fraud, one peer after another.
    package static let fraudQuestionMilliseconds: UInt64 = 10_000
    /// How often that is done after a block was refused.
    package static let fraudQuestionsAfter = 8
    /// How many sidecars may wait for what binds them.
    package static let sidecarsMax = 64
    /// How many peers are asked for a sidecar.
    package static let sidecarPeersMax = 3
    /// Of how many blocks rows may be on their way that were drawn.
    package static let rowDrawsMax = 8
    /// How long a draw rests when no peer has a row of it.
    package static let rowPauseMilliseconds: UInt64 = 1_000
    /// How often all peers are asked for the rows of a draw.
    package static let rowRoundsMax = 5
    /// How many transactions may be being read at once at a validator.
    package static let readingMax = 64
}
