// SPDX-License-Identifier: Apache-2.0

internal import Console
internal import RPC

/// What a scenario required and whether it held: line by line for a person, or one JSON object.
struct DevnetFindings {
    private struct Finding {
        let name: String
        let holds: Bool
        let detail: String
    }

    private let terminal: Terminal
    private let isJSON: Bool
    private var findings: [Finding] = []
    private var numbers: [(name: String, value: Int)] = []
    private var fault: String?

    /// Tells through `terminal`.
    init(_ terminal: Terminal, isJSON: Bool) {
        self.terminal = terminal
        self.isJSON = isJSON
    }

    /// Whether something was required and all of it held, to the end.
    var hold: Bool { fault == nil && !findings.isEmpty && findings.allSatisfy(\.holds) }

    /// What did not hold, in one line.
    var failures: String {
        let names = findings.filter { !$0.holds }.map(\.name) + (fault.map { [$0] } ?? [])
        return names.joined(separator: "; ")
    }

    /// Begins a part of the story.
    func step(_ text: String) {
        guard !isJSON else { return }
        terminal.print("")
        terminal.print("● \(text)")
    }

    /// Tells what happens.
    func say(_ text: String) {
        if !isJSON { terminal.print("  \(text)") }
    }

    /// Tells whether something that is required holds; `detail` is what was seen.
    mutating func require(_ name: String, _ holds: Bool, _ detail: String) {
        findings.append(Finding(name: name, holds: holds, detail: detail))
        say("\(holds ? "✓" : "✗") \(name): \(detail)")
    }

    /// Keeps a number that was measured for the object; the name says its unit.
    mutating func measured(_ name: String, _ value: Int) {
        numbers.append((name, value))
    }

    /// The scenario could not go on.
    mutating func broke(_ reason: String) {
        fault = reason
        say("✗ \(reason)")
    }

    /// Prints the object, when one is wanted.
    func end(_ scenario: String) {
        guard isJSON else { return }
        terminal.print(json: { writer in
            writer.object { writer in
                writer.member("scenario", scenario)
                writer.member("holds", hold)
                if let fault { writer.member("fault", fault) }
                writer.member("findings") { writer in
                    writer.array(findings) { writer, finding in
                        writer.object {
                            $0.member("name", finding.name)
                            $0.member("holds", finding.holds)
                            $0.member("detail", finding.detail)
                        }
                    }
                }
                writer.member("numbers") { writer in
                    writer.object { writer in
                        for (name, value) in numbers { writer.member(name, value) }
                    }
                }
            }
        })
    }
}
