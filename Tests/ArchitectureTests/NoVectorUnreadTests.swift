// SPDX-License-Identifier: Apache-2.0

import Bytes
import Cryptography
import Foundation
import TestSupport
import Testing

/// No known answer lies there unread, and none was changed by accident.
@Suite struct NoVectorUnreadTests {
    /// Files that are about the vectors and hold none.
    private static let texts = ["README.md", "p2p/README.md"]

    private static func files() throws -> [String] {
        let base = Vectors.directory.path
        let found = try #require(FileManager.default.enumerator(atPath: base))
        return found.compactMap { $0 as? String }.filter { path in
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(
                atPath: base + "/" + path, isDirectory: &isFolder)
            return !isFolder.boolValue && !texts.contains(path)
        }.sorted()
    }

    /// The families that some test reads, by what stands in the tests' sources.
    private static func familiesRead() throws -> Set<String> {
        var names: Set<String> = []
        let tests = Vectors.repository.appending(path: "Tests")
        let found = try #require(
            FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil))
        for case let file as URL in found where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /family\(\s*"([a-z0-9_]+)"/) {
                names.insert(String(match.1))
            }
        }
        return names
    }

    /// Each file is a family that a test reads, a recorded exchange that an index names, or the
    /// list of digests.
    @Test func everyFileHasAReader() throws {
        let families = try Self.familiesRead()
        for path in try Self.files() where path != "SHA256SUMS" {
            let parts = path.split(separator: "/").map(String.init)
            if parts.count == 1 {
                let name = String(path.dropLast(".json".count))
                #expect(families.contains(name), "no test reads \(path)")
            } else if parts[0] == "p2p", parts.count == 4 {
                try Self.checkRecorded(folder: parts[1], kind: parts[2], file: parts[3])
            } else {
                #expect(path == "p2p/noise_vectors.json", "no test reads \(path)")
            }
        }
    }

    /// A recorded answer belongs to a request of its index, a header and a square to a height.
    private static func checkRecorded(folder: String, kind: String, file: String) throws {
        if kind == "wire" {
            let index = try JSONTree(
                contentsOf: Vectors.directory.appending(path: "p2p/\(folder)/wire/index.json"))
            let names = try index["requests"].array.map { try $0["name"].string }
            #expect(
                file == "index.json" || names.contains(String(file.dropLast(".resp".count))),
                "the index of \(folder) does not name \(file)")
        } else {
            let stem = file.split(separator: ".").first.flatMap { Int($0) }
            #expect(kind == "chain" && stem != nil, "nothing reads \(folder)/\(kind)/\(file)")
        }
    }

    /// Each digest in the list is its file's.
    @Test func digestsHold() throws {
        let list = Vectors.directory.appending(path: "SHA256SUMS")
        guard FileManager.default.fileExists(atPath: list.path) else { return }
        var count = 0
        for line in try String(contentsOf: list, encoding: .utf8).split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            let name = try #require(words.last)
            let file = Vectors.directory.appending(path: name.replacing("./", with: ""))
            let bytes = [UInt8](try Data(contentsOf: file))
            #expect(SHA256.hash(bytes).hex == words[0], "\(name) was changed")
            count += 1
        }
        #expect(count > 10)
    }
}
