// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import Machinery

/// How much a line of the log matters.
package enum LogLevel: String, Hashable, Sendable, Comparable, CaseIterable {
    /// For those who work on this program.
    case debug
    /// What a node does in the ordinary run.
    case info
    /// What an operator may want to look into.
    case warning
    /// What an operator must look into.
    case error

    package static func < (lhs: LogLevel, rhs: LogLevel) -> Bool { lhs.rank < rhs.rank }

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }
}

/// How lines are written.
package enum LogFormat: String, Hashable, Sendable, CaseIterable {
    /// `time=… level=info event=block.stored height=7`, for people and grep.
    case text
    /// One JSON object a line, for collectors.
    case json
}

/// The one place where a process says what it does: a line per event, to standard error.
///
/// An event has a stable name of dotted words, and what varies stands in fields, so that lines can
/// be counted and searched. Time is given by whoever logs; nothing here reads a clock.
package final class Log: Sendable {
    /// Lines below this are not written.
    package let minimum: LogLevel
    /// How lines are written.
    package let format: LogFormat
    private let sink: @Sendable ([UInt8]) -> Void

    /// Writes lines through `sink`, each with its line feed; to standard error by default.
    package init(
        minimum: LogLevel = .info, format: LogFormat = .text,
        sink: @escaping @Sendable ([UInt8]) -> Void = Log.standardError
    ) {
        self.minimum = minimum
        self.format = format
        self.sink = sink
    }

    /// Writes one event, if it matters enough.
    package func write(
        _ level: LogLevel, _ event: String, at now: Instant,
        _ fields: [(name: String, value: LogValue)] = []
    ) {
        guard level >= minimum else { return }
        sink(LogLine(at: now, level: level, event: event, fields: fields).bytes(format))
    }

    /// Writes a line to standard error in one call, so that lines of threads do not mix.
    ///
    /// There is nobody left to tell of a failure to log, so one is passed over.
    package static let standardError: @Sendable ([UInt8]) -> Void = { line in
        _ = Glibc.write(STDERR_FILENO, line, line.count)
    }
}
