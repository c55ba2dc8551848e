// SPDX-License-Identifier: Apache-2.0

internal import Chain
internal import Console

/// How long something takes.
struct Stopwatch {
    private let start: Timestamp

    /// Starts now.
    init() throws(CommandFault) { start = try System.now() }

    /// Since the start.
    func milliseconds() throws(CommandFault) -> Int {
        try System.now().milliseconds(since: start)
    }

    /// Since the start, for a person.
    func text() throws(CommandFault) -> String {
        Self.seconds(try milliseconds())
    }

    /// Milliseconds as seconds with a decimal or two.
    static func seconds(_ milliseconds: Int) -> String {
        let hundredths = milliseconds / 10
        let rest = String(hundredths % 100)
        return "\(hundredths / 100).\(rest.count == 1 ? "0" : "")\(rest) s"
    }
}

extension Timestamp {
    /// The milliseconds from an earlier moment to this one; negative when it is a later one.
    func milliseconds(since other: Timestamp) -> Int {
        Int(seconds - other.seconds) * 1_000 + Int(nanoseconds - other.nanoseconds) / 1_000_000
    }
}
