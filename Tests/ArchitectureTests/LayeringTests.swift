// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Holds every `import` in Sources to the line its target has in Package.swift.
///
/// SwiftPM lets a target import anything its dependencies reach. This test does not.
@Suite struct LayeringTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Modules of the toolchain each layer may use.
    static let toolchain: [String: Set<String>] = [
        "Core": [], "Machines": [],
        "Adapters": ["Synchronization", "Glibc", "FoundationEssentials", "Foundation"],
        "Roles": ["Synchronization"],
        "Commands": ["Glibc", "FoundationEssentials", "Foundation", "Synchronization"],
    ]

    /// What the manifest grants, module by module.
    static func grants() throws -> [String: Set<String>] {
        let manifest = try String(
            contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
        let flat = manifest.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        var grants: [String: Set<String>] = [:]
        for match in flat.matches(
            of: /\.(?:core|machine|adapter|role|command)\( ?"([^"]+)"([^)]*)\)/)
        {
            grants[String(match.1)] = Set(match.2.matches(of: /"([^"]+)"/).map { String($0.1) })
        }
        return grants
    }

    @Test func everyImportIsOnItsTargetsLine() throws {
        let grants = try Self.grants()
        #expect(grants.count > 20)
        let sources = Self.root.appending(path: "Sources")
        for case let file as URL in try #require(
            FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        where file.pathExtension == "swift" {
            let parts = file.pathComponents.drop { $0 != "Sources" }.dropFirst()
            let layer = try #require(parts.first), module = try #require(parts.dropFirst().first)
            let allowed = try #require(grants[module]).union(Self.toolchain[layer] ?? [])
            let text = try String(contentsOf: file, encoding: .utf8)
            for line in text.matches(of: /(?m)^(?:package |public |internal |@\w+ )*import (\w+)/) {
                #expect(
                    allowed.contains(String(line.1)),
                    "\(layer)/\(module)/\(file.lastPathComponent) imports \(line.1)")
            }
        }
    }
}
