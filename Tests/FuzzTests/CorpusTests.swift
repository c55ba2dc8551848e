// SPDX-License-Identifier: Apache-2.0

import Foundation
import Fuzzing
import Testing

/// What fuzzing has found, and where it starts from, as ordinary tests.
@Suite struct CorpusTests {
    static let corpus = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Corpus")

    /// Every file of the corpus goes through its target; a folder without a target is an error.
    @Test func everyFileOfTheCorpus() throws {
        let folders = try FileManager.default.contentsOfDirectory(
            at: Self.corpus, includingPropertiesForKeys: nil)
        var count = 0
        for folder in folders.sorted(by: { $0.path < $1.path }) {
            let name = folder.lastPathComponent
            let target = try #require(FuzzTarget.named(name), "no target is named \(name)")
            for file in try FileManager.default.contentsOfDirectory(
                at: folder, includingPropertiesForKeys: nil)
            {
                target.run([UInt8](try Data(contentsOf: file)))
                count += 1
            }
        }
        #expect(count > 0)
        print("fuzz corpus: \(count) inputs of \(folders.count) targets")
    }

    /// Every target has a name of its own, and a corpus to start from.
    @Test func everyTargetHasACorpus() throws {
        #expect(Set(FuzzTarget.all.map(\.name)).count == FuzzTarget.all.count)
        for target in FuzzTarget.all {
            let folder = Self.corpus.appending(path: target.name).path
            #expect(FileManager.default.fileExists(atPath: folder), "\(target.name)")
        }
    }

    /// Every target bears the empty input, and every input of one byte and of many equal ones.
    @Test func everyTargetBearsTheSimplestInputs() {
        for target in FuzzTarget.all {
            target.run([])
            for byte in UInt8.min...UInt8.max {
                target.run([byte])
                target.run([UInt8](repeating: byte, count: 600))
            }
        }
    }

    /// Every input of the corpus, cut off anywhere and with any byte changed, is borne too.
    @Test func everyTargetBearsTheCorpusDamaged() throws {
        for target in FuzzTarget.all {
            let folder = Self.corpus.appending(path: target.name)
            for file in try FileManager.default.contentsOfDirectory(
                at: folder, includingPropertiesForKeys: nil)
            {
                let input = [UInt8](try Data(contentsOf: file))
                for place in stride(from: 0, to: input.count, by: 1 + input.count / 200) {
                    target.run(Array(input[..<place]))
                    var changed = input
                    for bits: UInt8 in [0x01, 0x80, 0xff] {
                        changed[place] = input[place] ^ bits
                        target.run(changed)
                    }
                }
            }
        }
    }
}
