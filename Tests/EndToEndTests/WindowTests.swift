// SPDX-License-Identifier: Apache-2.0

import Bytes
import Foundation
import RPC
import Testing

/// What a network shows to those outside of it: proofs, receipts, health, events.
@Suite(.serialized) struct WindowTests {
    /// A devnet that runs until the test lets go of it.
    private final class Devnet {
        let url: String
        let home: URL
        private let process = Process()

        init() throws {
            home = FileManager.default.temporaryDirectory.appending(
                path: "quadrat-window-test-\(ProcessInfo.processInfo.processIdentifier)")
            process.executableURL = DevnetTests.program
            process.arguments = ["devnet", "--home", home.path, "--rpc-port", "0"]
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = pipe
            try process.run()
            var said = ""
            var found: String?
            while found == nil {
                let some = pipe.fileHandleForReading.availableData
                if some.isEmpty { break }
                said += String(decoding: some, as: UTF8.self)
                found = said.firstMatch(of: /the network is up: RPC at (http:\S+),/).map {
                    String($0.1)
                }
            }
            url = try #require(found, "the devnet did not come up: \(said.suffix(600))")
        }

        deinit {
            process.interrupt()
            process.waitUntilExit()
            try? FileManager.default.removeItem(at: home)
        }

        /// Runs a command against the network's node.
        func run(_ words: String...) throws -> (status: Int32, output: String) {
            try DevnetTests.run(words + ["--node", url], seconds: 60)
        }
    }

    /// A blob that was just posted is proven from genesis, from its own header and from the head;
    /// its sampling is exported; and all of it is checked without the node.
    @Test func documents() throws {
        let devnet = try Devnet()
        let blob = devnet.home.appending(path: "blob").path
        try Data("what is to be proven".utf8).write(to: URL(filePath: blob))
        let (posted, said) = try devnet.run("blob", "submit", "0badcafe=\(blob)")
        #expect(posted == 0, "\(said)")
        let height = try #require(said.firstMatch(of: /height (\d+)/)).1
        let commitment = try #require(said.firstMatch(of: /\t([A-Za-z0-9+\/]+=)\n/)).1
        let head = try devnet.run("header", "get").output.firstMatch(of: /height +(\d+)/)
        for from in ["1", String(height), String(try #require(head).1)] {
            let file = devnet.home.appending(path: "proof.json").path
            let (made, hint) = try devnet.run(
                "blob", "prove", String(height), "0badcafe", String(commitment), "--from", from,
                "--with-blob", "--output", file)
            #expect(made == 0, "\(hint)")
            let hash = String(try #require(hint.firstMatch(of: /--trust ([0-9A-F]{64})/)).1)
            let checked = try DevnetTests.run(
                ["blob", "verify", file, "--trust", hash, "--blob", blob], seconds: 30)
            #expect(checked.status == 0, "\(checked.output)")
            let other = String(hash.reversed())
            let refused = try DevnetTests.run(
                ["blob", "verify", file, "--trust", other], seconds: 30)
            #expect(refused.status == 3)
        }
        let receipt = devnet.home.appending(path: "receipt.json").path
        let (exported, hint) = try devnet.run("light", "export-receipt", String(height), receipt)
        #expect(exported == 0, "\(hint)")
        let hash = String(try #require(hint.firstMatch(of: /--trust ([0-9A-F]{64})/)).1)
        let checked = try DevnetTests.run(
            ["light", "verify-receipt", receipt, "--trust", hash], seconds: 30)
        #expect(checked.status == 0, "\(checked.output)")
        try look(at: devnet)
    }

    /// Health, status, metrics and the picture of `top`, of the same network.
    private func look(at devnet: Devnet) throws {
        let (ready, said) = try devnet.run("status", "--ready")
        #expect(ready == 0, "\(said)")
        for word in ["kind      storage", "ready     yes", "fraud     none", "disk "] {
            #expect(said.contains(word), "\(said)")
        }
        let (top, picture) = try devnet.run("top", "--once")
        #expect(top == 0 && picture.contains("available"), "\(picture)")
        let (light, samples) = try devnet.run("light", "status", "--count", "2")
        #expect(light == 0 && samples.contains("the node's own statement"), "\(samples)")
        let node = try RPCClient(url: devnet.url)
        #expect(String(decoding: try node.page("/readyz"), as: UTF8.self).hasSuffix("ready\n"))
        let metrics = String(decoding: try node.page("/metrics"), as: UTF8.self)
        #expect(metrics.contains("\nquadrat_ready 1\n"))
        #expect(metrics.contains("\ncelestia_submissions_total "))
    }
}
