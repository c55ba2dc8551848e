// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain
package import DataSquare
package import Machinery
package import Peering
package import Syncing

/// What a role asks of its host: the whole boundary of the program.
///
/// The live host performs these with libuv, LMDB and files; the simulator in a virtual world.
package enum RoleEffect: Sendable {
    /// Send bytes on a connection.
    case send(ConnectionNumber, [UInt8])
    /// Report `drained` as soon as 128 KiB or less of the connection wait to be sent.
    case awaitDrain(ConnectionNumber)
    /// Open a connection; answered by `connected` or `disconnected` with this number.
    case dial(ConnectionNumber, SocketAddress)
    /// Close a connection after what was sent has left.
    case hangUp(ConnectionNumber)
    /// Make a record durable; answered by `stored` or `storeFailed`.
    case store(Ticket, StoreRecord)
    /// Sign as the member at a place of the committee, after it is durable; answered by `signed`.
    case sign(Ticket, SigningIntent, place: Int)
    /// A block is final: nothing is signed any more in its view and before.
    case settleSigning(BlockReference, Epoch, View)
    /// Read from the store; answered by `loaded`.
    case load(Ticket, LoadQuery)
    /// Send `woke` at this moment.
    case wake(at: Instant)
    /// Run a pure function away from the loop; answered by `computed`.
    case compute(Ticket, Job)
    /// Answer a user.
    case answer(Ticket, Result<RPCResponse, RPCFault>)
    /// Tell whoever watches.
    case report(Observation)
}

/// What can be made durable, all of it or nothing.
package enum StoreRecord: Sendable {
    /// A block's header and square, and small records that go with them.
    ///
    /// A value of no bytes takes the record of its name away.
    case block(
        ExtendedHeader, CommittedSquare, values: [(name: String, bytes: [UInt8])],
        state: StateCommit?)
    /// Nodes of the ledger's tree, and small records that go with them.
    case state(StateCommit, values: [(name: String, bytes: [UInt8])])
    /// The square of a height whose header is stored already.
    case square(height: UInt64, CommittedSquare)
    /// Rows of the square of a height whose header is stored already: all that this node keeps.
    case rows(height: UInt64, KeptRows)
    /// Headers, and small records that go with them.
    case headers([ChainHeader], values: [(name: String, bytes: [UInt8])])
    /// Small records, and then nothing of the chain from a height on: its blocks are refused.
    case refusal(from: UInt64, values: [(name: String, bytes: [UInt8])])
    /// Small records alone.
    case values([(name: String, bytes: [UInt8])])
    /// What pinned namespaces have at a height.
    case pins(height: UInt64, [PinnedData])
    /// No more squares at these heights; everything else about them stays.
    case removal([UInt64])
}

/// What can be asked of the store.
package enum LoadQuery: Hashable, Sendable, CustomStringConvertible {
    /// The header of a height.
    case header(UInt64)
    /// The header with a hash.
    case headerByHash(Bytes32)
    /// Up to `count` headers from a height on, up to the first that is missing.
    case headers(from: UInt64, count: UInt64)
    /// The square of a height.
    case square(UInt64)
    /// The answer to a peer's question about a square, ready to be sent.
    case piece(ShareRequest)
    /// Messages of the answer to a light node's question: those of some of its places.
    case samples(SampleManyRequest, Range<Int>)
    /// What a pinned namespace has at a height, with the roots that it is proven to.
    case pin(UInt64, Namespace)
    /// What the node's files take, and what the disk has left.
    case usage
    /// Whether all bytes of a square are what was written, and these rows what the roots say.
    case integrity(UInt64, rows: [Int])
    /// The small record of a name.
    case value(String)

    package var description: String {
        switch self {
        case .header(let height): "header \(height)"
        case .headerByHash(let hash): "header \(hash.hex.prefix(8))"
        case .headers(let from, let count): "headers \(from) +\(count)"
        case .square(let height): "square \(height)"
        case .piece(let request): "\(request.kind.rawValue) \(request.height)"
        case .samples(let request, let places):
            "samples \(request.height) \(places.lowerBound) +\(places.count)"
        case .pin(let height, let namespace): "pin \(namespace) \(height)"
        case .usage: "usage"
        case .integrity(let height, _): "integrity \(height)"
        case .value(let name): "value \(name)"
        }
    }
}

/// What a watcher of the node may want to know.
package enum Observation: Sendable {
    /// A new newest header was verified and stored.
    case head(ChainHeader)
    /// A square was stored.
    case squareStored(height: UInt64, dataRoot: Bytes32)
    /// A block of the committee has entered the chain; how it fared here.
    case progressed(BlockProgress)
    /// Sampling of a height ended; confidence in millionths.
    case sampled(height: UInt64, isAvailable: Bool, confidencePartsPerMillion: Int)
    /// Squares were removed whose blocks left the storage window.
    case pruned([UInt64])
    /// How far a backfill of squares is.
    case backfill(BackfillProgress)
    /// What the node's files take; the reason when there is no room for more squares.
    case storage(usedBytes: UInt64, shortage: String?)
    /// A stored square was read again.
    case scrubbed(height: UInt64, isIntact: Bool)
    /// A peer was connected and identified, or left.
    case peer(String, isConnected: Bool)
    /// A peer broke a rule; the text says which.
    case penalized(String, reason: String)
    /// A count went up: requests served by protocol, bytes, faults.
    case counted(String, UInt64)
    /// A block is proven to break the chain's rules; it and all that follow are refused.
    case fraud(height: UInt64, reason: String)
    /// A row of a block disagrees with its encoding sidecar: an alarm, no proof.
    case alarm(height: UInt64, row: Int)
    /// Something an operator should read.
    case note(String)
    /// Something an operator must act on.
    case incident(String)
}
