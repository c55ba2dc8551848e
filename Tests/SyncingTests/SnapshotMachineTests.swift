// SPDX-License-Identifier: Apache-2.0

import Bytes
import Machinery
import StateTree
import Synchronization
import Syncing
import TestSupport
import Testing

/// Nodes in memory, as a disk would have them.
final class MemoryNodes: NodeStore {
    private let nodes = Mutex<[[UInt8]: [UInt8]]>([:])

    var count: Int { nodes.withLock { $0.count } }

    func read(_ key: NodeKey) throws(StateTreeFault) -> [UInt8]? {
        nodes.withLock { $0[key.bytes] }
    }

    func keep(_ change: StateTreeChange) {
        nodes.withLock { nodes in
            for key in change.removed + change.stale { nodes[key.bytes] = nil }
            for node in change.written { nodes[node.key.bytes] = node.bytes }
        }
    }
}

/// A machine, its disk, and peers that each answer as a test says.
struct SnapshotWorld {
    enum Manner {
        case honest
        /// Never answers.
        case silent
        /// Answers that it has nothing.
        case empty
        /// Changes a byte of each chunk.
        case wrongChunks
        /// Sends the manifest of another state.
        case otherManifest
        /// Sends another manifest of the same state, with a wrong end.
        case wrongEnds
        /// Tells one entry too many.
        case wrongCount
        /// Answers something else than was asked.
        case confused
        /// Offers a height that no header has.
        case dreaming
    }

    let tree: StateTree
    let height: UInt64 = 601
    var machine = SnapshotMachine()
    var now = Instant(nanoseconds: 0)
    var manners: [(peer: Peer, manner: Manner)] = []
    var questions: [(question: SnapshotQuestion, peer: Peer, due: Instant)] = []
    var penalized: [Peer] = []
    var abandoned: [UInt64] = []
    var restored: (height: UInt64, tree: StateTree)?
    var asked: [Peer: Int] = [:]
    let nodes = MemoryNodes()

    /// A state of a few megabytes, and what an honest holder sends of it.
    private static let sample: (tree: StateTree, manifest: SnapshotManifest, chunks: [[UInt8]]) = {
        do {
            var tree = StateTree()
            let writes = (0..<450).map { number in
                StateWrite(
                    key: Array("key \(10_000_000 + number)".utf8),
                    value: [UInt8](repeating: UInt8(number % 251), count: 8_000))
            }
            _ = try tree.update(writes, version: 77)
            let manifest = try tree.snapshotManifest()
            let chunks = try manifest.ends.indices.map {
                try tree.chunk(after: manifest.start(of: $0))?.encode() ?? []
            }
            return (tree, manifest, chunks)
        } catch {
            preconditionFailure("a tree in memory: \(error)")
        }
    }()

    init(_ manners: [Manner]) throws {
        tree = Self.sample.tree
        #expect(Self.sample.chunks.count >= 4)
        self.manners = manners.enumerated().map { (Peer("peer \($0)"), $1) }
    }

    /// Runs until the state is there, or the time is over.
    mutating func run(milliseconds: UInt64 = 60_000) throws {
        let end = now.advanced(byMilliseconds: milliseconds)
        try tell(.peersChanged(manners.map(\.peer)))
        try tell(.wanted(above: 5, version: 1 << 32, store: nodes))
        while restored == nil, now < end {
            now = now.advanced(byMilliseconds: 100)
            let due = questions.filter { $0.due <= now }
            questions.removeAll { $0.due <= now }
            for question in due { try tell(answer(question.question, question.peer)) }
            try tell(.woke)
        }
    }

    mutating func tell(_ event: SnapshotMachine.Event) throws {
        var effects: [SnapshotMachine.Effect] = []
        machine.handle(event, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .ask(let question, let peer):
                asked[peer, default: 0] += 1
                let isSilent = manner(peer) == .silent
                questions.append(
                    (question, peer, now.advanced(byMilliseconds: isSilent ? 3_000 : 50)))
            case .readHeader(let height):
                try tell(.header(height, appHash: height == self.height ? tree.root : nil))
            case .keep(let change): nodes.keep(change)
            case .abandon(let version): abandoned.append(version)
            case .penalize(let peer, _):
                penalized.append(peer)
                manners.removeAll { $0.peer == peer }
            case .restored(let height, let tree): restored = (height, tree)
            case .wake: break
            }
        }
    }

    private func manner(_ peer: Peer) -> Manner {
        manners.first { $0.peer == peer }?.manner ?? .silent
    }

    private func answer(
        _ question: SnapshotQuestion, _ peer: Peer
    ) throws -> SnapshotMachine.Event {
        let manner = manner(peer)
        switch (question, manner) {
        case (_, .silent): return .unanswered(by: peer)
        case (_, .empty): return .answered(.none, by: peer)
        case (.list, .dreaming): return .answered(.list([height, height + 999]), by: peer)
        case (.list, _): return .answered(.list([3, height]), by: peer)
        case (.manifest, .confused): return .answered(.list([1]), by: peer)
        case (.manifest, _):
            var bytes = Self.sample.manifest.encode()
            switch manner {
            case .otherManifest: bytes[20] ^= 1
            case .wrongEnds: bytes[53 + 20] ^= 1
            case .wrongCount: bytes[48] += 1
            default: break
            }
            return .answered(.manifest(bytes), by: peer)
        case (.chunk(_, let number), _):
            guard Self.sample.chunks.indices.contains(Int(number)) else {
                return .answered(.none, by: peer)
            }
            var bytes = Self.sample.chunks[Int(number)]
            if manner == .wrongChunks { bytes[bytes.count / 2] ^= 1 }
            return .answered(.chunk(bytes), by: peer)
        }
    }
}

/// How a state comes from peers of which some lie, stall or have nothing.
@Suite struct SnapshotMachineTests {
    private static func peers(_ numbers: Int...) -> [Peer] { numbers.map { Peer("peer \($0)") } }

    private static func expectRestored(_ world: SnapshotWorld) throws {
        let restored = try #require(world.restored)
        #expect(restored.height == world.height)
        #expect(restored.tree.root == world.tree.root)
        #expect(restored.tree.count == world.tree.count)
        // What was kept opens the same state.
        let opened = StateTree(restored.tree.head, store: world.nodes)
        #expect(try opened.entries(limit: 100) == world.tree.entries(limit: 100))
        #expect(try opened.chunk(after: nil) == world.tree.chunk(after: nil))
    }

    @Test func oneHonestPeerSuffices() throws {
        var world = try SnapshotWorld([.honest])
        try world.run()
        try Self.expectRestored(world)
        #expect(world.penalized.isEmpty && world.abandoned.isEmpty)
        #expect(world.machine.isFetching == false)
    }

    /// Several are asked, none for more than one thing at once.
    @Test func workIsShared() throws {
        var world = try SnapshotWorld([.honest, .honest, .honest])
        try world.run()
        try Self.expectRestored(world)
        #expect(world.asked.values.allSatisfy { $0 >= 2 })
    }

    /// A liar is found out by its first chunk; another peer gives the same.
    @Test(arguments: [0, 1, 2])
    func wrongChunksArePenalized(place: Int) throws {
        var manners: [SnapshotWorld.Manner] = [.honest, .honest]
        manners.insert(.wrongChunks, at: place)
        var world = try SnapshotWorld(manners)
        try world.run()
        try Self.expectRestored(world)
        #expect(world.penalized == Self.peers(place))
    }

    /// A manifest of another state than the header's is a lie, whoever else is asked.
    @Test func otherStatesArePenalized() throws {
        var world = try SnapshotWorld([.otherManifest, .honest])
        try world.run()
        try Self.expectRestored(world)
        #expect(world.penalized == Self.peers(0))
    }

    /// A manifest with a wrong end is given up when chunks of several peers contradict it; nobody is
    /// penalised for what cannot be pinned on one, and the honest are not.
    @Test func wrongEndsAreGivenUp() throws {
        var world = try SnapshotWorld([.wrongEnds, .honest, .honest])
        try world.run()
        try Self.expectRestored(world)
        #expect(world.penalized.isEmpty && world.abandoned.count == 1)
    }

    /// A false count shows when all chunks are there, and is its giver's.
    @Test func wrongCountsArePenalized() throws {
        var world = try SnapshotWorld([.wrongCount, .honest])
        try world.run()
        try Self.expectRestored(world)
        #expect(world.penalized == Self.peers(0) && world.abandoned.count == 1)
    }

    /// Who is silent, or has nothing, or dreams, costs time and is not penalised.
    @Test func theSlowAreNotPenalized() throws {
        var world = try SnapshotWorld([.silent, .empty, .dreaming, .honest])
        try world.run()
        try Self.expectRestored(world)
        #expect(world.penalized.isEmpty)
    }

    @Test func answersToOtherQuestionsArePenalized() throws {
        var world = try SnapshotWorld([.confused, .honest])
        try world.run()
        try Self.expectRestored(world)
        #expect(world.penalized == Self.peers(0))
    }

    /// With nobody who has one the machine says so, again and again, and holds nothing.
    @Test func nobodyHasOne() throws {
        for manners in [[], [.empty], [.silent, .silent]] as [[SnapshotWorld.Manner]] {
            var world = try SnapshotWorld(manners)
            try world.run(milliseconds: 90_000)
            #expect(world.restored == nil && world.machine.isFetching)
            #expect(world.machine.fruitless >= 3, "\(manners)")
            #expect(world.nodes.count == 0)
        }
    }

    /// Every mix of three peers with at least one that is honest ends with the state, and no honest
    /// one is penalised.
    @Test func anyMixWithAnHonestPeer() throws {
        let all: [SnapshotWorld.Manner] = [
            .honest, .silent, .empty, .wrongChunks, .otherManifest, .wrongCount, .confused,
            .dreaming,
        ]
        for first in all {
            for second in all {
                var world = try SnapshotWorld([first, second, .honest])
                let honest = world.manners.filter { $0.manner == .honest }.map(\.peer)
                try world.run()
                try Self.expectRestored(world)
                #expect(!world.penalized.contains { honest.contains($0) }, "\(first) \(second)")
            }
        }
    }

    /// Questions and answers are read as they were written, and nothing else is.
    @Test func messages() throws {
        let questions: [SnapshotQuestion] = [
            .list, .manifest(height: 7), .chunk(height: 9, number: 0),
            .chunk(height: .max, number: .max),
        ]
        for question in questions {
            #expect(try SnapshotQuestion(protobuf: question.protobuf) == question)
            #expect(question.protobuf.count <= SnapshotExchange.questionMax)
        }
        let answers: [SnapshotAnswer] = [
            .list([]), .list([1, 5, .max]), .manifest([]), .manifest([1]), .chunk([2]), .none,
        ]
        for answer in answers { #expect(try SnapshotAnswer(protobuf: answer.protobuf) == answer) }
        #expect(throws: DecodeFault.self) {
            try SnapshotAnswer(protobuf: SnapshotAnswer.list([5, 5]).protobuf)
        }
        #expect(throws: DecodeFault.self) {
            try SnapshotQuestion(
                protobuf: questions[0].protobuf + questions[1].protobuf)
        }
        #expect(throws: DecodeFault.self) { try SnapshotQuestion(protobuf: []) }
    }
}
