// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Testing

/// A readable test of a machine: commands in, the machine's effects beneath each, kept in a file.
///
/// A script is a list of stanzas: comment lines, one command line, `----`, the expected output.
/// With `QUADRAT_REWRITE_GOLDEN=1` the output is written instead of compared; read the diff.
public struct GoldenScript {
    let url: URL

    /// Reads `Golden/<name>.txt` beside the calling test file.
    public init(_ name: String, besides file: String = #filePath) {
        url = URL(filePath: file).deletingLastPathComponent().appending(path: "Golden/\(name).txt")
    }

    /// Feeds every command to `perform` and holds its output to the script.
    public func run(_ perform: (_ command: String) throws -> [String]) throws {
        let isRewriting = ProcessInfo.processInfo.environment["QUADRAT_REWRITE_GOLDEN"] == "1"
        var lines = try String(contentsOf: url, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)[...]
        var written: [String] = []
        var commands = 0
        while let line = lines.popFirst() {
            written.append(String(line))
            guard lines.first == "----" else { continue }
            lines.removeFirst()
            let expected = lines.prefix { !$0.isEmpty }.map(String.init)
            lines.removeFirst(expected.count)
            let actual = try perform(String(line))
            commands += 1
            if !isRewriting {
                #expect(actual == expected, "\(url.lastPathComponent): \(line)")
            }
            written += ["----"] + actual
        }
        #expect(commands > 0, "\(url.lastPathComponent) has no commands")
        if isRewriting {
            try written.joined(separator: "\n").write(to: url, atomically: true, encoding: .utf8)
        }
    }
}
