// SPDX-License-Identifier: Apache-2.0

import DataSquare
import Machinery
import Roles
import Simulation
import Testing

/// What a pin lacks and nobody has is asked for again, ever more seldom.
@Suite struct PinRestTests {
    /// A node pins a namespace whose height everybody has pruned but an archive that is away; the
    /// archive comes back after many refusals, and the pin gets its own without a restart.
    @Test func archiveComesBack() throws {
        let blob = try Scenario.blob("rest", sizeBytes: 5_000)
        var story = try Story(seed: 80, storageCount: 3, lightCount: 0) { configuration, number in
            configuration.isSampling = false
            configuration.samplingWindowMilliseconds = 8_000
            configuration.storageWindowMilliseconds = 10_000
            guard configuration.kind == .storage else { return }
            if number == 0 { configuration.pins = [blob.namespace] }
            if number == 1 { configuration.isArchival = true }
        }
        let (pinner, archive, other) = (
            story.scenario.storage[0], story.scenario.storage[1], story.scenario.storage[2]
        )
        story.scenario.world.crash(pinner)
        let height = try story.post(blob, at: other)
        let isKept = story.run(10_000) { $0.disk(of: archive).square(height) != nil }
        #expect(isKept)
        story.scenario.world.crash(archive)
        let isPruned = story.run(30_000) { world in
            [other, 0].allSatisfy { world.disk(of: $0).square(height) == nil }
        }
        #expect(isPruned)
        story.scenario.world.changeDisk(of: pinner) { $0 = SimulatedDisk() }
        story.scenario.world.start(pinner)
        // Long enough for all to have refused, and for some rests.
        _ = story.run(40_000) { _ in false }
        let before = try story.ask(pinner, .namespaceData(height: height, blob.namespace))
        guard case .failure = before else {
            Issue.record("somebody had it")
            return
        }
        story.scenario.world.start(archive)
        _ = story.run(1_000) { _ in false }
        let address = story.scenario.world.address(of: archive)
        _ = try story.ask(pinner, .peers(.connect(address)))
        let isPinned = story.run(3 * NodeLimits.pinRestMilliseconds) { world in
            let pins = world.disk(of: pinner).restored.pins
            return pins.contains { $0.heights.contains(height) }
        }
        #expect(isPinned)
    }
}
