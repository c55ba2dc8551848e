// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import DataSquare
import RPC
import Roles

/// A node of its own chain: real squares, headers and signatures, no network and no ledger.
final class FakeChain {
    private(set) var headers: [ExtendedHeader] = []
    private(set) var squares: [ExtendedDataSquare] = []
    /// Where heads go.
    var onHead: ((ExtendedHeader) -> Void)?
    var workers: [SamplingStatistics.Worker] = []
    var failures: [SamplingStatistics.Failure] = []
    var evidence: [SamplingEvidence] = []
    var status = NodeStatus(kind: .bridge, chainID: "fake-1", isReady: true)

    private let keys: [Ed25519PrivateKey]
    private let validators: ValidatorSet
    private let building: BlockBuilding
    private var pending: [(blobs: [Blob], answer: (Result<RPCResponse, RPCFault>) -> Void)] = []
    private var clock = Timestamp(nanosecondsSince1970: 1_700_000_000_000_000_000)

    init() throws {
        keys = (1...4).map { Ed25519PrivateKey(seed: Bytes32(repeating: $0)) }
        validators = try ValidatorSet(
            keys.map { Validator(key: .ed25519($0.publicKey), votingPower: 10) })
        building = BlockBuilding(
            chainID: "fake-1", appVersion: 6,
            consensusParameters: ConsensusParameters(blockMaxBytes: 8 << 20, blockMaxGas: -1))
        try produce()
    }

    /// The height of the newest block.
    var height: UInt64 { UInt64(headers.count) }

    /// Adds a block with what is pending.
    func produce() throws {
        var builder = try SquareBuilder(sizeMaximum: 128)
        _ = builder.append(transaction: [1, 2, 3, UInt8(headers.count & 255)])
        var included: [(Result<RPCResponse, RPCFault>) -> Void] = []
        var left = pending
        pending = []
        while let first = left.first {
            let transaction = try BlobTransaction(
                transaction: [UInt8](repeating: 5, count: 200), blobs: first.blobs)
            guard builder.append(blobTransaction: transaction) else {
                guard !included.isEmpty else {
                    left.removeFirst().answer(.failure(.blobOverSizeLimit))
                    continue
                }
                break
            }
            included.append(left.removeFirst().answer)
        }
        pending = left
        let square = ExtendedDataSquare(extending: builder.build().square)
        let roots = square.commit()
        clock = clock.advanced(byNanoseconds: 1_000_000_007)
        let parent: BlockBuilding.Parent =
            headers.last.map { .block($0.signedHeader) } ?? .none
        let header = building.header(
            on: parent, dataRoot: roots.dataRoot, time: clock, appHash: Bytes32(repeating: 9),
            validatorSet: validators, nextValidatorSet: validators,
            proposer: validators.validators[0].address,
            extension: HeaderExtension(view: height + 1, parentView: height))
        let extended = building.extendedHeader(
            header, round: 0, signedBy: keys, of: validators, roots: roots)
        headers.append(extended)
        squares.append(square)
        onHead?(extended)
        for answer in included {
            answer(.success(.included(TransactionOutcome(height: height, hash: header.hash))))
        }
    }

    /// Answers as a storage node does.
    func answer(
        _ request: RPCRequest, _ answer: @escaping (Result<RPCResponse, RPCFault>) -> Void
    ) {
        if case .submitBlobs(let blobs, _) = request {
            pending.append((blobs, answer))
            return
        }
        do throws(RPCFault) {
            answer(.success(try response(to: request)))
        } catch {
            answer(.failure(error))
        }
    }

    private func response(to request: RPCRequest) throws(RPCFault) -> RPCResponse {
        switch request {
        case .header(let height): return .header(headers[try index(height)])
        case .headerByHash(let hash):
            guard let header = headers.first(where: { $0.hash == hash }) else {
                throw .headerNotFound("hash \(hash)")
            }
            return .header(header)
        case .localHead, .networkHead: return .header(headers[headers.count - 1])
        case .tail: return .header(headers[0])
        case .headers(let range):
            return .headers(
                Array(headers[try index(range.lowerBound)...(try index(range.upperBound))]))
        case .dataRoots(let range):
            return .dataRoots(
                headers[try index(range.lowerBound)...(try index(range.upperBound))].map {
                    $0.dataAvailabilityHeader.dataRoot
                })
        case .synchronization:
            var state = SynchronizationState()
            state.height = height
            state.toHeight = height
            state.end = clock
            return .synchronization(state)
        case .square, .row, .samples, .namespaceData, .availability:
            return try piece(request)
        case .fraudProofs: return .fraudProofs([[1, 2, 3]])
        case .slashings: throw .unsupported("this chain has no ledger")
        case .sampling:
            var statistics = SamplingStatistics()
            statistics.sampledHead = height
            statistics.networkHead = height
            statistics.isCaughtUp = true
            statistics.failures = failures
            statistics.workers = workers
            return .sampling(statistics)
        case .receipts(let count): return .receipts(evidence.map(\.record).suffix(count))
        case .evidence(let height):
            guard let found = evidence.first(where: { $0.record.height == height }) else {
                throw .failed("das: no samples of height \(height)")
            }
            return .evidence(found)
        case .node: return .node(status)
        case .account: return .account("celestia1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqnrql8a")
        case .balance: return .balance(AccountBalance(denomination: "utia", amount: 77))
        case .transfer, .submitBlobs, .stake, .transaction, .ledger, .rules:
            throw .unsupported("this chain has no ledger")
        case .peers(let request): return .peers(try peers(request))
        }
    }

    private func piece(_ request: RPCRequest) throws(RPCFault) -> RPCResponse {
        switch request {
        case .square(let height): return .square(squares[try index(height)])
        case .row(let height, let row): return .row(try prover(height).row(row))
        case .samples(let height, let places):
            let prover = try prover(height)
            return .samples(
                places.map { prover.sample(at: $0, axis: $0.row % 2 == 0 ? .row : .column) })
        case .namespaceData(let height, let namespace):
            let prover = try prover(height)
            do throws(VerificationFault) {
                return .namespaceData(try prover.namespaceData(namespace))
            } catch {
                throw .failed("\(error)")
            }
        case .availability(let height):
            _ = try index(height)
            return .done
        default: throw .unsupported("not a piece of a square")
        }
    }

    private func peers(_ request: PeerRequest) throws(RPCFault) -> PeerResponse {
        switch request {
        case .identity:
            return .address(PeerAddress(identifier: "12D3KooW", addresses: ["/ip4/1.2.3.4/tcp/1"]))
        case .network: return .text("fake-1")
        case .connected, .blocked, .topics, .subscribers: return .texts(["12D3KooX"])
        case .reachability: return .reachability(.public)
        case .isConnected: return .isConnected(true)
        case .bandwidth, .bandwidthOfPeer, .bandwidthOfProtocol: return .bandwidth(Bandwidth())
        case .resources: return .resources(ConnectionResources())
        case .ping: return .roundTrip(1_500_000)
        case .blockedNetworks: return .texts(["192.0.2.0/24"])
        case .table:
            return .table([
                PeerSummary(
                    identifier: "12D3KooX", address: "/ip4/1.2.3.4/tcp/1", agent: "a",
                    isInbound: true, protocolCount: 7, streamCount: 2, score: -3,
                    isProtected: true)
            ])
        case .statistics:
            var statistics = PeerStatistics()
            statistics.memoryLimitBytes = 9
            statistics.knownPeers = 4
            statistics.tableServers = 3
            statistics.providerRecords = 2
            statistics.blockedPeers = 1
            statistics.blockedNetworks = 5
            return .statistics(statistics)
        case .isProtected: return .isProtected(true)
        case .unprotect: return .isProtected(false)
        default: return .done
        }
    }

    private func prover(_ height: UInt64) throws(RPCFault) -> SquareProver {
        let index = try index(height)
        return SquareProver(
            square: squares[index], header: headers[index].dataAvailabilityHeader)
    }

    private func index(_ height: UInt64) throws(RPCFault) -> Int {
        guard height > 0 else { throw .heightIsZero }
        guard height <= self.height else {
            throw .heightInFuture(networkHead: self.height, requested: height)
        }
        return Int(height - 1)
    }
}
