// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Ledger
import Roles
import Simulation
import Staking
import StateTree
import Testing

/// The ledger on a validator's disk: over restarts, from earlier formats, and when it rots.
@Suite struct LedgerDiskTests {
    static func story(seed: UInt64) throws -> Story {
        try Story(seed: seed, storageCount: 1, lightCount: 0) { configuration, _ in
            StakingStoryTests.staked(&configuration)
        }
    }

    /// The ledger of a directory as an earlier version left it: entry by entry, or all in one record.
    static func makeEarlier(_ story: inout Story, inOneRecord: Bool) throws -> LedgerState {
        let validator = story.scenario.validator
        story.scenario.world.crash(validator)
        let disk = story.scenario.world.disk(of: validator)
        let newest = try #require(try LedgerRecord.newest(disk.restored))
        var record: [UInt8] = []
        record.append(bigEndian: newest.height)
        record.append(newest.resultsHash)
        story.scenario.world.changeDisk(of: validator) { disk in
            disk.forge("state.head", nil)
            if inOneRecord {
                disk.forge("ledger", record + newest.state.encode())
            } else {
                disk.forge("ledger", record + newest.state.hash.array)
                for entry in newest.state.entries {
                    disk.forge("ledger/" + Hex.encode(entry.key), entry.value)
                }
            }
            disk.forgetNodes()
        }
        return newest.state
    }

    /// Both earlier formats are taken over: the chain goes on, and the next block puts the ledger into
    /// the present one and takes the earlier records away.
    @Test(arguments: [false, true])
    func earlierFormatsAreTakenOver(inOneRecord: Bool) throws {
        var story = try Self.story(seed: 61)
        let validator = story.scenario.validator
        #expect(story.run(20_000) { Story.head(of: validator, in: $0) >= 6 })
        _ = try Self.makeEarlier(&story, inOneRecord: inOneRecord)
        let stopped = Story.head(of: validator, in: story.scenario.world)
        story.scenario.world.start(validator)
        #expect(story.run(20_000) { Story.head(of: validator, in: $0) >= stopped + 6 })
        let restored = story.scenario.world.disk(of: validator).restored
        #expect(!restored.values.contains { $0.name.hasPrefix("ledger") })
        let ledger = try #require(try LedgerRecord.newest(restored))
        let head = try #require(restored.head)
        #expect(ledger.height == head.height.value)
        #expect(
            try ledger.state.staking(StakingRules(epochBlocks: 4)).clock().height == ledger.height)
    }

    /// A ledger of an earlier format that does not hold is refused in words that help.
    @Test func whatCannotBeTakenOverIsTold() throws {
        var story = try Self.story(seed: 62)
        let validator = story.scenario.validator
        #expect(story.run(20_000) { Story.head(of: validator, in: $0) >= 3 })
        _ = try Self.makeEarlier(&story, inOneRecord: true)
        story.scenario.world.changeDisk(of: validator) { $0.forge("ledger", [1, 2, 3]) }
        story.scenario.world.start(validator)
        _ = story.run(1_000) { _ in false }
        #expect(
            story.scenario.world.observations.contains {
                if case .incident(let words) = $0.observation {
                    words.contains("is in the format of an earlier version")
                        && words.contains("move the data directory away")
                } else {
                    false
                }
            })
    }

    /// A restart reads what it needs and no more, and old nodes do not pile up.
    @Test func aStartReadsLittle() throws {
        var story = try Self.story(seed: 63)
        let validator = story.scenario.validator
        #expect(story.run(40_000) { Story.head(of: validator, in: $0) >= 30 })
        let disk = story.scenario.world.disk(of: validator)
        let entries = try StakingStoryTests.ledger(on: disk).entries.count
        // Pages, leaves and nodes of the index, of this version and a few before it.
        #expect(disk.stateNodes.counts.nodes < entries * 6)
        story.scenario.world.crash(validator)
        let before = disk.stateNodes.counts.reads
        _ = try LedgerRecord.newest(disk.restored)
        #expect(disk.stateNodes.counts.reads - before < 16)
    }

    /// Nodes that rotted end block making with words, and nothing is made of them.
    @Test func rotEndsExecution() throws {
        var story = try Self.story(seed: 64)
        let validator = story.scenario.validator
        #expect(story.run(20_000) { Story.head(of: validator, in: $0) >= 6 })
        story.scenario.world.crash(validator)
        story.scenario.world.disk(of: validator).stateNodes.damage()
        let stopped = Story.head(of: validator, in: story.scenario.world)
        story.scenario.world.start(validator)
        _ = story.run(5_000) { _ in false }
        #expect(Story.head(of: validator, in: story.scenario.world) == stopped)
        #expect(
            story.scenario.world.observations.contains {
                if case .incident(let words) = $0.observation {
                    words.contains("damaged")
                } else {
                    false
                }
            })
    }
}
