// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import Machinery
import Roles
import Simulation
import Testing

/// What storage nodes keep, for how long, and how they care for it, in a virtual world.
@Suite struct RetentionTests {
    /// A window passes: squares go everywhere but in the archive, headers stay, and what a pinned
    /// namespace has is served for ever, and nothing else of that height.
    @Test func windowPassesAndPinsStay() throws {
        let blob = try Scenario.blob("kept", sizeBytes: 20_000)
        var story = try Story(seed: 40, storageCount: 2) { configuration, number in
            Self.shorten(&configuration)
            if configuration.kind == .storage, number == 0 {
                configuration.pins = [blob.namespace]
            }
        }
        let (pinner, other) = (story.scenario.storage[0], story.scenario.storage[1])
        let light = story.scenario.light[0]
        let height = try story.post(blob, at: other)
        let isPruned = story.run(60_000) { world in
            [pinner, other, 0].allSatisfy { !world.disk(of: $0).restored.squares.contains(height) }
        }
        #expect(isPruned)
        let disk = story.scenario.world.disk(of: pinner).restored
        #expect(disk.headers.contains(height))
        #expect(!disk.squares.contains(1) && disk.squares.count > 10)
        for asked in [light, pinner] {
            let answer = try story.ask(asked, .namespaceData(height: height, blob.namespace))
            guard case .success(.namespaceData(let data)) = answer else {
                Issue.record("node \(asked) has no pinned data: \(answer)")
                continue
            }
            #expect(try ShareParser.blobs(in: data.shares).map(\.blob) == [blob])
        }
        let absent = try story.ask(light, .namespaceData(height: height + 2, blob.namespace))
        guard case .success(.namespaceData(let nothing)) = absent else {
            Issue.record("absence is not proven: \(absent)")
            return
        }
        let isEmpty = nothing.shares.isEmpty
        #expect(isEmpty)
        for request in [
            RPCRequest.row(height: height, index: 0), .square(height: height),
            .samples(height: height, [Coordinate(row: 0, column: 0)]),
            .namespaceData(height: height, try Scenario.blob("else", sizeBytes: 1).namespace),
        ] {
            guard case .failure(let fault) = try story.ask(light, request),
                fault.text.hasPrefix("share: data not available")
            else {
                Issue.record("a pruned square is served: \(request.shareHeightText)")
                continue
            }
        }
        story.scenario.world.crash(pinner)
        story.scenario.world.start(pinner)
        _ = story.run(5_000) { _ in false }
        guard
            case .success = try story.ask(
                light, .namespaceData(height: height, blob.namespace))
        else {
            Issue.record("the pin did not survive a restart")
            return
        }
    }

    /// A node that pins a namespace after the window has passed gets its past from an archive, and
    /// from then on gives it to others.
    @Test func pinsOfThePastAreFetched() throws {
        let blob = try Scenario.blob("past", sizeBytes: 20_000)
        let other = try Namespace(userID: [9])
        var story = try Story(seed: 48, storageCount: 2) { configuration, number in
            Self.shorten(&configuration)
            guard configuration.kind != .light else { return }
            configuration.isArchival = configuration.kind == .validator
            if configuration.kind == .storage, number == 0 {
                configuration.pins = [blob.namespace, other]
            }
        }
        let pinner = story.scenario.storage[0]
        story.scenario.world.crash(pinner)
        let height = try story.post(blob, at: story.scenario.storage[1])
        _ = story.run(45_000) { _ in false }
        story.scenario.world.start(pinner)
        let isFetched = story.run(60_000) { world in
            let pins = world.disk(of: pinner).restored.pins
            return pins.count == 2
                && pins.allSatisfy { $0.heights.ranges.first?.contains(height) ?? false }
                && pins.allSatisfy { $0.heights.contains(1) }
        }
        #expect(isFetched)
        #expect(!story.scenario.world.disk(of: pinner).restored.squares.contains(height))
        story.scenario.world.crash(story.scenario.validator)
        // The light node has not tried the pinner for long, which was away.
        _ = story.run(90_000) { _ in false }
        let answer = try story.ask(
            story.scenario.light[0], .namespaceData(height: height, blob.namespace))
        guard case .success(.namespaceData(let data)) = answer else {
            Issue.record("the fetched pin is not served: \(answer)")
            return
        }
        #expect(try ShareParser.blobs(in: data.shares).map(\.blob) == [blob])
    }

    /// An archive keeps what the others prune, and who has pruned it asks the archive.
    @Test func archiveKeepsEverything() throws {
        var story = try Story(seed: 41, storageCount: 2) { configuration, number in
            Self.shorten(&configuration)
            configuration.isArchival = configuration.kind == .storage && number == 1
        }
        let blob = try Scenario.blob("archived", sizeBytes: 9_000)
        let height = try story.post(blob, at: story.scenario.storage[0])
        let pruner = story.scenario.storage[0]
        let isPruned = story.run(60_000) {
            !$0.disk(of: pruner).restored.squares.contains(height)
        }
        #expect(isPruned)
        let archive = story.scenario.world.disk(of: story.scenario.storage[1]).restored
        #expect(archive.squares.contains(1...height) && archive.squares.ranges.count == 1)
        guard
            case .success(.square) = try story.ask(
                story.scenario.light[0], .square(height: height))
        else {
            Issue.record("the archive does not serve")
            return
        }
    }

    /// A light node that comes late samples the window and nothing older.
    @Test func samplingKeepsToTheWindow() throws {
        var story = try Story(seed: 42) { configuration, _ in Self.shorten(&configuration) }
        let light = story.scenario.light[0]
        story.scenario.world.crash(light)
        _ = story.run(60_000) { _ in false }
        let before = story.scenario.world.observations.count
        story.scenario.world.start(light)
        _ = story.run(15_000) { _ in false }
        let sampled = story.scenario.world.observations[before...].compactMap { entry -> UInt64? in
            guard entry.node == light,
                case .sampled(let height, true, _) = entry.observation
            else { return nil }
            return height
        }
        let head = Story.head(of: light, in: story.scenario.world)
        #expect(sampled.count >= 15)
        #expect(try #require(sampled.min()) + 40 > head)
        let withheld = story.scenario.world.observations[before...].contains { entry in
            if case .sampled(_, false, _) = entry.observation { entry.node == light } else { false }
        }
        #expect(!withheld)
    }

    /// A full disk stops new squares, visibly and once; what is held is served; room ends it.
    @Test func diskFullThenRoom() throws {
        var story = try Story(seed: 43)
        let node = story.scenario.storage[0]
        let squares = story.scenario.world.disk(of: node).restored.squares.count
        story.scenario.world.changeDisk(of: node) { $0.capacityBytes = $0.usedBytes + 2_048 }
        _ = story.run(25_000) { _ in false }
        let full = story.scenario.world.disk(of: node)
        #expect(full.restored.squares.count < squares + 8)
        #expect(full.restored.headers.count > full.restored.squares.count + 10)
        #expect(Self.shortages(of: node, in: story.scenario.world) == ["disk"])
        guard case .success(.row) = try story.ask(node, .row(height: 1, index: 0)) else {
            Issue.record("what is held is not served")
            return
        }
        story.scenario.world.changeDisk(of: node) { $0.capacityBytes = .max }
        let isBack = story.run(30_000) { world in
            let disk = world.disk(of: node).restored
            return disk.squares.count + 1 >= disk.headers.count
        }
        #expect(isBack)
        #expect(Self.shortages(of: node, in: story.scenario.world) == ["disk", nil])
    }

    /// The budget is never exceeded; promised squares stay, and as the window passes there is room.
    @Test func budgetIsKept() throws {
        let budget: UInt64 = 8_000
        var story = try Story(seed: 44) { configuration, number in
            Self.shorten(&configuration)
            if configuration.kind == .storage, number == 0 {
                configuration.diskBudgetBytes = budget
            }
        }
        let node = story.scenario.storage[0]
        let isExceeded = story.run(90_000) { $0.disk(of: node).usedBytes > budget }
        #expect(!isExceeded)
        let told = Self.shortages(of: node, in: story.scenario.world)
        #expect(told.prefix(2) == ["budget", nil])
        #expect(story.scenario.world.disk(of: node).restored.squares.count > 5)
    }

    /// Nobody asks for a square that rots; the scrub finds it, and it is fetched again.
    @Test func scrubFindsRot() throws {
        var story = try Story(seed: 45) { configuration, _ in
            configuration.scrubBytesPerSecond = 50
        }
        let node = story.scenario.storage[1]
        let blob = try Scenario.blob("rot", sizeBytes: 4_000)
        let height = try story.post(blob, at: story.scenario.storage[0])
        let isStored = story.run(20_000) { world in
            world.disk(of: node).restored.squares.contains(height)
        }
        #expect(isStored)
        // By then everybody has sampled it.
        _ = story.run(5_000) { _ in false }
        story.scenario.world.changeDisk(of: node) { $0.damagedSquares.insert(height) }
        let isHealed = story.run(100_000) { world in
            !world.disk(of: node).damagedSquares.contains(height)
        }
        #expect(isHealed)
        let isFound = story.scenario.world.observations.contains { entry in
            guard case .scrubbed(height, false) = entry.observation else { return false }
            return entry.node == node
        }
        #expect(isFound)
    }

    /// A node comes back to a network in which nobody gives whole squares any more: it gets rows of
    /// two nodes that have half of them each, and repairs the square.
    @Test(arguments: [false, true])
    func repairedFromTwoHalves(isInterleaved: Bool) throws {
        var story = try Story(seed: 46, storageCount: 3)
        let late = story.scenario.storage[2]
        story.scenario.world.crash(late)
        let blob = try Scenario.blob("pieces", sizeBytes: 30_000)
        let height = try story.post(blob, at: story.scenario.storage[0])
        _ = story.run(5_000) { _ in false }
        let square = try #require(story.scenario.world.disk(of: 0).square(height))
        let width = square.header.width
        #expect(width >= 16)
        // Of the w rows any k are enough: the one has a quarter of them, the other a quarter.
        let first: @Sendable (Int) -> Bool = {
            isInterleaved ? $0 % 4 == 1 : ($0 < width / 4)
        }
        let second: @Sendable (Int) -> Bool = {
            isInterleaved ? $0 % 4 == 2 : ($0 >= 3 * width / 4)
        }
        story.scenario.world.changeDisk(of: story.scenario.storage[0]) {
            $0.rowsGiven[height] = first
        }
        story.scenario.world.changeDisk(of: story.scenario.storage[1]) {
            $0.rowsGiven[height] = second
        }
        story.scenario.world.changeDisk(of: story.scenario.validator) {
            $0.rowsGiven[height] = { _ in false }
        }
        story.scenario.world.start(late)
        _ = story.run(2_000) { _ in false }
        for peer in story.scenario.storage[0...1] {
            let address = story.scenario.world.address(of: peer)
            _ = try story.ask(late, .peers(.connect(address)))
        }
        let isRepaired = story.run(40_000) { world in
            world.disk(of: late).square(height) != nil
        }
        #expect(isRepaired)
        #expect(story.scenario.world.disk(of: late).square(height)?.header == square.header)
        guard
            case .success(.namespaceData(let data)) = try story.ask(
                late, .namespaceData(height: height, blob.namespace))
        else {
            Issue.record("the repaired square is not served")
            return
        }
        #expect(try ShareParser.blobs(in: data.shares).map(\.blob) == [blob])
    }

    /// Stories of retention are the same the second time.
    @Test func samePlotTwice() throws {
        let traces = try (0..<2).map { _ in
            var story = try Story(seed: 47) { configuration, number in
                Self.shorten(&configuration)
                configuration.diskBudgetBytes = number == 1 ? 12_000 : nil
            }
            _ = story.run(60_000) { _ in false }
            return story.scenario.world.trace
        }
        #expect(traces[0] == traces[1])
        #expect(traces[0].contains { $0.contains("pruned") })
    }

    /// Windows of seconds instead of days.
    private static func shorten(_ configuration: inout NodeConfiguration) {
        configuration.samplingWindowMilliseconds = 20_000
        configuration.storageWindowMilliseconds = 25_000
    }

    /// The shortages that a node told, without repetitions.
    private static func shortages(of node: Int, in world: World) -> [String?] {
        var told: [String?] = []
        for (reporter, observation) in world.observations where reporter == node {
            guard case .storage(_, let shortage) = observation else { continue }
            if told.last ?? nil != shortage || (told.isEmpty && shortage != nil) {
                told.append(shortage)
            }
        }
        return told
    }
}

extension RPCRequest {
    fileprivate var shareHeightText: String {
        switch self {
        case .square(let height): "square \(height)"
        case .row(let height, _): "row \(height)"
        case .samples(let height, _): "sample \(height)"
        case .namespaceData(let height, let namespace): "\(namespace) \(height)"
        default: "?"
        }
    }
}

extension HeightRanges {
    fileprivate func contains(_ range: ClosedRange<UInt64>) -> Bool {
        range.allSatisfy { contains($0) }
    }
}
