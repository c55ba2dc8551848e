// SPDX-License-Identifier: Apache-2.0

internal import Availability
internal import Bytes
internal import Chain
internal import DataSquare
internal import Ledger
internal import Machinery
internal import Peering
internal import Pooling
internal import Syncing

/// Why something was loaded.
enum LoadPurpose {
    case recallHeader
    case squareHeader(height: UInt64, PeerIdentifier)
    case sampleHeader(UInt64)
    case serveHeaders(InboundNumber, limit: Int)
    case serveShares(InboundNumber, ShareRequest)
    case serveSamplingHeader(InboundNumber, SamplingHeaderRequest)
    case serveSamples(InboundNumber)
    case misserveSamples(InboundNumber, SampleManyRequest)
    case ownPiece(Ticket)
    case answer(Ticket, RPCRequest)
    case retrievalHeader(Ticket)
    case windowTimes(Retention.Window, from: UInt64)
    case pinning(UInt64)
    case pinHeader(UInt64, PeerIdentifier)
    case servePin(InboundNumber, UInt64, Namespace)
    case answerPin(Ticket, RPCRequest, Namespace)
    case usage
    case scrub(UInt64)
    case duty(DutyTask)
    case repairHeader(UInt64)
    case fraud(FraudQuestion)
    case serveSidecar(InboundNumber)
    case attack(DivergenceReport, from: PeerIdentifier?)
    case serveLie(InboundNumber, ShareRequest)
    case sidecarHeader(UInt64, BoundSidecar, from: PeerIdentifier)
    case pendingSquare(Bytes32)
    case serveCommit(Bytes20)
    case epochEnd(UInt64)
    case executionHeader(UInt64)
    case executionSquare(ChainHeader)
    case recertification(BlockReference)
    case recertifiedSquare(ChainHeader)
    case snapshotHeader(UInt64)
}

/// Why something was stored.
enum StorePurpose {
    case block(BlockDraft)
    case square(height: UInt64, dataRoot: Bytes32)
    case headers([ChainHeader])
    case sampling
    case peers
    case pins(UInt64, [Namespace])
    case fetchedPin(NamespaceDataID, PeerIdentifier, DataAvailabilityHeader)
    case removal([UInt64])
    case scrub
    case sidecar(UInt64)
    case refusal
    case samplingSecret(Bytes32)
    case divergence
    case certificate(QuorumCertificate)
    case epoch
    case proposal(Bytes32)
    case pendingSquare(Bytes32)
    case ledger(UInt64, version: UInt64)
    case snapshotNodes
    case restoredLedger(LedgerState, ChainHeader)
    /// What nobody waits for.
    case forgotten
}

/// Why a job was given.
enum JobPurpose {
    case proposal(BlockDraft)
    case transaction(Producer.Reply)
    case square(height: UInt64, from: Peer)
    case retrieval(Ticket, from: PeerIdentifier)
    case pins(UInt64)
    case repair(UInt64)
    /// A search at a height, or the verification of a peer's proof.
    case fraud(height: UInt64?)
    /// The comparison of rows of a block with its sidecar.
    case rows(UInt64)
    case statements(UInt64)
    /// Votes that may go into blocks of one's own.
    case harvest([SignedStatement])
    case attestedRows(Bytes32, from: Int)
    case attestedSquare(Bytes32)
    case pendingSquare(Bytes32)
    case blockExecution(Bytes32)
    case ownBlock(CommitteeDraft)
    case storedExecution(ChainHeader)
    case recertification(ChainHeader)
    case snapshotManifest(height: UInt64)
    case snapshotChunk(InboundNumber)
}

/// Why a header was loaded for what concerns fraud.
enum FraudQuestion {
    /// A peer's proof is about this block.
    case received
    /// A square that does not extend to its header's roots.
    case suspicion(height: UInt64, SquareMismatch, from: Peer?)
    /// The chain ends here, since the next block is refused.
    case head
}

/// Why a peer was asked.
enum RequestPurpose {
    case headers(HeaderRequest, PeerIdentifier)
    case samplingHeaders(HeaderRequest, SamplingHeaderRequest, ValidatorSet?, PeerIdentifier)
    case roots(UInt64, PeerIdentifier, amount: UInt64)
    case square(height: UInt64, PeerIdentifier, DataAvailabilityHeader)
    case sample(height: UInt64, Coordinate, PeerIdentifier)
    case samples(SampleManyRequest, PeerIdentifier, taken: Int)
    case row(fetch: UInt64, Int)
    case sampleRoots(SamplingHeaderRequest, height: UInt64, PeerIdentifier)
    case retrieval(Ticket, PeerIdentifier)
    case piece(height: UInt64, RepairMachine.Piece, PeerIdentifier, DataAvailabilityHeader)
    case pin(NamespaceDataID, PeerIdentifier, DataAvailabilityHeader)
    case relay(InboundNumber)
    case kademlia(KademliaQuestion)
    case submission(SubmissionKey, PeerIdentifier)
    case forwarded
    case account(PeerIdentifier)
    case balance(BalanceQuestion)
    case state(UInt64, PeerIdentifier, isRelay: Bool)
    case snapshot(PeerIdentifier)
    case fraudSample(height: UInt64, Coordinate, PeerIdentifier, DataAvailabilityHeader)
    case fraudProofs(PeerIdentifier)
    case soughtHeader(Bytes32, PeerIdentifier)
    case sidecar(height: UInt64, PeerIdentifier)
    case drawnRow(height: UInt64, Int, PeerIdentifier)
}
