// SPDX-License-Identifier: Apache-2.0

/// A program made of verbs: reads its command line and configuration, does what they ask, and says
/// in one line why not when it cannot.
package struct Program: Sendable {
    /// The largest configuration file, in bytes.
    package static let configurationSizeMax = 1 << 20

    private let root: Verb
    private let configurationOption: String
    private let defaultConfiguration: @Sendable ([String: String]) -> String?
    private let readFile: @Sendable (String) throws(CommandFault) -> [UInt8]?

    /// Declares a program.
    ///
    /// - Parameters:
    ///   - root: The table of verbs, under the program's name.
    ///   - configurationOption: The option that names another configuration file.
    ///   - defaultConfiguration: Where that file is looked for otherwise.
    ///   - readFile: The bytes of a file, nil where there is none.
    package init(
        _ root: Verb, configurationOption: String = "config",
        defaultConfiguration: @escaping @Sendable ([String: String]) -> String?,
        readFile: @escaping @Sendable (String) throws(CommandFault) -> [UInt8]?
    ) {
        self.root = root
        self.configurationOption = configurationOption
        self.defaultConfiguration = defaultConfiguration
        self.readFile = readFile
    }

    /// Runs one command line, without the program's name, and says how it ended.
    package func run(
        _ arguments: [String], environment: [String: String], terminal: Terminal
    ) -> ExitCode {
        var path = [root.name]
        do throws(CommandFault) {
            switch try ArgumentParser(root).parse(arguments) {
            case .help(let verb, let path, let asked):
                let text = Array(HelpText.make(verb, path: path).utf8)
                asked ? terminal.output(text) : terminal.errors(text)
                return asked ? .done : .usage
            case .run(let verb, let words):
                path = words.path
                guard let action = verb.action else {
                    preconditionFailure("only verbs that do something are run")
                }
                return try action(
                    Invocation(
                        path: words.path, terminal: terminal, environment: environment,
                        verb: verb, given: words.given, positionals: words.positionals,
                        configured: try configured(verb, words, environment)))
            }
        } catch {
            terminal.note("\(path.joined(separator: " ")): \(error)")
            return error.code
        }
    }

    /// The settings of the configuration file, for verbs that can have any.
    private func configured(
        _ verb: Verb, _ words: ParsedCommand.Words, _ environment: [String: String]
    ) throws(CommandFault) -> [String: [String]] {
        guard verb.options.contains(where: { $0.key != nil }) else { return [:] }
        let named = words.given[configurationOption]?.last
        guard let file = named ?? defaultConfiguration(environment) else { return [:] }
        guard let bytes = try readFile(file) else {
            if named == nil { return [:] }
            throw .usage("there is no configuration file \(file)")
        }
        do throws(ConfigurationFault) {
            let configuration = try Configuration(decoding: bytes)
            return try configuration.settings(of: root.everyOption)
        } catch {
            throw .usage("\(file), \(error)")
        }
    }
}
