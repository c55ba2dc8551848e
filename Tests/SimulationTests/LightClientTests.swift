// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Machinery
import Roles
import Simulation
import Testing

/// Light nodes that follow blocks without their roots.
@Suite struct LightClientTests {
    /// A light node keeps headers without roots, samples them all, and answers with whole headers.
    @Test func followsWithoutRoots() throws {
        var story = try Story(seed: 31, isLightGossiping: false)
        let light = story.scenario.light[0]
        let height = try story.post(
            try Scenario.blob("roots", sizeBytes: 60_000), at: story.scenario.storage[0])
        let isSampled = story.run(30_000) { Story.verdict(of: light, on: height, in: $0) == true }
        #expect(isSampled)
        let kept = try #require(story.scenario.world.disk(of: light).header(height))
        #expect(kept.roots == nil)
        #expect(kept.width > 16)
        guard case .success(.header(let whole)) = try story.ask(light, .header(height: height))
        else {
            Issue.record("no header")
            return
        }
        #expect(whole.dataAvailabilityHeader.dataRoot == kept.dataRoot)
        try whole.validate()
        guard
            case .success(.headers(let several)) = try story.ask(light, .headers(1...height))
        else {
            Issue.record("no headers")
            return
        }
        #expect(several.map(\.height.value) == Array(1...height))
        #expect(story.penalties == [])
    }

    /// Nodes that speak header-ex and shrex alone do as well, all of them or some.
    @Test(arguments: [1, 2, 3])
    func foreignServersDo(foreignCount: Int) throws {
        var story = try Story(
            seed: 40 + UInt64(foreignCount), foreignCount: foreignCount,
            isLightGossiping: false)
        let light = story.scenario.light[0]
        var heights: [UInt64] = []
        for name in ["one", "two", "three"] {
            heights.append(
                try story.post(
                    try Scenario.blob(name, sizeBytes: 70_000), at: story.scenario.storage[0]))
        }
        let isSampled = story.run(30_000) { world in
            heights.allSatisfy { Story.verdict(of: light, on: $0, in: world) == true }
        }
        #expect(isSampled)
        #expect(story.penalties == [])
        let kept = try #require(story.scenario.world.disk(of: light).header(heights[0]))
        #expect(kept.roots == nil)
    }

    /// A node that was away for longer than the trusting period says so and follows nothing.
    @Test func longAbsenceIsTold() throws {
        var story = try Story(seed: 34, isLightGossiping: false)
        let light = story.scenario.light[0]
        for node in [light, story.scenario.validator] + story.scenario.storage {
            story.scenario.world.crash(node)
        }
        let before = Story.head(of: light, in: story.scenario.world)
        _ = story.run(8 * 86_400_000) { _ in false }
        for node in [story.scenario.validator] + story.scenario.storage {
            story.scenario.world.start(node)
        }
        story.scenario.world.start(light)
        _ = story.run(10_000) { _ in false }
        #expect(Story.head(of: light, in: story.scenario.world) == before)
        let isTold = story.scenario.world.observations.contains {
            guard $0.node == light, case .incident(let text) = $0.observation else {
                return false
            }
            return text.contains("trusting period") && text.contains("--trust")
        }
        #expect(isTold)
    }

    /// A block that is withheld is sampled again at the same places, after a restart too.
    @Test func retriesTheSamePlaces() throws {
        var story = try Story(seed: 32, isLightGossiping: false)
        let light = story.scenario.light[0]
        story.scenario.world.crash(light)
        let height = try story.post(
            try Scenario.blob("withheld", sizeBytes: 90_000), at: story.scenario.storage[0])
        _ = story.run(5_000) { _ in false }
        for node in [story.scenario.validator] + story.scenario.storage {
            story.scenario.world.changeDisk(of: node) { $0.hiddenSquares.insert(height) }
        }
        story.scenario.world.start(light)
        let isTriedTwice = story.run(120_000) { Self.findings(light, height, $0).count >= 2 }
        #expect(isTriedTwice)
        story.scenario.world.crash(light)
        story.scenario.world.start(light)
        let isTriedAgain = story.run(120_000) { Self.findings(light, height, $0).count >= 4 }
        #expect(isTriedAgain)
        let findings = Self.findings(light, height, story.scenario.world)
        #expect(Set(findings).count == 1, "\(findings)")
        #expect(findings[0].contains("0 of 16 came"))
        for node in [story.scenario.validator] + story.scenario.storage {
            story.scenario.world.changeDisk(of: node) { $0.hiddenSquares.remove(height) }
        }
        let isBack = story.run(60_000) { Story.verdict(of: light, on: height, in: $0) == true }
        #expect(isBack)
    }

    /// One storage node that answers with other squares' shares is found out and does no harm.
    @Test func liarAmongServersIsHarmless() throws {
        var story = try Story(seed: 33, isLightGossiping: false)
        let light = story.scenario.light[0]
        story.scenario.world.crash(light)
        let first = try story.post(
            try Scenario.blob("one", sizeBytes: 90_000), at: story.scenario.storage[0])
        let second = try story.post(
            try Scenario.blob("two", sizeBytes: 90_000), at: story.scenario.storage[0])
        _ = story.run(5_000) { _ in false }
        story.scenario.world.changeDisk(of: story.scenario.storage[1]) {
            $0.swappedSquares = [(first, second)]
        }
        story.scenario.world.start(light)
        let isFound = story.run(60_000) {
            Story.verdict(of: light, on: first, in: $0) == true
                && Story.verdict(of: light, on: second, in: $0) == true
        }
        #expect(isFound)
        #expect(story.penalties.count == 1)
        #expect(Self.findings(light, first, story.scenario.world) == [])
    }

    /// What a light node reported of a withheld height, each time.
    private static func findings(_ node: Int, _ height: UInt64, _ world: World) -> [String] {
        world.observations.compactMap { reporter, observation in
            guard reporter == node, case .incident(let text) = observation,
                text.hasPrefix("height \(height): data withheld")
            else { return nil }
            return text
        }
    }
}

extension Story {
    /// Who was penalised, by anybody.
    var penalties: [String] {
        scenario.world.observations.compactMap {
            if case .penalized(let peer, let reason) = $0.observation {
                "\(peer): \(reason)"
            } else {
                nil
            }
        }
    }
}
