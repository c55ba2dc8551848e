// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import CommitteeSimulation
internal import Console

/// `quadrat-simulate explore`: every order of messages in the first views of a committee of four.
enum ExploreCommand {
    static let verb = Verb(
        "explore", "every order of messages in the first views of a committee of four",
        discussion: """
            One of the four is faulty and says all that it can. Exit status 3 when two blocks of \
            which neither stands on the other can be final, or an honest member can be blamed; 1 \
            when more could be reached than --states.
            """,
        options: [
            Option("views", .integer("N", 1...3), "views that are explored", fallback: "2"),
            Option("states", .integer("N", 1...1_000_000_000), "at most", fallback: "100000000"),
            Option(
                "faulty", .text("firstLeader|secondLeader|follower|all"), "where it stands",
                fallback: "all"),
            Option("mutant", .text("NAME"), "the bug that the honest have"),
        ],
        examples: ["explore --views 2"],
        action: { call throws(CommandFault) in
            let views = UInt64(try call.integer("views") ?? 2)
            let statesMax = Int(try call.integer("states") ?? 0)
            let mutant = call.text("mutant").flatMap { AgreementMutant(rawValue: $0) }
            let name = call.text("faulty") ?? "all"
            let places = CommitteeExplorer.Faulty.allCases.filter {
                name == "all" || $0.rawValue == name
            }
            guard !places.isEmpty else {
                throw .usage("--faulty is '\(name)'", hint: "the places are in --help")
            }
            var code = ExitCode.done
            for place in places {
                var explorer = CommitteeExplorer(faulty: place, views: views, mutant: mutant)
                let report = explorer.run(statesMax: statesMax)
                call.terminal.print(
                    "\(place.rawValue)\tviews \(views)\tstates \(report.states)\tsteps "
                        + "\(report.steps)\tmember states \(report.memberStates)\twith a final block "
                        + "\(report.finalStates)\texhausted \(report.isExhausted)")
                report.violations.forEach(call.terminal.print)
                if !report.violations.isEmpty {
                    code = .untrue
                } else if !report.isExhausted, code == .done {
                    code = .failed
                }
            }
            return code
        })
}
