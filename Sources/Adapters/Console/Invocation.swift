// SPDX-License-Identifier: Apache-2.0

/// One call of a verb: what was given, by name.
///
/// A setting is looked for on the command line, then in the environment, then in the configuration
/// file, and last in its fallback. Asking for a name that the verb does not declare is a mistake of
/// the program and stops it.
package struct Invocation: Sendable {
    /// The words that chose the verb: `quadrat square build`.
    package let path: [String]
    /// Where it speaks.
    package let terminal: Terminal
    /// The environment.
    package let environment: [String: String]
    let verb: Verb
    let given: [String: [String]]
    let positionals: [String: [String]]
    let configured: [String: [String]]

    // MARK: By name

    /// Whether a flag is set.
    package func flag(_ name: String) -> Bool {
        precondition(option(name).kind == .flag, "--\(name) is no flag")
        guard let text = texts(name).last else { return false }
        return text == "true" || text == "1"
    }

    /// The text of an option.
    package func text(_ name: String) -> String? {
        texts(name).last
    }

    /// The text of an option that must be there.
    package func required(_ name: String) throws(CommandFault) -> String {
        guard let text = text(name) else {
            throw .usage("--\(name) is missing", hint: "it is \(option(name).summary)")
        }
        return text
    }

    /// All texts of an option that may be given often.
    package func texts(_ name: String) -> [String] {
        let option = option(name)
        if let texts = given[name] { return texts }
        if let variable = option.variable, let text = environment[variable] {
            return option.isList ? text.split(separator: ",").map(String.init) : [text]
        }
        if let key = option.key, let texts = configured[key] { return texts }
        return option.fallback.map { [$0] } ?? []
    }

    /// The number of an option.
    package func integer(_ name: String) throws(CommandFault) -> Int64? {
        guard case .integer(_, let range) = option(name).kind else {
            preconditionFailure("--\(name) is no number")
        }
        guard let text = text(name) else { return nil }
        guard let number = Int64(text), range.contains(number) else {
            throw .usage(
                "--\(name) is '\(text)'",
                hint: "it must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    // MARK: By place

    /// The word at a place that must be there.
    package func positional(_ name: String) -> String {
        guard let word = words(name).first else {
            preconditionFailure("\(name) is optional")
        }
        return word
    }

    /// The words at a place: none or one for an optional one, one or more for a many.
    package func words(_ name: String) -> [String] {
        precondition(
            verb.positionals.contains { $0.name == name }, "\(verb.name) has no \(name)")
        return positionals[name] ?? []
    }

    private func option(_ name: String) -> Option {
        guard let option = verb.options.first(where: { $0.name == name }) else {
            preconditionFailure("\(verb.name) has no --\(name)")
        }
        return option
    }
}

extension Option {
    /// Whether it may be given often.
    var isList: Bool {
        if case .list = kind { return true }
        return false
    }
}
