// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Machinery
import Syncing
import Testing

/// What comes unasked: headers and announcements of squares.
@Suite struct GossipedTests {
    private let ada = Peer("ada")
    private let bob = Peer("bob")

    private func headers(_ chain: TestChain, head: Int) -> HeaderSyncMachine {
        var machine = HeaderSyncMachine(
            rules: HeaderRules(
                chainID: TestChain.chainID,
                trust: .genesis(validatorsHash: chain.headers[0].validatorSet.hash)),
            pollMilliseconds: 1_000)
        var held = HeightRanges()
        for height in 1...UInt64(head) { held.insert(height) }
        var effects: [HeaderSyncMachine.Effect] = []
        let now = TestChain.moment(50)
        machine.handle(
            .began(head: ChainHeader(chain.headers[head - 1]), held: held), at: now, into: &effects)
        machine.handle(.peersChanged([ada]), at: now, into: &effects)
        machine.handle(.refused(.head, by: ada), at: now, into: &effects)
        return machine
    }

    private func tell(
        _ machine: inout HeaderSyncMachine, _ event: HeaderSyncMachine.Event, seconds: UInt64 = 50
    ) -> [HeaderSyncMachine.Effect] {
        var effects: [HeaderSyncMachine.Effect] = []
        machine.handle(event, at: TestChain.moment(seconds), into: &effects)
        return effects
    }

    /// A header that the trusted committee signed is accepted at once, and the hole below filled.
    @Test func aGossipedHeaderIsVerifiedAtOnce() throws {
        let chain = try TestChain(count: 20)
        var machine = headers(chain, head: 10)
        #expect(
            tell(&machine, .gossiped(1, chain.headers[10], by: bob)) == [
                .accept([ChainHeader(chain.headers[10])]), .judge(1, .accept),
                .wake(at: TestChain.moment(60)),
            ])
        let effects = tell(&machine, .gossiped(2, chain.headers[14], by: bob))
        #expect(effects.contains(.judge(2, .accept)))
        #expect(effects.contains(.request(.range(from: 12, count: 3), from: ada)))
        #expect(machine.head == ChainHeader(chain.headers[14]))
        // The same once more is no news but true; an older one says nothing.
        #expect(tell(&machine, .gossiped(3, chain.headers[14], by: bob)) == [.judge(3, .accept)])
        #expect(tell(&machine, .gossiped(4, chain.headers[3], by: bob)) == [.judge(4, .ignore)])
    }

    /// Who knows nothing yet asks the one who gossips first, not others who may know nothing either.
    @Test func whoGossipsIsAskedForTheBeginning() throws {
        let chain = try TestChain(count: 2)
        var machine = HeaderSyncMachine(
            rules: HeaderRules(
                chainID: TestChain.chainID,
                trust: .genesis(validatorsHash: chain.headers[0].validatorSet.hash)),
            pollMilliseconds: 1_000)
        _ = tell(&machine, .began(head: nil, held: HeightRanges()))
        let peers = ["a", "b", "bob", "c", "d"].map { Peer($0) }
        let start = tell(&machine, .peersChanged(peers))
        let asked = try #require(
            start.compactMap {
                if case .request(let request, let peer) = $0 { (request, peer) } else { nil }
            }.first)
        _ = tell(&machine, .refused(asked.0, by: asked.1))
        #expect(
            tell(&machine, .gossiped(1, chain.headers[1], by: bob)) == [
                .judge(1, .ignore), .wake(at: TestChain.moment(51)), .request(asked.0, from: bob),
            ])
    }

    /// While headers are gossiped nobody is asked; ten seconds after the last one somebody is.
    @Test func gossipTakesThePlaceOfAsking() throws {
        let chain = try TestChain(count: 20)
        var machine = headers(chain, head: 10)
        for (index, second) in [50, 55, 63].enumerated() {
            let event = HeaderSyncMachine.Event.gossiped(1, chain.headers[10 + index], by: bob)
            let effects = tell(&machine, event, seconds: UInt64(second))
            #expect(!effects.contains(.request(.head, from: ada)))
        }
        #expect(tell(&machine, .woke, seconds: 72).isEmpty)
        #expect(tell(&machine, .woke, seconds: 73).contains(.request(.head, from: ada)))
        _ = tell(&machine, .refused(.head, by: ada), seconds: 73)
        #expect(tell(&machine, .woke, seconds: 74).contains(.request(.head, from: ada)))
    }

    /// What is provably false is rejected; what cannot be judged is ignored.
    @Test func verdicts() throws {
        let chain = try TestChain(count: 20)
        var machine = headers(chain, head: 10)
        var broken = chain.headers[11]
        broken.commit.signatures.removeAll()
        #expect(tell(&machine, .gossiped(1, broken, by: bob)) == [.judge(1, .reject)])
        // The next header of another chain names other validators than the trusted one does.
        let foreign = try TestChain(count: 20, changes: [2])
        #expect(tell(&machine, .gossiped(2, foreign.headers[10], by: bob)) == [.judge(2, .reject)])
        let ahead = tell(&machine, .gossiped(3, chain.headers[19], by: bob), seconds: 1)
        #expect(ahead.contains(.judge(3, .ignore)))
        var fresh = HeaderSyncMachine(rules: machine.testRules, pollMilliseconds: 1_000)
        #expect(tell(&fresh, .gossiped(4, chain.headers[19], by: bob)) == [.judge(4, .ignore)])
        #expect(machine.head == ChainHeader(chain.headers[9]))
        // A node that has no header yet asks at once for the one that it trusts.
        _ = tell(&fresh, .began(head: nil, held: HeightRanges()))
        _ = tell(&fresh, .peersChanged([ada]))
        _ = tell(&fresh, .refused(.hash(Bytes32()), by: ada))
        #expect(
            tell(&fresh, .gossiped(5, chain.headers[19], by: bob)).contains(
                .request(.hash(Bytes32()), from: ada)))
    }

    /// Where the committee changed too much, a sender that serves headers is asked half-way; for
    /// any other, somebody is asked for the newest header.
    @Test func tooFarToVerify() throws {
        let chain = try TestChain(count: 40, changes: [15, 20, 30])
        var machine = headers(chain, head: 10)
        let unserved = tell(&machine, .gossiped(1, chain.headers[39], by: bob))
        #expect(unserved.first == .judge(1, .ignore))
        #expect(unserved.contains(.request(.head, from: ada)))
        machine = headers(chain, head: 10)
        let served = tell(&machine, .gossiped(2, chain.headers[39], by: ada))
        #expect(served.first == .judge(2, .ignore))
        #expect(served.contains(.request(.range(from: 25, count: 1), from: ada)))
    }

    /// Who says that it has a square is asked for it first, and again if it was asked too early.
    @Test func holdersAreAskedFirst() {
        var machine = SquareSyncMachine()
        let peers = (0..<6).map { Peer("peer \($0)") }
        let now = TestChain.moment(50)
        func tell(_ event: SquareSyncMachine.Event) -> [SquareSyncMachine.Effect] {
            var effects: [SquareSyncMachine.Effect] = []
            machine.handle(event, at: now, into: &effects)
            return effects
        }
        _ = tell(.peersChanged([peers[0]]))
        #expect(tell(.wanted(7)) == [.request(7, from: peers[0])])
        _ = tell(.refused(7, by: peers[0]))
        // It rests now; the one that refused has it after all.
        #expect(tell(.announced(7, by: peers[5])) == [])
        #expect(tell(.announced(7, by: peers[0])) == [.request(7, from: peers[0])])
        _ = tell(.peersChanged(peers))
        _ = tell(.announced(7, by: peers[4]))
        #expect(tell(.refused(7, by: peers[0])) == [.request(7, from: peers[4])])
        #expect(tell(.lied(7, by: peers[4])).contains(.penalize(peers[4])))
        #expect(tell(.announced(7, by: peers[4])) == [])
        #expect(tell(.announced(8, by: peers[1])) == [])
        #expect(machine.backlog == 1)
    }
}

extension HeaderSyncMachine {
    /// The rules of any chain of the tests; what it trusts does not matter before it begins.
    fileprivate var testRules: HeaderRules {
        HeaderRules(chainID: TestChain.chainID, trust: .hash(Bytes32()))
    }
}
