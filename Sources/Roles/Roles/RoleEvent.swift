// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain
package import DataSquare
package import Machinery
package import Peering
package import StateTree

/// Names something a role asked its host for, so that the answer finds its reason.
package struct Ticket: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Counts up from 1 within a run.
    package let number: UInt64

    /// Names the ticket with this number.
    package init(_ number: UInt64) {
        self.number = number
    }

    package var description: String { "#\(number)" }

    package static func < (lhs: Ticket, rhs: Ticket) -> Bool { lhs.number < rhs.number }
}

/// What a host tells a role.
///
/// Every effect has the event that answers it.
package enum RoleEvent: Sendable {
    /// The host runs; `restored` is what earlier runs left, `entropy` is fresh from the system.
    case began(restored: RestoredState, entropy: Bytes32)
    /// A connection stands.
    case connected(ConnectionNumber, remote: SocketAddress)
    /// Bytes came.
    case received(ConnectionNumber, [UInt8])
    /// What `awaitDrain` asked for: little or nothing waits to be sent.
    case drained(ConnectionNumber)
    /// A connection is gone, or never came to be.
    case disconnected(ConnectionNumber)
    /// A record is on disk and will be there after a power cut.
    case stored(Ticket)
    /// A record could not be stored; nothing of it is visible.
    case storeFailed(Ticket, String)
    /// Likewise, because the disk has no room left.
    case storeFull(Ticket, String)
    /// What the signer made of an intent.
    case signed(Ticket, SigningOutcome)
    /// What was asked of the store.
    case loaded(Ticket, LoadedValue)
    /// A job's result.
    case computed(Ticket, JobResult)
    /// A user asks.
    case asked(Ticket, RPCRequest)
    /// A moment asked for earlier has come.
    case woke
}

/// What a signer makes of an intent.
package enum SigningOutcome: Hashable, Sendable {
    /// It is durable and signed; the time is the signer's.
    case signed(Timestamp, Bytes64)
    /// By its log it may not; the text says why.
    case refused(String)
    /// It signs nothing at all until an operator has seen to it; the text says why.
    case unable(String)
}

/// What the store held when the host started.
package struct RestoredState: Sendable {
    /// The newest verified header.
    package var head: ChainHeader?
    /// Heights whose headers are stored.
    package var headers = HeightRanges()
    /// Heights whose squares are stored.
    package var squares = HeightRanges()
    /// The heights at which what a namespace has is kept for ever, by namespace, in their order.
    package var pins: [(namespace: Namespace, heights: HeightRanges)] = []
    /// Small records by name, in order of their names: those that begin with one of `prefixes`.
    package var values: [(name: String, bytes: [UInt8])] = []
    /// What this validator has signed and not settled, by its signer's log, oldest first.
    package var said: [SignedStatement] = []
    /// The nodes of the ledger's tree, read as they are needed.
    package var stateNodes: any WatchedNodeStore = NoStoredNodes()

    /// Nothing: a first run.
    package init() {}

    /// What the names begin with that a node reads at its start; the rest may be large.
    package static let prefixes = [
        "agreement/", "divergence", "evidence/", "fraud/", "included/", "ledger", "peers.",
        "samples/", "sampling.", "scrub.", "slashed/", "state.",
    ]

    /// The small record of a name.
    package func value(_ name: String) -> [UInt8]? {
        values.first { $0.name == name }?.bytes
    }
}

/// What came of a load.
package enum LoadedValue: Sendable {
    /// It is not there.
    case nothing
    /// It was there and is damaged; the text says how. It has to be fetched again.
    case damaged(String)
    /// A header.
    case header(ChainHeader)
    /// Headers of ascending heights without a hole.
    case headers([ChainHeader])
    /// A square with its inner digests.
    case square(CommittedSquare)
    /// The answer to a peer's question, ready to be sent.
    case piece([UInt8])
    /// What a pinned namespace has, as it goes over the wire, and the roots it is proven to.
    case pin([UInt8], DataAvailabilityHeader)
    /// Bytes that the node's files take, and bytes that the disk has left.
    case usage(used: UInt64, free: UInt64)
    /// A square of so many bytes is what was written.
    case intact(bytes: UInt64)
    /// A small record.
    case value([UInt8])
}

/// Everything that a pinned namespace has in one square.
package struct PinnedData: Hashable, Sendable {
    /// The namespace.
    package let namespace: Namespace
    /// Its rows with their proofs, in the form of `nd_v0` (Protocol/07-share-exchange.md#namespace-data).
    package let bytes: [UInt8]

    /// Names what a namespace has.
    package init(namespace: Namespace, bytes: [UInt8]) {
        self.namespace = namespace
        self.bytes = bytes
    }
}
