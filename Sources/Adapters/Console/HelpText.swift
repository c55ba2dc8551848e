// SPDX-License-Identifier: Apache-2.0

/// Help, made from the table of verbs.
package enum HelpText {
    private static let width = 80

    /// The help of a verb that was reached by `path`.
    package static func make(_ verb: Verb, path: [String]) -> String {
        var text = "\(path.joined(separator: " ")): \(verb.summary)\n\n"
        text += "usage: \(usage(verb, path: path))\n"
        if !verb.discussion.isEmpty { text += "\n" + wrapped(verb.discussion, indent: 0) + "\n" }
        let verbs = verb.verbs.filter { !$0.isHidden }
        text += table("verbs", verbs.map { ($0.name, $0.summary) })
        text += table("", verb.positionals.map { ($0.name, $0.summary) })
        let help = verb.action == nil ? [] : [("-h, --help", "print this")]
        text += table("options", verb.options.map { (left($0), right($0)) } + help)
        if !verb.examples.isEmpty {
            text += "\nexamples:\n"
            for example in verb.examples { text += "  \(path[0]) \(example)\n" }
        }
        if !verb.verbs.isEmpty {
            text += "\n'\(path.joined(separator: " ")) VERB --help' says more about one.\n"
        }
        return text
    }

    private static func usage(_ verb: Verb, path: [String]) -> String {
        var words = path
        if verb.action == nil {
            words.append("VERB …")
        } else if !verb.verbs.isEmpty {
            words.append("[VERB …]")
        }
        if !verb.options.isEmpty { words.append("[options]") }
        for positional in verb.positionals {
            switch positional.arity {
            case .one: words.append(positional.name)
            case .optional: words.append("[\(positional.name)]")
            case .many: words.append("\(positional.name)…")
            }
        }
        return words.joined(separator: " ")
    }

    private static func left(_ option: Option) -> String {
        let letter = option.letter.map { "-\($0), " } ?? ""
        let value = option.placeholder.map { " \($0)" } ?? ""
        return "\(letter)--\(option.name)\(value)"
    }

    private static func right(_ option: Option) -> String {
        var text = option.summary
        var notes: [String] = []
        if option.isList { notes.append("may be repeated") }
        if let fallback = option.fallback { notes.append("default \(fallback)") }
        if let key = option.key { notes.append("configuration \(key)") }
        if !notes.isEmpty { text += " (\(notes.joined(separator: "; ")))" }
        return text
    }

    private static func table(_ title: String, _ rows: [(String, String)]) -> String {
        guard !rows.isEmpty else { return "" }
        let column = min(28, (rows.map { $0.0.count }.max() ?? 0) + 4)
        var text = title.isEmpty ? "\n" : "\n\(title):\n"
        for (left, right) in rows {
            let start = "  " + left
            let body = wrapped(right, indent: column)
            if start.count + 2 > column {
                text += start + "\n" + body + "\n"
            } else {
                text += start + String(body.dropFirst(start.count)) + "\n"
            }
        }
        return text
    }

    /// Lines of at most 80 characters, each after `indent` spaces; line feeds are kept.
    private static func wrapped(_ text: String, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var line = ""
            for word in paragraph.split(separator: " ") {
                if !line.isEmpty, indent + line.count + 1 + word.count > width {
                    lines.append(margin + line)
                    line = ""
                }
                line += (line.isEmpty ? "" : " ") + word
            }
            lines.append(line.isEmpty ? "" : margin + line)
        }
        return lines.joined(separator: "\n")
    }
}
