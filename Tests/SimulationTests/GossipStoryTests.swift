// SPDX-License-Identifier: Apache-2.0

import Chain
import Machinery
import Roles
import Simulation
import Testing

/// News that goes from node to node without being asked for.
@Suite struct GossipStoryTests {
    private func height(_ node: Int, _ world: World) -> UInt64 { Story.head(of: node, in: world) }

    /// Every node has a new header within half a second although it asks only once a minute.
    @Test func headersAreFasterThanAsking() throws {
        var story = try Story(
            seed: 5, storageCount: 4, lightCount: 6, pollMilliseconds: 60_000)
        let scenario = story.scenario
        let followers = scenario.storage + scenario.light
        // One interval of asking, so that all have begun; then the mesh alone brings news.
        #expect(!story.run(3_000) { _ in false })
        var slowest: UInt64 = 0
        for _ in 0..<8 {
            let before = height(scenario.validator, story.scenario.world)
            let isMade = story.run(5_000) { height(scenario.validator, $0) > before }
            try #require(isMade)
            let made = story.scenario.world.now
            let target = height(scenario.validator, story.scenario.world)
            let isKnown = story.run(5_000) { world in
                followers.allSatisfy { height($0, world) >= target }
            }
            #expect(isKnown, "height \(target)")
            slowest = max(slowest, story.scenario.world.now.milliseconds(since: made))
        }
        print("gossip: a new header was everywhere after at most \(slowest) ms")
        #expect(slowest < 500)
    }

    /// Blocks with data are fetched by every storage node and sampled, asked for or not.
    @Test func squaresFollowTheirAnnouncement() throws {
        var story = try Story(seed: 6, storageCount: 4, lightCount: 2, pollMilliseconds: 60_000)
        let storage = story.scenario.storage
        let light = story.scenario.light
        for index in 0..<3 {
            let blob = try Scenario.blob("news \(index)", sizeBytes: 20_000)
            let height = try story.post(blob, at: storage[index])
            let isHeld = story.run(10_000) { world in
                storage.allSatisfy { world.disk(of: $0).restored.squares.contains(height) }
                    && light.allSatisfy { Story.verdict(of: $0, on: height, in: world) == true }
            }
            #expect(isHeld, "height \(height)")
        }
    }

    /// Whoever asks is told the topics of a node and who else is in them.
    @Test func topicsAndTheirPeers() throws {
        var story = try Story(seed: 7, storageCount: 2, lightCount: 2)
        _ = story.run(2_000) { _ in false }
        let light = story.scenario.light[0]
        let storage = story.scenario.storage[0]
        guard case .success(.peers(.texts(let topics))) = try story.ask(light, .peers(.topics)),
            case .success(.peers(.texts(let all))) = try story.ask(storage, .peers(.topics)),
            case .success(.peers(.texts(let peers))) = try story.ask(
                light, .peers(.subscribers(topic: "/private/header-sub/v0.0.1"))),
            case .success(.peers(.texts(let holders))) = try story.ask(
                storage, .peers(.subscribers(topic: "private/eds-sub/v0.2.0")))
        else { throw StoryFault("no answer about topics") }
        #expect(topics.sorted() == Self.names.dropLast())
        #expect(all.sorted() == Self.names)
        #expect(peers.count == 2)
        #expect(holders.count == 1)
    }

    private static let names = [
        "/private/fraud-sub/badencodingv0.1/v0.0.1", "/private/header-sub/v0.0.1",
        "private/eds-sub/v0.2.0",
    ]
}
