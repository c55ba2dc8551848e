// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// No recorded file lies there unread.
@Suite(.enabled(if: RealData.isPresent)) struct NothingUnreadRealData {
    /// Every recorded file, or the folder it is in, is named by a text literal of some suite.
    ///
    /// An interpolation in such a literal stands for any part of one name, inside a folder that is spelled out.
    @Test func everyFileIsNamedByASuite() throws {
        let root = try #require(RealData.directory).resolvingSymlinksInPath()
        let named = try Self.literals()
        var files = 0
        for case let url as URL in try #require(
            FileManager.default.enumerator(
                at: root, includingPropertiesForKeys: [.isRegularFileKey]))
        where try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true {
            let path = String(url.resolvingSymlinksInPath().path.dropFirst(root.path.count + 1))
            guard path != "README.md" else { continue }
            let folder = path.split(separator: "/").dropLast().joined(separator: "/")
            files += 1
            let isReadByForm = Self.readByForm.contains { path.wholeMatch(of: $0) != nil }
            let isNamed =
                isReadByForm
                || named.contains { literal in
                    path.wholeMatch(of: literal) != nil || folder.wholeMatch(of: literal) != nil
                }
            #expect(isNamed, "no suite reads \(path)")
        }
        print("real data: \(files) files, each named by a suite")
        #expect(files > 0)
    }

    /// What suites read by its place and the form of its name, whatever it is called.
    static var readByForm: [Regex<Substring>] {
        [/[^\/]*block[^\/]*\.json/, /eds[^\/]*\/(?:eds|dah)\.json/, /devnet-headers\/[^\/]+\.json/]
    }

    /// The literals of all tests that could be paths, as patterns.
    static func literals() throws -> [Regex<AnyRegexOutput>] {
        let tests = Vectors.repository.appending(path: "Tests").resolvingSymlinksInPath()
        var found: Set<String> = []
        for case let file as URL in try #require(
            FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil))
        where file.pathExtension == "swift" && !file.path.hasSuffix("NothingUnreadRealData.swift") {
            let text = try String(contentsOf: file, encoding: .utf8)
            guard text.contains("RealData") else { continue }
            for match in text.matches(of: /"((?:[\w.\/-]|\\\([^()]*\))+)"/) {
                let literal = String(match.1)
                if literal.contains("/") || !literal.contains("\\(") { found.insert(literal) }
            }
        }
        return try found.sorted().map { literal in
            let pattern = literal.replacing(".", with: "\\.")
                .replacing(/\\\([^()]*\)/, with: "[^/]+")
            return try Regex(pattern)
        }
    }
}
