// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Machinery
import Peering
import Roles
import Simulation
import Testing

/// Many samples on one stream: read and sent a few at a time, used as they come.
@Suite struct SampleStreamTests {
    private static func block() throws -> (ExtendedHeader, CommittedSquare, Scenario) {
        var story = try Story(seed: 13, storageCount: 1, lightCount: 0)
        let height = try story.post(
            try Scenario.blob("stream", sizeBytes: 60_000), at: story.scenario.storage[0])
        _ = story.run(3_000) { _ in false }
        let square = try #require(story.scenario.world.disk(of: 0).square(height))
        let header = try #require(story.scenario.world.disk(of: 0).header(height)?.extended)
        return (header, square, story.scenario)
    }

    private static func request(_ height: UInt64, _ width: Int, _ count: Int) -> SampleManyRequest {
        SampleManyRequest(
            height: height, wantsRoots: true,
            coordinates: (0..<count).map {
                Coordinate(row: $0 * 7 % width, column: ($0 * 3 + $0 / width) % width)
            })
    }

    /// The parts of an answer are the whole answer; each is read when the one before was sent.
    @Test(arguments: [1, 16, 17, 64]) func answersInParts(count: Int) throws {
        let (header, square, scenario) = try Self.block()
        let height = header.height.value
        var strangers = Strangers(
            1, genesis: scenario.genesis, first: header, now: scenario.world.now,
            squares: [height: square])
        let request = Self.request(height, square.header.width, count)
        let asked = strangers.ask(request, by: 0)
        let number = try #require(asked)
        let size = SampleManyExchange.samplesAtOnce
        #expect(
            strangers.samplesRead
                == stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) })
        let parts = try #require(strangers.parts[number])
        #expect(
            parts.flatMap { $0 } == SampleManyExchange.encodeAnswer(to: request, from: square))
        #expect(try strangers.ends[number]?.get() == [])
        #expect(parts.count >= (count + size - 1) / size)
    }

    /// A node that does not have the block says so for each place.
    @Test func unknownBlock() throws {
        let (header, _, scenario) = try Self.block()
        var strangers = Strangers(
            1, genesis: scenario.genesis, first: header, now: scenario.world.now)
        let request = Self.request(header.height.value, 16, 20)
        let asked = strangers.ask(request, by: 0)
        let number = try #require(asked)
        let parts = try #require(strangers.parts[number])
        #expect(parts.flatMap { $0 } == SampleManyExchange.encodeNotFound(request))
        #expect(strangers.samplesRead.isEmpty)
    }

    /// A client that asks on all of its streams and takes nothing makes the node read little ahead;
    /// when it reads on, it gets everything.
    @Test func slowReader() throws {
        let (header, square, scenario) = try Self.block()
        let height = header.height.value
        var strangers = Strangers(
            1, genesis: scenario.genesis, first: header, now: scenario.world.now,
            squares: [height: square])
        strangers.isDraining = false
        let request = Self.request(height, square.header.width, 64)
        let streams = SampleManyExchange.serviceLimits.streamsPerPeer
        let whole = SampleManyExchange.encodeAnswer(to: request, from: square)
        var numbers: [RequestNumber] = []
        for _ in 0..<streams {
            let asked = strangers.ask(request, by: 0)
            numbers.append(try #require(asked))
        }
        let batches = 64 / SampleManyExchange.samplesAtOnce
        let inFlight = PeerHostLimits().inFlightBytes
        let read = strangers.samplesRead.count
        // One batch waits on each stream, and what is in flight was read too.
        #expect(read <= streams + inFlight / (whole.count / batches) + batches, "\(read)")
        #expect(read < streams * batches / 2)
        for _ in 0..<200 where strangers.ends.count < streams {
            strangers.isDraining = true
        }
        #expect(strangers.samplesRead.count == streams * batches)
        for number in numbers {
            #expect(try strangers.ends[number]?.get() == [])
            #expect(strangers.parts[number]?.flatMap { $0 } == whole)
        }
    }
}
