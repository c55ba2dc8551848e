// SPDX-License-Identifier: Apache-2.0

internal import CommitteeSimulation
internal import Console

/// `quadrat-simulate crashes`: a crash at every place where a member is about to do something.
enum CrashesCommand {
    static let verb = Verb(
        "crashes", "a crash at every place where a committee's member is about to do something",
        discussion: """
            One run for each place, with what the member's log had not made durable lost or torn. \
            Exit status 3 when a member signed two statements that conflict, or anything else \
            forbidden happened.
            """,
        options: [
            Option("points", .integer("N", 1...10_000_000), "places at least", fallback: "10000"),
            Option("members", .integer("N", 4...100), "how many members", fallback: "4"),
            Option("seed", .integer("N", 0...Int64.max), "the first seed", fallback: "1"),
        ],
        examples: ["crashes --points 10000"],
        action: { call throws(CommandFault) in
            let wanted = Int(try call.integer("points") ?? 10_000)
            let members = Int(try call.integer("members") ?? 4)
            var seed = UInt64(try call.integer("seed") ?? 1)
            var (points, lost, violations) = (0, 0, 0)
            while points < wanted {
                let report = CrashSweep.run(seed: seed, members: members)
                points += report.points
                lost += report.recordsLost
                violations += report.violations.count
                report.violations.forEach(call.terminal.print)
                seed += 1
            }
            for (name, value) in [
                ("points", points), ("recordsLost", lost), ("violations", violations),
            ] {
                call.terminal.print("\(name)\t\(value)")
            }
            return violations == 0 ? .done : .untrue
        })
}
