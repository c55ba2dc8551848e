// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Ledger
import Machinery
import Roles
import Simulation
import Testing

/// Validators that start from a snapshot instead of executing what they missed.
@Suite struct SnapshotStoryTests {
    /// Four validators that take snapshots every eight blocks; the last one has missed everything.
    static func story(
        seed: UInt64, misbehaving: SnapshotMisbehavior? = nil
    ) throws -> (story: Story, newcomer: Int) {
        var story = try Story(
            seed: seed, storageCount: 1, lightCount: 0, validatorCount: 4
        ) { configuration, number in
            guard configuration.kind == .validator else { return }
            configuration.snapshotBlocks = 8
            configuration.snapshotLagBlocks = 12
            if number == 1 { configuration.snapshotMisbehavior = misbehaving }
        }
        let newcomer = story.scenario.validators[3]
        story.scenario.world.crash(newcomer)
        story.scenario.world.changeDisk(of: newcomer) { $0 = SimulatedDisk() }
        let others = Array(story.scenario.validators.prefix(3))
        for number in 0..<3 {
            _ = try story.post(
                try Scenario.blob("before \(number)", sizeBytes: 3_000),
                at: story.scenario.storage[0])
        }
        let isFar = story.run(90_000) { world in
            others.allSatisfy { Story.head(of: $0, in: world) >= 30 }
        }
        try #require(isFar, "three of four make blocks")
        story.scenario.world.start(newcomer)
        return (story, newcomer)
    }

    static func restoredCount(_ node: Int, _ world: World) -> Int {
        world.observations.count {
            guard $0.node == node, case .counted("snapshots.restored", _) = $0.observation else {
                return false
            }
            return true
        }
    }

    /// The newcomer's ledger comes from a snapshot, and it executes on from there to the same state
    /// as the others'.
    static func expectStarted(_ story: inout Story, _ newcomer: Int) throws {
        let isRestored = story.run(60_000) { restoredCount(newcomer, $0) > 0 }
        #expect(isRestored, "the snapshot is restored")
        let first = story.scenario.validator
        var states: [String] = []
        let isLevel = story.run(60_000) { world in
            let ledgers = [first, newcomer].compactMap { node in
                try? LedgerRecord.newest(world.disk(of: node).restored)
            }
            guard ledgers.count == 2, ledgers[0].height == ledgers[1].height,
                ledgers[0].height > 40
            else { return false }
            states = ledgers.map { $0.state.hash.hex }
            return true
        }
        #expect(isLevel, "it keeps up with the others")
        #expect(states.count == 2 && states[0] == states[1])
        #expect(restoredCount(newcomer, story.scenario.world) == 1)
    }

    @Test func aNewcomerStartsFromASnapshot() throws {
        var (story, newcomer) = try Self.story(seed: 21)
        try Self.expectStarted(&story, newcomer)
        // It starts again from its own disk, without another snapshot.
        story.scenario.world.crash(newcomer)
        let restored = story.scenario.world.disk(of: newcomer).restored
        let ledger = try #require(try LedgerRecord.newest(restored))
        #expect(ledger.state.entries.count > 0 && ledger.state.storeFault == nil)
        story.scenario.world.start(newcomer)
        let goesOn = story.run(30_000) { world in
            let newest = try? LedgerRecord.newest(world.disk(of: newcomer).restored)
            return (newest?.height ?? 0) > ledger.height + 5
        }
        #expect(goesOn)
        #expect(Self.restoredCount(newcomer, story.scenario.world) == 1)
    }

    /// One of the three who have snapshots lies or stalls: the state comes from the others, and who
    /// lied is penalised.
    @Test(arguments: [SnapshotMisbehavior.wrongChunks, .otherRoot, .stalling])
    func liarsAreRoutedAround(misbehavior: SnapshotMisbehavior) throws {
        var (story, newcomer) = try Self.story(seed: 22, misbehaving: misbehavior)
        try Self.expectStarted(&story, newcomer)
        let blamed = story.scenario.world.observations.compactMap { observation -> String? in
            guard observation.node == newcomer,
                case .penalized(let name, let reason) = observation.observation,
                reason.hasPrefix("snapshots")
            else { return nil }
            return name
        }
        #expect(Set(blamed).count <= 1, "\(blamed)")
        if misbehavior == .stalling { #expect(blamed.isEmpty) }
    }
}
