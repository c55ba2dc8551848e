// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering

/// Gossip machines joined in memory, on one virtual clock, some of whose nodes attack the others.
struct GossipNetwork {
    /// What a node does.
    enum Kind: Hashable {
        /// Follows the protocol.
        case honest
        /// Comes into every mesh that it can and passes nothing on.
        case dropper
        /// Sends messages in the names of others.
        case forger
        /// Says that it has what it has not, and asks for all that it can.
        case flooder
        /// Sends false messages in its own name.
        case liar
    }

    static let topic = "/test/topic"

    let kinds: [Kind]
    private(set) var machines: [GossipMachine] = []
    private(set) var now = Instant(nanoseconds: 1_700_000_000_000_000_000)
    /// The honest nodes that each message came to, by its text.
    private(set) var arrivals: [String: Set<Int>] = [:]
    /// Everything that machines sent, counted by what it was.
    private(set) var sentCount = 0
    /// Messages that honest nodes were asked to judge and found false.
    private(set) var falseCount = 0

    private var indices: [PeerIdentifier: Int] = [:]
    private(set) var links: [SortedLinks] = []
    private var pending: [UInt64: [(node: Int, event: GossipEvent)]] = [:]
    private var random: SeededGenerator
    private var publishedCount = 0

    /// The peers of a node.
    struct SortedLinks {
        var peers: [Int] = []
    }

    /// Nodes that each dial `dials` others; every kind but the honest dials only honest ones.
    init(
        seed: UInt8, kinds: [Kind], dials: Int, parameters: GossipParameters,
        topicScoring: GossipTopicScoring?
    ) {
        self.kinds = kinds
        random = SeededGenerator(seed: Bytes32(repeating: seed))
        for index in kinds.indices {
            var configuration = GossipMachine.Configuration(
                key: Self.key(index), seed: Bytes32(random.bytes(32)) ?? Bytes32(),
                topics: [
                    GossipTopicRules(
                        Self.topic, naming: .authorAndSequence, scoring: topicScoring)
                ])
            configuration.parameters = parameters
            machines.append(GossipMachine(configuration))
            indices[Self.key(index).peer] = index
            links.append(SortedLinks())
        }
        let honest = kinds.indices.filter { kinds[$0] == .honest }
        for index in kinds.indices {
            let choice = kinds[index] == .honest ? Array(kinds.indices) : honest
            for other in random.shuffled(choice.filter { $0 != index }).prefix(dials) {
                connect(index, other)
            }
        }
        for index in honest { handle(.joined(Self.topic), by: index) }
    }

    static func key(_ index: Int) -> IdentityPrivateKey {
        var seed = Bytes32(repeating: 7)
        seed[0] = UInt8(index & 255)
        seed[1] = UInt8(index >> 8)
        return IdentityPrivateKey(seed: seed)
    }

    var honest: [Int] { kinds.indices.filter { kinds[$0] == .honest } }

    /// How many of a kind are in the meshes of honest nodes, counted each time.
    func countInMeshes(_ kind: Kind) -> Int {
        honest.reduce(0) { count, index in
            count
                + machines[index].meshPeers(of: Self.topic).count {
                    indices[$0].map { kinds[$0] } == kind
                }
        }
    }

    /// The lowest score that an honest node gives to one of a kind that it is connected to.
    func lowestScore(of kind: Kind) -> Double {
        var lowest = Double.infinity
        for index in honest {
            for other in links[index].peers where kinds[other] == kind {
                lowest = min(lowest, machines[index].score(of: Self.key(other).peer))
            }
        }
        return lowest
    }

    /// Lets an honest node publish.
    mutating func publish(_ text: String, by index: Int) {
        arrivals[text, default: []].insert(index)
        handle(.published(topic: Self.topic, Array(text.utf8)), by: index)
    }

    /// Runs for a time; attackers attack once a second.
    mutating func run(milliseconds: UInt64) {
        for _ in 0..<milliseconds {
            now = now.advanced(byMilliseconds: 1)
            let moment = now.nanoseconds / 1_000_000
            if moment % 1_000 == 0 { attack() }
            for (node, event) in pending.removeValue(forKey: moment) ?? [] {
                handle(event, by: node)
            }
        }
    }

    private mutating func connect(_ from: Int, _ to: Int) {
        guard !links[from].peers.contains(to) else { return }
        for (node, other, isOutbound) in [(from, to, true), (to, from, false)] {
            links[node].peers.append(other)
            let peer = Self.key(other).peer
            handle(.connected(peer, Self.address(other), isOutbound: isOutbound), by: node)
            handle(.writable(peer, .meshDontWant), by: node)
        }
    }

    private static func address(_ index: Int) -> IPAddress {
        guard let address = IPAddress(bytes: [10, 0, UInt8(index >> 8), UInt8(index & 255)]) else {
            preconditionFailure("four bytes")
        }
        return address
    }

    private mutating func later(_ milliseconds: Int, _ node: Int, _ event: GossipEvent) {
        pending[now.nanoseconds / 1_000_000 + UInt64(milliseconds), default: []]
            .append((node, event))
    }

    private mutating func handle(_ event: GossipEvent, by index: Int) {
        guard kinds[index] == .honest else { return }
        var effects: [GossipEffect] = []
        machines[index].handle(event, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .send(let peer, let rpc, _):
                guard let target = indices[peer], kinds[target] == .honest else { continue }
                sentCount += 1
                later(
                    5 + random.next(below: 60), target, .received(Self.key(index).peer, rpc))
            case .deliver(let delivery):
                let text = String(decoding: delivery.data, as: UTF8.self)
                let isFalse = text.hasPrefix("false")
                if isFalse { falseCount += 1 } else { arrivals[text, default: []].insert(index) }
                later(1, index, .judged(delivery.number, isFalse ? .reject : .accept))
            case .connect: break
            case .wake(let moment):
                let delay = moment.milliseconds(since: now)
                later(Int(max(1, delay)), index, .woke)
            }
        }
    }

    // MARK: Attackers

    private mutating func attack() {
        for index in kinds.indices where kinds[index] != .honest {
            for other in links[index].peers {
                var rpc = GossipRPC()
                rpc.subscriptions = [.init(Self.topic, isWanted: true)]
                rpc.control.grafts = [Self.topic]
                arm(&rpc, of: index, against: other)
                later(5, other, .received(Self.key(index).peer, rpc))
            }
        }
    }

    private mutating func arm(_ rpc: inout GossipRPC, of index: Int, against other: Int) {
        publishedCount += 1
        switch kinds[index] {
        case .honest, .dropper: break
        case .forger:
            var message = GossipMessage(
                topic: Self.topic, data: Array("false \(publishedCount)".utf8),
                sequence: UInt64(publishedCount), signedBy: Self.key(index))
            message.author = Self.key(other == 0 ? 1 : 0).peer.bytes
            rpc.messages = [message]
        case .flooder:
            rpc.control.haves = (0..<20).map { _ in
                .init(topic: Self.topic, ids: (0..<20).map { _ in random.bytes(16) })
            }
            rpc.control.wants = (0..<100).map { _ in random.bytes(16) }
        case .liar:
            rpc.messages = [
                GossipMessage(
                    topic: Self.topic, data: Array("false \(publishedCount)".utf8),
                    sequence: UInt64(publishedCount), signedBy: Self.key(index))
            ]
        }
    }
}
