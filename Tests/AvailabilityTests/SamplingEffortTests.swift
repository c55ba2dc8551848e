// SPDX-License-Identifier: Apache-2.0

import Availability
import Bytes
import DataSquare
import Machinery
import Testing

/// How many questions one block's sampling costs, played against peers of many manners.
@Suite struct SamplingEffortTests {
    private enum Manner {
        /// `slowToStore` has the block after three seconds.
        case honest, empty, silent, slowToStore
    }

    /// A machine, its clock and its peers; strangers join when they are wanted.
    private struct Table {
        var machine = SamplingMachine()
        var now: UInt64 = 0
        var manners: [Manner]
        var known: Int
        var requests = 0
        var verdict: SamplingVerdict?
        var late: [Peer] = []
        private var pending: [(at: UInt64, event: SamplingMachine.Event)] = []

        init(_ manners: [Manner], known: Int) {
            self.manners = manners
            self.known = known
        }

        static func peer(_ number: Int) -> Peer { Peer("peer \(number)") }

        mutating func run(late: [Peer] = []) {
            tell(
                .began(
                    coordinates: (0..<16).map { Coordinate(row: $0, column: $0) },
                    peers: (0..<known).map(Self.peer), late: late, giver: nil))
            while verdict == nil, now < 60_000 {
                guard let next = pending.indices.min(by: { pending[$0].at < pending[$1].at })
                else { break }
                let (at, event) = pending.remove(at: next)
                now = max(now, at)
                tell(event)
            }
        }

        private mutating func tell(_ event: SamplingMachine.Event) {
            var effects: [SamplingMachine.Effect] = []
            machine.handle(
                event, at: Instant(nanoseconds: now * 1_000_000), into: &effects)
            for effect in effects { perform(effect) }
        }

        private mutating func perform(_ effect: SamplingMachine.Effect) {
            switch effect {
            case .request(let places, let peer):
                requests += 1
                let number = manners.indices.first { Self.peer($0) == peer } ?? 0
                let isStored = manners[number] == .slowToStore && now >= 3_000
                switch isStored ? .honest : manners[number] {
                case .honest:
                    for place in places {
                        let answer = SamplingMachine.Event.answered(
                            place, by: peer, digest: Bytes32())
                        pending.append((now + 80, answer))
                    }
                case .empty, .slowToStore: pending.append((now + 80, .refused(places, by: peer)))
                case .silent:
                    pending.append(
                        (now + SamplingMachine.requestMilliseconds, .refused(places, by: peer)))
                }
            case .wantsPeers(let count):
                // One comes after the other, the dearest way for the machine.
                let found = min(count, manners.count)
                for amount in known...max(known, found) where found > known {
                    let peers = (0..<amount).map(Self.peer)
                    pending.append((now + 300 + UInt64(50 * amount), .peersChanged(peers)))
                }
                pending.append((now + 2_000, .searched))
                known = max(known, found)
            case .late(let peer): late.append(peer)
            case .wake(let moment):
                pending.append((moment.nanoseconds / 1_000_000, .woke))
            case .penalize: break
            case .conclude(let verdict, _): self.verdict = verdict
            }
        }
    }

    /// A block that nobody gives is found withheld at its deadline with at most 60 questions,
    /// however many peers are known at first and say so or nothing.
    @Test(arguments: [1, 2, 3, 5, 8, 12, 16, 40, 100])
    func withheldIsCheap(known: Int) {
        for manner in [Manner.empty, .silent] {
            var table = Table(Array(repeating: manner, count: max(known, 30)), known: known)
            table.run()
            #expect(table.requests <= 60, "\(manner): \(table.requests)")
            #expect(table.requests >= SamplingMachine.peersAskedMax)
            guard case .withheld(let missing) = table.verdict else {
                Issue.record("no verdict")
                continue
            }
            #expect(missing.count == 16)
            #expect(table.now >= 20_000 && table.now < 21_000)
        }
    }

    /// Peers that get a new block late are asked again, though there are others that never have it.
    @Test(arguments: 2...12)
    func dataComesLate(honest: Int) {
        for known in [3, 5, 16] {
            let manners = (0..<16).map { $0 < 16 - honest ? Manner.empty : .slowToStore }
            var table = Table(manners, known: known)
            table.run()
            #expect(table.verdict == .available, "\(known)")
        }
    }

    /// In a network of two, both that are there are witnesses enough.
    @Test func fewAreEnoughWhenThereAreNoMore() {
        var table = Table([.empty, .empty], known: 2)
        table.run()
        #expect(table.verdict != nil && table.verdict != .available)
        #expect(table.now == 20_000)
    }

    /// Who is surrounded by silent or empty peers finds the data with strangers, soon.
    @Test(arguments: 1...15)
    func surrounded(known: Int) {
        for manner in [Manner.empty, .silent] {
            let manners = (0..<16).map { $0 < known ? manner : Manner.honest }
            var table = Table(manners, known: known)
            table.run()
            #expect(table.verdict == .available)
            #expect(table.now < 4_000, "\(manner): \(table.now) ms")
        }
    }

    /// Some peers out of five are silent: the first block costs a hedge, the next one none.
    @Test func silenceCostsOneHedge() {
        for silent in 1...2 {
            let manners = (0..<5).map { $0 < silent ? Manner.silent : .honest }
            var first = Table(manners, known: 5)
            first.run()
            #expect(first.verdict == .available)
            #expect(first.now == SamplingMachine.hedgeMilliseconds + 80)
            #expect(first.late == (0..<silent).map(Table.peer))
            var second = Table(manners, known: 5)
            second.run(late: first.late)
            #expect(second.verdict == .available)
            #expect(second.now == 80 && second.late.isEmpty)
        }
    }
}
