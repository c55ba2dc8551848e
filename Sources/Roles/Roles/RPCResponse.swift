// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain
package import DataSquare
package import Ledger
package import Machinery
package import Peering

/// What the node answers; `RPCRequest` says which case follows which request.
package enum RPCResponse: Sendable {
    /// It is so, or it was done.
    case done
    case header(ExtendedHeader)
    case headers([ExtendedHeader])
    case dataRoots([Bytes32])
    case synchronization(SynchronizationState)
    case square(ExtendedDataSquare)
    case row(Row)
    case samples([VerifiedSample])
    case namespaceData(NamespaceData)
    case included(TransactionOutcome)
    /// A bech32 address.
    case account(String)
    case balance(AccountBalance)
    case ledger(LedgerAnswer)
    case rules(LedgerRules)
    case sampling(SamplingStatistics)
    case receipts([SamplingRecord])
    case evidence(SamplingEvidence)
    case node(NodeStatus)
    case peers(PeerResponse)
    /// The messages of proofs of bad encoding.
    case fraudProofs([[UInt8]])
    case slashings(SlashingReport)
}

/// Where header synchronization came from, goes to and is.
package struct SynchronizationState: Hashable, Sendable {
    /// Counts the synchronizations of this run.
    package var identifier: UInt64 = 0
    /// The height that is reached.
    package var height: UInt64 = 0
    package var fromHeight: UInt64 = 0
    package var toHeight: UInt64 = 0
    package var fromHash = Bytes32()
    package var toHash = Bytes32()
    package var start = Timestamp.zero
    /// When it ended; nil while it goes on.
    package var end: Timestamp?
    /// Why it failed; empty when it did not.
    package var failure = ""

    package init() {}

    /// Whether the local head is the network's.
    package var isFinished: Bool { end != nil && height >= toHeight }
}

/// What became of a transaction that was included in a block.
package struct TransactionOutcome: Hashable, Sendable {
    package var height: UInt64
    /// SHA-256 of the transaction's bytes.
    package var hash: Bytes32
    /// 0 for success.
    package var code: UInt32 = 0
    package var codespace = ""
    package var log = ""
    package var gasWanted: Int64 = 0
    package var gasUsed: Int64 = 0

    package init(height: UInt64, hash: Bytes32) {
        self.height = height
        self.hash = hash
    }
}

/// An amount of a coin.
package struct AccountBalance: Hashable, Sendable {
    package var denomination: String
    package var amount: UInt64

    package init(denomination: String, amount: UInt64) {
        self.denomination = denomination
        self.amount = amount
    }
}

/// What sampling has done and does.
package struct SamplingStatistics: Hashable, Sendable {
    /// A range of heights at work.
    package struct Worker: Hashable, Sendable {
        /// Why the range is sampled.
        package enum Job: String, Sendable {
            case catchup, recent, retry
        }
        package var job: Job
        package var current: UInt64
        package var from: UInt64
        package var to: UInt64
        /// The last failure; empty when there was none.
        package var failure = ""

        package init(job: Job, current: UInt64, from: UInt64, to: UInt64) {
            self.job = job
            self.current = current
            self.from = from
            self.to = to
        }
    }

    /// A height that could not be sampled yet.
    package struct Failure: Hashable, Sendable {
        package var height: UInt64
        /// How often it was tried.
        package var attempts: Int

        package init(height: UInt64, attempts: Int) {
            self.height = height
            self.attempts = attempts
        }
    }

    /// All heights up to this one were sampled.
    package var sampledHead: UInt64 = 0
    /// All heights up to this one were begun.
    package var catchupHead: UInt64 = 0
    package var networkHead: UInt64 = 0
    /// Heights that failed, in order.
    package var failures: [Failure] = []
    package var workers: [Worker] = []
    /// The most workers at a time.
    package var concurrency = 0
    package var isCaughtUp = false
    package var isRunning = false

    package init() {}
}

/// What kind of node this is and how it is.
package struct NodeStatus: Hashable, Sendable {
    /// celestia-node's two kinds.
    package enum Kind: String, Sendable {
        case bridge = "Bridge"
        case light = "Light"
    }
    package var kind: Kind
    package var chainID: String
    /// Whether it has a header and so can serve requests at all.
    package var isReady: Bool
    /// Its kind in our own word: validator, storage or light.
    package var role = ""
    /// What is in the way of its work.
    package var health = NodeHealth()
    /// The newest verified height.
    package var headHeight: UInt64 = 0
    /// The newest height that peers claim.
    package var networkHeight: UInt64 = 0
    /// Peers that are connected.
    package var peerCount = 0
    /// Squares that are held.
    package var squareCount: UInt64 = 0
    /// Whether it samples.
    package var isSampling = false
    /// The rows that are kept of each square, as `index/count`; nil for all, or none.
    package var slice: String?
    /// Up to where every block was found available.
    package var sampledHead: UInt64 = 0
    /// Blocks that were found available.
    package var sampledCount: UInt64 = 0
    /// Whether all that can be sampled is.
    package var isCaughtUp = false
    /// Blocks that are being sampled.
    package var samplingNow = 0
    /// Posts that are on their way into a block.
    package var submissionsWaiting = 0
    /// Bytes of all peers.
    package var bandwidth = Bandwidth()

    package init(kind: Kind, chainID: String, isReady: Bool) {
        self.kind = kind
        self.chainID = chainID
        self.isReady = isReady
    }
}

/// Answers about peers; `PeerRequest` says which follows which.
package enum PeerResponse: Hashable, Sendable {
    case done
    case address(PeerAddress)
    case text(String)
    case texts([String])
    case isConnected(Bool)
    case connection(PeerConnection)
    case reachability(Reachability)
    case isProtected(Bool)
    case bandwidth(Bandwidth)
    case resources(ConnectionResources)
    /// Nanoseconds.
    case roundTrip(UInt64)
    case table([PeerSummary])
    case statistics(PeerStatistics)

    /// Whether others can open connections to this node, by libp2p's numbers.
    package enum Reachability: Int, Sendable {
        case unknown = 0
        case `public` = 1
        case `private` = 2
    }
}

/// A peer and where it may be reached.
package struct PeerAddress: Hashable, Sendable {
    /// The peer id in base58.
    package var identifier: String
    /// Multiaddresses without the peer id.
    package var addresses: [String]

    package init(identifier: String, addresses: [String]) {
        self.identifier = identifier
        self.addresses = addresses
    }
}

/// One connection.
package struct PeerConnection: Hashable, Sendable {
    package var multiplexer: String
    package var security: String
    package var transport: String
    package var streamCount: Int
    /// Whether the other side opened it.
    package var isInbound: Bool
    package var opened: Timestamp

    package init(
        multiplexer: String, security: String, transport: String, streamCount: Int,
        isInbound: Bool, opened: Timestamp
    ) {
        self.multiplexer = multiplexer
        self.security = security
        self.transport = transport
        self.streamCount = streamCount
        self.isInbound = isInbound
        self.opened = opened
    }
}

/// Bytes that went by, and bytes a second of late.
package struct Bandwidth: Hashable, Sendable {
    package var bytesIn: UInt64 = 0
    package var bytesOut: UInt64 = 0
    package var bytesInPerSecond: UInt64 = 0
    package var bytesOutPerSecond: UInt64 = 0

    package init() {}

    /// What was counted, as it is at a moment.
    package init(_ traffic: Traffic, at now: Instant) {
        bytesIn = traffic.bytesIn
        bytesOut = traffic.bytesOut
        (bytesInPerSecond, bytesOutPerSecond) = traffic.rates(at: now)
    }
}

/// What all connections take together.
package struct ConnectionResources: Hashable, Sendable {
    package var streamsInbound = 0
    package var streamsOutbound = 0
    package var connectionsInbound = 0
    package var connectionsOutbound = 0
    package var fileDescriptors = 0
    package var memoryBytes = 0

    package init() {}
}
