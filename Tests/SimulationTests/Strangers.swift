// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
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
    /// The newest height that the node reported.
    private(set) var head: UInt64 = 0
    private var toNode: [RoleEvent] = []
    private var toStrangers: [(index: Int, event: PeerEvent)] = []

    /// A node that has the first header of a chain, and so many peers.
    init(_ count: Int, genesis: Genesis, first: ExtendedHeader, now: Instant) {
        self.now = now
        let identity = IdentityPrivateKey(seed: Bytes32(repeating: 77))
        var configuration = NodeConfiguration(
            kind: .storage, network: "private", rules: LedgerRules(genesis),
            trust: .genesis(validatorsHash: genesis.validatorSet.hash), identity: identity)
        configuration.pollMilliseconds = 60_000
        configuration.isSampling = false
        node = Node(configuration)
        var restored = RestoredState()
        let kept = ChainHeader(first)
        restored.head = kept
        restored.headers.insert(first.height.value)
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
        case .awaitDrain(let number): toNode.append(.drained(number))
        case .store(let ticket, let record):
            if case .headers(let list, _) = record {
                for header in list { headers[header.height.value] = header }
            }
            toNode.append(.stored(ticket))
        case .load(let ticket, .header(let height)):
            toNode.append(.loaded(ticket, headers[height].map { .header($0) } ?? .nothing))
        case .load(let ticket, _): toNode.append(.loaded(ticket, .nothing))
        case .compute(let ticket, let job): toNode.append(.computed(ticket, job.run()))
        case .report(.head(let header)): head = header.height.value
        case .dial, .hangUp, .wake, .answer, .report: break
        }
    }

    // MARK: Strangers

    private static func address(_ last: Int) -> SocketAddress {
        guard let ip = IPAddress(bytes: [10, 0, 7, UInt8(last)]) else {
            preconditionFailure("four bytes")
        }
        return SocketAddress(ip: ip, port: 2_121)
    }

    private mutating func add(_ index: Int, dialling peer: PeerIdentifier) {
        let key = IdentityPrivateKey(seed: Bytes32(repeating: UInt8(index + 1)))
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
            change(index) { stranger, now, outcomes in
                stranger.mesh.handle(notice, on: &stranger.host, at: now, into: &outcomes)
                stranger.flood.handle(notice, on: &stranger.host, at: now, into: &outcomes)
            }
        }
    }
}
