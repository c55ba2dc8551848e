// SPDX-License-Identifier: Apache-2.0

internal import CommitteeSimulation
internal import Console
internal import Glibc

/// `quadrat-simulate committee`: one run of a committee, or many that are taken up again.
enum CommitteeCommand {
    static let verb = Verb(
        "committee", "a committee that agrees, under misconduct and on a bad network",
        discussion: """
            Every member is the product's own machine; signatures are numbers that only the world \
            can make. With --seed one run is told of whole; with --seeds every seed of the range \
            runs, each line of the results file is one run, and runs that are in it are not run \
            again. Exit status 3 when something forbidden happened. Scenarios: \
            \((CommitteeTrouble.all + CommitteeTrouble.forks).map(\.name).joined(separator: ", ")).
            """,
        options: [
            Option("seed", .integer("N", 0...Int64.max), "one run", fallback: "1"),
            Option("seeds", .text("A..B"), "many runs, of these seeds"),
            Option("scenario", .text("NAME"), "one of the names above, or all", fallback: "all"),
            Option(
                "members", .integer("N", 0...100), "how many members; 0 for 4, 7, 10 and 13",
                fallback: "0"),
            Option("mutant", .text("NAME"), "the bug that all honest members have"),
            Option("results", .text("FILE"), "where many runs are kept"),
        ],
        examples: [
            "committee --seed 7 --scenario twins --members 4",
            "committee --seeds 1..200 --results runs.txt",
        ],
        action: { call throws(CommandFault) in
            let plan = try CommitteePlan(call)
            guard let seeds = plan.seeds else { return try one(plan, call) }
            return try many(plan, seeds, call)
        })

    private static func one(_ plan: CommitteePlan, _ call: Invocation) throws(CommandFault)
        -> ExitCode
    {
        guard plan.troubles.count == 1, let trouble = plan.troubles.first else {
            throw .usage("one seed needs one --scenario", hint: "or give --seeds A..B")
        }
        var isClean = true
        for members in plan.sizes {
            var scenario = trouble.scenario(members: members, seed: plan.seed)
            scenario.mutant = plan.mutant
            let world = CommitteeWorld(scenario)
            let report = world.run()
            for (name, value) in report.figures {
                call.terminal.print("\(name)\t\(value)")
            }
            report.violations.forEach(call.terminal.print)
            if !report.violations.isEmpty { world.standings.forEach(call.terminal.print) }
            isClean = isClean && report.violations.isEmpty
        }
        return isClean ? .done : .untrue
    }

    private static func many(
        _ plan: CommitteePlan, _ seeds: ClosedRange<UInt64>, _ call: Invocation
    ) throws(CommandFault) -> ExitCode {
        let file = try call.text("results").map { path throws(CommandFault) in
            try ResultsFile(path)
        }
        var summary = CommitteeSummary()
        for seed in seeds {
            for trouble in plan.troubles {
                for members in plan.sizes {
                    let name = "\(trouble.name) \(members) \(seed)"
                    if let kept = file?.kept[name] {
                        summary.add(kept)
                        continue
                    }
                    var scenario = trouble.scenario(members: members, seed: seed)
                    scenario.mutant = plan.mutant
                    let outcome = CommitteeOutcome(CommitteeWorld(scenario).run())
                    summary.add(outcome)
                    for violation in outcome.violations {
                        call.terminal.print("\(name): \(violation)")
                    }
                    try file?.add(name, outcome)
                }
            }
        }
        for (name, value) in summary.figures { call.terminal.print("\(name)\t\(value)") }
        return summary.violations == 0 ? .done : .untrue
    }
}

/// What is to be run.
struct CommitteePlan {
    let seed: UInt64
    let seeds: ClosedRange<UInt64>?
    let troubles: [CommitteeTrouble]
    let sizes: [Int]
    let mutant: CommitteeMutant?

    init(_ call: Invocation) throws(CommandFault) {
        seed = UInt64(try call.integer("seed") ?? 1)
        seeds = try call.text("seeds").map(Self.range)
        let name = call.text("scenario") ?? "all"
        if name == "all" {
            troubles = CommitteeTrouble.all
        } else if let trouble = CommitteeTrouble(name: name) {
            troubles = [trouble]
        } else {
            throw .usage("--scenario is '\(name)'", hint: "the names are in --help")
        }
        let members = Int(try call.integer("members") ?? 0)
        guard members == 0 || members >= 4 else {
            throw .usage(
                "--members is \(members)", hint: "with less than four nobody may be faulty")
        }
        sizes = members == 0 ? [4, 7, 10, 13] : [members]
        mutant = try call.text("mutant").map { name throws(CommandFault) in
            guard let mutant = CommitteeMutant(name: name) else {
                let names = CommitteeMutant.all.map(\.name).joined(separator: ", ")
                throw .usage("--mutant is '\(name)'", hint: "there are \(names)")
            }
            return mutant
        }
    }

    static func range(_ text: String) throws(CommandFault) -> ClosedRange<UInt64> {
        let parts = text.split(separator: ".", omittingEmptySubsequences: true)
        guard parts.count == 2, let first = UInt64(parts[0]), let last = UInt64(parts[1]),
            first <= last
        else { throw .usage("--seeds is '\(text)'", hint: "it is like 1..200") }
        return first...last
    }
}
