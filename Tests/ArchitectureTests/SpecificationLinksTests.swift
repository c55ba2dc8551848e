// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Where sources and chapters point to in Protocol/.
@Suite struct SpecificationLinksTests {
    static let root = Vectors.repository

    /// Files of a folder and below with one of the extensions, in order.
    static func files(in folder: String, _ extensions: Set<String>) throws -> [URL] {
        let all = FileManager.default.enumerator(
            at: root.appending(path: folder).resolvingSymlinksInPath(),
            includingPropertiesForKeys: nil)
        var files: [URL] = []
        for case let file as URL in try #require(all) where extensions.contains(file.pathExtension)
        {
            files.append(file)
        }
        return files.sorted { $0.path < $1.path }
    }

    /// The anchors of a chapter: those that it sets itself, and those of its headings.
    static func anchors(of chapter: URL) throws -> Set<String> {
        let text = try String(contentsOf: chapter, encoding: .utf8)
        var anchors = Set(text.matches(of: /<a id="([^"]+)"><\/a>/).map { String($0.1) })
        for heading in text.matches(of: /(?m)^#+ (.+)$/) {
            let words = heading.1.lowercased().filter {
                $0.isLetter || $0.isNumber || " -".contains($0)
            }
            anchors.insert(words.replacing(" ", with: "-"))
        }
        return anchors
    }

    /// Every `Protocol/…#anchor` in a source or a test stands in the chapter it names.
    @Test func everyCitationLeadsSomewhere() throws {
        var count = 0
        for file in try Self.files(in: "Sources", ["swift", "c", "h"])
            + Self.files(in: "Tests", ["swift"]) + Self.files(in: "Protocol/wire", ["proto"])
        {
            let text = try String(contentsOf: file, encoding: .utf8)
            for link in text.matches(of: /Protocol\/([0-9a-z\/-]+\.md)#([A-Za-z0-9-]+)/) {
                let chapter = Self.root.appending(path: "Protocol/\(link.1)")
                guard FileManager.default.fileExists(atPath: chapter.path) else { continue }
                count += 1
                #expect(
                    try Self.anchors(of: chapter).contains(String(link.2)),
                    "\(file.lastPathComponent) cites \(link.0)")
            }
        }
        #expect(count > 20)
    }

    /// Every link of a chapter to a file or to a rule of the same or another chapter.
    @Test func everyLinkOfAChapterLeadsSomewhere() throws {
        let missing = try Self.chaptersMissing()
        for chapter in try Self.files(in: "Protocol", ["md"]) {
            let text = try String(contentsOf: chapter, encoding: .utf8)
            for link in text.matches(of: /\]\(([^)#\s]*)(?:#([^)\s]+))?\)/)
            where !link.1.contains("://") {
                let target =
                    link.1.isEmpty
                    ? chapter
                    : chapter.deletingLastPathComponent().appending(path: String(link.1))
                if missing.contains(target.lastPathComponent) { continue }
                #expect(
                    FileManager.default.fileExists(atPath: target.path),
                    "\(chapter.lastPathComponent) links \(link.0)")
                if let anchor = link.2, target.pathExtension == "md" {
                    #expect(
                        try Self.anchors(of: target).contains(String(anchor)),
                        "\(chapter.lastPathComponent) links \(link.0)")
                }
            }
        }
    }

    /// Chapters that the reading order names but that are not written.
    static func chaptersMissing() throws -> Set<String> {
        let readme = try String(
            contentsOf: root.appending(path: "Protocol/README.md"), encoding: .utf8)
        let named = Set(readme.matches(of: /\(([0-9]{2}-[a-z-]+\.md)\)/).map { String($0.1) })
        #expect(named.count > 8)
        return named.filter {
            !FileManager.default.fileExists(atPath: root.appending(path: "Protocol/\($0)").path)
        }
    }

    /// Every chapter stands in the reading order and has the six headings, in their order.
    @Test func everyChapterHasTheSixHeadings() throws {
        let readme = try String(
            contentsOf: Self.root.appending(path: "Protocol/README.md"), encoding: .utf8)
        let headings = ["Terms", "Data", "Rules", "Limits", "Examples", "Why"]
        var count = 0
        for chapter in try Self.files(in: "Protocol", ["md"])
        where chapter.lastPathComponent.firstMatch(of: /^[0-9]{2}-/) != nil {
            let text = try String(contentsOf: chapter, encoding: .utf8)
            let found = text.matches(of: /(?m)^## (.+)$/).map { String($0.1) }
            #expect(found == headings, "\(chapter.lastPathComponent)")
            let isInReadingOrder = readme.contains("](\(chapter.lastPathComponent))")
            #expect(isInReadingOrder, "\(chapter.lastPathComponent) is not in README.md")
            count += 1
        }
        #expect(count >= 3)
    }
}
