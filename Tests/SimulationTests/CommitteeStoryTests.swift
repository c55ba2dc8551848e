// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Machinery
import Roles
import Simulation
import Testing

/// Several validators that make blocks together, with nodes that follow them.
@Suite struct CommitteeStoryTests {
    /// The hash of a header on a node's disk.
    private static func hash(_ node: Int, _ height: UInt64, _ world: World) -> String? {
        world.disk(of: node).header(height)?.hash.hex
    }

    /// All nodes have the same headers, and those that keep squares the same squares, up to a height.
    private static func expectOneChain(_ story: Story, upTo height: UInt64) {
        let world = story.scenario.world
        let all = story.scenario.validators + story.scenario.storage + story.scenario.light
        for at in 1...height {
            let hashes = Set(all.compactMap { hash($0, at, world) })
            #expect(hashes.count == 1, "height \(at): \(hashes)")
        }
    }

    /// A blob posted at a storage node is in a block that all have; light nodes find it available.
    private static func story(seed: UInt64) throws -> World {
        var story = try Story(seed: seed, storageCount: 2, lightCount: 2, validatorCount: 4)
        let blob = try Scenario.blob("committee", sizeBytes: 200_000)
        let height = try story.post(blob, at: story.scenario.storage[0])
        #expect(try story.count(of: blob) == 1)
        let all = story.scenario.validators + story.scenario.storage + story.scenario.light
        let light = story.scenario.light
        let isFollowed = story.run(20_000) { world in
            all.allSatisfy { Story.head(of: $0, in: world) >= height + 2 }
                && light.allSatisfy {
                    Story.verdict(of: $0, on: height, in: world) == true
                }
        }
        #expect(isFollowed, "everybody has the block and what came after it")
        expectOneChain(story, upTo: height)
        for node in story.scenario.validators {
            #expect(story.scenario.world.disk(of: node).square(height) != nil)
        }
        let answer = try story.ask(
            story.scenario.light[0], .namespaceData(height: height, blob.namespace))
        if case .success(.namespaceData(let data)) = answer {
            #expect(try ShareParser.blobs(in: data.shares).map(\.blob) == [blob])
        } else {
            Issue.record("the blob is not read back: \(answer)")
        }
        return story.scenario.world
    }

    @Test func fourAgreeTwice() throws {
        let first = try Self.story(seed: 7)
        let second = try Self.story(seed: 7)
        #expect(first.trace == second.trace)
    }

    /// One of four crashes: blocks go on; it comes back and catches up, and votes again.
    @Test(arguments: [11] as [UInt64])
    func oneCrashes(seed: UInt64) throws {
        var story = try Story(seed: seed, storageCount: 2, lightCount: 0, validatorCount: 4)
        let away = story.scenario.validators[2]
        story.scenario.world.crash(away)
        let blob = try Scenario.blob("three", sizeBytes: 50_000)
        let height = try story.post(blob, at: story.scenario.storage[1])
        _ = story.run(20_000) { _ in false }
        let before = Story.head(of: story.scenario.validator, in: story.scenario.world)
        #expect(before > height, "three of four go on")
        story.scenario.world.start(away)
        let isBack = story.run(20_000) { world in
            Story.head(of: away, in: world) > before
                && world.disk(of: away).restored.squares.count
                    == world.disk(of: away).restored.headers.count
        }
        #expect(isBack, "it catches up")
        // With another away, its vote is needed.
        story.scenario.world.crash(story.scenario.validators[1])
        let first = story.scenario.validator
        let then = Story.head(of: first, in: story.scenario.world)
        let goesOn = story.run(60_000) { world in
            Story.head(of: first, in: world) > then + 3
        }
        #expect(goesOn, "it votes again")
        Self.expectOneChain(story, upTo: then)
    }

    /// Two of four crash: nothing is decided; they come back, and it goes on.
    @Test(arguments: [21] as [UInt64])
    func twoCrash(seed: UInt64) throws {
        var story = try Story(seed: seed, storageCount: 2, lightCount: 0, validatorCount: 4)
        let away = [story.scenario.validators[1], story.scenario.validators[3]]
        for node in away { story.scenario.world.crash(node) }
        _ = story.run(2_000) { _ in false }
        let before = Story.head(of: story.scenario.validator, in: story.scenario.world)
        _ = story.run(20_000) { _ in false }
        #expect(Story.head(of: story.scenario.validator, in: story.scenario.world) == before)
        for node in away { story.scenario.world.start(node) }
        let all = story.scenario.validators
        let goesOn = story.run(60_000) { world in
            all.allSatisfy { Story.head(of: $0, in: world) > before + 2 }
        }
        #expect(goesOn, "with four of four blocks go on")
        Self.expectOneChain(story, upTo: before)
    }

    /// All crash at once, whatever they were at, and go on from their disks.
    @Test(arguments: 31..<33 as Range<UInt64>)
    func allCrash(seed: UInt64) throws {
        var story = try Story(seed: seed, storageCount: 1, lightCount: 0, validatorCount: 4)
        let all = story.scenario.validators
        for round in 0..<3 {
            _ = story.run(700 + 313 * seed % 900 + UInt64(round) * 77) { _ in false }
            for node in all { story.scenario.world.crash(node) }
            let before = Story.head(of: story.scenario.validator, in: story.scenario.world)
            for node in all { story.scenario.world.start(node) }
            let goesOn = story.run(60_000) { world in
                all.allSatisfy { Story.head(of: $0, in: world) > before + 2 }
            }
            #expect(goesOn, "seed \(seed), round \(round)")
            Self.expectOneChain(story, upTo: before)
        }
    }

    /// A leader whose squares are wrongly encoded, or kept to itself, is passed over.
    @Test(arguments: [false, true])
    func faultyLeader(isWithholding: Bool) throws {
        var story = try Story(
            seed: 41, storageCount: 2, lightCount: 1, validatorCount: 4
        ) { configuration, number in
            guard configuration.kind == .validator, number == 1 else { return }
            configuration.misbehavior =
                isWithholding ? .withholding(fromHeight: 3) : .wrongEncoding(fromHeight: 3)
        }
        let blob = try Scenario.blob("honest", sizeBytes: 30_000)
        let height = try story.post(blob, at: story.scenario.storage[0])
        let first = story.scenario.validator
        let goesOn = story.run(30_000) { world in
            Story.head(of: first, in: world) > height + 8
        }
        #expect(goesOn, "blocks go on")
        let world = story.scenario.world
        let liar = world.configuration(of: story.scenario.validators[1]).greeting?.address
        let head = Story.head(of: story.scenario.validator, in: world)
        for at in 4...head {
            let header = world.disk(of: story.scenario.validator).header(at)
            #expect(header?.header.proposerAddress != liar, "height \(at)")
        }
        #expect(try story.count(of: blob) == 1)
    }

    /// Epochs end and begin: the chain goes through several, and through a crash in between.
    @Test func epochs() throws {
        var story = try Story(
            seed: 51, storageCount: 1, lightCount: 1, validatorCount: 4
        ) { configuration, _ in
            configuration.epochLength = 4
            configuration.committeeIdleMilliseconds = 200
        }
        let all = story.scenario.validators
        let isLong = story.run(60_000) { world in
            all.allSatisfy { Story.head(of: $0, in: world) > 18 }
        }
        #expect(isLong)
        let away = story.scenario.validators[3]
        story.scenario.world.crash(away)
        _ = story.run(10_000) { _ in false }
        let before = Story.head(of: story.scenario.validator, in: story.scenario.world)
        story.scenario.world.start(away)
        let isBack = story.run(30_000) { world in
            all.allSatisfy { Story.head(of: $0, in: world) > before + 8 }
        }
        #expect(isBack)
        Self.expectOneChain(story, upTo: before)
    }

    /// A genesis with more members than a committee may have is told of, and ends no process.
    @Test func tooManyMembers() throws {
        var scenario = try Scenario(
            seed: 5, storageCount: 1, lightCount: 0, pollMilliseconds: 500, foreignCount: 0,
            isLightGossiping: true, validatorCount: 151, change: { _, _ in })
        scenario.world.start(scenario.validators[0])
        _ = scenario.world.run(milliseconds: 1) { _ in false }
        let told = scenario.world.observations.count { _, observation in
            guard case .incident(let text) = observation else { return false }
            return text.contains("151 members")
        }
        #expect(told == 1)
    }
}
