// SPDX-License-Identifier: Apache-2.0

import CommitteeSimulation
import Foundation
import Testing

/// Committees under every kind of trouble, on networks that lose, delay and split: from seeds.
///
/// Two hundred runs in all, shared out evenly among the kinds of trouble and committees of 4, 7, 10
/// and 13; in a debug build one of each. `QUADRAT_COMMITTEE_RUNS` asks for another number;
/// `Scripts/test --tier long` runs many more and keeps what it did.
@Suite struct CommitteeSeedTests {
    static let sizes = [4, 7, 10, 13]
    static let cells = sizes.count * CommitteeTrouble.all.count

    #if DEBUG
    private static let runsDefault = cells
    #else
    private static let runsDefault = 200
    #endif

    static let runs =
        ProcessInfo.processInfo.environment["QUADRAT_COMMITTEE_RUNS"].flatMap { Int($0) }
        ?? runsDefault

    /// How many seeds a size and a trouble have.
    static func seeds(_ members: Int, _ trouble: CommitteeTrouble) -> UInt64 {
        let size = sizes.firstIndex(of: members) ?? 0
        let kind = CommitteeTrouble.all.firstIndex(of: trouble) ?? 0
        // Runs that are left over go to different sizes from trouble to trouble.
        let cell = kind + (size + kind) % sizes.count * CommitteeTrouble.all.count
        return UInt64(runs / cells + (cell < runs % cells ? 1 : 0))
    }

    /// Seeds of tests that are no part of these runs.
    static let seeds = UInt64(max(1, runs / cells))

    /// The runs are as many as were asked for, and none of any kind is left out.
    @Test func theRunsAreSharedOut() {
        let counts = CommitteeTrouble.all.flatMap { trouble in
            Self.sizes.map { Self.seeds($0, trouble) }
        }
        #expect(counts.reduce(0, +) == UInt64(Self.runs))
        #expect(counts.max().map { $0 - (counts.min() ?? 0) } ?? 0 <= 1)
        for size in Self.sizes {
            let ofSize = CommitteeTrouble.all.reduce(0) { $0 + Self.seeds(size, $1) }
            #expect(ofSize * 5 >= UInt64(Self.runs))
        }
    }

    /// With less than a third faulty nothing forbidden happens, and the chain goes on once it can.
    @Test(arguments: sizes, CommitteeTrouble.all)
    func nothingForbiddenHappens(members: Int, trouble: CommitteeTrouble) {
        var first: [Double] = []
        var events = 0
        var evidence = 0
        let seeds = Self.seeds(members, trouble)
        for seed in 0..<seeds {
            let seed = seed + 1
            let world = CommitteeWorld(trouble.scenario(members: members, seed: seed))
            let report = world.run()
            if !report.violations.isEmpty { world.standings.forEach { print($0) } }
            events += report.events
            evidence += report.evidence
            #expect(report.violations == [], "seed \(seed)")
            #expect(report.commits > 0)
            if let time = report.firstFinality { first.append(Double(time) / 200_000) }
        }
        first.sort()
        if let median = first.dropFirst(first.count / 2).first, let most = first.last {
            print(
                "committee of \(members), \(trouble.name): \(seeds) seeds,",
                "\(events) events, \(evidence) faults told, first new finality after \(median) Δ,",
                "at most \(most) Δ")
        }
    }

    /// Coins are kept and everybody has the same stakes (I9, I17), with messages that had an effect.
    @Test(arguments: [CommitteeTrouble.network, .members(.equivocatingLeader)])
    func stakesAreOne(trouble: CommitteeTrouble) {
        let report = CommitteeWorld(trouble.scenario(members: 4, seed: 3)).run()
        #expect(report.violations == [])
        #expect(report.stakeEffects > 10)
    }

    /// Without misconduct nobody is accused of anything, and nobody loses a connection.
    @Test(arguments: [4, 7, 10, 13])
    func theHonestAreNeverBlamed(members: Int) {
        for seed in 1...Self.seeds {
            let report = CommitteeWorld(
                CommitteeScenario(seed: seed + 1_000, memberCount: members)
            ).run()
            #expect(report.violations == [], "seed \(seed)")
            #expect(report.evidence == 0)
            #expect(report.penalties == 0)
        }
    }

    /// Seeds that once stood still or took too long: certificates lost in crashes, a commit vote never
    /// given, the last block but one never final, a final block notarized again that was not certified,
    /// an epoch's end that nobody remembered, waits too long, waits that did not grow,
    /// a certificate that came before its block, commit votes that nobody counted as its own after a
    /// restart, and an epoch on a block whose header came to nobody again.
    @Test func whatOnceStoodStillGoesOn() {
        for (trouble, members, seed): (CommitteeTrouble, Int, UInt64) in [
            (.members(.crashLoop), 4, 2), (.members(.equivocatingLeader), 7, 11),
            (.members(.equivocatingLeader), 4, 2), (.members(.withholdingLeader), 4, 20),
            (.members(.silent), 4, 20), (.members(.custodyLiar), 7, 14), (.slowNetwork, 10, 4),
            (.members(.equivocatingLeader), 13, 280), (.members(.silent), 4, 117),
            (.network, 4, 20), (.network, 4, 235), (.members(.crashLoop), 4, 235),
        ] {
            let scenario = trouble.scenario(members: members, seed: seed)
            let report = CommitteeWorld(scenario).run()
            #expect(report.violations == [], "\(trouble.name) \(members) \(seed)")
        }
    }

    /// The same scenario gives the same trace.
    @Test(arguments: CommitteeTrouble.all)
    func runsAreRepeatable(trouble: CommitteeTrouble) {
        let scenario = trouble.scenario(members: 7, seed: 77)
        let one = CommitteeWorld(scenario).run()
        let two = CommitteeWorld(scenario).run()
        #expect(one == two)
        var other = scenario
        other.seed += 1
        #expect(CommitteeWorld(other).run().trace != one.trace)
    }

    /// With a third and more faulty there may be forks; each convicts a third of the power.
    @Test(arguments: [4, 7])
    func forksConvictAThird(members: Int) {
        var forks = 0
        for trouble in CommitteeTrouble.forks {
            for seed in 1...6 as ClosedRange<UInt64> {
                let report = CommitteeWorld(trouble.scenario(members: members, seed: seed)).run()
                #expect(report.violations == [], "\(trouble.name) \(seed)")
                forks += report.isForked ? 1 : 0
            }
        }
        #expect(forks > 0)
        print("committee of \(members), a third and more faulty: \(forks) forks")
    }
}
