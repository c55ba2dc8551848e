// SPDX-License-Identifier: Apache-2.0

import Console
import Foundation
import Testing

@Suite struct KeyCommandTests {
    /// A known secret gives the known public names.
    @Test func knownKeysHaveKnownNames() throws {
        let trial = try CommandTrial()
        let secret = try trial.write(
            "secret", Array((String(repeating: "0", count: 63) + "1\n").utf8))
        #expect(trial.run("key", "import", "one", secret) == .done)
        // The generator point of secp256k1.
        #expect(
            trial.output.contains(
                "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"))
        #expect(trial.output.contains("celestia1w508d6qejxtdg4y5r3zarvary0c5xw7k"))
        #expect(trial.run("key", "import", "--prefix", "quad", "two", secret) == .done)
        #expect(trial.output.contains("quad1w508d6qejxtdg4y5r3zarvary0c5xw7k"))
        let zero = try trial.write("zero", Array(String(repeating: "0", count: 64).utf8))
        #expect(trial.run("key", "import", "zero", zero) == .failed)
        #expect(trial.run("key", "import", "zero", zero, "--for", "identity") == .done)
        #expect(trial.output.contains("12D3KooW"))
        #expect(trial.run("key", "show", "one", "--secret") == .done)
        #expect(trial.output == String(repeating: "0", count: 63) + "1\n")
    }

    /// New keys differ, are listed, and are never written over.
    @Test func keysAreMadeAndListed() throws {
        let trial = try CommandTrial()
        #expect(trial.run("key", "list") == .done)
        #expect(trial.output == "")
        #expect(trial.run("key", "create", "b") == .done)
        let first = trial.output
        #expect(trial.run("key", "create", "b") == .failed)
        #expect(trial.run("key", "create", "a", "--for", "validator") == .done)
        #expect(trial.run("key", "create", "c") == .done)
        #expect(trial.output.split(separator: "\n")[2] != first.split(separator: "\n")[2])
        #expect(trial.run("key", "list") == .done)
        #expect(
            trial.output.split(separator: "\n").map { $0.split(separator: "\t")[0] }
                == ["a", "b", "c"])
        #expect(trial.run("key", "show", "nobody") == .failed)
        #expect(trial.errors.contains("quadrat key create nobody"))
        #expect(trial.run("key", "create", "d", "--for", "fun") == .usage)
        #expect(trial.run("key", "create", "../d") == .failed)
    }

    /// Tokens are made, allow what they say, and hold only where they were made.
    @Test func tokensHoldWhereTheyWereMade() throws {
        let trial = try CommandTrial()
        #expect(trial.run("token", "new", "--allow", "write") == .done)
        let token = trial.output.trimmingCharacters(in: .newlines)
        #expect(trial.run("token", "check", token) == .done)
        #expect(trial.output == "allows public, read, write, for ever\n")
        #expect(trial.run("token", "new", "--hours", "1") == .done)
        let short = trial.output.trimmingCharacters(in: .newlines)
        #expect(trial.run("token", "check", short) == .done)
        #expect(trial.output.hasPrefix("allows public, read, until 2"))
        #expect(trial.run("token", "check", token + "x") == .untrue)
        let other = try CommandTrial()
        #expect(other.run("token", "new") == .done)
        #expect(other.run("token", "check", token) == .untrue)
        #expect(other.errors.contains("another key"))
        #expect(trial.run("token", "new", "--allow", "all") == .usage)
    }

    /// A node that is not there is told by an exit code of its own.
    @Test func silentNodeIsTold() throws {
        let trial = try CommandTrial()
        for words in [["status"], ["header", "get"], ["blob", "list", "1", "0badcafe"]] {
            #expect(trial.run(words + ["--node", "http://127.0.0.1:1"]) == .unreachable)
            #expect(trial.errors.filter { $0 == "\n" }.count == 1)
        }
        #expect(trial.run("status", "--node", "ftp://x") == .usage)
        #expect(trial.run("blob", "get", "0", "00", "x") == .usage)
    }
}
