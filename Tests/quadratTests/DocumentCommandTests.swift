// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Console
import DataSquare
import ProofExamples
import RPC
import Testing

/// `blob verify` and `light verify-receipt`, as a person uses them without any node.
@Suite struct DocumentCommandTests {
    private let chain: ProofChain
    private let trial: CommandTrial

    init() throws {
        chain = try ProofChain()
        trial = try CommandTrial()
    }

    private func hash(_ height: Int) -> String {
        Hex.encode(chain.headers[height - 1].hash.array, uppercase: true)
    }

    private func write(_ proof: BlobProof) throws -> String {
        try trial.write("proof.json", JSONWriter.text { BlobProofJSON.write(proof, to: &$0) })
    }

    /// A proof holds from its trusted header, and says from where; from another it is not true.
    @Test func blobVerify() throws {
        let now = chain.now.description
        let file = try write(try chain.proof(of: 5, from: 3, withBlob: true))
        #expect(
            trial.run("blob", "verify", file, "--trust", hash(3), "--now", now) == .done,
            "\(trial.errors)")
        #expect(trial.output.hasPrefix("it holds: shares "))
        #expect(trial.output.contains("signed     by 3 of 3 validators"))
        #expect(trial.output.contains("from the header of height 3, by the votes of 2 headers"))
        #expect(trial.output.contains("3500 bytes inside"))
        #expect(trial.run("blob", "verify", file, "--trust", hash(5), "--now", now) == .untrue)
        #expect(trial.errors.contains("not at the trusted one"))
        #expect(trial.run("blob", "verify", file, "--trust", hash(3)) == .untrue)
        #expect(trial.errors.contains("trusting period"))
        #expect(trial.run("blob", "verify", file) == .usage)
        #expect(trial.run("blob", "verify", file, "--trust", "9A") == .usage)
        let blob = try trial.write("blob", chain.blobs[4].data)
        let other = try trial.write("other", chain.blobs[3].data)
        #expect(
            trial.run("blob", "verify", file, "--trust", hash(3), "--now", now, "--blob", blob)
                == .done)
        #expect(
            trial.run("blob", "verify", file, "--trust", hash(3), "--now", now, "--blob", other)
                == .untrue)
        let newer = try write(try chain.proof(of: 2, from: 6))
        #expect(
            trial.run("blob", "verify", newer, "--trust", hash(6), "--json") == .done,
            "\(trial.errors)")
        #expect(trial.output.contains(#""height":2"#) && trial.output.contains(#""path":4"#))
        let root = chain.headers[1].dataAvailabilityHeader.dataRoot.hex
        #expect(trial.run("blob", "verify", newer, "--data-root", root) == .done)
        #expect(errorLines(of: "blob", "verify", try trial.write("x", [0x7b])) == 1)
    }

    /// A receipt holds with and without a trusted header, and says what it does not show.
    @Test func verifyReceipt() throws {
        let receipt = chain.receipt(of: 4, count: 5, wanted: 5)
        let file = try trial.write(
            "receipt.json", JSONWriter.text { SamplingReceiptJSON.write(receipt, to: &$0) })
        #expect(trial.run("light", "verify-receipt", file) == .done, "\(trial.errors)")
        #expect(trial.output.contains("whoever they are"))
        #expect(trial.output.contains("by the node's own statement"))
        #expect(trial.run("light", "verify-receipt", file, "--trust", hash(4)) == .done)
        #expect(trial.output.contains("it is the trusted header"))
        #expect(trial.run("light", "verify-receipt", file, "--trust", hash(3)) == .untrue)
        #expect(trial.run("light", "verify-receipt", file, "--json") == .done)
        #expect(trial.output.contains(#""trusted":false"#))
        #expect(trial.run("light", "verify-receipt", trial.file("none")) == .failed)
    }

    /// `light` runs a node and has verbs below it; its help tells of both.
    @Test func lightHasVerbs() {
        #expect(trial.run("light", "--help") == .done)
        #expect(trial.output.contains("verify-receipt") && trial.output.contains("--genesis"))
        #expect(trial.run("light", "status", "--help") == .done)
        #expect(trial.output.contains("--samples"))
        #expect(trial.run("light", "statsu") == .usage)
    }

    private func errorLines(of words: String...) -> Int {
        _ = trial.run(words + ["--trust", hash(1)])
        return trial.errors.split(separator: "\n").count
    }
}
