// SPDX-License-Identifier: Apache-2.0

import Machinery
import Roles
import Simulation
import Testing

/// What nodes say is in the way of their work.
@Suite struct HealthTests {
    private func health(_ node: Int, _ story: inout Story) throws -> NodeHealth {
        guard case .success(.node(let status)) = try story.ask(node, .node) else {
            throw StoryFault("no status")
        }
        return status.health
    }

    private func waitUntilReady(_ node: Int, _ story: inout Story) throws -> Bool {
        for _ in 0..<40 {
            if try health(node, &story).isReady { return true }
            _ = story.run(500) { _ in false }
        }
        return false
    }

    /// A node that follows is ready; without peers it is not, and says so; with them it is again.
    @Test func peersComeAndGo() throws {
        var story = try Story(seed: 70, storageCount: 2)
        let light = story.scenario.light[0]
        for node in [story.scenario.validator, story.scenario.storage[0], light] {
            #expect(try waitUntilReady(node, &story), "node \(node)")
        }
        for node in story.scenario.storage { story.scenario.world.crash(node) }
        _ = story.run(2_000) { _ in false }
        let alone = try health(light, &story)
        #expect(alone.obstacles.contains { $0.part == .peers })
        #expect(alone.text.contains("[-] peers: no peer is connected\n"))
        #expect(alone.text.hasSuffix("not ready"))
        for node in story.scenario.storage { story.scenario.world.start(node) }
        #expect(try waitUntilReady(light, &story))
    }

    /// A failed write is in the way until one succeeds.
    @Test func failingDisk() throws {
        var story = try Story(seed: 71, storageCount: 2)
        let node = story.scenario.storage[0]
        #expect(try waitUntilReady(node, &story))
        let next = story.scenario.world.disk(of: node).storeCount + 1
        story.scenario.world.changeDisk(of: node) { $0.failingStore = next }
        let hasFailed = story.run(10_000) { $0.disk(of: node).storeCount >= next }
        #expect(hasFailed)
        let broken = try health(node, &story)
        #expect(broken.obstacles.contains { $0.part == .store && $0.reason == "no space left" })
        #expect(try waitUntilReady(node, &story))
    }

    /// A proven fault stays in the way for ever, and the first one is the one that is told.
    @Test func fraudStays() {
        var health = NodeHealth()
        #expect(
            health.isReady && health.text == "[+] headers\n[+] peers\n[+] store\n[+] chain\nready")
        health.fraudIsProven(height: 7, reason: "row 3 is no codeword")
        health.fraudIsProven(height: 9, reason: "another")
        #expect(health.obstacles == [.init(.chain, "block 7: row 3 is no codeword")])
        health.lag = NodeHealth.Lag(head: 0, network: 4)
        #expect(health.obstacles.map(\.part) == [.headers, .chain])
        #expect(health.obstacles[0].reason == "no header yet")
    }
}
