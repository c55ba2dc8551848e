// SPDX-License-Identifier: Apache-2.0

/// What a command line asks for.
package enum ParsedCommand: Sendable {
    /// Do this.
    case run(Verb, Words)
    /// Print the help of this verb; `asked` is false when it was printed for want of a verb.
    case help(Verb, path: [String], asked: Bool)

    /// What was given with a verb, by name.
    package struct Words: Hashable, Sendable {
        /// The words that chose the verb.
        package var path: [String]
        /// What stood after two dashes.
        package var given: [String: [String]] = [:]
        /// What stood by its place.
        package var positionals: [String: [String]] = [:]
    }
}

/// Reads a command line by the table of verbs.
///
/// `--name value`, `--name=value`, `-n value`; `--` ends the options; `--help` and `-h` everywhere.
package struct ArgumentParser: Sendable {
    private let root: Verb

    /// Reads by this table; `root` bears the program's name.
    package init(_ root: Verb) {
        self.root = root
    }

    /// Reads the words after the program's name.
    package func parse(_ arguments: [String]) throws(CommandFault) -> ParsedCommand {
        var verb = root
        var path = [root.name]
        var rest = arguments[...]
        while true {
            if verb.action != nil {
                // A verb that does something by itself may have others below it.
                guard let word = rest.first,
                    let next = verb.verbs.first(where: { $0.name == word })
                else { break }
                rest.removeFirst()
                verb = next
                path.append(word)
                continue
            }
            guard let word = rest.popFirst() else { return .help(verb, path: path, asked: false) }
            if Self.isHelp(word) { return .help(verb, path: path, asked: true) }
            guard let next = verb.verbs.first(where: { $0.name == word }) else {
                let names = verb.verbs.filter { !$0.isHidden }.map(\.name)
                let under = path.count > 1 ? " under '\(path.joined(separator: " "))'" : ""
                throw .usage(
                    "there is no verb '\(word)'\(under)",
                    hint: Suggestion.phrase(for: word, among: names)
                        ?? "see '\(path.joined(separator: " ")) --help'")
            }
            verb = next
            path.append(word)
        }
        return try read(rest, verb, path)
    }

    private static func isHelp(_ word: String) -> Bool {
        word == "--help" || word == "-h" || word == "help"
    }

    private func read(
        _ rest: ArraySlice<String>, _ verb: Verb, _ path: [String]
    ) throws(CommandFault) -> ParsedCommand {
        var rest = rest
        var words = ParsedCommand.Words(path: path)
        var places: [String] = []
        while let word = rest.popFirst() {
            if word == "--" {
                places.append(contentsOf: rest)
                break
            }
            if word == "--help" || word == "-h" { return .help(verb, path: path, asked: true) }
            guard word.hasPrefix("-"), word.count > 1, Int64(word) == nil else {
                places.append(word)
                continue
            }
            try take(word, &rest, verb, &words)
        }
        try place(places, verb, &words)
        return .run(verb, words)
    }

    private func take(
        _ word: String, _ rest: inout ArraySlice<String>, _ verb: Verb,
        _ words: inout ParsedCommand.Words
    ) throws(CommandFault) {
        let name: Substring
        var value: String?
        if word.hasPrefix("--") {
            let parts = word.dropFirst(2).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            name = parts[0]
            if parts.count == 2 { value = String(parts[1]) }
        } else {
            name = word.dropFirst()
        }
        let found = verb.options.first {
            word.hasPrefix("--") ? $0.name == name : $0.letter.map { String($0) } == String(name)
        }
        guard let option = found else {
            let names = verb.options.map { "--" + $0.name }
            throw .usage(
                "there is no option '\(word.hasPrefix("--") ? "--" + name : "-" + name)'",
                hint: Suggestion.phrase(for: "--" + name, among: names)
                    ?? "see '\(words.path.joined(separator: " ")) --help'")
        }
        if option.kind == .flag {
            guard value == nil else { throw .usage("--\(option.name) takes no value") }
            value = "true"
        }
        guard let text = value ?? rest.popFirst() else {
            throw .usage("--\(option.name) needs a value: \(option.summary)")
        }
        guard words.given[option.name] == nil || option.isList else {
            throw .usage("--\(option.name) is given twice")
        }
        words.given[option.name, default: []].append(text)
    }

    private func place(
        _ places: [String], _ verb: Verb, _ words: inout ParsedCommand.Words
    ) throws(CommandFault) {
        var rest = places[...]
        for positional in verb.positionals {
            switch positional.arity {
            case .one, .many:
                guard let word = rest.popFirst() else {
                    throw .usage("\(positional.name) is missing: \(positional.summary)")
                }
                words.positionals[positional.name] = [word]
                if positional.arity == .many {
                    words.positionals[positional.name]?.append(contentsOf: rest)
                    rest = []
                }
            case .optional:
                if let word = rest.popFirst() { words.positionals[positional.name] = [word] }
            }
        }
        if let word = rest.first {
            throw .usage(
                "'\(word)' is one word too many",
                hint: "see '\(words.path.joined(separator: " ")) --help'")
        }
    }
}

/// What somebody may have meant.
package enum Suggestion {
    /// "did you mean …?" for the nearest of `names`, if one is near.
    package static func phrase(for word: String, among names: [String]) -> String? {
        var best: (name: String, distance: Int)?
        for name in names {
            let distance = distance(Array(word.utf8.prefix(64)), Array(name.utf8.prefix(64)))
            if distance < best?.distance ?? .max { best = (name, distance) }
        }
        guard let best, best.distance <= max(1, word.utf8.count / 3) else { return nil }
        return "did you mean '\(best.name)'?"
    }

    /// How many letters must be changed, added or left out (Levenshtein).
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var row = Array(0...other.count)
        for (place, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = place + 1
            for column in 0..<other.count {
                let above = row[column + 1]
                row[column + 1] = min(
                    min(above, row[column]) + 1, diagonal + (letter == other[column] ? 0 : 1))
                diagonal = above
            }
        }
        return row[other.count]
    }
}
