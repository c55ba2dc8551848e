// SPDX-License-Identifier: Apache-2.0

internal import CommitteeSimulation
internal import Console

/// `quadrat-simulate mutants`: a table of bugs and of the runs that show them.
enum MutantsCommand {
    static let verb = Verb(
        "mutants", "bugs that the simulator must notice, each with a run that shows it",
        discussion: """
            Prints the rows of the table in Protocol/SIMULATIONS.md. Exit status 3 when fewer than \
            nine in ten are noticed.
            """,
        options: [
            Option("runs", .integer("N", 20...1_000_000), "runs for each bug", fallback: "1000"),
            Option("mutant", .text("NAME"), "just this one"),
        ],
        examples: ["mutants --runs 1000"],
        action: { call throws(CommandFault) in
            let runs = Int(try call.integer("runs") ?? 1_000)
            let mutants = CommitteeMutant.all.filter {
                call.text("mutant") == nil || call.text("mutant") == $0.name
            }
            var killed = 0
            for mutant in mutants {
                let row: String
                if let kill = MutantHunt.find(mutant, runsMax: runs) {
                    killed += 1
                    row =
                        "\(kill.invariant) | \(kill.trouble.name) | \(kill.members) | \(kill.seed) | "
                        + "\(kill.runs)"
                } else {
                    row = "none | | | | \(runs)"
                }
                call.terminal.print("| `\(mutant.name)` | \(mutant.rule) | \(row) |")
            }
            call.terminal.print("\(killed) of \(mutants.count) are noticed.")
            return killed * 10 >= mutants.count * 9 ? .done : .untrue
        })
}
