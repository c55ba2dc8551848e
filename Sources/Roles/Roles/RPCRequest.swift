// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import DataSquare

/// What the RPC server asks of the node: only what the node alone knows.
///
/// Everything that follows from the answers by pure functions (blobs, commitments, proofs, texts)
/// is the server's business, and so is waiting: a request is answered as soon as the node can, once,
/// and a client that waits for a height is woken by the heads that the node publishes.
package enum RPCRequest: Sendable {
    /// The header at a height → `header`. Faults: `heightIsZero`, `heightInFuture`,
    /// `heightBelowTail`, `headerIsSyncing`, `headerNotFound`.
    case header(height: UInt64)
    /// The header of that hash → `header`. Fault: `headerNotFound`.
    case headerByHash(Bytes32)
    /// The newest header that this node has verified and stored → `header`.
    case localHead
    /// The newest header that the network is known to have → `header`.
    case networkHead
    /// The oldest header that is kept → `header`.
    case tail
    /// The headers of consecutive heights, at most `RPCLimits.headersMax` → `headers`, in order.
    case headers(ClosedRange<UInt64>)
    /// The data roots of consecutive heights, at most `RPCLimits.dataRootsMax` → `dataRoots`.
    case dataRoots(ClosedRange<UInt64>)
    /// How far header synchronization is → `synchronization`.
    case synchronization

    /// The whole square of a height → `square`. Fault: `dataNotAvailable`, and those of `header`.
    case square(height: UInt64)
    /// One row of the extended square → `row`.
    case row(height: UInt64, index: Int)
    /// Shares with their proofs → `samples`, one for each place, in that order.
    case samples(height: UInt64, [Coordinate])
    /// All shares of a namespace with proofs, or the proof that there are none → `namespaceData`.
    case namespaceData(height: UInt64, Namespace)
    /// Whether the data of a height is held or was sampled → `done`, or `dataNotAvailable`.
    case availability(height: UInt64)

    /// Post blobs from the node's account and report their block → `included`.
    case submitBlobs([Blob], SubmitOptions)
    /// Send utia from the node's account to a bech32 address → `included`.
    case transfer(to: String, amount: UInt64, SubmitOptions)
    /// The node's account → `account`.
    case account
    /// What a bech32 address has, the node's own when nil → `balance`.
    case balance(String?)
    /// Do something with the stake of the node's account → `included`.
    case stake(StakeWish, SubmitOptions)
    /// Bring a transaction into a block that somebody else has signed → `included`.
    case transaction([UInt8])
    /// Look something up in the ledger → `ledger`.
    case ledger(LedgerQuestion)
    /// The chain's constants → `rules`.
    case rules

    /// What sampling has done → `sampling`.
    case sampling
    /// The newest verdicts of sampling, at most so many → `receipts`, oldest first.
    case receipts(count: Int)
    /// The verdict on a height with its samples → `evidence`.
    case evidence(height: UInt64)
    /// What kind of node this is → `node`.
    case node
    /// The proofs of bad encoding that this node holds → `fraudProofs`.
    case fraudProofs
    /// Faults of validators that this node knows of, and what they cost → `slashings`.
    case slashings
    /// Peers and connections → `peers`.
    case peers(PeerRequest)
}

/// What can be asked and told about peers; peer ids and addresses are their usual texts.
package enum PeerRequest: Hashable, Sendable {
    /// This node → `address`.
    case identity
    /// The name of the network → `text`.
    case network
    /// The peers that are connected → `texts`.
    case connected
    /// What is known about a peer → `address`.
    case address(String)
    /// Connect → `done`.
    case connect(PeerAddress)
    /// Disconnect → `done`.
    case close(String)
    /// → `isConnected`.
    case isConnected(String)
    /// → `connection`.
    case connection(String)
    /// Whether others can reach this node → `reachability`.
    case reachability
    /// Refuse a peer → `done`.
    case block(String)
    /// No longer refuse it → `done`.
    case unblock(String)
    /// Refuse an IP address or a subnet, as `192.0.2.0/24` → `done`.
    case blockNetwork(String)
    /// No longer refuse it → `done`.
    case unblockNetwork(String)
    /// → `texts`.
    case blockedNetworks
    /// Each connected peer with its connection → `table`.
    case table
    /// What all of them take → `statistics`.
    case statistics
    /// → `texts`.
    case blocked
    /// Keep a peer for a purpose → `done`.
    case protect(String, tag: String)
    /// End one purpose → `isProtected`, by others.
    case unprotect(String, tag: String)
    /// → `isProtected`.
    case isProtected(String, tag: String)
    /// Bytes in and out, of all → `bandwidth`.
    case bandwidth
    /// Those of one peer → `bandwidth`.
    case bandwidthOfPeer(String)
    /// Those of one protocol → `bandwidth`.
    case bandwidthOfProtocol(String)
    /// What connections and streams take → `resources`.
    case resources
    /// The peers of a topic → `texts`.
    case subscribers(topic: String)
    /// The topics of this node → `texts`.
    case topics
    /// The round trip to a peer → `roundTrip`.
    case ping(String)
}

/// How a transaction is to be paid and by whom; celestia-node's `TxConfig`.
///
/// Prices are in billionths of a utia per gas, so that no floating point decides what is paid.
package struct SubmitOptions: Hashable, Sendable {
    /// What to pay; nil leaves it to the node.
    package var gasPriceNano: UInt64?
    /// The most that the node may choose, 0.4 utia by default.
    package var gasPriceNanoMax: UInt64 = 400_000_000
    /// Gas to allow; nil leaves it to the node.
    package var gas: UInt64?
    /// 1 low, 2 medium, 3 high; 0 when nobody said.
    package var priority: UInt8 = 0
    /// A key by name; empty for the node's own.
    package var keyName = ""
    /// An account by bech32 address; it wins over the name.
    package var signerAddress = ""
    /// Who pays the fee, when it is not the signer.
    package var feeGranterAddress = ""
    /// Makes a repeated submission exact: the same key is the same posting; empty for none.
    package var idempotencyKey: [UInt8] = []

    /// Leaves all to the node.
    package init() {}
}

/// What one request may ask for.
package enum RPCLimits {
    /// Headers of one range.
    package static let headersMax = 512
    /// Data roots of one range.
    package static let dataRootsMax = 10_000
    /// Blobs of one submission.
    package static let blobsMax = 4096
    /// Samples of one request.
    package static let samplesMax = 65_536
}
