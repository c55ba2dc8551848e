// SPDX-License-Identifier: Apache-2.0

import Conformance
import Foundation
import TestSupport
import Testing

/// The runner counts what passes, what fails, and what it does not know as a failure.
@Suite struct ConformanceRunTests {
    /// Runs files of one folder; names to texts.
    static func run(_ files: [String: String]) throws -> Tally {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "conformance-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
        var run = ConformanceRun(filter: nil, failureLimit: 10)
        run.run(folder.path)
        return run.tally
    }

    @Test func passesAndFailuresAreCounted() throws {
        let right = #"{"X": "02", "Y": "03", "Expected": "05"}"#
        let wrong = #"{"X": "02", "Y": "03", "Expected": "06"}"#
        let tally = try Self.run(["testcases_add.json": "[\(right), \(wrong)]"])
        #expect(tally.total.passed == 1 && tally.total.failed == 1)
        #expect(tally.failures.map(\.name) == ["testcases_add.json 1"])
    }

    @Test func tries() throws {
        let root = "0x5991bb8c6514148a29db676a14ac506cd2cd5775ace63c30a4fe457715e9ac84"
        let pairs = #"{"do": "verb", "horse": "stallion", "doge": "coin", "dog": "puppy"}"#
        let tally = try Self.run([
            "trie.json": #"{"a": {"in": \#(pairs), "root": "\#(root)"}}"#
        ])
        #expect(tally.total.passed == 1 && tally.total.failed == 0)
    }

    /// Formats that nobody knows, files that are no JSON, and cases without a runner.
    @Test func whatIsUnknownFails() throws {
        let tally = try Self.run([
            "unknown.json": #"{"a": {"b": 1}}"#, "broken.json": "{", "calls.io": ">> {}",
            "tracer.json": #"{"genesis": {}, "context": {}}"#, "other.json": "[1]",
        ])
        #expect(tally.total.passed == 0 && tally.total.failed == 5)
    }
}
