// SPDX-License-Identifier: Apache-2.0

import Bytes
import Console
import DataSquare
import Foundation
import TestSupport
import Testing

@Suite struct SquareCommandTests {
    /// Blobs become a square; its extension loses three quarters and is rebuilt, from every kind of
    /// parts, to the same file.
    @Test func squareIsBuiltExtendedAndRepaired() throws {
        let trial = try CommandTrial()
        let one = try trial.write("one", DeterministicBytes.make(seed: "one", count: 1500))
        let two = try trial.write("two", DeterministicBytes.make(seed: "two", count: 300))
        let square = trial.file("s.ods")
        #expect(
            trial.run("square", "build", "-o", square, "0badcafe=\(one)", "-b", "01ff=\(two)")
                == .done)
        let built = trial.output
        #expect(built.contains("square     4 × 4 shares\nroots      are those of the shares\n"))
        #expect(trial.run("square", "inspect", square, "--write-blobs", trial.path) == .done)
        #expect(trial.output == built)
        let blobs = try FileManager.default.contentsOfDirectory(atPath: trial.path)
            .filter { $0.hasSuffix(".blob") }.sorted()
        #expect(try blobs.map { try trial.read($0).count } == [300, 1500])
        #expect(trial.run("square", "extend", square, trial.file("s.eds")) == .done)
        let extended = try trial.read("s.eds")
        #expect(extended.count == 64 * 512)

        let gaps = try trial.write("gaps.eds", Self.without(extended) { $0 < 4 && $1 < 4 })
        try FileManager.default.createDirectory(
            atPath: trial.file("rows"), withIntermediateDirectories: true)
        for row in [1, 2, 6, 7] {
            let whole = Array(extended[row * 4096..<(row + 1) * 4096])
            _ = try trial.write(
                "rows/\(row).row", row % 2 == 0 ? whole : Array(whole.prefix(2048)))
        }
        var quarter: [UInt8] = []
        for row in 4..<8 { quarter += extended[row * 4096 + 2048..<(row + 1) * 4096] }
        var holed = try trial.read("s.ods")
        for offset in 0..<512 { holed[65 + 1440 + offset] = 0 }
        let original = try trial.write("holed.ods", holed)
        _ = try trial.write("holed.q4", quarter)
        for parts in [gaps, trial.file("rows")] {
            #expect(
                trial.run("square", "repair", "--roots", square, "-o", trial.file("r.ods"), parts)
                    == .done)
            #expect(trial.output == built)
            #expect(try trial.read("r.ods") == trial.read("s.ods"))
        }
        #expect(trial.run("square", "repair", original, "-o", trial.file("r.ods")) == .done)
        #expect(try trial.read("r.ods") == trial.read("s.ods"))
        let alone = try trial.write("alone.ods", holed)
        #expect(trial.run("square", "repair", alone) == .failed)
        #expect(trial.errors.contains("too many shares are missing"))
        let whole = try trial.write("whole.ods", try trial.read("s.ods"))
        #expect(trial.run("square", "repair", whole, "-o", trial.file("r.ods")) == .done)
        #expect(try trial.read("r.ods") == trial.read("s.ods"))
    }

    /// Shares that are not those of the roots are told apart from shares that are too few.
    @Test func liesAndGapsAreToldApart() throws {
        let trial = try CommandTrial()
        let data = try trial.write("data", DeterministicBytes.make(seed: "lie", count: 5000))
        let square = trial.file("s.ods")
        #expect(trial.run("square", "build", "-o", square, "0badcafe=\(data)") == .done)
        #expect(trial.run("square", "extend", square, trial.file("s.eds")) == .done)
        var lie = try trial.read("s.eds")
        lie[5 * 512 + 100] ^= 1
        let lying = try trial.write("lie.eds", lie)
        #expect(trial.run("square", "repair", "--roots", square, lying) == .untrue)
        #expect(trial.errors.contains("is not what its root commits to"))
        let few = try trial.write(
            "few.eds", Self.without(try trial.read("s.eds")) { $0 <= 4 && $1 <= 4 })
        #expect(trial.run("square", "repair", "--roots", square, few) == .failed)
        #expect(trial.run("square", "repair", "--roots", square, data) == .failed)
        #expect(trial.run("square", "repair", few) == .usage)
        var file = try trial.read("s.ods")
        file[file.count - 1] ^= 1
        let changed = try trial.write("changed.ods", file)
        #expect(trial.run("square", "inspect", changed, "--json") == .untrue)
        #expect(trial.output.contains("\"roots_match\":false"))
        #expect(trial.run("square", "extend", changed, trial.file("x.eds")) == .untrue)
        #expect(trial.run("square", "inspect", data) == .failed)
        #expect(trial.run("square", "build") == .usage)
        #expect(trial.run("square", "build", "xyz=\(data)") == .usage)
        #expect(trial.run("square", "build", "00=\(trial.file("gone"))") == .failed)
    }

    /// The extended square without the shares that `isGone` names by row and column.
    private static func without(_ square: [UInt8], _ isGone: (Int, Int) -> Bool) -> [UInt8] {
        var bytes = square
        for row in 0..<8 {
            for column in 0..<8 where isGone(row, column) {
                let start = (row * 8 + column) * 512
                bytes.replaceSubrange(
                    start..<start + 512, with: [UInt8](repeating: 0, count: 512))
            }
        }
        return bytes
    }
}

/// Squares of transactions, built by the command and compared with the known data roots.
@Suite struct SquareCommandVectors {
    @Test func dataRootsAgree() throws {
        let trial = try CommandTrial()
        var count = 0
        for test in try Vectors.family("squares").cases {
            guard let entries = test.optional("txs"), let root = test.optional("data_root"),
                try test["square_size"].integer <= 16, try !entries.array.isEmpty
            else { continue }
            let name = try test["id"].string
            var files: [String] = []
            for (index, entry) in try entries.array.enumerated() {
                let bytes = try Self.bytes(of: entry)
                files += ["--transaction", try trial.write("\(index).tx", bytes)]
            }
            let width = String(try test["max_square_size"].integer)
            let wanted = try root.string.uppercased()
            let code = trial.run(["square", "build", "--width-max", width] + files)
            #expect(code == .done, "\(name): \(trial.errors)")
            #expect(
                trial.output.hasPrefix("data root  \(wanted)\n"),
                "\(name)")
            count += 1
        }
        print("vectors: \(count) squares built by the command")
        #expect(count > 10)
    }

    private static func bytes(of entry: JSONTree) throws -> [UInt8] {
        if try entry["kind"].string == "tx" {
            return try DeterministicBytes.bytes(of: try entry["data"])
        }
        var blobs: [Blob] = []
        for blob in try entry["blobs"].array {
            let signer = try blob.optional("signer").map { try $0.hex } ?? []
            blobs.append(
                try Blob(
                    namespace: try Namespace(decoding: try blob["namespace"].hex),
                    data: try DeterministicBytes.bytes(of: try blob["data"]),
                    shareVersion: UInt8(try blob.optional("share_version")?.integer ?? 0),
                    signer: Bytes20(signer)))
        }
        return try BlobTransaction(
            transaction: try DeterministicBytes.bytes(of: try entry["tx"]), blobs: blobs
        ).encode()
    }
}
