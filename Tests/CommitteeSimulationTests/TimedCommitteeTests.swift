// SPDX-License-Identifier: Apache-2.0

import CommitteeSimulation
import TestSupport
import Testing

/// Committees on links and processors that take their time.
@Suite struct TimedCommitteeTests {
    /// The table of latencies is the one whose source the vectors name.
    @Test func latenciesAreThoseOfTheFile() throws {
        let family = try Vectors.family("region_latencies")
        let table = RegionLatencies.aws
        #expect(try family.root["regions"].array.map { try $0.string } == table.names)
        #expect(family.cases.count == 10)
        for (row, one) in family.cases.enumerated() {
            #expect(try one["id"].string == table.names[row])
            let trips = try one["round_trips_us"].array.map { try $0.unsigned }
            #expect(trips == table.roundTripMicroseconds[row])
        }
        #expect(table.oneWayNanoseconds(from: 0, to: 1) == 31_972_000)
        #expect(table.medianNanoseconds == 74_768_500)
    }

    /// Ten regions, 1 Gb/s, costs that are given: so that runs are the same everywhere.
    private static func scenario(members: Int, width: Int, blobBytes: Int) -> TimedScenario {
        var scenario = TimedScenario(
            memberCount: members, width: width, blobBytes: blobBytes, latencies: .aws)
        scenario.bytesPerSecond = 125_000_000
        scenario.costs.layout = 1_000_000
        scenario.costs.encoding = 10_000_000
        scenario.costs.rebuilding = 12_000_000
        scenario.costs.repairing = 25_000_000
        scenario.costs.rowVerification = 50_000
        scenario.costs.signatureVerification = 60_000
        scenario.costs.custody = 500_000
        scenario.costs.step = 4_000
        scenario.costs.mebibyte = 500_000
        scenario.costs.flush = 3_000_000
        scenario.costs.writtenMebibyte = 2_000_000
        scenario.heights = 8
        return scenario
    }

    /// The leader sends four blocks and not one for each member; every part of more than a third of
    /// those who finalized holds enough rows (I8); nothing forbidden happens.
    @Test(arguments: [4, 7, 13])
    func theLeaderSendsFourBlocks(members: Int) {
        let square = TimedSquare(width: 32, blobBytes: 400_000)
        let report = TimedWorld(
            Self.scenario(members: members, width: 32, blobBytes: 400_000), square
        ).run()
        #expect(report.violations == [])
        #expect(report.leaderEgressInBlocks > 3.9 && report.leaderEgressInBlocks < 4.2)
        let worst = report.worstRows
        #expect(worst.map { 2 * $0.covered >= $0.of } == true)
        #expect(report.finalities.count >= 6 * members)
        print(
            "committee of \(members): final \(TimedReport.rank(500, of: report.finalities) / 1_000)"
                + " µs after its leader began, \(report.leaderEgressInBlocks) blocks from the leader,"
                + " a third holds \(worst?.covered ?? 0) of \(worst?.of ?? 0) rows")
    }

    /// What takes time takes it: a slower link, costlier work, one core.
    @Test func costsCount() {
        let square = TimedSquare(width: 32, blobBytes: 400_000)
        let scenario = Self.scenario(members: 7, width: 32, blobBytes: 400_000)
        func median(_ change: (inout TimedScenario) -> Void) -> UInt64 {
            var changed = scenario
            change(&changed)
            let report = TimedWorld(changed, square).run()
            #expect(report.violations == [])
            return TimedReport.rank(500, of: report.finalities)
        }
        let usual = median { _ in }
        #expect(usual == median { _ in })
        #expect(median { $0.bytesPerSecond = 12_500_000 } > usual + 100_000_000)
        #expect(median { $0.costs.encoding += 50_000_000 } > usual + 49_000_000)
        #expect(median { $0.costs.flush += 20_000_000 } > usual + 59_000_000)
        #expect(median { $0.cores = 1 } > usual)
        #expect(median { $0.costs = .none } < usual)
    }

    /// With less than a third silent, and rows of which they were to pass on, blocks go on.
    @Test func aThirdIsSilent() {
        var scenario = Self.scenario(members: 7, width: 16, blobBytes: 80_000)
        scenario.hasSilent = true
        scenario.heights = 12
        let report = TimedWorld(scenario, TimedSquare(width: 16, blobBytes: 80_000)).run()
        #expect(report.violations == [])
        #expect(report.nullifyVotes > 0)
    }

    /// What work takes is measured, and is not nothing.
    @Test func workIsMeasured() {
        let square = TimedSquare(width: 16, blobBytes: 80_000)
        let costs = WorkMeasurement.costs(of: square, memberCount: 4)
        for (name, microseconds) in costs.figures {
            #expect(microseconds > 0, "\(name)")
        }
        #expect(costs.repairing > costs.rowVerification)
    }
}
