// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import DataSquare
internal import Machinery
internal import Peering

/// What a node takes part in by gossip, and what it heard there and cannot use yet.
struct GossipState {
    /// The topics of a mesh: headers, fraud.
    var mesh: GossipService
    /// The topic of plain flooding: squares.
    var flood: GossipService
    /// Squares that peers hold of headers that are not known yet, the oldest first.
    private(set) var announcements: [(announced: SquareAnnouncement, by: Peer)] = []
    /// The newest height whose header this node published.
    var publishedHeight: UInt64 = 0

    init(_ configuration: NodeConfiguration, seed: Bytes32) {
        var seeds = SeededGenerator(seed: seed)
        func service(
            _ topics: [GossipTopic], _ protocols: [GossipProtocol]
        ) -> GossipService {
            let rules = topics.map { Self.rules($0, network: configuration.network) }
            guard let seed = Bytes32(seeds.bytes(32)) else {
                preconditionFailure("32 bytes are 32 bytes")
            }
            var machine = GossipMachine.Configuration(
                key: configuration.identity, seed: seed, topics: rules)
            if configuration.kind == .light { machine.parameters = .light }
            machine.parameters.isExchangingPeers = configuration.kind != .light
            machine.favoured = configuration.bootstrap.compactMap(\.peer)
            return GossipService(machine, protocols: protocols)
        }
        mesh = service([.headers, .fraud], [.meshDontWant, .mesh])
        flood = service([.squares], [.flood])
    }

    /// The topics that a kind of node wants.
    static func topics(of configuration: NodeConfiguration) -> [GossipTopic] {
        switch configuration.kind {
        case .validator, .storage: [.headers, .fraud, .squares]
        case .light: configuration.isHeaderGossipJoined ? [.headers, .fraud] : [.fraud]
        }
    }

    private static func rules(_ topic: GossipTopic, network: String) -> GossipTopicRules {
        let name = topic.name(network: network)
        return switch topic {
        case .headers:
            GossipTopicRules(name, naming: .committedBlock, scoring: GossipTopicScoring())
        case .fraud: GossipTopicRules(name, naming: .contentHash, scoring: GossipTopicScoring())
        case .squares:
            GossipTopicRules(name, naming: .authorAndSequence, scoring: GossipTopicScoring())
        }
    }

    /// Remembers an announcement until its header comes.
    mutating func remember(_ announced: SquareAnnouncement, by peer: Peer) {
        let isKnown = announcements.contains { $0.announced == announced && $0.by == peer }
        let ofPeer = announcements.count { $0.by == peer }
        guard !isKnown, ofPeer < NodeLimits.announcementsPerPeer else { return }
        if announcements.count >= NodeLimits.announcementsMax { announcements.removeFirst() }
        announcements.append((announced, peer))
    }

    /// Takes the peers that announced the square of a header, and forgets what is older.
    mutating func takeAnnouncements(of header: ChainHeader) -> [Peer] {
        let height = header.height.value
        guard let root = header.dataRoot else { return [] }
        let peers = announcements.filter {
            $0.announced == SquareAnnouncement(height: height, dataRoot: root)
        }.map { $0.by }
        announcements.removeAll { $0.announced.height <= height }
        return peers
    }
}
