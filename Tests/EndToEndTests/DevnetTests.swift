// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The program as a person starts it: real processes, real sockets on loopback.
@Suite(.serialized) struct DevnetTests {
    /// The built program, beside the tests.
    static let program = URL(filePath: CommandLine.arguments[0])
        .deletingLastPathComponent().appending(path: "quadrat")

    /// Runs the program to its end, or for so many seconds.
    static func run(
        _ arguments: [String], seconds: TimeInterval
    ) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let timer = DispatchSource.makeTimerSource()
        timer.schedule(deadline: .now() + seconds)
        timer.setEventHandler { process.terminate() }
        timer.resume()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        timer.cancel()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    /// The devnet's whole story holds, and starts again on the data it left.
    @Test func theStoryAndAgain() throws {
        let home = FileManager.default.temporaryDirectory.appending(
            path: "quadrat-devnet-test-\(ProcessInfo.processInfo.processIdentifier)")
        defer { try? FileManager.default.removeItem(at: home) }
        for round in 1...2 {
            let (status, output) = try Self.run(
                ["devnet", "--once", "--home", home.path, "--rpc-port", "0"], seconds: 120)
            #expect(status == 0, "round \(round): \(output)")
            for line in [
                "data root", "available, answered by", "without it", "proof checked offline",
                "the network is up",
            ] {
                #expect(output.contains(line), "round \(round) does not say '\(line)'")
            }
        }
    }

    /// Four validators tell the same story, and go on from what they left.
    @Test func fourValidatorsTellItToo() throws {
        let home = FileManager.default.temporaryDirectory.appending(
            path: "quadrat-committee-test-\(ProcessInfo.processInfo.processIdentifier)")
        defer { try? FileManager.default.removeItem(at: home) }
        for round in 1...2 {
            let (status, output) = try Self.run(
                [
                    "devnet", "--validators", "4", "--once", "--home", home.path, "--rpc-port",
                    "0",
                ], seconds: 120)
            #expect(status == 0, "round \(round): \(output)")
            for line in ["4 validators", "without it", "proof checked offline"] {
                #expect(output.contains(line), "round \(round) does not say '\(line)'")
            }
        }
    }

    /// One of four validators signs twice, is slashed, and its evidence is shown.
    @Test func oneSignsTwice() throws {
        let home = FileManager.default.temporaryDirectory.appending(
            path: "quadrat-double-test-\(ProcessInfo.processInfo.processIdentifier)")
        defer { try? FileManager.default.removeItem(at: home) }
        let (status, output) = try Self.run(
            ["devnet", "--scenario", "double-sign", "--home", home.path], seconds: 180)
        #expect(status == 0, "\(output)")
    }

    /// Of three storage nodes one lies, and the validator encodes wrongly: all four light nodes and both
    /// honest storage nodes find out.
    @Test func liarsAreFoundOut() throws {
        let home = FileManager.default.temporaryDirectory.appending(
            path: "quadrat-liars-test-\(ProcessInfo.processInfo.processIdentifier)")
        defer { try? FileManager.default.removeItem(at: home) }
        let (status, output) = try Self.run(
            [
                "devnet", "--scenario", "liars", "--storage-nodes", "3", "--light-nodes", "4",
                "--home", home.path,
            ], seconds: 180)
        #expect(status == 0, "\(output)")
        for line in [
            "✓ storage-3 is blocked by all that sample: by 4 of 4 light nodes",
            "✓ nobody else is blocked",
            "✓ every posted block is available to all: ",
            "✓ no receipt names one that lies or withholds: 0 of ",
            "✓ every honest storage node refuses block 24: quadrat_refused_height 2, fraud.Get 2",
            "✓ every honest light node refuses block 24: quadrat_refused_height 4, fraud.Get 4",
            "✓ all of them stay at block 23: 4 of 4",
        ] {
            #expect(output.contains(line), "it does not say '\(line)': \(output)")
        }
        #expect(!output.contains("✗"))
    }

    /// What a person mistypes is told in one line that helps, with the exit code of wrong usage.
    @Test func mistakesAreToldInOneLine() throws {
        for arguments in [
            ["devnett"], ["storage", "--genesis"], ["blob", "get", "x"], ["light"],
            ["devnet", "--scenario", "lairs"],
            ["devnet", "--scenario", "liars", "--file", "README.md"],
            ["devnet", "--no-story", "--misbehave", "wrong-encoding@none"],
        ] {
            let (status, output) = try Self.run(arguments, seconds: 30)
            #expect(status == 2, "\(arguments): \(output)")
            #expect(output.contains("quadrat"))
            #expect(output.split(separator: "\n").count <= 3, "\(arguments): \(output)")
        }
        let (status, output) = try Self.run(["--help"], seconds: 30)
        #expect(status == 0)
        #expect(output.contains("devnet"))
    }
}
