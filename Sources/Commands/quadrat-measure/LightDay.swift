// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Cryptography
internal import DataSquare
internal import Foundation
internal import Ledger
internal import LiveHost
internal import Machinery
internal import Peering
internal import Roles
internal import Syncing

/// A light node that follows a chain of full blocks in simulated time, on a real store.
///
/// The node is the one that runs in production. The other end of its one connection is a peer host
/// that gives, for every height, a header by 100 validators over the same full square, and samples.
struct LightDay {
    static let network = "measured"
    private static let interval: UInt64 = 3_000

    private let keys: [Ed25519PrivateKey]
    private let set: ValidatorSet
    private let square: CommittedSquare
    private let building: BlockBuilding
    private var head: ExtendedHeader?
    private var server: PeerHost
    private var node: Node?
    private var store: NodeStore?
    private var now = Instant(nanoseconds: 1_767_225_600_000_000_000)
    private var toNode: [RoleEvent] = []
    private var toServer: [PeerEvent] = []
    private var questions: [(inbound: InboundNumber, name: String, bytes: [UInt8])] = []
    private let number = ConnectionNumber.accepted(0)
    private var dialled: ConnectionNumber?
    /// The newest height that the node follows.
    private(set) var followed: UInt64 = 0
    /// How many heights it found available.
    private(set) var sampled = 0
    /// What an operator would have been told.
    private(set) var incidents: [String] = []

    /// The chain's other side; the node does not exist yet.
    init(width: Int, validators: Int) throws {
        keys = (0..<validators).map {
            Ed25519PrivateKey(seed: SHA256.hash(Array("light day \($0)".utf8)))
        }
        set = try ValidatorSet(
            keys.map { Validator(key: .ed25519($0.publicKey), votingPower: 1_000_000) })
        square = CommittedSquare(
            ExtendedDataSquare(extending: MeasuredSquare.original(width: width)))
        building = BlockBuilding(
            chainID: Self.network, appVersion: 9,
            consensusParameters: ConsensusParameters(
                blockMaxBytes: 22_020_096, blockMaxGas: -1))
        server = PeerHost(
            PeerHost.Configuration(
                key: IdentityPrivateKey(seed: Bytes32(repeating: 1)),
                seed: Bytes32(repeating: 2)))
        server.serve(
            SamplingHeaderExchange.protocolID(network: Self.network),
            SamplingHeaderExchange.serviceLimits)
        server.serve(
            SampleManyExchange.protocolID(network: Self.network),
            SampleManyExchange.serviceLimits)
        makeBlock()
    }

    /// Starts the node on an empty store.
    mutating func begin(directory: String) throws {
        let genesis = Genesis(
            chainID: Self.network, time: Timestamp(nanosecondsSince1970: now.nanoseconds),
            appVersion: 9, validatorSet: set, accounts: [])
        var configuration = NodeConfiguration(
            kind: .light, network: Self.network, rules: LedgerRules(genesis),
            trust: .genesis(validatorsHash: set.hash),
            identity: IdentityPrivateKey(seed: Bytes32(repeating: 3)))
        let address = SocketAddress(ip: .v4(FixedBytes<4>(repeating: 10)), port: 2_121)
        configuration.bootstrap = [Multiaddress(address).appending(server.localPeer)]
        let store = try NodeStore(directory)
        self.store = store
        node = Node(configuration)
        toNode.append(
            .began(restored: try store.restored(), entropy: Bytes32(repeating: 4)))
        run()
    }

    /// Makes one block and lets the node follow it.
    mutating func follow() {
        makeBlock()
        for _ in 0..<3 {
            now = now.advanced(byMilliseconds: Self.interval / 3)
            toNode.append(.woke)
            toServer.append(.woke)
            run()
        }
    }

    private mutating func makeBlock() {
        let header = building.header(
            on: head.map { .block($0.signedHeader) } ?? .none,
            dataRoot: square.header.dataRoot,
            time: Timestamp(nanosecondsSince1970: now.nanoseconds), appHash: Bytes32(),
            validatorSet: set, nextValidatorSet: set, proposer: set.proposer.address,
            extension: HeaderExtension(view: 1, parentView: 0))
        head = building.extendedHeader(
            header, round: 1, signedBy: keys, of: set, roots: square.header)
    }

    private mutating func run() {
        while !toNode.isEmpty || !toServer.isEmpty {
            if !toNode.isEmpty {
                let event = toNode.removeFirst()
                var effects: [RoleEffect] = []
                node?.handle(event, at: now, into: &effects)
                for effect in effects { perform(effect) }
            } else {
                let event = toServer.removeFirst()
                var effects: [PeerEffect] = []
                server.handle(event, at: now, into: &effects)
                perform(effects)
            }
        }
    }

    private mutating func perform(_ effect: RoleEffect) {
        switch effect {
        case .send(_, let bytes): toServer.append(.received(number, bytes))
        case .awaitDrain(let connection): toNode.append(.drained(connection))
        case .dial(let connection, let address):
            dialled = connection
            toNode.append(.connected(connection, remote: address))
            toServer.append(.connected(number, remote: address))
        case .hangUp, .wake, .compute, .answer, .sign, .settleSigning: break
        case .store(let ticket, let record):
            do {
                try store?.store(record)
                toNode.append(.stored(ticket))
            } catch {
                toNode.append(.storeFailed(ticket, "\(error)"))
            }
        case .load(let ticket, let query):
            toNode.append(.loaded(ticket, store?.load(query) ?? .nothing))
        case .report(.head(let header)): followed = header.height.value
        case .report(.sampled(_, let isAvailable, _)): sampled += isAvailable ? 1 : 0
        case .report(.incident(let text)): incidents.append(text)
        case .report(.penalized(let peer, let reason)): incidents.append("\(peer): \(reason)")
        case .report: break
        }
    }

    private mutating func perform(_ effects: [PeerEffect]) {
        for effect in effects {
            switch effect {
            case .send(_, let bytes):
                if let dialled { toNode.append(.received(dialled, bytes)) }
            case .awaitDrain(let connection): toServer.append(.drained(connection))
            case .notice(.asked(let inbound, let name, _, let bytes)):
                questions.append((inbound, name, bytes))
            case .dial, .hangUp, .wake, .notice: break
            }
        }
        let asked = questions
        questions = []
        for question in asked {
            do {
                let answer = try answer(question.name, question.bytes)
                server.answer(question.inbound, answer, isLast: true)
            } catch {
                server.reset(question.inbound, code: .none)
            }
            var more: [PeerEffect] = []
            server.flush(at: now, into: &more)
            perform(more)
        }
    }

    private func answer(_ name: String, _ bytes: [UInt8]) throws -> [UInt8] {
        if name == SampleManyExchange.protocolID(network: Self.network) {
            return SampleManyExchange.encodeAnswer(
                to: try SampleManyRequest(decoding: bytes), from: square)
        }
        let request = try SamplingHeaderRequest(decoding: bytes)
        guard let head else { return SamplingHeaderExchange.notFound }
        if case .news = request.subject {
            return SamplingHeaderExchange.encodeNews(height: head.height.value, hash: head.hash)
        }
        return SamplingHeaderExchange.encodeAnswer([head], knownSet: request.knownSet)
    }
}
