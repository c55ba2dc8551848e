// SPDX-License-Identifier: Apache-2.0

import DataSquare
import Machinery
import Roles
import Simulation
import Testing

/// What the restart of a node costs those who need it.
@Suite struct RestartTests {
    /// The validator is away for a while: three seconds after it is back at most, every follower has
    /// a block that it made since.
    @Test(arguments: [1_000, 5_000, 5_500, 12_000, 25_000] as [UInt64])
    func validatorRestarts(awayMilliseconds: UInt64) throws {
        for seed in 90..<93 as Range<UInt64> {
            var story = try Story(seed: seed, storageCount: 4, lightCount: 0)
            let validator = story.scenario.validator
            let followers = story.scenario.storage
            _ = story.run(8_000) { _ in false }
            story.scenario.world.crash(validator)
            _ = story.run(awayMilliseconds) { _ in false }
            story.scenario.world.start(validator)
            let before = Story.head(of: validator, in: story.scenario.world)
            let back = story.scenario.world.now
            let isFollowed = story.run(3_000) { world in
                followers.allSatisfy { Story.head(of: $0, in: world) > before }
            }
            let took = story.scenario.world.now.milliseconds(since: back)
            #expect(isFollowed, "away \(awayMilliseconds) ms, seed \(seed): \(took) ms")
        }
    }

    /// A peer that stays away is tried every second, then every three, and no oftener.
    @Test func goneForGood() throws {
        var story = try Story(seed: 95, storageCount: 2, lightCount: 0)
        _ = story.run(8_000) { _ in false }
        story.scenario.world.crash(story.scenario.validator)
        _ = story.run(240_000) { _ in false }
        let follower = story.scenario.storage[0]
        let tries = story.scenario.world.observations.count { node, observation in
            guard node == follower, case .note(let text) = observation else { return false }
            return text.hasPrefix("dialling") && text.contains("unreachable")
        }
        #expect(tries > 60 && tries < 130, "\(tries)")
    }
}
