// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare
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
    case serveSamples(InboundNumber, SampleManyRequest)
    case answer(Ticket, RPCRequest)
    case retrievalHeader(Ticket)
}

/// Why something was stored.
enum StorePurpose {
    case block(BlockDraft)
    case square(height: UInt64, dataRoot: Bytes32)
    case headers([ChainHeader])
    case sampling
    case samplingSecret(Bytes32)
    case divergence
}

/// Why a job was given.
enum JobPurpose {
    case proposal(BlockDraft)
    case transaction(Producer.Reply)
    case square(height: UInt64, from: Peer)
    case retrieval(Ticket, from: PeerIdentifier)
}

/// Why a peer was asked.
enum RequestPurpose {
    case headers(HeaderRequest, PeerIdentifier)
    case samplingHeaders(HeaderRequest, SamplingHeaderRequest, ValidatorSet?, PeerIdentifier)
    case roots(UInt64, PeerIdentifier, amount: UInt64)
    case square(height: UInt64, PeerIdentifier, DataAvailabilityHeader)
    case sample(height: UInt64, Coordinate, PeerIdentifier)
    case samples(SampleManyRequest, PeerIdentifier)
    case sampleRoots(SamplingHeaderRequest, height: UInt64, PeerIdentifier)
    case retrieval(Ticket, PeerIdentifier)
    case relay(InboundNumber)
    case submission(SubmissionKey)
    case account
    case balance(Ticket)
}
