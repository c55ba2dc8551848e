// SPDX-License-Identifier: Apache-2.0

import Bytes
import Console
import DataSquare
import Foundation
import RPC
import TestSupport
import Testing

/// Headers and proofs of live networks, through the commands.
@Suite struct CommandRealData {
    /// Recorded headers hold together, and a chain of them is followed from its first.
    @Test(
        .enabled(
            if: RealData.has("devnet-headers/chain1-block-1.json")
                && RealData.has("devnet-headers/chain1-block-27.json")))
    func headersAreShownAndVerified() throws {
        let trial = try CommandTrial()
        let url = try RealData.url("devnet-headers/chain1-block-1.json")
        let file = try trial.write("1.json", [UInt8](try Data(contentsOf: url)))
        #expect(trial.run("header", "show", file) == .done)
        #expect(trial.output.contains("chain      private\nheight     1\n"))
        #expect(trial.run("header", "verify", file) == .done)
        #expect(trial.run("header", "show", "--json", file) == .done)
        let again = try trial.write("again.json", Array(trial.output.utf8))
        #expect(trial.run("header", "verify", again) == .done)
        let later = try RealData.url("devnet-headers/chain1-block-27.json").path
        #expect(
            trial.run(
                "header", "verify", "--trusted", file, later, "--now", "2023-06-23T12:00:00Z")
                == .done, "\(trial.errors)")
        #expect(
            trial.run(
                "header", "verify", "--trusted", file, later, "--now", "2024-06-23T12:00:00Z")
                == .untrue)
        #expect(trial.errors.contains("trusting period"))
        #expect(trial.run("header", "verify", "--trusted", file, later, "--now", "x") == .usage)
        let broken = String(decoding: try trial.read("1.json"), as: UTF8.self)
            .replacing("\"height\":\"1\"", with: "\"height\":\"2\"")
            .replacing("\"height\": \"1\"", with: "\"height\": \"2\"")
        let other = try trial.write("broken.json", Array(broken.utf8))
        #expect(trial.run("header", "verify", other) == .untrue)
    }

    /// A header that is recent enough is one to begin with; an old or broken one is not.
    @Test(.enabled(if: RealData.has("devnet-headers/chain1-block-27.json")))
    func checkpoints() throws {
        let trial = try CommandTrial()
        let file = try RealData.url("devnet-headers/chain1-block-27.json").path
        func run(_ now: String) -> ExitCode {
            trial.run("header", "checkpoint", "--file", file, "--now", now)
        }
        #expect(run("2023-06-24T00:00:00Z") == .done, "\(trial.errors)")
        #expect(
            trial.output.contains("height      27\n") && trial.output.contains("good until  2023-"))
        #expect(trial.errors.contains("--trust "))
        #expect(run("2023-07-24T00:00:00Z") == .failed)
        #expect(trial.errors.contains("too old to begin with"))
        let text = try String(contentsOf: URL(filePath: file), encoding: .utf8)
        let broken = try trial.write(
            "broken.json",
            Array(
                text.replacing("\"height\": \"27\"", with: "\"height\": \"28\"")
                    .replacing("\"height\":\"27\"", with: "\"height\":\"28\"").utf8))
        #expect(
            trial.run(
                "header", "checkpoint", "--file", broken, "--now", "2023-06-24T00:00:00Z")
                == .untrue)
    }

    /// Recorded proofs of commitments hold against their data root and no other.
    @Test(.enabled(if: RealData.isPresent))
    func proofsAreVerified() throws {
        let trial = try CommandTrial()
        var count = 0
        for url in try RealData.files(in: "commitment-proofs") {
            guard
                let elements = try JSONParser.parse([UInt8](try Data(contentsOf: url))).elements
            else { continue }
            for element in elements.prefix(3) {
                let value = try #require(element.member("commitment_proof"))
                let proof = try ProofJSON.commitmentProof(value)
                let root = try Base64.decode(try #require(element.member("root")?.text))
                let text = JSONWriter.text { writer in
                    writer.object {
                        $0.member("commitment", base64: proof.commitment.bytes.array)
                        $0.member("commitment_proof") { ProofJSON.write(proof, to: &$0) }
                    }
                }
                let file = try trial.write("proof.json", text)
                #expect(
                    trial.run("blob", "verify", file, "--data-root", Hex.encode(root)) == .done,
                    "\(trial.errors)")
                #expect(trial.output.hasPrefix("it holds: shares "))
                var wrong = root
                wrong[0] ^= 1
                #expect(
                    trial.run("blob", "verify", file, "--data-root", Hex.encode(wrong))
                        == .untrue)
                #expect(trial.run("blob", "verify", file) == .usage)
                count += 1
            }
        }
        print("real data: \(count) proofs verified by the command")
        #expect(count > 5)
    }
}
