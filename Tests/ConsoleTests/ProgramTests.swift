// SPDX-License-Identifier: Apache-2.0

import Console
import Synchronization
import Testing

/// A program to try everything on, and what it said.
private struct Trial {
    let code: ExitCode
    let output: String
    let errors: String

    init(_ arguments: [String], environment: [String: String] = [:], files: [String: String] = [:])
    {
        let said = Said()
        let terminal = Terminal(
            output: { said.append($0, toOutput: true) },
            errors: { said.append($0, toOutput: false) }, isWatched: false)
        code = Program(
            Self.root, defaultConfiguration: { _ in "/etc/try.toml" },
            readFile: { path in files[path].map { Array($0.utf8) } }
        ).run(arguments, environment: environment, terminal: terminal)
        self.output = said.text(ofOutput: true)
        self.errors = said.text(ofOutput: false)
    }

    static let root = Verb(
        "try", "a program to try things on",
        verbs: [
            Verb(
                "serve", "serve shares", discussion: "Runs until it is stopped.",
                positionals: [Positional("NAME", "who serves", arity: .optional)],
                options: [
                    Option("config", .text("FILE"), "read this configuration", letter: "c"),
                    Option("json", .flag, "print JSON"),
                    Option(
                        "port", .integer("PORT", 1...65535), "listen here", letter: "p",
                        fallback: "26658", key: "rpc.port"),
                    Option("peer", .list("ADDRESS"), "dial this peer", key: "p2p.peers"),
                    Option("strict", .flag, "refuse more", key: "strict"),
                ], examples: ["serve --port 1"],
                action: { call throws(CommandFault) in
                    call.terminal.print(
                        "\(call.words("NAME")) \(try call.integer("port") ?? 0) "
                            + "\(call.texts("peer")) \(call.flag("json")) \(call.flag("strict"))")
                    return .done
                }),
            Verb(
                "copy", "copy files",
                positionals: [
                    Positional("TO", "where to"), Positional("FROM", "what", arity: .many),
                ],
                action: { call throws(CommandFault) in
                    call.terminal.print("\(call.positional("TO")) \(call.words("FROM"))")
                    if call.positional("TO") == "nowhere" {
                        throw .failed("no space left", hint: "free some")
                    }
                    return .done
                }),
            Verb("ghost", "hidden", isHidden: true, action: { _ in .untrue }),
        ])
}

private final class Said: Sendable {
    private let sides = Mutex<(output: [UInt8], errors: [UInt8])>(([], []))

    func append(_ bytes: [UInt8], toOutput: Bool) {
        sides.withLock { sides in
            if toOutput { sides.output += bytes } else { sides.errors += bytes }
        }
    }

    func text(ofOutput: Bool) -> String {
        sides.withLock { String(decoding: ofOutput ? $0.output : $0.errors, as: UTF8.self) }
    }
}

@Suite struct ProgramTests {
    /// Every way of writing options and words is read alike.
    @Test(arguments: [
        (["serve"], "[] 26658 [] false false\n"),
        (["serve", "--port", "7"], "[] 7 [] false false\n"),
        (["serve", "--port=7", "ada"], "[\"ada\"] 7 [] false false\n"),
        (["serve", "ada", "-p", "7", "--json"], "[\"ada\"] 7 [] true false\n"),
        (["serve", "--peer", "a", "--peer=b=c"], "[] 26658 [\"a\", \"b=c\"] false false\n"),
        (["serve", "--", "--json"], "[\"--json\"] 26658 [] false false\n"),
        (["serve", "-5"], "[\"-5\"] 26658 [] false false\n"),
        (["copy", "a", "b", "c"], "a [\"b\", \"c\"]\n"),
        (["copy", "-", "b"], "- [\"b\"]\n"),
    ])
    func wordsAreRead(arguments: [String], printed: String) {
        let trial = Trial(arguments)
        #expect(trial.output == printed)
        #expect(trial.errors == "")
        #expect(trial.code == .done)
    }

    /// Every mistake is one line that says what to do, and ends with the code for usage.
    @Test(arguments: [
        (["serv"], "try: there is no verb 'serv'; did you mean 'serve'?\n"),
        (["zzz"], "try: there is no verb 'zzz'; see 'try --help'\n"),
        (["serve", "--prt", "7"], "there is no option '--prt'; did you mean '--port'?\n"),
        (["serve", "-x"], "there is no option '-x'; see 'try serve --help'\n"),
        (["serve", "--port"], "--port needs a value: listen here\n"),
        (["serve", "--port", "0"], "--port is '0'; it must be a whole number from 1 to 65535\n"),
        (["serve", "--port", "x"], "--port is 'x'; it must be a whole number from 1 to 65535\n"),
        (["serve", "--json=yes"], "--json takes no value\n"),
        (["serve", "--port=1", "-p", "2"], "--port is given twice\n"),
        (["serve", "a", "b"], "'b' is one word too many; see 'try serve --help'\n"),
        (["copy"], "TO is missing: where to\n"),
        (["copy", "a"], "FROM is missing: what\n"),
    ])
    func mistakesAreToldInOneLine(arguments: [String], line: String) {
        let trial = Trial(arguments)
        #expect(trial.errors.hasSuffix(line), "\(trial.errors)")
        #expect(trial.errors.filter { $0 == "\n" }.count == 1)
        #expect(trial.output == "")
        #expect(trial.code == .usage)
    }

    /// A command that cannot be done says why and what to do.
    @Test func failureIsTold() {
        let trial = Trial(["copy", "nowhere", "b"])
        #expect(trial.code == .failed)
        #expect(trial.errors == "try copy: no space left; free some\n")
        #expect(Trial(["ghost"]).code == .untrue)
    }

    /// Help is printed for whoever asks, and shown to whoever names no verb.
    @Test func helpIsMadeFromTheTable() {
        let help = Trial(["serve", "--help"])
        #expect(help.code == .done)
        #expect(
            help.output == """
                try serve: serve shares

                usage: try serve [options] [NAME]

                Runs until it is stopped.

                  NAME  who serves

                options:
                  -c, --config FILE  read this configuration
                  --json             print JSON
                  -p, --port PORT    listen here (default 26658; configuration rpc.port)
                  --peer ADDRESS     dial this peer (may be repeated; configuration p2p.peers)
                  --strict           refuse more (configuration strict)
                  -h, --help         print this

                examples:
                  try serve --port 1

                """)
        #expect(help.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
        let root = Trial(["--help"])
        #expect(root.output.contains("serve"))
        #expect(!root.output.contains("ghost"))
        #expect(Trial(["help"]).output == root.output)
        let nothing = Trial([])
        #expect(nothing.code == .usage)
        #expect(nothing.errors == root.output)
        #expect(nothing.output == "")
    }

    /// The command line wins over the environment, that over the file, that over the fallback.
    @Test func settingsHaveAnOrder() {
        let files = ["/etc/try.toml": "strict = true\n[rpc]\nport = 3\n[p2p]\npeers = [\"x\"]\n"]
        let environment = ["QUADRAT_RPC_PORT": "2", "QUADRAT_P2P_PEERS": "y,z"]
        #expect(Trial(["serve"], files: files).output == "[] 3 [\"x\"] false true\n")
        #expect(
            Trial(["serve"], environment: environment, files: files).output
                == "[] 2 [\"y\", \"z\"] false true\n")
        #expect(
            Trial(["serve", "-p", "1"], environment: environment, files: files).output
                == "[] 1 [\"y\", \"z\"] false true\n")
        #expect(
            Trial(["serve", "-c", "/other"], files: ["/other": "rpc.port = 4"]).output
                == "[] 4 [] false false\n")
        #expect(
            Trial(["serve", "-c", "/gone"]).errors
                .hasSuffix("there is no configuration file /gone\n"))
    }

    /// Wrong settings are told with file and line, and the nearest right one.
    @Test(arguments: [
        ("[rpc]\nprot = 1\n", "line 2: there is no setting 'rpc.prot'; did you mean 'rpc.port'?"),
        ("x = 1", "line 1: there is no setting 'x'"),
        ("\nrpc.port = \"1\"", "line 2: 'rpc.port' must be a whole number"),
        ("rpc.port = 70000", "line 1: 'rpc.port' must be from 1 to 65535"),
        ("strict = 1", "line 1: 'strict' must be true or false"),
        ("p2p.peers = [1]", "line 1: 'p2p.peers' must be an array of texts"),
    ])
    func wrongSettingsAreTold(text: String, message: String) {
        let trial = Trial(["serve"], files: ["/etc/try.toml": text])
        #expect(trial.errors.hasSuffix("/etc/try.toml, \(message)\n"), "\(trial.errors)")
        #expect(trial.code == .usage)
        #expect(Trial(["copy", "a", "b"], files: ["/etc/try.toml": text]).code == .done)
    }

    /// Progress is drawn where a person watches, once for each change, and cleared.
    @Test func progressIsDrawnForPeople() {
        for isWatched in [true, false] {
            let said = Said()
            var bar = ProgressBar(
                Terminal(
                    output: { _ in }, errors: { said.append($0, toOutput: false) },
                    isWatched: isWatched), "rows", total: 1000)
            for done in 0...2000 { bar.update(done) }
            bar.finish()
            let text = said.text(ofOutput: false)
            #expect(text.split(separator: "\r").count == (isWatched ? 122 : 0))
            #expect(text.hasSuffix("100 %\r\u{1b}[K") == isWatched)
        }
    }
}
