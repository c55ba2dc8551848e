// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Machinery

/// Spreads messages of topics among many nodes, each speaking to a few.
///
/// gossipsub 1.1 with its scores, 1.2's IDONTWANT among peers that speak it, and floodsub with those
/// that speak nothing else. Every message waits for a verdict of the node before it goes on. Streams
/// belong to `GossipService`; here are only peers, messages and time.
/// Specified in Protocol/12-gossip.md.
package struct GossipMachine: Machine {
    /// What a node takes part in, and how.
    package struct Configuration: Sendable {
        /// The key that own messages are signed with.
        package var key: IdentityPrivateKey
        /// 32 secret bytes that choices are drawn from.
        package var seed: Bytes32
        /// All topics that this node knows.
        package var topics: [GossipTopicRules]
        /// The shape of the mesh.
        package var parameters = GossipParameters()
        /// What peers earn and lose.
        package var scoring = GossipScoring()
        /// Peers whose messages and wishes are always taken, outside mesh and scores.
        package var direct: [PeerIdentifier] = []
        /// Peers that begin with a good name (P5).
        package var favoured: [PeerIdentifier] = []

        /// A node with the defaults for the rest.
        package init(key: IdentityPrivateKey, seed: Bytes32, topics: [GossipTopicRules]) {
            self.key = key
            self.seed = seed
            self.topics = topics
        }
    }

    /// What is known of a connected peer.
    struct Neighbour {
        let address: IPAddress
        let isOutbound: Bool
        /// How it is written to; nil without a stream.
        var speaks: GossipProtocol?
        var topics = SortedList<String>()
        /// IHAVEs, ids asked for and IDONTWANTs since the last heartbeat.
        var haveCount = 0
        var askedCount = 0
        var dontWantCount = 0
        /// Messages it does not want, with the heartbeat until which that holds.
        var dontWant: [GossipID: UInt64] = [:]
        /// Its messages that wait for a verdict.
        var waiting = 0
    }

    /// A message that came, for those who bring it again.
    struct Record {
        enum State { case waiting, accepted, ignored, rejected }

        var state = State.waiting
        var acceptedAt: Instant?
        /// Peers that brought it while it waited.
        var copies: [PeerIdentifier] = []
    }

    struct Waiting {
        let message: GossipMessage
        let id: GossipID
        let key: GossipID
        let sender: PeerIdentifier
        let author: PeerIdentifier?
    }

    struct Fanout {
        var peers = SortedList<PeerIdentifier>()
        var end: Instant
    }

    package typealias Event = GossipEvent
    package typealias Effect = GossipEffect

    let configuration: Configuration
    let local: PeerIdentifier
    let rules: [String: GossipTopicRules]
    /// What counts shrink by, of each topic that is scored.
    let decays: [(topic: String, rules: GossipTopicScoring, decay: GossipDecay)]
    let behaviourDecay: Double
    var random: SeededGenerator
    var parameters: GossipParameters { configuration.parameters }
    var scoring: GossipScoring { configuration.scoring }

    var neighbours: [PeerIdentifier: Neighbour] = [:]
    /// Connected peers, in order.
    var present = SortedList<PeerIdentifier>()
    /// Who wants each topic.
    var subscribers: [String: SortedList<PeerIdentifier>] = [:]
    var joined = SortedList<String>()
    var mesh: [String: SortedList<PeerIdentifier>] = [:]
    var fanout: [String: Fanout] = [:]

    var scores: [PeerIdentifier: GossipScore] = [:]
    var addressCounts: [IPAddress: Int] = [:]
    /// Disconnected peers whose score is remembered, the first to be forgotten first.
    var retained = FirstInFirstOut<(end: Instant, peer: PeerIdentifier)>()

    /// Names of messages that need not be asked for.
    var seen = GossipMemory<Bool>()
    /// What became of messages.
    var records = GossipMemory<Record>()
    var cache: GossipCache
    var waiting: [UInt64: Waiting] = [:]
    var deliveryCount: UInt64 = 0
    var sequence: UInt64 = 0
    /// Ids that peers said they would send.
    var owed: [GossipID: Int] = [:]
    var promises = FirstInFirstOut<(end: Instant, id: GossipID, peer: PeerIdentifier)>()

    var heartbeats: UInt64 = 0
    var nextHeartbeat: Instant?
    var nextDecay: Instant?
    /// Control of this turn, by peer: what must arrive, and what had better.
    var urgent: [PeerIdentifier: GossipControl] = [:]
    var gossip: [PeerIdentifier: GossipControl] = [:]

    /// Begins without peers or topics of its own.
    package init(_ configuration: Configuration) {
        self.configuration = configuration
        local = configuration.key.peer
        rules = Dictionary(configuration.topics.map { ($0.name, $0) }) { first, _ in first }
        let scoring = configuration.scoring
        decays = configuration.topics.compactMap { topic in
            topic.scoring.map {
                (topic.name, $0, GossipDecay($0, every: scoring.decayMilliseconds))
            }
        }
        behaviourDecay = GossipScoring.decay(
            overMilliseconds: scoring.behaviourMilliseconds, every: scoring.decayMilliseconds)
        random = SeededGenerator(seed: configuration.seed)
        cache = GossipCache(configuration.parameters)
    }

    /// Takes one event and appends what must be done about it.
    package mutating func handle(
        _ event: GossipEvent, at now: Instant, into effects: inout [GossipEffect]
    ) {
        switch event {
        case .joined(let topic): join(topic, at: now, into: &effects)
        case .left(let topic): leave(topic, at: now, into: &effects)
        case .connected(let peer, let address, let isOutbound):
            connect(peer, address, isOutbound: isOutbound)
        case .disconnected(let peer): disconnect(peer, at: now)
        case .writable(let peer, let name): open(peer, name, at: now, into: &effects)
        case .unwritable(let peer): close(peer, at: now)
        case .received(let peer, let rpc): receive(rpc, from: peer, at: now, into: &effects)
        case .malformed(let peer): misbehave(peer)
        case .published(let topic, let data):
            publish(topic, data, at: now, into: &effects)
        case .judged(let number, let verdict):
            judged(number, verdict, at: now, into: &effects)
        case .woke: break
        }
        beat(at: now, into: &effects)
        sendControl(into: &effects)
    }

    /// The topics that this node wants, in order.
    package var topics: [String] { joined.elements }

    /// The peers that want a topic, in order.
    package func subscribers(of topic: String) -> [PeerIdentifier] {
        subscribers[topic]?.elements ?? []
    }

    /// The peers in the mesh of a topic, in order.
    package func meshPeers(of topic: String) -> [PeerIdentifier] { mesh[topic]?.elements ?? [] }

    /// Messages that wait for a verdict.
    package var waitingCount: Int { waiting.count }

    // MARK: Peers

    private mutating func connect(
        _ peer: PeerIdentifier, _ address: IPAddress, isOutbound: Bool
    ) {
        guard peer != local, neighbours[peer] == nil else { return }
        neighbours[peer] = Neighbour(address: address, isOutbound: isOutbound)
        present.insert(peer)
        if !address.isLoopback { addressCounts[address, default: 0] += 1 }
        scores[peer, default: GossipScore()].leftAt = nil
    }

    private mutating func disconnect(_ peer: PeerIdentifier, at now: Instant) {
        guard let neighbour = neighbours[peer] else { return }
        close(peer, at: now)
        for topic in neighbour.topics.elements { subscribers[topic]?.remove(peer) }
        neighbours[peer] = nil
        present.remove(peer)
        if !neighbour.address.isLoopback {
            let count = addressCounts[neighbour.address] ?? 1
            addressCounts[neighbour.address] = count > 1 ? count - 1 : nil
        }
        retainScore(of: peer, at: now)
    }

    /// A stream to the peer: it is told first what this node wants.
    private mutating func open(
        _ peer: PeerIdentifier, _ name: GossipProtocol, at now: Instant,
        into effects: inout [GossipEffect]
    ) {
        guard neighbours[peer] != nil else { return }
        neighbours[peer]?.speaks = name
        guard !joined.isEmpty else { return }
        var hello = GossipRPC()
        hello.subscriptions = joined.elements.map { .init($0, isWanted: true) }
        effects.append(.send(peer, hello, .high))
        for topic in joined.elements { welcome(peer, topic, at: now) }
    }

    private mutating func close(_ peer: PeerIdentifier, at now: Instant) {
        neighbours[peer]?.speaks = nil
        urgent[peer] = nil
        gossip[peer] = nil
        for topic in joined.elements where mesh[topic]?.contains(peer) == true {
            removeFromMesh(peer, topic, at: now)
        }
        for topic in fanout.keys.sorted() { fanout[topic]?.peers.remove(peer) }
    }

    // MARK: Control

    /// Hands out the turn's control, one RPC a peer and kind, in the order of the peers.
    private mutating func sendControl(into effects: inout [GossipEffect]) {
        if !urgent.isEmpty {
            for (peer, control) in urgent.sorted(by: { $0.key < $1.key }) {
                var rpc = GossipRPC()
                rpc.control = control
                effects.append(.send(peer, rpc, .high))
            }
            urgent = [:]
        }
        if !gossip.isEmpty {
            for (peer, control) in gossip.sorted(by: { $0.key < $1.key }) {
                var rpc = GossipRPC()
                rpc.control = control
                effects.append(.send(peer, rpc, .low))
            }
            gossip = [:]
        }
    }
}
