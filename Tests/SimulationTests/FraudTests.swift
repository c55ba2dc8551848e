// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Machinery
import Peering
import Roles
import Simulation
import Syncing
import Testing

/// What a network does with a proposer that encodes wrongly, and with false proofs.
@Suite struct FraudTests {
    private static func refusals(of node: Int, in world: World) -> [UInt64] {
        world.observations.compactMap { reporter, observation in
            guard reporter == node, case .fraud(let height, _) = observation else { return nil }
            return height
        }
    }

    /// Lets the validator encode wrongly from a height on.
    private static func encodingWrongly(
        from height: UInt64
    ) -> (inout NodeConfiguration, Int) -> Void {
        { configuration, _ in
            guard configuration.kind == .validator else { return }
            configuration.misbehavior = .wrongEncoding(fromHeight: height)
        }
    }

    private static func penalties(in world: World) -> [(node: Int, peer: String, reason: String)] {
        world.observations.compactMap { reporter, observation in
            guard case .penalized(let peer, let reason) = observation else { return nil }
            return (reporter, peer, reason)
        }
    }

    /// A storage node gets a square that does not extend to its header's roots, proves who lied, and
    /// all refuse the block and stay below it, also after a restart; the sender is not blamed.
    @Test(arguments: [1, 2, 3] as [UInt64]) func wrongEncodingIsRefused(seed: UInt64) throws {
        let wrong: UInt64 = 4
        var story = try Story(
            seed: seed, storageCount: 3, lightCount: 2,
            change: Self.encodingWrongly(from: wrong))
        let followers = story.scenario.storage + story.scenario.light
        let storage = story.scenario.storage
        let isRefused = story.run(20_000) { world in
            storage.allSatisfy { world.disk(of: $0).value("fraud/\(wrong)") != nil }
        }
        #expect(isRefused)
        _ = story.run(30_000) { _ in false }
        var toldCount = 0
        for node in followers {
            #expect(Story.head(of: node, in: story.scenario.world) == wrong - 1)
            // A node whose peers refused the block before it asked for the header stays below too.
            let told = Self.refusals(of: node, in: story.scenario.world)
            if told.isEmpty, story.scenario.light.contains(node) { continue }
            toldCount += 1
            #expect(told == [wrong])
            let disk = story.scenario.world.disk(of: node)
            #expect(disk.restored.headers.ranges.last?.upperBound == wrong - 1)
            #expect(disk.restored.squares.ranges.allSatisfy { $0.upperBound < wrong })
            #expect(disk.value("fraud/\(wrong)") != nil)
            guard case .success(.fraudProofs(let proofs)) = try story.ask(node, .fraudProofs)
            else {
                Issue.record("the proof can be asked for")
                return
            }
            let proof = try BadEncodingProof(protobuf: try #require(proofs.first))
            #expect(proof.height == wrong)
            let answer = try story.ask(node, .header(height: wrong))
            guard case .failure(.fraudProven(wrong)) = answer else {
                Issue.record("a refused height is told as such: \(answer)")
                return
            }
        }
        #expect(toldCount > storage.count)
        #expect(Self.penalties(in: story.scenario.world).isEmpty)
        let node = storage[0]
        story.scenario.world.crash(node)
        story.scenario.world.start(node)
        _ = story.run(10_000) { _ in false }
        #expect(Self.refusals(of: node, in: story.scenario.world) == [wrong, wrong])
        #expect(Story.head(of: node, in: story.scenario.world) == wrong - 1)
    }

    /// A node that refused a block goes on only from another header that its operator names: with the
    /// hash of a later one it follows from there, until that block is proven wrong too.
    @Test func anotherTrustedHeaderGoesOn() throws {
        var story = try Story(
            seed: 41, storageCount: 2, lightCount: 1,
            change: Self.encodingWrongly(from: 4))
        let node = story.scenario.storage[0]
        let isRefused = story.run(20_000) { $0.disk(of: node).value("fraud/4") != nil }
        #expect(isRefused)
        let validator = story.scenario.validator
        let isAhead = story.run(20_000) { $0.disk(of: validator).restored.squares.contains(8) }
        #expect(isAhead)
        guard case .success(.header(let eighth)) = try story.ask(validator, .header(height: 8))
        else {
            Issue.record("the validator has block 8")
            return
        }
        story.scenario.world.crash(node)
        story.scenario.world.reconfigure(node) {
            $0.trust = HeaderRules.Trust.hash(eighth.hash)
        }
        story.scenario.world.start(node)
        let isFollowing = story.run(20_000) { Story.head(of: node, in: $0) >= 8 }
        #expect(isFollowing)
        _ = story.run(10_000) { _ in false }
        let refusals = Self.refusals(of: node, in: story.scenario.world)
        #expect(refusals.first == 4)
        #expect(refusals.count >= 2 && refusals.dropFirst().allSatisfy { $0 >= 8 })
    }

    /// The first wrong block may be the first of all, and a block with data.
    @Test func wrongBlockWithData() throws {
        var story = try Story(
            seed: 21, storageCount: 2, lightCount: 1,
            change: Self.encodingWrongly(from: 8))
        let blob = try Scenario.blob("data", sizeBytes: 30_000)
        let validator = story.scenario.validator
        let isNear = story.run(20_000) { world in
            world.disk(of: validator).restored.squares.contains(7)
        }
        #expect(isNear)
        _ = story.scenario.world.ask(
            story.scenario.storage[0], .submitBlobs([blob], SubmitOptions()))
        let followers = story.scenario.storage + story.scenario.light
        let isRefused = story.run(60_000) { world in
            followers.allSatisfy { world.disk(of: $0).value("fraud/8") != nil }
        }
        #expect(isRefused)
        #expect(Self.penalties(in: story.scenario.world).isEmpty)
    }

    /// A node that hands out a proof about a rightly encoded block is blocked by all that ask it, and
    /// the chain goes on.
    @Test func falseProofCostsItsSender() throws {
        var story = try Story(seed: 31, storageCount: 2, lightCount: 2)
        let liar = story.scenario.storage[1]
        let height: UInt64 = 2
        let isThere = story.run(20_000) { $0.disk(of: liar).restored.squares.contains(height) }
        #expect(isThere)
        let square = try #require(story.scenario.world.disk(of: liar).square(height))
        var header: ExtendedHeader?
        if case .success(.header(let found)) = try story.ask(liar, .header(height: height)) {
            header = found
        }
        let hash = try #require(header).hash
        let samples = (0..<square.header.width).map {
            square.sample(at: Coordinate(row: 0, column: $0)).container
        }
        let proof = BadEncodingProof(
            headerHash: hash.array, height: height,
            shares: samples.map {
                BadEncodingProof.ProvenShare(share: $0.share, proof: $0.proof, proofAxis: .row)
            }, index: 0, axis: .row)
        story.scenario.world.crash(liar)
        var record: [UInt8] = [0, 0]
        record += story.scenario.genesis.validatorSet.hash.array
        record.append(bigEndian: height)
        record += hash.array + proof.protobuf
        story.scenario.world.changeDisk(of: liar) { $0.forge("fraud/\(height)", record) }
        story.scenario.world.start(liar)
        let light = story.scenario.light
        _ = story.run(30_000) { _ in false }
        let penalties = Self.penalties(in: story.scenario.world)
        for node in light {
            #expect(
                penalties.contains { $0.node == node && $0.reason == "sent a false proof of fraud" }
            )
        }
        let before = Story.head(of: light[0], in: story.scenario.world)
        _ = story.run(10_000) { _ in false }
        for node in light + [story.scenario.storage[0]] {
            #expect(Self.refusals(of: node, in: story.scenario.world).isEmpty)
            #expect(Story.head(of: node, in: story.scenario.world) > before)
        }
        #expect(Self.penalties(in: story.scenario.world).allSatisfy { $0.node != liar })
    }

    /// An honest network proves nothing, keeps every sidecar, and blames nobody.
    @Test func honestNetworkIsUntouched() throws {
        var story = try Story(seed: 5, storageCount: 2, lightCount: 1)
        let blob = try Scenario.blob("honest", sizeBytes: 40_000)
        let height = try story.post(blob, at: story.scenario.storage[0])
        let node = story.scenario.storage[1]
        let isBound = story.run(20_000) { world in
            world.disk(of: node).value("sidecar/\(height)") != nil
        }
        #expect(isBound)
        _ = story.run(15_000) { _ in false }
        let world = story.scenario.world
        for node in story.scenario.storage + story.scenario.light {
            #expect(Self.refusals(of: node, in: world).isEmpty)
        }
        #expect(Self.penalties(in: world).isEmpty)
        let record = try #require(world.disk(of: node).value("sidecar/\(height)"))
        #expect(record == world.disk(of: story.scenario.validator).value("sidecar/\(height)"))
        let bound = try BoundSidecar(decoding: record[...])
        let square = try #require(world.disk(of: node).square(height))
        #expect(
            bound.sidecar
                == EncodingSidecar(of: square.square, dataRoot: square.header.dataRoot))
    }
}
