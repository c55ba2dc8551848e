// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Machinery
import Syncing
import Testing

/// Two heads of one chain, trust that has grown old, and headers below where trust began.
@Suite struct WitnessTests {
    private let ada = Peer("ada")
    private let bob = Peer("bob")

    /// A machine among peers that name their newest header and give what is asked for.
    private struct Network {
        var machine: HeaderSyncMachine
        var chains: [Peer: TestChain]
        var requests: [String] = []
        var accepted: [ChainHeader] = []
        var events: [String] = []
        var divergences: [HeaderDivergence] = []
        var now = TestChain.moment(100)

        mutating func tell(_ event: HeaderSyncMachine.Event) {
            var waiting = [event]
            while let next = waiting.first {
                waiting.removeFirst()
                var effects: [HeaderSyncMachine.Effect] = []
                machine.handle(next, at: now, into: &effects)
                for effect in effects { perform(effect, &waiting) }
            }
        }

        private mutating func perform(
            _ effect: HeaderSyncMachine.Effect, _ waiting: inout [HeaderSyncMachine.Event]
        ) {
            switch effect {
            case .accept(let headers): accepted += headers
            case .penalize(let peer, _): events.append("penalize \(peer)")
            case .diverged(let divergence): divergences.append(divergence)
            case .halted: events.append("halted")
            case .recall(let height):
                if let header = accepted.last(where: { $0.height.value == height }) {
                    waiting.append(.recalled(header))
                }
            case .wake, .judge: break
            case .request(let request, let peer):
                requests.append("\(request) of \(peer)")
                guard let chain = chains[peer]?.headers else { return }
                let found: [ExtendedHeader]
                switch request {
                case .head:
                    if let head = chain.last {
                        waiting.append(
                            .told(height: head.height.value, hash: head.hash, by: peer))
                    }
                    return
                case .hash(let hash): found = chain.filter { $0.hash == hash }
                case .range(let from, let count):
                    found = chain.filter { (from..<from + count).contains($0.height.value) }
                }
                waiting.append(
                    found.isEmpty
                        ? .refused(request, by: peer)
                        : .answered(request, by: peer, found.map { ChainHeader($0) }))
            }
        }
    }

    private func network(
        _ chains: [Peer: TestChain], trust: HeaderRules.Trust? = nil, floor: UInt64? = nil
    ) throws -> Network {
        let chain = try #require(chains[ada])
        return Network(
            machine: HeaderSyncMachine(
                rules: HeaderRules(
                    chainID: TestChain.chainID,
                    trust: trust
                        ?? .genesis(validatorsHash: chain.headers[0].validatorSet.hash)),
                pollMilliseconds: 1_000, floor: floor),
            chains: chains)
    }

    /// Peers that name their head are asked for one header, not one each.
    @Test func newsIsFetchedOnce() throws {
        let chain = try TestChain(count: 30)
        let cyd = Peer("cyd")
        var it = try network([ada: chain, bob: chain, cyd: chain])
        it.tell(.began(head: nil, held: HeightRanges()))
        it.tell(.peersChanged([ada, bob, cyd]))
        #expect(it.requests.count { $0.hasPrefix("head of") } == 3)
        #expect(it.requests.count { $0.hasPrefix("header 30") } == 1)
        #expect(Set(it.accepted.map(\.height.value)) == Set(1...30))
        #expect(it.machine.isSynced)
        #expect(it.events == [] && it.divergences == [])
    }

    /// A first header of today does not make an old genesis young.
    @Test func oldGenesisIsRefused() throws {
        let chain = try TestChain(count: 3)
        for (days, isRefused) in [(UInt64(6), false), (8, true)] {
            var it = try network([ada: chain])
            it.machine = HeaderSyncMachine(
                rules: HeaderRules(
                    chainID: TestChain.chainID,
                    trust: .genesis(validatorsHash: chain.headers[0].validatorSet.hash),
                    genesisTime: Timestamp(seconds: TestChain.start - Int64(days) * 86_400)),
                pollMilliseconds: 1_000)
            it.tell(.began(head: nil, held: HeightRanges()))
            it.tell(.peersChanged([ada]))
            #expect(it.accepted.isEmpty == isRefused)
            #expect(it.machine.haltReason?.contains("the genesis is from") ?? false == isRefused)
        }
    }

    /// What a liar named is forgotten with it: it is asked no more, and nobody waits for its heights.
    @Test func aLiarsWordEndsWithIt() throws {
        let chain = try TestChain(count: 30)
        let cyd = Peer("cyd")
        var it = try network([ada: chain])
        it.tell(.began(head: nil, held: HeightRanges()))
        it.tell(.peersChanged([ada]))
        let fork = try TestChain(count: 2, changes: [1], salt: 3)
        let asked = it.requests
        it.tell(.told(height: 90, hash: fork.headers[1].hash, by: cyd))
        it.tell(.told(height: 95, hash: fork.headers[1].hash, by: bob))
        #expect(it.requests == asked, "who is not there is not asked")
        it.tell(.lied(.head, by: cyd))
        #expect(it.machine.claimedHeight == 95 && !it.machine.isSynced)
        it.tell(.lied(.head, by: bob))
        #expect(it.events == ["penalize cyd", "penalize bob"])
        #expect(it.machine.claimedHeight == 30 && it.machine.isSynced)
        let count = it.requests.count
        it.now = TestChain.moment(102)
        it.tell(.woke)
        #expect(it.requests.dropFirst(count) == ["head of ada"])
    }

    /// A witness with another header of the same committee is evidence, whoever was heard first.
    @Test(arguments: [[0, 1], [1, 0]])
    func twoHeadsAreEvidence(order: [Int]) throws {
        let chain = try TestChain(count: 20)
        let fork = try TestChain(count: 20, salt: 1)
        var it = try network([ada: chain, bob: chain])
        it.tell(.began(head: nil, held: HeightRanges()))
        it.tell(.peersChanged([ada]))
        #expect(it.machine.isSynced)
        it.chains[bob] = fork
        it.now = TestChain.moment(102)
        it.tell(.peersChanged(order.map { [ada, bob][$0] }))
        let divergence = try #require(it.divergences.first)
        #expect(divergence.ours.hash == chain.headers[19].hash)
        #expect(divergence.theirs.hash == fork.headers[19].hash)
        #expect(divergence.witness == bob)
        #expect(it.events == ["halted"])
        #expect(!it.machine.isSynced)
        let count = it.requests.count
        it.now = TestChain.moment(110)
        it.tell(.woke)
        #expect(it.requests.count == count)
    }

    /// A fork that runs ahead is found out, too, where its headers lead past ours.
    @Test func aheadOnAForkIsEvidence() throws {
        let chain = try TestChain(count: 20)
        let fork = try TestChain(count: 21, salt: 1)
        var it = try network([ada: chain, bob: fork])
        it.tell(.began(head: nil, held: HeightRanges()))
        it.tell(.peersChanged([ada]))
        it.now = TestChain.moment(102)
        it.tell(.peersChanged([bob]))
        #expect(it.divergences.map(\.theirs.hash) == [fork.headers[19].hash])
        #expect(it.events == ["halted"])
        let far = try TestChain(count: 30, salt: 2)
        var other = try network([ada: chain, bob: far])
        other.tell(.began(head: nil, held: HeightRanges()))
        other.tell(.peersChanged([ada]))
        other.now = TestChain.moment(102)
        other.tell(.peersChanged([bob]))
        #expect(other.divergences.map(\.theirs.hash) == [far.headers[19].hash])
    }

    /// A header that a foreign committee signed is no evidence, only a lie.
    @Test func foreignHeadersAreNoEvidence() throws {
        let chain = try TestChain(count: 20)
        let foreign = try TestChain(count: 20, changes: [2])
        var it = try network([ada: chain, bob: foreign])
        it.tell(.began(head: nil, held: HeightRanges()))
        it.tell(.peersChanged([ada]))
        it.now = TestChain.moment(102)
        it.tell(.peersChanged([ada, bob]))
        #expect(it.divergences == [])
        #expect(it.events == ["penalize bob"])
        #expect(it.machine.isSynced)
    }

    /// A peer that names a header and then has none is forgotten, not asked in a circle.
    @Test func emptyNewsIsDropped() throws {
        let chain = try TestChain(count: 20)
        var it = try network([ada: chain])
        it.tell(.began(head: nil, held: HeightRanges()))
        it.tell(.peersChanged([ada]))
        it.tell(.peersChanged([ada, bob]))
        it.tell(.told(height: 1_000, hash: Bytes32(), by: bob))
        #expect(it.requests.last == "header 1000 of bob")
        it.tell(.refused(.range(from: 1_000, count: 1), by: bob))
        #expect(it.requests.count { $0 == "header 1000 of bob" } == 1)
    }

    /// Below a trusted hash headers are fetched downwards by their links, to the floor.
    @Test(arguments: [1, 4] as [UInt64])
    func fetchesBelowTrust(floor: UInt64) throws {
        let chain = try TestChain(count: 20)
        var it = try network(
            [ada: chain], trust: .hash(chain.headers[9].hash), floor: floor)
        it.tell(.began(head: nil, held: HeightRanges()))
        it.tell(.peersChanged([ada]))
        #expect(Set(it.accepted.map(\.height.value)) == Set(floor...20))
        #expect(it.machine.isSynced)
        // A later run goes on where this one stopped.
        var held = HeightRanges()
        held.insert(10...20)
        var again = try network(
            [ada: chain], trust: .hash(chain.headers[9].hash), floor: floor)
        again.accepted = chain.headers[9...].map { ChainHeader($0) }
        again.tell(.began(head: ChainHeader(chain.headers[19]), held: held))
        again.tell(.peersChanged([ada]))
        #expect(Set(again.accepted.map(\.height.value)) == Set(floor...20))
    }

    /// What is older than the trusting period is not gone on from; the operator is told, once.
    @Test func oldTrustIsRefused() throws {
        let chain = try TestChain(count: 20)
        var held = HeightRanges()
        held.insert(1...5)
        var it = try network([ada: chain])
        it.now = TestChain.moment(8 * 86_400)
        it.tell(.began(head: ChainHeader(chain.headers[4]), held: held))
        it.tell(.peersChanged([ada]))
        #expect(it.events == ["halted"])
        #expect(try #require(it.machine.haltReason).contains(chain.headers[4].hash.hex))
        #expect(it.requests == [])
        // A first header that is too old is refused as well, and so is a trusted hash of that age.
        for trust in [nil, HeaderRules.Trust.hash(chain.headers[9].hash)] {
            var fresh = try network([ada: chain], trust: trust)
            fresh.now = TestChain.moment(8 * 86_400)
            fresh.tell(.began(head: nil, held: HeightRanges()))
            fresh.tell(.peersChanged([ada]))
            #expect(fresh.events == ["halted"])
            #expect(fresh.accepted == [])
        }
    }

    /// With the hash of a recent header an old store is gone on from, and its hole is filled.
    @Test func recentHashRenewsTrust() throws {
        let chain = try TestChain(count: 20)
        var held = HeightRanges()
        held.insert(1...5)
        let age = UInt64(7 * 86_400)
        var it = try network([ada: chain], trust: .hash(chain.headers[14].hash))
        it.now = TestChain.moment(age + 8)
        it.tell(.began(head: ChainHeader(chain.headers[4]), held: held))
        it.tell(.peersChanged([ada]))
        #expect(it.events == [])
        #expect(Set(it.accepted.map(\.height.value)) == Set(6...20))
        #expect(it.machine.isSynced)
    }
}
