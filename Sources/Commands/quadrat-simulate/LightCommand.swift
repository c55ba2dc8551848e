// SPDX-License-Identifier: Apache-2.0

internal import Console
internal import LightSimulation

/// `quadrat-simulate light`: light clients that are lied to, from many seeds.
enum LightCommand {
    static let verb = Verb(
        "light", "light clients among liars, on chains whose committees change",
        discussion: """
            Each seed is a chain of a month whose committee is replaced whole, a client that comes and \
            goes, and liars who have less than a third of each committee and all keys that nothing \
            stands behind any more. Exit status 3 when a client follows what is not the chain's, blames \
            somebody honest, or stays behind though somebody honest can be asked. With --flaw it must: \
            \(LightScenario.Flaw.allCases.map(\.rawValue).joined(separator: ", ")).
            """,
        options: [
            Option("seeds", .text("A..B"), "which runs", fallback: "1..1000"),
            Option("flaw", .text("NAME"), "what is broken on purpose"),
        ],
        examples: ["light --seeds 1..1000", "light --seeds 7..7 --flaw tooManyLiars"],
        action: { call throws(CommandFault) in
            let seeds = try CommitteePlan.range(call.text("seeds") ?? "")
            let flaw = try call.text("flaw").map { name throws(CommandFault) in
                guard let flaw = LightScenario.Flaw(rawValue: name) else {
                    throw .usage("--flaw is '\(name)'", hint: "the names are in --help")
                }
                return flaw
            }
            var (forged, accepted, punished, expired, bisected) = (0, 0, 0, 0, 0)
            var (pivots, synced, served, broken) = (0, 0, 0, 0)
            for seed in seeds {
                var world = LightWorld(LightScenario(seed: seed, flaw: flaw))
                let report = world.run()
                for violation in report.violations {
                    call.terminal.print("seed \(seed)\t\(violation)")
                }
                if report.syncedCount < report.servedCount, report.violations.isEmpty {
                    call.terminal.print("seed \(seed)\t\(report.stories)")
                }
                let isBroken =
                    !report.violations.isEmpty || report.syncedCount < report.servedCount
                broken += isBroken ? 1 : 0
                forged += report.forgeryCount
                accepted += report.acceptedCount
                punished += report.punishedCount
                expired += report.expiredCount
                bisected += report.bisectionCount
                pivots = max(pivots, report.pivotsMax)
                synced += report.syncedCount
                served += report.servedCount
            }
            let figures: [(String, Int)] = [
                ("runs", seeds.count), ("violations", broken), ("forged headers given", forged),
                ("headers taken", accepted), ("lies found out", punished),
                ("sessions served", served), ("sessions synced", synced),
                ("away too long", expired), ("bisections", bisected),
                ("most headers between", pivots),
            ]
            for (name, value) in figures { call.terminal.print("\(name)\t\(value)") }
            return broken == 0 ? .done : .untrue
        })
}
