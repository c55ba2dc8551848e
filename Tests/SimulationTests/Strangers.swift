// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Ledger
import Machinery
import Peering
import Roles
import Syncing

/// A storage node alone among peers whose words a test puts into their mouths.
struct Strangers {
    static let headerTopic = GossipTopic.headers.name(network: "private")
    static let squareTopic = GossipTopic.squares.name(network: "private")

    private struct Stranger {
        var host: PeerHost
        var mesh: GossipService
        var flood: GossipService
        var heard: [[UInt8]] = []
    }

    private static let dialled = ConnectionNumber.dialled(0)

    private var node: Node
    private var strangers: [Stranger] = []
    private var now: Instant
    private var headers: [UInt64: ChainHeader] = [:]
    /// The squares that the node has.
    private let squares: [UInt64: CommittedSquare]
    /// Whether the node's bytes are taken as they come.
    var isDraining = true {
        didSet {
            guard isDraining else { return }
            toNode += undrained.map { .drained($0) }
            undrained = []
            run(milliseconds: 1_000)
        }
    }
    private var undrained: [ConnectionNumber] = []
    /// Which samples the node read, in order.
    private(set) var samplesRead: [Range<Int>] = []
    /// Answers that strangers got, in parts, by their questions.
    private(set) var parts: [RequestNumber: [[UInt8]]] = [:]
    /// How their questions ended.
    private(set) var ends: [RequestNumber: Result<[UInt8], RequestFault>] = [:]
    /// Where the node has dialled to, in order.
    private(set) var dialled: [SocketAddress] = []
    /// The newest height that the node reported.
    private(set) var head: UInt64 = 0
    private var toNode: [RoleEvent] = []
    private var toStrangers: [(index: Int, event: PeerEvent)] = []

    /// A node that has the first header of a chain, and so many peers.
    ///
    /// With `isFirstTrusted` it was told of the first of them.
    init(
        _ count: Int, genesis: Genesis, first: ExtendedHeader, now: Instant,
        isFirstTrusted: Bool = false, squares: [UInt64: CommittedSquare] = [:]
    ) {
        self.now = now
        self.squares = squares
        let identity = IdentityPrivateKey(seed: Bytes32(repeating: 77))
        var configuration = NodeConfiguration(
            kind: .storage, network: "private", rules: LedgerRules(genesis),
            trust: .genesis(validatorsHash: genesis.validatorSet.hash), identity: identity)
        configuration.pollMilliseconds = 60_000
        configuration.isSampling = false
        if isFirstTrusted {
            let peer = Self.key(0).peer
            configuration.bootstrap = [Multiaddress(Self.address(2)).appending(peer)]
        }
        node = Node(configuration)
        var restored = RestoredState()
        let kept = ChainHeader(first)
        restored.head = kept
        restored.headers.insert(first.height.value)
        for height in squares.keys.sorted() { restored.squares.insert(height) }
        headers[first.height.value] = kept
        toNode = [.began(restored: restored, entropy: Bytes32(repeating: 5))]
        for index in 0..<count { add(index, dialling: identity.peer) }
        run(milliseconds: 2_500)
    }

    /// One of the strangers publishes data.
    mutating func publish(_ topic: String, _ data: [UInt8], by index: Int) {
        change(index) { stranger, now, outcomes in
            if topic == Self.squareTopic {
                stranger.flood.publish(
                    topic, data, on: &stranger.host, at: now, into: &outcomes)
            } else {
                stranger.mesh.publish(topic, data, on: &stranger.host, at: now, into: &outcomes)
            }
        }
        run(milliseconds: 2_500)
    }

    /// One of the strangers publishes many messages at once.
    mutating func publish(_ topic: String, all messages: [[UInt8]], by index: Int) {
        change(index) { stranger, now, outcomes in
            for data in messages {
                stranger.flood.publish(
                    topic, data, on: &stranger.host, at: now, into: &outcomes)
            }
        }
        run(milliseconds: 200)
    }

    /// One of the strangers writes an RPC of its own on a stream of its own.
    mutating func write(_ rpc: GossipRPC, by index: Int) throws {
        let peer = node.localPeer
        var bytes: [UInt8] = []
        bytes.append(lengthPrefixed: rpc.encode())
        var fault: RequestFault?
        change(index) { stranger, now, _ in
            do throws(RequestFault) {
                let stream = try stranger.host.openStream(
                    GossipProtocol.mesh.rawValue, to: peer, at: now)
                stranger.host.write(bytes, on: stream)
            } catch {
                fault = error
            }
        }
        if let fault { throw fault }
        run(milliseconds: 200)
    }

    /// One of the strangers asks for samples; returns its question.
    mutating func ask(_ request: SampleManyRequest, by index: Int) -> RequestNumber? {
        let peer = node.localPeer
        var number: RequestNumber?
        change(index) { stranger, now, _ in
            number = stranger.host.request(
                SampleManyExchange.protocolID(network: "private"), to: peer, request.encode(),
                answerLimit: SampleManyExchange.answerLimit(request), end: .messages,
                deadline: now.advanced(byMilliseconds: 50_000), at: now)
        }
        run(milliseconds: 100)
        return number
    }

    /// How many announcements of squares the node remembers.
    var announcementsWaiting: Int { node.announcementsWaiting }

    /// How many peers the node is connected to.
    var peerCount: Int { node.status.peerCount }

    /// The strangers that heard data from the node.
    func hearers(of data: [UInt8]) -> [Int] {
        strangers.indices.filter { strangers[$0].heard.contains(data) }
    }

    /// The strangers that have the node in their mesh of headers.
    var meshMembers: [Int] {
        strangers.indices.filter {
            !strangers[$0].mesh.machine.meshPeers(of: Self.headerTopic).isEmpty
        }
    }

    private mutating func run(milliseconds: UInt64) {
        for _ in 0..<milliseconds / 50 {
            now = now.advanced(byMilliseconds: 50)
            toNode.append(.woke)
            for index in strangers.indices {
                toStrangers.append((index, .woke))
                change(index) { stranger, now, outcomes in
                    stranger.mesh.wake(on: &stranger.host, at: now, into: &outcomes)
                    stranger.flood.wake(on: &stranger.host, at: now, into: &outcomes)
                }
            }
            while !toNode.isEmpty || !toStrangers.isEmpty { settle() }
        }
    }

    private mutating func settle() {
        let (events, theirs) = (toNode, toStrangers)
        toNode = []
        toStrangers = []
        for event in events {
            var effects: [RoleEffect] = []
            node.handle(event, at: now, into: &effects)
            for effect in effects { perform(effect) }
        }
        for (index, event) in theirs {
            var effects: [PeerEffect] = []
            strangers[index].host.handle(event, at: now, into: &effects)
            perform(effects, of: index)
        }
    }

    private mutating func perform(_ effect: RoleEffect) {
        switch effect {
        case .send(let number, let bytes):
            let index = strangers.indices.first { number == .accepted(UInt64($0)) }
            if let index { toStrangers.append((index, .received(Self.dialled, bytes))) }
        case .awaitDrain(let number):
            if isDraining { toNode.append(.drained(number)) } else { undrained.append(number) }
        case .store(let ticket, let record):
            if case .headers(let list, _) = record {
                for header in list { headers[header.height.value] = header }
            }
            toNode.append(.stored(ticket))
        case .load(let ticket, .header(let height)):
            toNode.append(.loaded(ticket, headers[height].map { .header($0) } ?? .nothing))
        case .load(let ticket, .samples(let request, let places)):
            samplesRead.append(places)
            let answer = squares[request.height].map {
                LoadedValue.piece(
                    SampleManyExchange.encodeAnswer(to: request, from: $0, places: places))
            }
            toNode.append(.loaded(ticket, answer ?? .nothing))
        case .load(let ticket, _): toNode.append(.loaded(ticket, .nothing))
        case .compute(let ticket, let job): toNode.append(.computed(ticket, job.run()))
        case .report(.head(let header)): head = header.height.value
        case .dial(_, let address): dialled.append(address)
        case .hangUp, .wake, .answer, .report, .sign, .settleSigning: break
        }
    }

    // MARK: Strangers

    private static func key(_ index: Int) -> IdentityPrivateKey {
        IdentityPrivateKey(seed: Bytes32(repeating: UInt8(index + 1)))
    }

    private static func address(_ last: Int) -> SocketAddress {
        guard let ip = IPAddress(bytes: [10, 0, UInt8(last), 7]) else {
            preconditionFailure("four bytes")
        }
        return SocketAddress(ip: ip, port: 2_121)
    }

    private mutating func add(_ index: Int, dialling peer: PeerIdentifier) {
        let key = Self.key(index)
        func service(_ topic: String, _ protocols: [GossipProtocol]) -> GossipService {
            GossipService(
                GossipMachine.Configuration(
                    key: key, seed: Bytes32(repeating: UInt8(index)),
                    topics: [GossipTopicRules(topic, naming: .contentHash)]),
                protocols: protocols)
        }
        let seed = Bytes32(repeating: UInt8(index + 100))
        var stranger = Stranger(
            host: PeerHost(PeerHost.Configuration(key: key, seed: seed)),
            mesh: service(Self.headerTopic, [.mesh]), flood: service(Self.squareTopic, [.flood]))
        stranger.mesh.begin(on: &stranger.host)
        stranger.flood.begin(on: &stranger.host)
        strangers.append(stranger)
        change(index) { stranger, now, outcomes in
            stranger.mesh.join(Self.headerTopic, on: &stranger.host, at: now, into: &outcomes)
            stranger.flood.join(Self.squareTopic, on: &stranger.host, at: now, into: &outcomes)
            let address = Multiaddress(Self.address(1)).appending(peer)
            stranger.host.dial(address, at: now)
        }
    }

    private mutating func change(
        _ index: Int, _ body: (inout Stranger, Instant, inout [GossipOutcome]) -> Void
    ) {
        var outcomes: [GossipOutcome] = []
        body(&strangers[index], now, &outcomes)
        for case .deliver(let delivery) in outcomes {
            // What a stranger hears it keeps to itself.
            strangers[index].heard.append(delivery.data)
        }
        var effects: [PeerEffect] = []
        strangers[index].host.flush(at: now, into: &effects)
        perform(effects, of: index)
    }

    private mutating func perform(_ effects: [PeerEffect], of index: Int) {
        let number = ConnectionNumber.accepted(UInt64(index))
        for effect in effects {
            switch effect {
            case .send(_, let bytes): toNode.append(.received(number, bytes))
            case .awaitDrain: toStrangers.append((index, .drained(Self.dialled)))
            case .dial(_, let address):
                toNode.append(.connected(number, remote: Self.address(index + 2)))
                toStrangers.append((index, .connected(Self.dialled, remote: address)))
            case .notice, .hangUp, .wake: break
            }
        }
        // What notices cause is sent after what was sent before them.
        for case .notice(let notice) in effects {
            switch notice {
            case .answeredInPart(let number, let bytes): parts[number, default: []].append(bytes)
            case .answered(let number, let result): ends[number] = result
            default: break
            }
            change(index) { stranger, now, outcomes in
                stranger.mesh.handle(notice, on: &stranger.host, at: now, into: &outcomes)
                stranger.flood.handle(notice, on: &stranger.host, at: now, into: &outcomes)
            }
        }
    }
}
