// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import Machinery
import Roles
import Simulation
import Testing

/// What a network does when things break, in a virtual world.
@Suite struct FaultTests {
    /// The validator dies at every moment around a posting: the blob is in the chain once.
    @Test(arguments: [0, 3, 8, 15, 30, 60, 120, 250, 500] as [UInt64])
    func validatorDiesAroundAPosting(milliseconds: UInt64) throws {
        var story = try Story(seed: 10 + milliseconds, lightCount: 1)
        let validator = story.scenario.validator
        let node = story.scenario.storage[0]
        let blob = try Scenario.blob("once", sizeBytes: 5_000)
        let ticket = story.scenario.world.ask(node, .submitBlobs([blob], SubmitOptions()))
        _ = story.run(milliseconds) { _ in false }
        story.scenario.world.crash(validator)
        _ = story.run(1_500) { _ in false }
        story.scenario.world.start(validator)
        let isAnswered = story.run(60_000) { $0.answer(node, ticket) != nil }
        #expect(isAnswered)
        guard case .success(.included(let outcome)) = story.scenario.world.answer(node, ticket)
        else {
            Issue.record("the blob is in no block")
            return
        }
        #expect(outcome.height > 0)
        #expect(try story.count(of: blob) == 1)
    }

    /// The same order from two callers at once, and again later, is one posting.
    @Test func sameOrderIsOnePosting() throws {
        var story = try Story(seed: 2)
        let node = story.scenario.storage[0]
        let blob = try Scenario.blob("same", sizeBytes: 3_000)
        let first = story.scenario.world.ask(node, .submitBlobs([blob], SubmitOptions()))
        let second = story.scenario.world.ask(node, .submitBlobs([blob], SubmitOptions()))
        _ = story.run(30_000) { $0.answer(node, first) != nil && $0.answer(node, second) != nil }
        let third = try story.post(blob, at: node)
        for ticket in [first, second] {
            guard
                case .success(.included(let outcome)) = story.scenario.world.answer(
                    node, ticket)
            else {
                Issue.record("a caller got no height")
                continue
            }
            #expect(outcome.height == third)
        }
        #expect(try story.count(of: blob) == 1)
        var options = SubmitOptions()
        options.idempotencyKey = [1]
        let other = try story.ask(node, .submitBlobs([blob], options))
        guard case .success = other else {
            Issue.record("another key is another posting")
            return
        }
        #expect(try story.count(of: blob) == 2)
    }

    /// A light node knows no validator; its posting goes through a storage node, once.
    @Test func lightNodePosts() throws {
        var story = try Story(seed: 9)
        let blob = try Scenario.blob("light", sizeBytes: 12_000)
        let height = try story.post(blob, at: story.scenario.light[0])
        #expect(height > 0)
        #expect(try story.count(of: blob) == 1)
    }

    /// Many orders at once from one account all get in, without a sequence in sight.
    @Test func manyOrdersAtOnce() throws {
        var story = try Story(seed: 3)
        let node = story.scenario.storage[0]
        var tickets: [Ticket] = []
        for index in 0..<16 {
            let blob = try Scenario.blob("many \(index)", sizeBytes: 700 * (index + 1))
            tickets.append(
                story.scenario.world.ask(node, .submitBlobs([blob], SubmitOptions())))
        }
        let isDone = story.run(30_000) { world in
            tickets.allSatisfy { world.answer(node, $0) != nil }
        }
        #expect(isDone)
        for ticket in tickets {
            guard case .success(.included) = story.scenario.world.answer(node, ticket) else {
                Issue.record("order \(ticket) did not get in")
                continue
            }
        }
    }

    /// A square that turns out damaged on disk is fetched again, and served meanwhile.
    @Test func damagedSquareIsFetchedAgain() throws {
        var story = try Story(seed: 4)
        let node = story.scenario.storage[1]
        let blob = try Scenario.blob("rot", sizeBytes: 20_000)
        let height = try story.post(blob, at: story.scenario.storage[0])
        let isStored = story.run(20_000) { world in
            world.disk(of: node).restored.squares.contains(height)
        }
        #expect(isStored)
        story.scenario.world.changeDisk(of: node) { $0.damagedSquares.insert(height) }
        let answer = try story.ask(node, .namespaceData(height: height, blob.namespace))
        guard case .success(.namespaceData(let data)) = answer else {
            Issue.record("the node did not answer from its peers: \(answer)")
            return
        }
        #expect(try ShareParser.blobs(in: data.shares).map(\.blob) == [blob])
        let isHealed = story.run(20_000) { world in
            !world.disk(of: node).damagedSquares.contains(height)
        }
        #expect(isHealed)
    }

    /// Whichever write of a storage node fails, it reports, goes on and catches up.
    @Test(arguments: 1...14)
    func everyFailingWrite(number: Int) throws {
        var scenario = try Scenario(seed: 100, storageCount: 2, lightCount: 1)
        let node = scenario.storage[0]
        scenario.world.changeDisk(of: node) { $0.failingStore = number }
        scenario.startAll()
        let isCaughtUp = scenario.world.run(milliseconds: 30_000) { world in
            let disk = world.disk(of: node)
            return disk.storeCount > number + 4 && disk.restored.squares.count >= 5
                && disk.restored.squares == disk.restored.headers
        }
        #expect(isCaughtUp)
    }

    /// A node that is cut off catches up when the network heals.
    @Test func partitionHeals() throws {
        var story = try Story(seed: 5, storageCount: 2)
        let node = story.scenario.storage[1]
        let others =
            [story.scenario.validator, story.scenario.storage[0]] + story.scenario.light
        for other in others {
            story.scenario.world.faults.cut(node, other)
        }
        let before = Story.head(of: node, in: story.scenario.world)
        _ = story.run(15_000) { _ in false }
        #expect(Story.head(of: node, in: story.scenario.world) <= before + 1)
        story.scenario.world.faults.heal()
        let validator = story.scenario.validator
        let isBack = story.run(60_000) { world in
            Story.head(of: node, in: world) + 1 >= Story.head(of: validator, in: world)
        }
        #expect(isBack)
    }

    /// A square that nobody serves is found withheld, and available when it comes back.
    @Test func withheldAndBack() throws {
        var story = try Story(seed: 6, storageCount: 3, lightCount: 1)
        let light = story.scenario.light[0]
        let everybody = [story.scenario.validator] + story.scenario.storage
        story.scenario.world.crash(light)
        let blob = try Scenario.blob("hidden", sizeBytes: 30_000)
        let height = try story.post(blob, at: story.scenario.storage[0])
        _ = story.run(5_000) { _ in false }
        for node in everybody {
            story.scenario.world.changeDisk(of: node) { $0.hiddenSquares.insert(height) }
        }
        story.scenario.world.start(light)
        let isFound = story.run(60_000) {
            Story.verdict(of: light, on: height, in: $0) == false
        }
        #expect(isFound)
        for node in everybody {
            story.scenario.world.changeDisk(of: node) { $0.hiddenSquares = HeightRanges() }
        }
        let isBack = story.run(60_000) { Story.verdict(of: light, on: height, in: $0) == true }
        #expect(isBack)
    }

    /// A light node that restarts does not sample again what it found available.
    @Test func lightNodeRemembers() throws {
        var story = try Story(seed: 7)
        let light = story.scenario.light[0]
        _ = story.run(5_000) { _ in false }
        story.scenario.world.crash(light)
        let before = story.scenario.world.observations.count
        story.scenario.world.start(light)
        _ = story.run(5_000) { _ in false }
        let again = story.scenario.world.observations[before...].compactMap { entry -> UInt64? in
            guard entry.node == light, case .sampled(let height, _, _) = entry.observation
            else { return nil }
            return height
        }
        #expect(!again.isEmpty)
        #expect(!again.contains(1))
        let kept = try #require(
            story.scenario.world.disk(of: light).value(SamplingRecord.name(2)))
        // Records take turns in so many places: a light node's disk does not grow with the chain.
        #expect(
            SamplingRecord.name(2) == SamplingRecord.name(2 + UInt64(NodeLimits.receiptsKept)))
        let record = try SamplingRecord(decoding: kept)
        #expect(record.height == 2 && record.isAvailable)
        #expect(record.receipts.count == record.wanted)
        #expect(record.encode() == kept)
        #expect(Set(again).count == again.count)
    }

    /// Every story of faults is the same the second time.
    @Test func samePlotTwice() throws {
        let traces = try (0..<2).map { _ in
            var story = try Story(seed: 8)
            story.scenario.world.crash(story.scenario.storage[1])
            _ = try story.post(
                try Scenario.blob("plot", sizeBytes: 9_000), at: story.scenario.storage[0])
            story.scenario.world.start(story.scenario.storage[1])
            _ = story.run(5_000) { _ in false }
            return story.scenario.world.trace
        }
        #expect(traces[0] == traces[1])
    }
}
