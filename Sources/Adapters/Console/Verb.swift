// SPDX-License-Identifier: Apache-2.0

/// One thing that may follow a verb after two dashes.
package struct Option: Hashable, Sendable {
    /// What it takes.
    package enum Kind: Hashable, Sendable {
        /// Nothing: it is there or not.
        case flag
        /// A text, shown under this name in help.
        case text(String)
        /// A whole number within a range, shown under this name.
        case integer(String, ClosedRange<Int64>)
        /// A text, as often as wanted.
        case list(String)
    }

    /// Its name, without the dashes.
    package let name: String
    /// Its short form, without the dash.
    package let letter: Character?
    /// What it takes.
    package let kind: Kind
    /// What it does, in one phrase.
    package let summary: String
    /// What holds when nobody sets it; shown in help.
    package let fallback: String?
    /// Where it stands in the configuration file, if it may stand there.
    ///
    /// `rpc.listen` may then also be set in the environment, as `QUADRAT_RPC_LISTEN`.
    package let key: String?

    /// Declares an option.
    package init(
        _ name: String, _ kind: Kind, _ summary: String, letter: Character? = nil,
        fallback: String? = nil, key: String? = nil
    ) {
        self.name = name
        self.letter = letter
        self.kind = kind
        self.summary = summary
        self.fallback = fallback
        self.key = key
    }

    /// The environment variable that sets it, for those with a key.
    package var variable: String? {
        key.map { key in
            "QUADRAT_"
                + String(key.uppercased().map { $0 == "." || $0 == "-" ? "_" : $0 })
        }
    }

    /// The word for its value in help.
    var placeholder: String? {
        switch kind {
        case .flag: nil
        case .text(let name), .integer(let name, _), .list(let name): name
        }
    }
}

/// One word that follows a verb by its place.
package struct Positional: Hashable, Sendable {
    /// How many there may be.
    package enum Arity: Hashable, Sendable {
        case one
        case optional
        /// One or more; only the last positional may be this.
        case many
    }

    /// Its name in help, in capitals.
    package let name: String
    /// How many there may be.
    package let arity: Arity
    /// What it is, in one phrase.
    package let summary: String

    /// Declares a positional.
    package init(_ name: String, _ summary: String, arity: Arity = .one) {
        self.name = name
        self.arity = arity
        self.summary = summary
    }
}

/// A verb of a program: what it takes, what it is for, and what it does.
///
/// From this table come parsing, help and the known keys of the configuration file, so the three
/// cannot differ.
package struct Verb: Sendable {
    /// What a verb does.
    package typealias Action = @Sendable (Invocation) throws(CommandFault) -> ExitCode

    /// Its name.
    package let name: String
    /// What it does, in one phrase.
    package let summary: String
    /// More about it: shown in its own help.
    package let discussion: String
    /// What follows it by place.
    package let positionals: [Positional]
    /// What follows it by name.
    package let options: [Option]
    /// Commands to copy, without the program's name.
    package let examples: [String]
    /// Verbs below it; one that has any may do something itself too.
    package let verbs: [Verb]
    /// Whether help leaves it out.
    package let isHidden: Bool
    /// What it does.
    package let action: Action?

    /// Declares a verb that does something.
    package init(
        _ name: String, _ summary: String, discussion: String = "",
        positionals: [Positional] = [], options: [Option] = [], examples: [String] = [],
        verbs: [Verb] = [], isHidden: Bool = false, action: @escaping Action
    ) {
        self.name = name
        self.summary = summary
        self.discussion = discussion
        self.positionals = positionals
        self.options = options
        self.examples = examples
        self.isHidden = isHidden
        self.action = action
        self.verbs = verbs
    }

    /// Declares a verb that has others below it.
    package init(
        _ name: String, _ summary: String, discussion: String = "", verbs: [Verb]
    ) {
        self.name = name
        self.summary = summary
        self.discussion = discussion
        self.verbs = verbs
        positionals = []
        options = []
        examples = []
        isHidden = false
        action = nil
    }

    /// Every option of this verb and those below it.
    package var everyOption: [Option] {
        options + verbs.flatMap(\.everyOption)
    }
}
