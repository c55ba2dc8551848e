// SPDX-License-Identifier: Apache-2.0

import DataSquare
import Machinery
import Peering
import Roles
import Simulation
import Testing

/// Holders of single rows, who hold them to the encoding sidecars that headers bind.
@Suite struct RowCheckTests {
    /// When what first happened, in milliseconds after the wrong block was there.
    private struct Times {
        var alarm: (node: Int, milliseconds: Int)?
        var refusals: [Int: Int] = [:]
    }

    private static let wrong: UInt64 = 8

    /// A network whose validator extends squares wrongly; light nodes draw rows of each block, and
    /// know the validator, too.
    private static func story(
        seed: UInt64, rows: Int, _ misencoding: Misencoding, isWholeGiven: Bool
    ) throws -> Story {
        var story = try Story(seed: seed, storageCount: 2, lightCount: 3) { configuration, _ in
            if configuration.kind == .validator {
                configuration.misbehavior = .wrongEncoding(fromHeight: wrong, misencoding)
            } else if configuration.kind == .light {
                configuration.rowsChecked = rows
            }
        }
        let validator = story.scenario.validator
        let address = story.scenario.world.address(of: validator)
        let place = try Multiaddress("\(address.addresses[0])/p2p/\(address.identifier)")
        for node in story.scenario.light {
            story.scenario.world.crash(node)
            story.scenario.world.reconfigure(node) { $0.bootstrap.append(place) }
            story.scenario.world.start(node)
        }
        if !isWholeGiven {
            story.scenario.world.changeDisk(of: validator) { disk in
                for height in wrong..<wrong + 100 { disk.rowsGiven[height] = { _ in true } }
            }
        }
        let isNear = story.run(20_000) { $0.disk(of: validator).square(wrong - 1) != nil }
        #expect(isNear)
        let blob = try Scenario.blob("rows", sizeBytes: 60_000)
        _ = story.scenario.world.ask(
            story.scenario.storage[0], .submitBlobs([blob], SubmitOptions()))
        let isThere = story.run(20_000) { $0.disk(of: validator).square(wrong) != nil }
        #expect(isThere)
        let square = try #require(story.scenario.world.disk(of: validator).square(wrong))
        #expect(square.header.originalWidth == 16)
        return story
    }

    /// Runs until all followers refuse the wrong block, or the time is over.
    private static func watch(_ story: inout Story) -> Times {
        var times = Times()
        let followers = story.scenario.storage + story.scenario.light
        _ = story.scenario.world.takeObservations()
        for step in 1...3_000 where times.refusals.count < followers.count {
            _ = story.run(10) { _ in false }
            for (node, observation) in story.scenario.world.takeObservations() {
                switch observation {
                case .alarm(wrong, _) where times.alarm == nil:
                    times.alarm = (node, step * 10)
                case .fraud(wrong, _) where followers.contains(node):
                    if times.refusals[node] == nil { times.refusals[node] = step * 10 }
                case .penalized(let peer, let reason):
                    Issue.record("node \(node) penalizes \(peer): \(reason)")
                default: break
                }
            }
        }
        return times
    }

    private static func tell(_ name: String, _ seed: UInt64, _ times: Times) {
        let refusals = times.refusals.values.sorted()
        print(
            "\(name), seed \(seed): alarm "
                + (times.alarm.map { "\($0.milliseconds) ms, node \($0.node)" } ?? "none")
                + ", first proof \(refusals.first.map(String.init) ?? "none") ms"
                + ", last refusal \(refusals.last.map(String.init) ?? "none") ms")
    }

    /// The validator signs a square whose lower rows are codewords of other data.
    ///
    /// It gives it to nobody as a whole. A light node that drew one of these rows refuses it, its alarm leads to a proof, and
    /// all others accept that.
    @Test(arguments: [1, 2, 3] as [UInt64]) func alarmLeadsToAProof(seed: UInt64) throws {
        var story = try Self.story(seed: seed, rows: 4, .rows, isWholeGiven: false)
        let times = Self.watch(&story)
        Self.tell("rows only", seed, times)
        let alarm = try #require(times.alarm)
        #expect(story.scenario.light.contains(alarm.node))
        let followers = story.scenario.storage + story.scenario.light
        #expect(times.refusals.count == followers.count)
        #expect(times.refusals.values.allSatisfy { $0 >= alarm.milliseconds })
        for node in story.scenario.light {
            guard case .success(.fraudProofs(let proofs)) = try story.ask(node, .fraudProofs)
            else {
                Issue.record("the proof can be asked for")
                return
            }
            #expect(try BadEncodingProof(protobuf: try #require(proofs.first)).height == Self.wrong)
        }
    }

    /// A row that is no codeword is not the sender's fault either, if the proposer committed to it.
    @Test func tornRowLeadsToAProof() throws {
        var story = try Self.story(seed: 4, rows: 64, .share, isWholeGiven: false)
        let times = Self.watch(&story)
        Self.tell("a torn row", 4, times)
        #expect(times.refusals.count == 5)
    }

    /// Where squares are given as a whole, storage nodes find the same by extending them; both ways run
    /// here beside one another.
    @Test(arguments: [1, 2, 3] as [UInt64]) func alarmBesideWholeSquares(seed: UInt64) throws {
        var story = try Self.story(seed: seed, rows: 4, .rows, isWholeGiven: true)
        let times = Self.watch(&story)
        Self.tell("whole squares and rows", seed, times)
        #expect(times.refusals.count == 5)
    }

    /// Nobody draws rows: storage nodes that get no whole square repair it from rows, which they hold to
    /// the sidecar as they come.
    @Test(arguments: [1, 2] as [UInt64]) func repairRaisesTheAlarm(seed: UInt64) throws {
        var story = try Self.story(seed: seed, rows: 0, .rows, isWholeGiven: false)
        let times = Self.watch(&story)
        Self.tell("repair from rows", seed, times)
        let alarm = try #require(times.alarm)
        #expect(story.scenario.storage.contains(alarm.node))
        #expect(times.refusals.count == 5)
    }

    /// Honest squares raise no alarm, and rows of each are checked.
    @Test func honestRowsAgree() throws {
        var story = try Story(seed: 6, storageCount: 2, lightCount: 2) { configuration, _ in
            if configuration.kind == .light { configuration.rowsChecked = 3 }
        }
        let height = try story.post(
            try Scenario.blob("honest", sizeBytes: 60_000), at: story.scenario.storage[0])
        _ = story.run(10_000) { _ in false }
        let light = story.scenario.light
        var agreed: [Int: UInt64] = [:]
        for (node, observation) in story.scenario.world.observations {
            switch observation {
            case .alarm, .fraud, .penalized: Issue.record("node \(node): \(observation)")
            case .counted("rows.agreed", let count): agreed[node, default: 0] += count
            default: break
            }
        }
        #expect(light.allSatisfy { Story.head(of: $0, in: story.scenario.world) >= height })
        #expect(light.allSatisfy { agreed[$0, default: 0] >= 3 })
    }
}
