// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import Machinery
import Roles
import Simulation
import Testing

/// Storage nodes that keep a slice of each square, in a virtual world.
@Suite struct SliceTests {
    /// Storage nodes with the slices that are named, the rest with whole squares; nobody is found
    /// that was not told of.
    private static func story(
        seed: UInt64, _ slices: [String], whole: Int = 0, lightCount: Int = 1,
        change: (inout NodeConfiguration, Int) -> Void = { _, _ in }
    ) throws -> Story {
        try Story(
            seed: seed, storageCount: slices.count + whole, lightCount: lightCount,
            isLightGossiping: false
        ) { configuration, number in
            configuration.isDiscovering = false
            if configuration.kind == .storage, number < slices.count {
                configuration.slice = RowSlice(slices[number])
            }
            change(&configuration, number)
        }
    }

    /// Four nodes with a quarter of the rows each: each stores just these, light nodes that know
    /// nobody else find every block available, and every row is to be had of somebody.
    @Test func fourQuartersServeLightNodes() throws {
        var story = try Self.story(seed: 70, ["1/4", "2/4", "3/4", "4/4"], lightCount: 2)
        let keepers = story.scenario.storage
        let blob = try Scenario.blob("quarters", sizeBytes: 60_000)
        let height = try story.post(blob, at: keepers[0])
        let lights = story.scenario.light
        let isSampled = story.run(30_000) { world in
            lights.allSatisfy { Story.verdict(of: $0, on: height, in: world) == true }
        }
        #expect(isSampled)
        let square = try #require(story.scenario.world.disk(of: 0).square(height))
        let width = square.header.width
        #expect(width >= 16)
        for (number, keeper) in keepers.enumerated() {
            let disk = story.scenario.world.disk(of: keeper)
            #expect(disk.square(height) == nil)
            let rows = try #require(disk.rows(height))
            #expect(rows.indexes == (0..<width).filter { $0 % 4 == number })
            let slice = try #require(RowSlice(number + 1, of: 4))
            #expect(rows.bytes == KeptRows(slice, of: square).bytes)
        }
        let prover = SquareProver(square)
        for index in 0..<width {
            let answer = try story.ask(lights[0], .row(height: height, index: index))
            guard case .success(.row(let row)) = answer else {
                Issue.record("row \(index): \(answer)")
                continue
            }
            #expect(row == prover.row(index))
        }
        #expect(story.penalties == [])
    }

    /// A user of a node with a slice gets its own rows from its disk, and others from peers; for a
    /// whole square there is nobody but who has one.
    @Test func usersOfASlicedNode() throws {
        var story = try Self.story(seed: 71, ["1/2", "2/2"])
        let keeper = story.scenario.storage[0]
        let blob = try Scenario.blob("users", sizeBytes: 20_000)
        let height = try story.post(blob, at: keeper)
        let isStored = story.run(10_000) { $0.disk(of: keeper).rows(height) != nil }
        #expect(isStored)
        let square = try #require(story.scenario.world.disk(of: 0).square(height))
        let prover = SquareProver(square)
        for index in 0..<4 {
            guard
                case .success(.row(let row)) = try story.ask(
                    keeper, .row(height: height, index: index))
            else {
                Issue.record("row \(index)")
                continue
            }
            #expect(row == prover.row(index))
        }
        guard
            case .success(.namespaceData(let data)) = try story.ask(
                keeper, .namespaceData(height: height, blob.namespace))
        else {
            Issue.record("no data")
            return
        }
        #expect(try ShareParser.blobs(in: data.shares).map(\.blob) == [blob])
        guard case .success(.square(let whole)) = try story.ask(keeper, .square(height: height))
        else {
            Issue.record("no square")
            return
        }
        #expect(whole.bytes == square.square.bytes)
        story.scenario.world.crash(keeper)
        story.scenario.world.start(keeper)
        _ = story.run(5_000) { _ in false }
        story.scenario.world.crash(story.scenario.validator)
        _ = story.run(1_000) { _ in false }
        guard case .success(.row(let row)) = try story.ask(keeper, .row(height: height, index: 2))
        else {
            Issue.record("its own row is not there after a restart")
            return
        }
        #expect(row == prover.row(2))
    }

    /// Where only slices are left, half of them are enough: a node that keeps whole squares repairs
    /// them all, and one that keeps a slice nobody has repairs its rows.
    @Test(arguments: [["2/4", "3/4"], ["1/2", "3/8", "3/8"], ["1/8", "2/8", "3/8", "6/8"]])
    func halfOfTheSlicesGiveAll(_ slices: [String]) throws {
        var story = try Self.story(seed: 72, slices + ["8/8"], whole: 1)
        let late = Array(story.scenario.storage.suffix(2))
        for node in late { story.scenario.world.crash(node) }
        var heights: [UInt64] = []
        for name in ["one", "two"] {
            let blob = try Scenario.blob(name, sizeBytes: 30_000)
            heights.append(try story.post(blob, at: story.scenario.storage[0]))
        }
        _ = story.run(5_000) { _ in false }
        let validator = story.scenario.world.disk(of: 0)
        story.scenario.world.crash(story.scenario.validator)
        for node in late {
            story.scenario.world.changeDisk(of: node) { $0 = SimulatedDisk() }
            story.scenario.world.start(node)
        }
        _ = story.run(1_000) { _ in false }
        for node in late {
            for peer in story.scenario.storage.dropLast(2) {
                let address = story.scenario.world.address(of: peer)
                _ = try story.ask(node, .peers(.connect(address)))
            }
        }
        let newest = try #require(heights.last)
        let isThere = story.run(120_000) { world in
            let whole = world.disk(of: late[1]).restored
            return (1...newest).allSatisfy { whole.squares.contains($0) }
                && heights.allSatisfy { world.disk(of: late[0]).rows($0) != nil }
        }
        #expect(isThere, "\(slices)")
        let slice = try #require(RowSlice("8/8"))
        for height in heights {
            let square = try #require(validator.square(height))
            let whole = story.scenario.world.disk(of: late[1])
            #expect(whole.square(height)?.header == square.header)
            let rows = story.scenario.world.disk(of: late[0]).rows(height)
            #expect(rows?.bytes == KeptRows(slice, of: square).bytes)
        }
        #expect(story.penalties == [])
    }

    /// Slices that are not enough give nothing, and cost a bounded number of tries; when one more
    /// comes, all is there soon.
    @Test func aQuarterIsNotEnough() throws {
        var story = try Self.story(seed: 73, ["2/4", "3/4"], whole: 1)
        let (first, second) = (story.scenario.storage[0], story.scenario.storage[1])
        let late = story.scenario.storage[2]
        story.scenario.world.crash(late)
        let blob = try Scenario.blob("few", sizeBytes: 30_000)
        let height = try story.post(blob, at: first)
        _ = story.run(5_000) { _ in false }
        story.scenario.world.crash(story.scenario.validator)
        story.scenario.world.crash(second)
        story.scenario.world.changeDisk(of: late) { $0 = SimulatedDisk() }
        story.scenario.world.start(late)
        _ = story.run(500) { _ in false }
        _ = try story.ask(late, .peers(.connect(story.scenario.world.address(of: first))))
        let isThere = story.run(60_000) { $0.disk(of: late).square(height) != nil }
        #expect(!isThere)
        #expect(story.scenario.world.disk(of: late).header(height) != nil)
        story.scenario.world.start(second)
        _ = story.run(500) { _ in false }
        _ = try story.ask(late, .peers(.connect(story.scenario.world.address(of: second))))
        let isRepaired = story.run(20_000) { $0.disk(of: late).square(height) != nil }
        #expect(isRepaired)
    }

    /// Rows leave with their window, and rows that rot are fetched again.
    @Test func rowsArePrunedAndHealed() throws {
        var story = try Self.story(seed: 74, ["1/2", "2/2"]) { configuration, _ in
            configuration.samplingWindowMilliseconds = 40_000
            configuration.storageWindowMilliseconds = 45_000
            configuration.scrubBytesPerSecond = 10_000_000
        }
        let keeper = story.scenario.storage[0]
        let blob = try Scenario.blob("window", sizeBytes: 10_000)
        let height = try story.post(blob, at: keeper)
        _ = story.run(3_000) { _ in false }
        #expect(story.scenario.world.disk(of: keeper).rows(height) != nil)
        story.scenario.world.changeDisk(of: keeper) { $0.damagedSquares.insert(height) }
        _ = try story.ask(keeper, .row(height: height, index: 0))
        let isHealed = story.run(20_000) { !$0.disk(of: keeper).damagedSquares.contains(height) }
        #expect(isHealed)
        let isPruned = story.run(70_000) { world in
            world.disk(of: keeper).rows(height) == nil
        }
        #expect(isPruned)
        #expect(story.scenario.world.disk(of: keeper).header(height) != nil)
    }
}
