// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import Ledger
import Machinery
import Roles
import Simulation
import Testing

/// What users are told when peers say nothing: an answer or a reason, always in time.
@Suite struct SilentPeerTests {
    /// Nodes keep to the peers that they were told of, so that these can be silenced.
    private static func staying(_ configuration: inout NodeConfiguration, _ number: Int) {
        configuration.isDiscovering = false
    }

    private func reason(_ answer: Result<RPCResponse, RPCFault>) -> String? {
        if case .failure(let fault) = answer { return fault.text }
        return nil
    }

    /// Every question that goes to peers ends in time, though none of them says anything, and its
    /// reason names the height, what is missing and who was asked.
    @Test func nobodyAnswers() throws {
        var story = try Story(seed: 30, storageCount: 2, change: Self.staying)
        let light = story.scenario.light[0]
        let blob = try Scenario.blob("quiet", sizeBytes: 9_000)
        let height = try story.post(blob, at: story.scenario.storage[0])
        _ = story.run(3_000) { Story.head(of: light, in: $0) >= height }
        for node in story.scenario.storage { story.scenario.world.faults.cut(light, node) }
        let questions: [(RPCRequest, String)] = [
            (.namespaceData(height: height, blob.namespace), "namespace"),
            (.row(height: height, index: 1), "row 1"),
            (.square(height: height), "the square"),
            (.samples(height: height, [Coordinate(row: 0, column: 1)]), "share (0, 1)"),
        ]
        let tickets = questions.map { story.scenario.world.ask(light, $0.0) }
        let balance = story.scenario.world.ask(light, .balance(nil))
        let isDone = story.run(NodeLimits.retrievalMilliseconds + 1_000) { world in
            (tickets + [balance]).allSatisfy { world.answer(light, $0) != nil }
        }
        #expect(isDone)
        for (ticket, question) in zip(tickets, questions) {
            let text = reason(try #require(story.scenario.world.answer(light, ticket))) ?? ""
            #expect(text.hasPrefix("share: data not available: \(question.1)"), "\(text)")
            #expect(text.contains("of height \(height)"), "\(text)")
            #expect(text.contains("12D3") && text.contains("did not answer in time"), "\(text)")
        }
        let text = reason(try #require(story.scenario.world.answer(light, balance))) ?? ""
        #expect(text.contains("no validator answered for the balance"), "\(text)")
    }

    /// One silent peer costs its own deadline only: another is asked, and answers.
    @Test(arguments: 31...36)
    func oneIsSilent(seed: UInt64) throws {
        var story = try Story(seed: seed, storageCount: 3, change: Self.staying)
        let light = story.scenario.light[0]
        let blob = try Scenario.blob("half", sizeBytes: 9_000)
        let height = try story.post(blob, at: story.scenario.storage[0])
        let last = story.scenario.storage[2]
        let isStored = story.run(10_000) { world in
            Story.head(of: light, in: world) >= height
                && world.disk(of: last).restored.squares.contains(height)
        }
        #expect(isStored)
        for node in story.scenario.storage.dropLast() {
            story.scenario.world.faults.cut(light, node)
        }
        let before = story.scenario.world.now
        let answer = try story.ask(light, .namespaceData(height: height, blob.namespace))
        guard case .success(.namespaceData(let data)) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(try ShareParser.blobs(in: data.shares).map(\.blob) == [blob])
        let took = story.scenario.world.now.milliseconds(since: before)
        #expect(took <= 2 * NodeLimits.pieceMilliseconds + 1_000)
        guard case .success(.balance) = try story.ask(light, .balance(nil)) else {
            Issue.record("another relay knows the balance")
            return
        }
    }

    /// A light node whose first relay is silent posts through another.
    @Test func postingAroundASilentRelay() throws {
        for silent in 0..<2 {
            var story = try Story(seed: 40 + UInt64(silent), storageCount: 2, change: Self.staying)
            let light = story.scenario.light[0]
            story.scenario.world.faults.cut(light, story.scenario.storage[silent])
            let blob = try Scenario.blob("around", sizeBytes: 2_000)
            _ = try story.post(blob, at: light)
            #expect(try story.count(of: blob) == 1)
        }
    }

    /// With no peer at all a reader is told at once.
    @Test func nobodyIsThere() throws {
        var story = try Story(seed: 50, storageCount: 1, change: Self.staying)
        let light = story.scenario.light[0]
        story.scenario.world.crash(story.scenario.storage[0])
        _ = story.run(1_000) { _ in false }
        let text = reason(try story.ask(light, .row(height: 1, index: 0), milliseconds: 1_000))
        #expect(
            text == "share: data not available: row 0 of height 1: "
                + "no peer that serves it is connected")
    }
}
