// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Machinery
import Roles
import Simulation
import Testing

/// One blob's whole way through a network, in a virtual world.
@Suite struct OneBlobTests {
    /// Posted at a storage node, put into a block, stored by all, sampled by all, read back.
    private static func story(seed: UInt64) throws -> World {
        var scenario = try Scenario(seed: seed, storageCount: 3, lightCount: 2)
        scenario.startAll()
        let isUp = scenario.world.run(milliseconds: 20_000) { world in
            scenario.light.allSatisfy { node in
                world.observations.contains {
                    if case .head = $0.observation { $0.node == node } else { false }
                }
            }
        }
        #expect(isUp, "every light node follows the chain")

        // Larger than what waits for a peer at once, so that its square goes over in parts.
        let blob = try Scenario.blob("rollup", sizeBytes: 900_000)
        let posting = scenario.world.ask(
            scenario.storage[0], .submitBlobs([blob], SubmitOptions()))
        let isPosted = scenario.world.run(milliseconds: 20_000) {
            $0.answer(scenario.storage[0], posting) != nil
        }
        #expect(isPosted)
        guard
            case .success(.included(let outcome)) = scenario.world.answer(
                scenario.storage[0], posting)
        else {
            Issue.record("the blob is not in a block")
            return scenario.world
        }

        let isSampled = scenario.world.run(milliseconds: 30_000) { world in
            scenario.light.allSatisfy { node in
                world.observations.contains {
                    guard case .sampled(outcome.height, true, let confidence) = $0.observation
                    else { return false }
                    return $0.node == node && confidence > 900_000
                }
            }
        }
        #expect(isSampled, "both light nodes find the block available")

        scenario.world.crash(scenario.storage[1])
        let reading = scenario.world.ask(
            scenario.light[0], .namespaceData(height: outcome.height, blob.namespace))
        let isRead = scenario.world.run(milliseconds: 20_000) {
            $0.answer(scenario.light[0], reading) != nil
        }
        #expect(isRead)
        if case .success(.namespaceData(let data)) = scenario.world.answer(
            scenario.light[0], reading)
        {
            let blobs = try ShareParser.blobs(in: data.shares)
            #expect(blobs.map(\.blob) == [blob])
        } else {
            Issue.record("the light node did not read the blob back")
        }
        scenario.world.start(scenario.storage[1])
        let isBack = scenario.world.run(milliseconds: 20_000) { world in
            world.observations.last { $0.node == scenario.storage[1] } != nil
                && world.disk(of: scenario.storage[1]).restored.squares.count
                    >= world.disk(of: scenario.storage[0]).restored.squares.count - 1
        }
        #expect(isBack, "the storage node that crashed catches up")
        return scenario.world
    }

    /// The whole story holds, and the same seed tells it in the same words.
    @Test func theStoryTwice() throws {
        let first = try Self.story(seed: 1)
        let second = try Self.story(seed: 1)
        #expect(first.trace == second.trace)
        #expect(first.trace.count > 50)
    }
}
