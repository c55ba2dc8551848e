// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Machinery
import Syncing
import Testing

/// Following headers: what is accepted, in which order, and who is penalised.
@Suite struct HeaderSyncMachineTests {
    private let honest = Peer("ada")
    private let liar = Peer("bob")

    /// Lets a machine talk to peers that answer from chains until it asks nothing more.
    private func settle(
        _ machine: inout HeaderSyncMachine, _ event: HeaderSyncMachine.Event, at now: Instant,
        chains: [Peer: TestChain], requests: inout [String], penalties: inout [String],
        stored: [ExtendedHeader] = []
    ) -> [UInt64] {
        var accepted: [UInt64] = []
        var events = [event]
        while let event = events.first {
            events.removeFirst()
            var effects: [HeaderSyncMachine.Effect] = []
            machine.handle(event, at: now, into: &effects)
            for effect in effects {
                switch effect {
                case .accept(let headers): accepted += headers.map(\.height.value)
                case .penalize(let peer, _): penalties.append(peer.name)
                case .recall(let height):
                    if let header = stored.first(where: { $0.height.value == height }) {
                        events.append(.recalled(ChainHeader(header)))
                    }
                case .diverged, .halted, .wake, .judge: break
                case .request(let request, let peer):
                    requests.append("\(request)")
                    guard let chain = chains[peer] else { continue }
                    let found = Self.answer(request, from: chain)
                    events.append(
                        found.isEmpty
                            ? .refused(request, by: peer)
                            : .answered(request, by: peer, found.map { ChainHeader($0) }))
                }
            }
        }
        return accepted
    }

    private static func answer(
        _ request: HeaderRequest, from chain: TestChain
    ) -> [ExtendedHeader] {
        switch request {
        case .head: return chain.headers.suffix(1)
        case .hash(let hash): return chain.headers.filter { $0.hash == hash }
        case .range(let from, let count):
            return chain.headers.filter {
                (from..<from + count).contains($0.height.value)
            }
        }
    }

    private func machine(_ chain: TestChain) -> HeaderSyncMachine {
        HeaderSyncMachine(
            rules: HeaderRules(
                chainID: TestChain.chainID,
                trust: .genesis(validatorsHash: chain.headers[0].validatorSet.hash)),
            pollMilliseconds: 1_000)
    }

    /// From genesis a node skips to the newest header and fills the hole from above.
    @Test func skipsAndFills() throws {
        let chain = try TestChain(count: 150)
        var machine = machine(chain)
        var requests: [String] = []
        var penalties: [String] = []
        let now = TestChain.moment(200)
        var accepted = settle(
            &machine, .began(head: nil, held: HeightRanges()), at: now, chains: [:],
            requests: &requests, penalties: &penalties)
        accepted += settle(
            &machine, .peersChanged([honest]), at: now, chains: [honest: chain],
            requests: &requests, penalties: &penalties)
        #expect(
            requests == ["header 1", "head", "headers 86-149", "headers 22-85", "headers 2-21"])
        #expect(accepted == [1, 150] + Array(86...149) + Array(22...85) + Array(2...21))
        #expect(machine.isSynced)
        #expect(penalties == [])
    }

    /// Where the committee changed, headers between are verified first.
    @Test func bisects() throws {
        let chain = try TestChain(count: 40, changes: [10, 20, 30])
        var machine = machine(chain)
        var requests: [String] = []
        var penalties: [String] = []
        let now = TestChain.moment(50)
        _ = settle(
            &machine, .began(head: nil, held: HeightRanges()), at: now, chains: [:],
            requests: &requests, penalties: &penalties)
        let accepted = settle(
            &machine, .peersChanged([honest]), at: now, chains: [honest: chain],
            requests: &requests, penalties: &penalties)
        #expect(Set(accepted) == Set(1...40))
        #expect(accepted.count == 40)
        #expect(machine.isSynced)
        #expect(penalties == [])
        #expect(requests.contains("header 9"))
    }

    /// A chain signed by others is refused, and its peer with it; the honest one is followed.
    @Test func refusesAForeignChain() throws {
        let chain = try TestChain(count: 20)
        let foreign = try TestChain(count: 30, changes: [2])
        var machine = machine(chain)
        var requests: [String] = []
        var penalties: [String] = []
        let now = TestChain.moment(60)
        let chains = [honest: chain, liar: foreign]
        _ = settle(
            &machine, .began(head: ChainHeader(chain.headers[4]), held: Self.ranges(1...5)),
            at: now,
            chains: chains, requests: &requests, penalties: &penalties)
        let accepted = settle(
            &machine, .peersChanged([honest, liar]), at: now, chains: chains,
            requests: &requests, penalties: &penalties)
        #expect(penalties == ["bob"])
        #expect(Set(accepted) == Set(6...20))
    }

    /// A peer that fills a hole with headers that are not the parents is penalised.
    @Test func refusesFalseParents() throws {
        let chain = try TestChain(count: 20)
        let other = try TestChain(count: 20, salt: 1)
        var mixed = chain
        mixed.headers.replaceSubrange(5..<15, with: other.headers[5..<15])
        var machine = machine(chain)
        var requests: [String] = []
        var penalties: [String] = []
        let now = TestChain.moment(60)
        _ = settle(
            &machine, .began(head: ChainHeader(chain.headers[0]), held: Self.ranges(1...1)),
            at: now,
            chains: [:], requests: &requests, penalties: &penalties)
        let first = settle(
            &machine, .peersChanged([liar]), at: now, chains: [liar: mixed],
            requests: &requests, penalties: &penalties)
        #expect(first == [20])
        #expect(penalties == ["bob"])
        let second = settle(
            &machine, .peersChanged([honest, liar]), at: now, chains: [honest: chain],
            requests: &requests, penalties: &penalties)
        #expect(Set(second) == Set(2...19))
        #expect(machine.isSynced)
    }

    /// A hole that an earlier run left is filled after a restart.
    @Test func fillsOldHoles() throws {
        let chain = try TestChain(count: 20)
        var machine = machine(chain)
        var requests: [String] = []
        var penalties: [String] = []
        var held = Self.ranges(1...4)
        held.insert(12...20)
        let now = TestChain.moment(60)
        _ = settle(
            &machine, .began(head: ChainHeader(chain.headers[19]), held: held), at: now,
            chains: [:],
            requests: &requests, penalties: &penalties, stored: chain.headers)
        let accepted = settle(
            &machine, .peersChanged([honest]), at: now, chains: [honest: chain],
            requests: &requests, penalties: &penalties, stored: chain.headers)
        #expect(accepted == Array(5...11))
        #expect(machine.isSynced)
    }

    /// A start by hash takes exactly that header, from anybody.
    @Test func startsByHash() throws {
        let chain = try TestChain(count: 20)
        var machine = HeaderSyncMachine(
            rules: HeaderRules(
                chainID: TestChain.chainID, trust: .hash(chain.headers[9].hash)),
            pollMilliseconds: 1_000)
        var requests: [String] = []
        var penalties: [String] = []
        let now = TestChain.moment(60)
        _ = settle(
            &machine, .began(head: nil, held: HeightRanges()), at: now, chains: [:],
            requests: &requests, penalties: &penalties)
        let accepted = settle(
            &machine, .peersChanged([honest]), at: now, chains: [honest: chain],
            requests: &requests, penalties: &penalties)
        #expect(accepted == [10, 20] + Array(11...19))
        #expect(penalties == [])
    }

    /// A header from before the trusting period is no ground to follow anything.
    @Test func expiredTrustFollowsNothing() throws {
        let chain = try TestChain(count: 20)
        var machine = machine(chain)
        var requests: [String] = []
        var penalties: [String] = []
        let now = TestChain.moment(8 * 86_400)
        _ = settle(
            &machine, .began(head: ChainHeader(chain.headers[0]), held: Self.ranges(1...1)),
            at: now,
            chains: [:], requests: &requests, penalties: &penalties)
        let accepted = settle(
            &machine, .peersChanged([honest]), at: now, chains: [honest: chain],
            requests: &requests, penalties: &penalties)
        #expect(accepted == [])
        #expect(penalties == [])
        #expect(!machine.isSynced)
    }

    private static func ranges(_ range: ClosedRange<UInt64>) -> HeightRanges {
        var ranges = HeightRanges()
        ranges.insert(range)
        return ranges
    }
}
