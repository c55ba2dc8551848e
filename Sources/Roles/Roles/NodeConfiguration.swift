// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain
package import Cryptography
package import DataSquare
package import Ledger
package import Peering
package import Syncing

/// What a node does in the network.
package enum NodeKind: String, Sendable {
    /// Makes blocks, and does all that a storage node does with them.
    case validator
    /// Keeps squares and serves them.
    case storage
    /// Samples; keeps headers only.
    case light
}

/// What a validator of a test network does wrong on purpose, so that others can be seen to find out.
package struct Misbehavior: Hashable, Sendable {
    /// Squares from this height on are extended wrongly.
    package let fromHeight: UInt64
    /// How.
    package let misencoding: Misencoding?
    /// Whether it gives nobody the rows of its blocks.
    package let isWithholding: Bool
    /// The seed of the key with which it finalizes another block beside the true one, once.
    package let doubleSigningSeed: Bytes32?

    private init(
        fromHeight: UInt64, misencoding: Misencoding?, isWithholding: Bool,
        doubleSigningSeed: Bytes32? = nil
    ) {
        self.fromHeight = fromHeight
        self.misencoding = misencoding
        self.isWithholding = isWithholding
        self.doubleSigningSeed = doubleSigningSeed
    }

    /// Finalizes two blocks of one view, once, at a height or the next one that it votes for.
    package static func doubleSigning(fromHeight: UInt64, seed: Bytes32) -> Misbehavior {
        Misbehavior(
            fromHeight: fromHeight, misencoding: nil, isWithholding: false,
            doubleSigningSeed: seed)
    }

    /// Keeps the rows of its blocks to itself from a height on; one of a committee alone.
    package static func withholding(fromHeight: UInt64) -> Misbehavior {
        Misbehavior(fromHeight: fromHeight, misencoding: nil, isWithholding: true)
    }

    /// Extends squares wrongly from a height on.
    package static func wrongEncoding(
        fromHeight: UInt64, _ misencoding: Misencoding = .share
    ) -> Misbehavior {
        Misbehavior(fromHeight: fromHeight, misencoding: misencoding, isWithholding: false)
    }
}

/// What a validator of a test network does wrong on purpose when others want its snapshots.
package enum SnapshotMisbehavior: Hashable, Sendable {
    /// A byte of each chunk is changed.
    case wrongChunks
    /// The manifest is of another state.
    case otherRoot
    /// Nothing is answered to questions for chunks.
    case stalling
}

/// What one node is told at its start.
package struct NodeConfiguration: Sendable {
    /// Seven days; `retention.samplingWindowMilliseconds`.
    package static let samplingWindowDefault: UInt64 = 604_800_000
    /// An hour more; `retention.storageWindowMilliseconds`.
    package static let storageWindowDefault: UInt64 = 608_400_000

    /// What it does.
    package var kind: NodeKind
    /// The network's id, which stands in every protocol's name.
    package var network: String
    /// The chain's constants: its name, its coin, its limits.
    package var rules: LedgerRules
    /// The chain's first state; only a validator needs it.
    package var genesis: Genesis?
    /// Where trust in headers begins.
    package var trust: HeaderRules.Trust
    /// The key behind the peer id.
    package var identity: IdentityPrivateKey
    /// Where this node listens, as told to others.
    package var listenAddresses: [Multiaddress] = []
    /// Peers to stay connected to.
    package var bootstrap: [Multiaddress] = []
    /// The validator's key; only a validator has one.
    package var validatorKey: Ed25519PrivateKey?
    /// Which member of a committee of several it is, signed; the key itself stays with the signer.
    package var greeting: Greeting?
    /// How long a leader of a committee waits for transactions before it makes an empty block.
    package var committeeIdleMilliseconds: UInt64 = 1_000
    /// How many heights each epoch of a committee has.
    package var epochLength: UInt64 = 600
    /// Every how many blocks a validator takes a snapshot of its ledger for others; 0 for never.
    package var snapshotBlocks: UInt64 = 600
    /// How many blocks behind a validator starts from a snapshot instead of executing them.
    package var snapshotLagBlocks: UInt64 = 9_600
    /// What a validator of a test network does wrong when others ask it for snapshots.
    package var snapshotMisbehavior: SnapshotMisbehavior?
    /// The key of the account that pays for submissions; without it the node cannot submit.
    package var accountKey: Secp256k1PrivateKey?
    /// The key of the account that runs this validator: duties and evidence are told in its name.
    package var operatorKey: Secp256k1PrivateKey?
    /// The price paid for gas when the caller names none, in billionths of the smallest unit.
    package var gasPriceNano: UInt64 = 4_000_000
    /// The shortest time from one block to the next.
    package var blockIntervalMilliseconds: UInt64 = 200
    /// The longest time from one block to the next.
    package var heartbeatMilliseconds: UInt64 = 6_000
    /// How often news of the chain is asked for.
    package var pollMilliseconds: UInt64 = 1_000
    /// The largest square a validator makes.
    package var squareWidthMaximum = 256
    /// The rows that are kept of each square; nil for all.
    ///
    /// Only a storage node keeps a slice.
    package var slice: RowSlice?
    /// Whether the node keeps the squares of all heights, however old, and says so.
    package var isArchival = false
    /// Whether the node looks for others and lets itself be found.
    package var isDiscovering = true
    /// How often it does so.
    package var discovery = DiscoveryLimits()
    /// The sizes and pauses of the table of who is where.
    package var kademlia = KademliaLimits()
    /// The lowest header to fetch below where trust began, by hash links; nil for none.
    package var headersFrom: UInt64?
    /// How many rows of each new block are drawn and held to its encoding sidecar; 0 for none.
    package var rowsChecked = 0
    /// Whether the node samples.
    package var isSampling = true
    /// Whether peers may measure their connection to this node (libp2p perf).
    package var isPerfServed = false
    /// Up to which age of a block it is sampled.
    package var samplingWindowMilliseconds: UInt64 = samplingWindowDefault
    /// Up to which age of a block its square is kept; an hour more, so that whoever samples the
    /// oldest block is answered.
    package var storageWindowMilliseconds: UInt64 = storageWindowDefault
    /// Namespaces whose data is kept for ever.
    package var pins: [Namespace] = []
    /// What the node's files may take, in bytes; nil for all that the disk has.
    package var diskBudgetBytes: UInt64?
    /// How fast stored squares are read again for rot, in bytes a second; 0 for not at all.
    package var scrubBytesPerSecond = ScrubMachine.bytesPerSecond
    /// What a validator does wrong on purpose; nil outside of tests.
    package var misbehavior: Misbehavior?
    /// What a node does wrong on purpose when others ask it for shares; nil outside of tests.
    package var servingMisbehavior: ServingMisbehavior?
    /// Whether it takes its place in meshes, and passes nothing on; never outside of tests.
    package var isForwardingNothing = false
    /// Whether headers are taken by gossip, where they come with all roots and more than once.
    package var isHeaderGossipJoined = true
    /// Whether light nodes get headers without roots and samples together, as ours can ask for.
    package var isServingLightNodes = true
    /// What the node calls itself to its peers.
    package var agent = "quadrat"

    /// Whether it is a validator of a chain that several decide.
    package var isInCommittee: Bool {
        kind == .validator && (genesis?.validatorSet.count ?? 0) > 1
    }

    /// Whether it learns of blocks from others.
    package var isFollowing: Bool { kind != .validator || isInCommittee }

    /// A node of a kind on a chain, with everything else at its default.
    package init(
        kind: NodeKind, network: String, rules: LedgerRules, trust: HeaderRules.Trust,
        identity: IdentityPrivateKey
    ) {
        self.kind = kind
        self.network = network
        self.rules = rules
        self.trust = trust
        self.identity = identity
    }
}
