// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import DataSquare
import Roles
import Simulation
import Testing

/// The samples that a verdict rests on, from the network to a receipt that anybody can check.
@Suite struct EvidenceTests {
    /// What a light node sampled it can show, also after a restart; the newest blocks only.
    @Test func receiptsAreKept() throws {
        var story = try Story(seed: 60)
        let light = story.scenario.light[0]
        let isSampled = story.run(30_000) { Story.verdict(of: light, on: 3, in: $0) == true }
        #expect(isSampled)
        _ = story.run(1_000) { _ in false }
        let before = try receipt(of: 3, at: light, &story)
        #expect(before.isAvailable && before.answers.count == before.wanted)
        #expect(Set(before.answers.map(\.peer)).count > 1)
        story.scenario.world.crash(light)
        story.scenario.world.start(light)
        _ = story.run(1_000) { _ in false }
        #expect(try receipt(of: 3, at: light, &story) == before)
        guard case .success(.receipts(let records)) = try story.ask(light, .receipts(count: 1_024))
        else {
            Issue.record("no receipts")
            return
        }
        #expect(records.contains { $0.height == 3 && $0.isAvailable })
        guard case .failure(let fault) = try story.ask(light, .evidence(height: 1_000)) else {
            Issue.record("a height nobody sampled")
            return
        }
        #expect(fault.text.contains("height 1000"))
    }

    /// More blocks than are kept push the oldest out, on disk too: the slots are as many.
    @Test func onlyTheNewestAreKept() throws {
        var story = try Story(seed: 61, storageCount: 2)
        let light = story.scenario.light[0]
        let last = UInt64(NodeLimits.evidenceKept) + 4
        let isSampled = story.run(200_000) { Story.verdict(of: light, on: last, in: $0) == true }
        #expect(isSampled)
        for height: UInt64 in [1, 2, 3] {
            guard case .failure = try story.ask(light, .evidence(height: height)) else {
                Issue.record("height \(height) is still kept")
                continue
            }
        }
        _ = try receipt(of: last, at: light, &story)
        let names = story.scenario.world.disk(of: light).restored.values.filter {
            $0.name.hasPrefix(SamplingEvidence.prefix)
        }
        #expect(names.count == NodeLimits.evidenceKept)
    }

    private func receipt(
        of height: UInt64, at node: Int, _ story: inout Story
    ) throws -> SamplingReceipt {
        guard
            case .success(.evidence(let evidence)) = try story.ask(node, .evidence(height: height)),
            case .success(.header(let header)) = try story.ask(node, .header(height: height))
        else { throw StoryFault("no evidence of height \(height)") }
        #expect(try SamplingEvidence(decoding: evidence.encode()) == evidence)
        let receipt = try evidence.receipt(under: header)
        try receipt.verify(trusting: header.hash)
        return receipt
    }
}
