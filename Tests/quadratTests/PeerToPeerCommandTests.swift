// SPDX-License-Identifier: Apache-2.0

import Console
import Testing
import quadrat

/// `quadrat p2p` without a node: what it says then, and what it refuses to ask.
@Suite struct PeerToPeerCommandTests {
    private static let node = ["--node", "http://127.0.0.1:1"]

    /// No verb traps or asks nobody; the exit code says that the node does not answer.
    @Test(arguments: [
        ["peers"], ["stats", "--json"], ["block", "192.0.2.0/24"], ["unblock", "2001:db8::1"],
        ["block", "12D3KooWPNLipEqwkUSWjkAmfxcfXJo8Sfv3m9F4BcJLG3uRdY5f"],
    ])
    func noNode(words: [String]) throws {
        let trial = try CommandTrial()
        #expect(trial.run(["p2p"] + words + Self.node) == .unreachable)
        #expect(trial.errors.contains("does not answer"))
        #expect(trial.output.isEmpty)
    }

    /// What names neither a peer nor a network is refused before a node is asked.
    @Test(arguments: ["", "12D3KooW", "192.0.2.0/33", "256.1.1.1", "peer"])
    func nobodyToBlock(word: String) throws {
        let trial = try CommandTrial()
        #expect(trial.run(["p2p", "block", word] + Self.node) == .usage)
        #expect(trial.errors.split(separator: "\n").count <= 2)
        #expect(trial.errors.contains("is no peer id, IP address or subnet"))
    }

    /// Every verb has help.
    @Test(arguments: [[], ["peers"], ["block"], ["unblock"], ["stats"]])
    func help(words: [String]) throws {
        let trial = try CommandTrial()
        #expect(trial.run(["p2p"] + words + ["--help"]) == .done)
        #expect(trial.output.contains("p2p"))
    }
}
