// SPDX-License-Identifier: Apache-2.0

package import Machinery

/// The value of a field.
package enum LogValue: Hashable, Sendable {
    /// Text, quoted where it must be.
    case text(String)
    /// A number.
    case number(Int64)
    /// A number that is never negative.
    case count(UInt64)
    /// Yes or no.
    case flag(Bool)
}

/// One line of the log before it is bytes.
package struct LogLine: Sendable {
    /// The most characters of a text, so that a stranger's words cannot fill the disk.
    package static let textMax = 1024

    let at: Instant
    let level: LogLevel
    let event: String
    let fields: [(name: String, value: LogValue)]

    package init(
        at: Instant, level: LogLevel, event: String,
        fields: [(name: String, value: LogValue)]
    ) {
        self.at = at
        self.level = level
        self.event = event
        self.fields = fields
    }

    /// The line with its line feed.
    package func bytes(_ format: LogFormat) -> [UInt8] {
        let all =
            [
                ("time", .text(CalendarText.describe(at))), ("level", .text(level.rawValue)),
                ("event", .text(event)),
            ] + fields
        switch format {
        case .text:
            let parts = all.map { "\($0.name)=\(Self.plain($0.value))" }
            return Array((parts.joined(separator: " ") + "\n").utf8)
        case .json:
            let parts = all.map { "\(Escaped.json($0.name)):\(Self.json($0.value))" }
            return Array(("{" + parts.joined(separator: ",") + "}\n").utf8)
        }
    }

    private static func plain(_ value: LogValue) -> String {
        switch value {
        case .text(let text):
            let short = String(text.prefix(textMax))
            return Escaped.needsQuotes(short) ? Escaped.json(short) : short
        case .number(let number): return String(number)
        case .count(let count): return String(count)
        case .flag(let flag): return flag ? "true" : "false"
        }
    }

    private static func json(_ value: LogValue) -> String {
        guard case .text(let text) = value else { return plain(value) }
        return Escaped.json(String(text.prefix(textMax)))
    }
}

/// Text made safe for one line.
package enum Escaped {
    /// A JSON string, quotes included; control characters as `\u00XX`.
    package static func json(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// Whether a logfmt value must be quoted.
    static func needsQuotes(_ text: String) -> Bool {
        text.isEmpty
            || text.unicodeScalars.contains {
                $0.value <= 0x20 || $0.value == 0x7f || $0 == "=" || $0 == "\"" || $0 == "\\"
            }
    }
}
