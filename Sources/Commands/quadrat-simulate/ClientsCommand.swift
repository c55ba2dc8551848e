// SPDX-License-Identifier: Apache-2.0

internal import CommitteeSimulation
internal import Console

/// `quadrat-simulate clients`: light clients whose sources lie.
enum ClientsCommand {
    static let verb = Verb(
        "clients", "light clients whose sources lie, on chains whose validators change",
        discussion: """
            Chains of 60 heights with a committee that loses a member every six; less than a third \
            of each is faulty, and who left longer ago than unbonding takes is bought. Half of all \
            headers that clients are given are forged. Exit status 3 when a client took a header for \
            true that is not the chain's.
            """,
        options: [
            Option("seeds", .integer("N", 1...10_000_000), "chains of each size", fallback: "100"),
            Option("clients", .integer("N", 1...100_000), "clients of each chain", fallback: "25"),
            Option("mutant", .text("NAME"), "the bug that all clients have"),
        ],
        examples: ["clients --seeds 100"],
        action: { call throws(CommandFault) in
            let seeds = UInt64(try call.integer("seeds") ?? 100)
            let clients = Int(try call.integer("clients") ?? 25)
            let mutant = call.text("mutant").flatMap { LightMutant(rawValue: $0) }
            guard call.text("mutant") == nil || mutant != nil else {
                let names = LightMutant.allCases.map(\.rawValue).joined(separator: ", ")
                throw .usage("--mutant is unknown", hint: "there are \(names)")
            }
            var (given, forged, reached, refused) = (0, 0, 0, 0)
            var violations: [String] = []
            for members in [4, 7, 10, 13] {
                for seed in 1...seeds {
                    var world = LightClientWorld(seed: seed, members: members, mutant: mutant)
                    let report = world.run(clients: clients)
                    given += report.given
                    forged += report.forged
                    reached += report.reached
                    refused += report.refused
                    violations += report.violations.map { "\(members) \(seed): \($0)" }
                }
            }
            for (name, value) in [
                ("chains", 4 * Int(seeds)), ("headersGiven", given), ("headersForged", forged),
                ("targetsReached", reached), ("targetsRefused", refused),
                ("violations", violations.count),
            ] {
                call.terminal.print("\(name)\t\(value)")
            }
            violations.prefix(3).forEach(call.terminal.print)
            return violations.isEmpty ? .done : .untrue
        })
}
