// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Where a command speaks: results to one side, everything else to the other.
package struct Terminal: Sendable {
    /// Takes results; a pipe may read them.
    package let output: @Sendable ([UInt8]) -> Void
    /// Takes what is meant for a person.
    package let errors: @Sendable ([UInt8]) -> Void
    /// Whether a person is watching the second side, who may be shown progress.
    package let isWatched: Bool

    /// Speaks through these.
    package init(
        output: @escaping @Sendable ([UInt8]) -> Void,
        errors: @escaping @Sendable ([UInt8]) -> Void, isWatched: Bool
    ) {
        self.output = output
        self.errors = errors
        self.isWatched = isWatched
    }

    /// Standard output and standard error.
    package static let standard = Terminal(
        output: { write($0, to: STDOUT_FILENO) }, errors: { write($0, to: STDERR_FILENO) },
        isWatched: isatty(STDERR_FILENO) == 1)

    /// Prints a line of a result.
    package func print(_ line: String) {
        output(Array((line + "\n").utf8))
    }

    /// Tells a person something.
    package func note(_ line: String) {
        errors(Array((line + "\n").utf8))
    }

    /// Writes all of it; who closed the other end does not want the rest.
    private static func write(_ bytes: [UInt8], to file: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR && errno != EAGAIN {
                return
            }
        }
    }
}

/// A line that shows how far something is, where a person watches; nothing elsewhere.
///
/// It is drawn anew only when its text changes, so that it may be told of every step.
package struct ProgressBar {
    private static let cells = 30

    private let terminal: Terminal
    private let label: String
    private let total: Int
    private var drawn = ""

    /// Shows progress towards `total` steps.
    package init(_ terminal: Terminal, _ label: String, total: Int) {
        self.terminal = terminal
        self.label = label
        self.total = max(total, 1)
    }

    /// Shows that `done` steps are done, and a word more.
    package mutating func update(_ done: Int, detail: String = "") {
        guard terminal.isWatched else { return }
        let done = min(max(done, 0), total)
        let filled = done * Self.cells / total
        let bar =
            String(repeating: "#", count: filled)
            + String(repeating: "·", count: Self.cells - filled)
        let end = detail.isEmpty ? "" : " \(detail)"
        let text = "\(label) [\(bar)] \(done * 100 / total) %\(end)"
        guard text != drawn else { return }
        // A detail may become shorter: what is behind it goes.
        let clearing = detail.isEmpty ? "" : "\u{1b}[K"
        drawn = text
        terminal.errors(Array("\r\(text)\(clearing)".utf8))
    }

    /// Clears the line.
    package mutating func finish() {
        guard !drawn.isEmpty else { return }
        terminal.errors(Array("\r\u{1b}[K".utf8))
        drawn = ""
    }
}
