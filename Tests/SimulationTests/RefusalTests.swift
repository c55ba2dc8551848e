// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Machinery
import Roles
import Simulation
import Testing

/// Where a node stays that refused a block: the newest header below it, whatever it had of the chain.
@Suite struct RefusalTests {
    private static func refusals(of node: Int, in world: World) -> [UInt64] {
        world.observations.compactMap { reporter, observation in
            guard reporter == node, case .fraud(let height, _) = observation else { return nil }
            return height
        }
    }

    /// Followers that come back late skip to the newest header, and prove its block wrong while the
    /// headers below are still missing: they fall back, fill the gap up to the wrong block and stay
    /// right below it, also after a restart.
    @Test(arguments: [1, 2] as [UInt64]) func headersBelowAreFilled(seed: UInt64) throws {
        let wrong: UInt64 = 203
        var story = try Story(seed: seed, storageCount: 2, lightCount: 1) { configuration, _ in
            guard configuration.kind == .validator else { return }
            configuration.heartbeatMilliseconds = 20
            configuration.blockIntervalMilliseconds = 20
            configuration.misbehavior = .wrongEncoding(fromHeight: wrong)
        }
        let validator = story.scenario.validator
        story.scenario.world.part { $0 == validator ? 0 : 1 }
        let isAhead = story.run(60_000) { $0.disk(of: validator).square(wrong + 2) != nil }
        #expect(isAhead)
        story.scenario.world.crash(validator)
        story.scenario.world.reconfigure(validator) { $0.heartbeatMilliseconds = 10_000 }
        story.scenario.world.faults.heal()
        story.scenario.world.start(validator)
        let storage = story.scenario.storage
        let isBelow = story.run(60_000) { world in
            storage.allSatisfy { world.disk(of: $0).value("fraud/\(wrong)") != nil }
        }
        #expect(isBelow)
        _ = story.run(10_000) { _ in false }
        for node in storage {
            #expect(Self.refusals(of: node, in: story.scenario.world).last == wrong)
            try requireHead(wrong - 1, of: node, in: &story)
            let held = story.scenario.world.disk(of: node).restored.headers
            #expect(held.ranges == [1...(wrong - 1)])
        }
        try requireHead(wrong - 1, of: story.scenario.light[0], in: &story)
        for node in storage {
            story.scenario.world.crash(node)
            story.scenario.world.start(node)
        }
        _ = story.run(5_000) { _ in false }
        for node in storage { try requireHead(wrong - 1, of: node, in: &story) }
    }

    /// Who hears of a proof when everybody else refuses the block already still gets its header and
    /// roots, beside the proof, and refuses it at once.
    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func lightNodesRefuseSoon(seed: UInt64) throws {
        let wrong: UInt64 = 14
        var story = try Story(
            seed: seed, storageCount: 3, lightCount: 6, isLightGossiping: false
        ) { configuration, _ in
            if configuration.kind == .validator {
                configuration.misbehavior = .wrongEncoding(fromHeight: wrong)
            } else if configuration.kind == .light {
                // News is asked for so seldom that the proof comes first.
                configuration.pollMilliseconds = 5_000
            }
        }
        let validator = story.scenario.validator
        let isThere = story.run(20_000) { $0.disk(of: validator).square(wrong) != nil }
        #expect(isThere)
        let followers = story.scenario.storage + story.scenario.light
        var times: [Int: Int] = [:]
        for step in 1...1_500 where times.count < followers.count {
            _ = story.run(10) { _ in false }
            for node in followers where times[node] == nil {
                if story.scenario.world.disk(of: node).value("fraud/\(wrong)") != nil {
                    times[node] = step * 10
                }
            }
        }
        let storage = story.scenario.storage.compactMap { times[$0] }
        let light = story.scenario.light.compactMap { times[$0] }
        print(
            "refusals, seed \(seed): storage nodes \(storage.sorted()) ms after the block, "
                + "light nodes \(light.sorted()) ms")
        #expect(storage.count == story.scenario.storage.count)
        #expect(light.count == story.scenario.light.count)
        let first = try #require(storage.min())
        #expect(light.allSatisfy { $0 <= first + 1_000 })
    }

    /// A validator that sees a proof about a block of its chain makes none on it, and says why; also
    /// after a restart.
    @Test func validatorBuildsOnNoRefusedBlock() throws {
        let wrong: UInt64 = 4
        var story = try Story(seed: 51, storageCount: 2, lightCount: 1) { configuration, _ in
            guard configuration.kind == .validator else { return }
            configuration.misbehavior = .wrongEncoding(fromHeight: wrong)
        }
        let validator = story.scenario.validator
        let storage = story.scenario.storage
        let isRefused = story.run(20_000) { world in
            storage.allSatisfy { world.disk(of: $0).value("fraud/\(wrong)") != nil }
        }
        #expect(isRefused)
        // One that lies on purpose goes on as if nothing were.
        _ = story.run(5_000) { _ in false }
        #expect(story.scenario.world.disk(of: validator).value("fraud/\(wrong)") == nil)
        let made = try #require(
            story.scenario.world.disk(of: validator).restored.squares.ranges.last?.upperBound)
        #expect(made > wrong)
        story.scenario.world.crash(validator)
        story.scenario.world.reconfigure(validator) { $0.misbehavior = nil }
        story.scenario.world.start(validator)
        let isHalted = story.run(20_000) { world in
            world.disk(of: validator).value("fraud/\(wrong)") != nil
        }
        #expect(isHalted)
        try requireHalted(validator, below: wrong, in: &story)
        story.scenario.world.crash(validator)
        story.scenario.world.start(validator)
        try requireHalted(validator, below: wrong, in: &story)
    }

    private func requireHalted(
        _ validator: Int, below wrong: UInt64, in story: inout Story
    ) throws {
        // What was being made when the proof came may still reach the disk, and counts for nothing.
        _ = story.run(3_000) { _ in false }
        let count = story.scenario.world.disk(of: validator).restored.squares.count
        _ = story.run(20_000) { _ in false }
        #expect(story.scenario.world.disk(of: validator).restored.squares.count == count)
        #expect(Self.refusals(of: validator, in: story.scenario.world).last == wrong)
        try requireHead(wrong - 1, of: validator, in: &story)
        guard case .success(.node(let status)) = try story.ask(validator, .node) else {
            Issue.record("the validator tells how it is")
            return
        }
        #expect(status.health.fraud?.height == wrong)
        #expect(!status.health.isReady)
        let said = story.scenario.world.observations.contains { reporter, observation in
            guard reporter == validator, case .incident(let text) = observation else {
                return false
            }
            return text.contains("blocks are made: block \(wrong) is proven wrong")
        }
        #expect(said)
    }

    private func requireHead(_ height: UInt64, of node: Int, in story: inout Story) throws {
        #expect(Story.head(of: node, in: story.scenario.world) == height)
        guard case .success(.header(let head)) = try story.ask(node, .localHead) else {
            Issue.record("node \(node) has a head")
            return
        }
        #expect(head.height.value == height)
    }
}
