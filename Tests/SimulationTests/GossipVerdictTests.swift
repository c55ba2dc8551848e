// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Machinery
import Peering
import Roles
import Simulation
import Testing

/// What a storage node makes of what strangers gossip to it.
@Suite struct GossipVerdictTests {
    private static let topic = Strangers.headerTopic

    /// The headers of a small chain, its genesis, and a moment after it.
    private static func chain() throws -> ([ExtendedHeader], Scenario) {
        var story = try Story(seed: 11, storageCount: 1, lightCount: 0)
        let validator = story.scenario.validator
        _ = story.run(5_000) { _ in false }
        _ = try story.post(
            try Scenario.blob("verdict", sizeBytes: 3_000), at: story.scenario.storage[0])
        _ = story.run(30_000) { Story.head(of: validator, in: $0) >= 24 }
        var headers: [ExtendedHeader] = []
        for (node, observation) in story.scenario.world.observations where node == validator {
            if case .head(let header) = observation {
                headers.append(try #require(header.extended))
            }
        }
        try #require(headers.count >= 24)
        return (headers, story.scenario)
    }

    /// A true header goes on at once and is followed; so does one that is known, while it is new.
    @Test func trueHeadersGoOn() throws {
        let (headers, scenario) = try Self.chain()
        var strangers = Strangers(
            3, genesis: scenario.genesis, first: headers[0], now: scenario.world.now)
        try #require(strangers.meshMembers == [0, 1, 2])
        // The one that skips a few is verified by the committee; the next comes right after it.
        for (place, sender) in [(3, 0), (4, 1), (2, 2), (22, 0)] {
            let data = headers[place].protobuf
            strangers.publish(Self.topic, data, by: sender)
            let isNews = place != 2
            #expect(
                strangers.hearers(of: data) == (isNews ? [0, 1, 2].filter { $0 != sender } : []))
        }
        #expect(strangers.head == headers[22].height.value)
        #expect(strangers.meshMembers == [0, 1, 2])
    }

    /// What is false goes nowhere, and its sender out of the mesh.
    @Test func falseHeadersPutTheirSenderOut() throws {
        let (headers, scenario) = try Self.chain()
        var unsigned = headers[3]
        for place in unsigned.commit.signatures.indices {
            unsigned.commit.signatures[place].signature = Bytes64(repeating: 7)
        }
        var known = headers[0]
        known.commit.signatures = unsigned.commit.signatures
        var other = headers[4]
        other.header.chainID = "another"
        let cases: [(String, [UInt8])] = [
            ("nonsense", [1, 2, 3]), ("nothing", []), ("not signed", unsigned.protobuf),
            ("known, not signed", known.protobuf), ("of another chain", other.protobuf),
            ("cut off", Array(headers[3].protobuf.dropLast(40))),
        ]
        for (name, data) in cases {
            var strangers = Strangers(
                2, genesis: scenario.genesis, first: headers[0], now: scenario.world.now)
            try #require(strangers.meshMembers == [0, 1])
            strangers.publish(Self.topic, data, by: 0)
            #expect(strangers.hearers(of: data) == [], "\(name)")
            #expect(strangers.meshMembers == [1], "\(name)")
            // The true header is heard all the same, from whoever has it.
            let truth = headers[3].protobuf
            strangers.publish(Self.topic, truth, by: 1)
            #expect(strangers.head == headers[3].height.value, "\(name)")
        }
    }

    /// Announcements go one hop, true or false: whoever passes one on need not hold the square.
    @Test func announcementsGoOneHop() throws {
        let (headers, scenario) = try Self.chain()
        let empty = headers[0].dataAvailabilityHeader.dataRoot
        let full = try #require(
            headers.first { $0.dataAvailabilityHeader.dataRoot != empty })
        func data(_ height: UInt64, _ root: Bytes32) -> [UInt8] {
            SquareAnnouncement(height: height, dataRoot: root).protobuf
        }
        let height = full.height.value
        let root = full.dataAvailabilityHeader.dataRoot
        let cases: [[UInt8]] = [
            data(height, root), data(height + 5, root), data(height + 500, root),
            data(height, Bytes32(repeating: 9)), data(height, empty), [1, 2, 3], [],
        ]
        var strangers = Strangers(
            2, genesis: scenario.genesis, first: full, now: scenario.world.now)
        for announced in cases {
            strangers.publish(Strangers.squareTopic, announced, by: 0)
            #expect(strangers.hearers(of: announced) == [])
        }
        // It goes on with headers as if nothing had been.
        let next = try #require(headers.first { $0.height > full.height })
        strangers.publish(Self.topic, next.protobuf, by: 0)
        #expect(strangers.hearers(of: next.protobuf) == [1])
    }
}
