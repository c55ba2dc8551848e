// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import Peering

/// One gossip machine among peers that a test plays.
struct GossipProbe {
    static let topic = "/test/topic"

    private(set) var machine: GossipMachine
    private(set) var now = Instant(nanoseconds: 1_700_000_000_000_000_000)
    /// What the machine asked for since it was last looked at.
    private var effects: [GossipEffect] = []
    private var sequence: UInt64 = 0

    init(_ change: (inout GossipMachine.Configuration) -> Void = { _ in }) {
        var configuration = GossipMachine.Configuration(
            key: GossipNetwork.key(999), seed: Bytes32(repeating: 3),
            topics: [
                GossipTopicRules(
                    Self.topic, naming: .authorAndSequence, scoring: GossipTopicScoring())
            ])
        change(&configuration)
        machine = GossipMachine(configuration)
        tell(.joined(Self.topic))
    }

    static func peer(_ index: Int) -> PeerIdentifier { GossipNetwork.key(index).peer }

    mutating func tell(_ event: GossipEvent) {
        machine.handle(event, at: now, into: &effects)
    }

    /// Lets time go by; the machine is woken every hundred milliseconds.
    mutating func run(milliseconds: UInt64) {
        for _ in 0..<milliseconds / 100 {
            now = now.advanced(byMilliseconds: 100)
            tell(.woke)
        }
    }

    /// Connects peers that want the topic, each at an address of its own.
    mutating func connect(
        _ indices: Range<Int>, speaking name: GossipProtocol = .meshDontWant,
        isOutbound: Bool = false, address: IPAddress? = nil
    ) {
        for index in indices {
            let own = IPAddress(bytes: [10, 1, UInt8(index >> 8), UInt8(index & 255)])
            guard let place = address ?? own else { preconditionFailure("four bytes") }
            tell(.connected(Self.peer(index), place, isOutbound: isOutbound))
            tell(.writable(Self.peer(index), name))
            send(index) { $0.subscriptions = [.init(Self.topic, isWanted: true)] }
        }
    }

    /// A peer sends an RPC.
    mutating func send(_ index: Int, _ fill: (inout GossipRPC) -> Void) {
        var rpc = GossipRPC()
        fill(&rpc)
        tell(.received(Self.peer(index), rpc))
    }

    /// A message that somebody signed, a new one each time.
    mutating func message(by author: Int, _ data: [UInt8] = [1]) -> GossipMessage {
        sequence += 1
        return GossipMessage(
            topic: Self.topic, data: data, sequence: sequence,
            signedBy: GossipNetwork.key(author))
    }

    /// What was sent to a peer, and forgets it.
    mutating func sent(to index: Int) -> [GossipRPC] {
        var found: [GossipRPC] = []
        effects.removeAll {
            guard case .send(let peer, let rpc, _) = $0, peer == Self.peer(index) else {
                return false
            }
            found.append(rpc)
            return true
        }
        return found
    }

    /// What is to be judged, and forgets it.
    mutating func deliveries() -> [GossipDelivery] {
        var found: [GossipDelivery] = []
        effects.removeAll {
            guard case .deliver(let delivery) = $0 else { return false }
            found.append(delivery)
            return true
        }
        return found
    }

    /// Peers that are to be connected to, and forgets them.
    mutating func connections() -> [PeerIdentifier] {
        var found: [PeerIdentifier] = []
        effects.removeAll {
            guard case .connect(let peer, _) = $0 else { return false }
            found.append(peer)
            return true
        }
        return found
    }

    mutating func forgetEffects() { effects = [] }

    /// The peers of the mesh, by index, of those below `limit`.
    func mesh(below limit: Int) -> [Int] {
        let peers = Set(machine.meshPeers(of: Self.topic))
        return (0..<limit).filter { peers.contains(Self.peer($0)) }
    }

    func score(_ index: Int) -> Double { machine.score(of: Self.peer(index)) }
}

extension [GossipRPC] {
    var controls: [GossipControl] { map(\.control) }
    var prunes: [GossipControl.Prune] { controls.flatMap(\.prunes) }
    var grafts: [String] { controls.flatMap(\.grafts) }
    var wants: [GossipID] { controls.flatMap(\.wants) }
    var haves: [GossipControl.Have] { controls.flatMap(\.haves) }
    var dontWants: [[GossipID]] { controls.flatMap(\.dontWants) }
    var messages: [GossipMessage] { flatMap { $0.messages } }
}
