// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a configuration file, and where.
package struct ConfigurationFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line, from 1.
    package let line: Int
    /// What is wrong with it, and what to do.
    package let message: String

    /// One line.
    package var description: String { "line \(line): \(message)" }
}

/// A configuration file that was read: settings in the order of their lines.
package struct Configuration: Hashable, Sendable {
    /// A value, of the kinds that settings have.
    package indirect enum Value: Hashable, Sendable {
        case text(String)
        case integer(Int64)
        case flag(Bool)
        case list([Value])
    }

    /// One setting.
    package struct Entry: Hashable, Sendable {
        /// Table and name, joined by dots.
        package let key: String
        /// Its value.
        package let value: Value
        /// Where it stands, from 1.
        package let line: Int
    }

    /// The settings.
    package let entries: [Entry]

    /// Reads a file.
    package init(decoding bytes: [UInt8]) throws(ConfigurationFault) {
        var reader = TOMLReader(bytes)
        entries = try reader.read()
    }

    /// The settings by key, as the options that may be set take them.
    ///
    /// - Throws: for a key that no option has (with the nearest that one has), and for a value of
    ///   another kind.
    package func settings(
        of options: [Option]
    ) throws(ConfigurationFault) -> [String: [String]] {
        var settings: [String: [String]] = [:]
        for entry in entries {
            guard let option = options.first(where: { $0.key == entry.key }) else {
                let keys = Set(options.compactMap(\.key)).sorted()
                let hint = Suggestion.phrase(for: entry.key, among: keys)
                throw ConfigurationFault(
                    line: entry.line,
                    message: "there is no setting '\(entry.key)'" + (hint.map { "; \($0)" } ?? ""))
            }
            settings[entry.key] = try Self.texts(entry, option)
        }
        return settings
    }

    private static func texts(
        _ entry: Entry, _ option: Option
    ) throws(ConfigurationFault) -> [String] {
        switch (option.kind, entry.value) {
        case (.flag, .flag(let flag)): return [flag ? "true" : "false"]
        case (.text, .text(let text)): return [text]
        case (.integer(_, let range), .integer(let number)):
            guard range.contains(number) else {
                throw ConfigurationFault(
                    line: entry.line,
                    message: "'\(entry.key)' must be from \(range.lowerBound) to "
                        + "\(range.upperBound)")
            }
            return [String(number)]
        case (.list, .list(let values)):
            var texts: [String] = []
            for value in values {
                guard case .text(let text) = value else { throw wrongKind(entry, option) }
                texts.append(text)
            }
            return texts
        default: throw wrongKind(entry, option)
        }
    }

    private static func wrongKind(_ entry: Entry, _ option: Option) -> ConfigurationFault {
        let kind =
            switch option.kind {
            case .flag: "true or false"
            case .text: "a text in quotes"
            case .integer: "a whole number"
            case .list: "an array of texts"
            }
        return ConfigurationFault(
            line: entry.line, message: "'\(entry.key)' must be \(kind)")
    }
}
