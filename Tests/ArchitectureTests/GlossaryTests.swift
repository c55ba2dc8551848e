// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Protocol/GLOSSARY.md against the code that it names.
@Suite struct GlossaryTests {
    /// Every type and member that the glossary names is declared somewhere in Sources.
    @Test func everyNamedTypeExists() throws {
        var types: Set<String> = []
        var members: Set<String> = []
        for file in try SpecificationLinksTests.files(in: "Sources", ["swift"]) {
            let words = Self.words(of: [UInt8](try Data(contentsOf: file)))
            for (keyword, name) in zip(words, words.dropFirst()) {
                if ["struct", "enum", "class", "protocol", "typealias"].contains(keyword) {
                    types.insert(name)
                } else if ["let", "var", "func", "case"].contains(keyword) {
                    members.insert(name)
                }
            }
        }
        let glossary = try String(
            contentsOf: Vectors.repository.appending(path: "Protocol/GLOSSARY.md"),
            encoding: .utf8)
        var count = 0
        for row in glossary.matches(of: /(?m)^\|[^|\n]+\|([^|\n]+)\|/) {
            for name in row.1.matches(of: /`([A-Z]\w*)(?:\.(\w+))?`/) {
                count += 1
                let isDeclared = types.contains(String(name.1))
                #expect(isDeclared, "the glossary names \(name.0)")
                if let member = name.2 {
                    let isMember = members.contains(String(member))
                    #expect(isMember, "the glossary names \(name.0)")
                }
            }
        }
        #expect(count > 30)
    }

    /// Runs of letters, digits and underscores.
    private static func words(of text: [UInt8]) -> [String] {
        text.split { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                false
            default: true
            }
        }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Terms stand once, in order.
    @Test func termsStandOnce() throws {
        let glossary = try String(
            contentsOf: Vectors.repository.appending(path: "Protocol/GLOSSARY.md"),
            encoding: .utf8)
        let terms = glossary.matches(of: /(?m)^\| ([^|\n]+) \|/).map { String($0.1) }
            .filter { $0 != "Term" && !$0.hasPrefix("---") }
        #expect(Set(terms).count == terms.count)
        #expect(terms == terms.sorted { $0.lowercased() < $1.lowercased() })
    }
}
