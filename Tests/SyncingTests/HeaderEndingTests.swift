// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Machinery
import Syncing
import Testing

/// What header sync does where a block is proven wrong: the rest below it, and nothing else.
@Suite struct HeaderEndingTests {
    private static let count: UInt64 = 9
    private static let now = TestChain.moment(50)

    /// What a machine accepted, asked and held against whom.
    private struct Trial {
        var machine: HeaderSyncMachine
        let chains: [Peer: TestChain]
        /// What the store gives.
        var stored: [ExtendedHeader] = []
        var accepted: [UInt64] = []
        var heads = 0
        var penalized: [Peer] = []

        mutating func tell(_ event: HeaderSyncMachine.Event) {
            var effects: [HeaderSyncMachine.Effect] = []
            machine.handle(event, at: HeaderEndingTests.now, into: &effects)
            for effect in effects {
                switch effect {
                case .accept(let headers): accepted += headers.map(\.height.value)
                case .penalize(let peer, _): penalized.append(peer)
                case .request(.range(let from, let count), let peer):
                    let found = chains[peer]?.headers.filter {
                        (from..<from + count).contains($0.height.value)
                    }
                    tell(
                        .answered(
                            .range(from: from, count: count), by: peer,
                            (found ?? []).map { ChainHeader($0) }))
                case .recall(let height):
                    guard let header = stored.first(where: { $0.height.value == height }) else {
                        break
                    }
                    tell(.recalled(ChainHeader(header)))
                case .request: heads += 1
                default: break
                }
            }
        }
    }

    private static func machine(_ chain: TestChain) -> HeaderSyncMachine {
        HeaderSyncMachine(
            rules: HeaderRules(
                chainID: TestChain.chainID,
                trust: .genesis(validatorsHash: chain.headers[0].validatorSet.hash)),
            pollMilliseconds: 1_000)
    }

    /// A machine that has a chain's first headers and its last, of which a block is refused.
    private static func trial(
        _ chain: TestChain, held first: UInt64, refused: UInt64, others: [Peer: TestChain] = [:]
    ) -> Trial {
        var held = HeightRanges()
        held.insert(1...first)
        held.insert(count)
        var trial = Trial(
            machine: machine(chain), chains: [Peer("ada"): chain].merging(others) { $1 })
        trial.tell(.began(head: ChainHeader(chain.headers[Int(count) - 1]), held: held))
        trial.tell(
            .ended(
                before: refused,
                parent: chain.headers[Int(refused) - 1].header.lastBlockID.hash))
        return trial
    }

    /// Whatever is held and whichever block is refused, what is missing below it comes.
    ///
    /// Each header comes once, none at or above the block, and nobody is asked for news. All cases of
    /// nine blocks.
    @Test func everyGapBelowIsFilled() throws {
        let chain = try TestChain(count: Int(Self.count))
        for first in 1..<Self.count {
            for refused in 2...Self.count {
                var trial = Self.trial(chain, held: first, refused: refused)
                trial.tell(.peersChanged([Peer("ada")]))
                let missing = first + 1 < refused ? Array(first + 1..<refused) : []
                #expect(trial.accepted.sorted() == missing, "held \(first), refused \(refused)")
                #expect(trial.machine.held.ranges == [1...(refused - 1)])
                #expect(trial.machine.isSynced)
                #expect(trial.heads == 0)
                let last = ChainHeader(chain.headers[Int(Self.count) - 1])
                trial.tell(.told(height: Self.count, hash: last.hash, by: Peer("ada")))
                trial.tell(.shown(last, by: Peer("ada")))
                trial.tell(.answered(.head, by: Peer("ada"), [last]))
                trial.tell(.gossiped(1, chain.headers[Int(Self.count) - 1], by: Peer("ada")))
                trial.tell(.woke)
                #expect(trial.accepted.sorted() == missing)
                #expect(trial.heads == 0)
                #expect(trial.penalized == [])
            }
        }
    }

    /// Those who refused a block give nothing from it on, so a gap above it stays.
    ///
    /// Its header, shown by itself, is verified from below the gap; then the chain ends at it, and what
    /// is below comes. All cases of nine blocks.
    @Test func headersInGapsAreVerifiedFromBelow() throws {
        let chain = try TestChain(count: Int(Self.count))
        for first in 1..<Self.count - 1 {
            for refused in first + 1..<Self.count {
                var held = HeightRanges()
                held.insert(1...first)
                held.insert(Self.count)
                var trial = Trial(
                    machine: Self.machine(chain),
                    chains: [Peer("ada"): try TestChain(count: Int(refused) - 1)])
                trial.stored = chain.headers
                trial.tell(
                    .began(head: ChainHeader(chain.headers[Int(Self.count) - 1]), held: held))
                trial.tell(.peersChanged([Peer("ada")]))
                #expect(trial.accepted == [])
                let wrong = ChainHeader(chain.headers[Int(refused) - 1])
                trial.tell(.shown(wrong, by: Peer("ada")))
                #expect(trial.accepted.first == refused, "held \(first), refused \(refused)")
                trial.tell(.ended(before: refused, parent: wrong.header.lastBlockID.hash))
                trial.tell(.peersChanged([Peer("ada")]))
                let missing = first + 1 < refused ? Array(first + 1..<refused) : []
                #expect(trial.accepted.dropFirst().sorted() == missing)
                #expect(trial.machine.held.ranges == [1...(refused - 1)])
                #expect(trial.penalized == [])
            }
        }
    }

    /// A lower block that is refused later ends the chain lower; a higher one changes nothing.
    @Test func lowestBlockCounts() throws {
        let chain = try TestChain(count: Int(Self.count))
        var trial = Self.trial(chain, held: 2, refused: 7)
        trial.tell(
            .ended(before: 5, parent: chain.headers[4].header.lastBlockID.hash))
        trial.tell(
            .ended(before: 8, parent: chain.headers[7].header.lastBlockID.hash))
        trial.tell(.peersChanged([Peer("ada")]))
        #expect(trial.accepted == [3, 4])
        #expect(trial.machine.held.ranges == [1...4])
    }

    /// Who gives other headers than the refused one's ancestors is penalised, and another asked.
    @Test func ancestorsAreThoseThatAreNamed() throws {
        let chain = try TestChain(count: Int(Self.count))
        let other = try TestChain(count: Int(Self.count), changes: [3])
        var trial = Self.trial(chain, held: 2, refused: 7, others: [Peer("bob"): other])
        trial.tell(.peersChanged([Peer("bob")]))
        #expect(trial.accepted == [])
        #expect(trial.penalized == [Peer("bob")])
        trial.tell(.peersChanged([Peer("ada"), Peer("bob")]))
        #expect(trial.accepted.sorted() == [3, 4, 5, 6])
    }
}
