// SPDX-License-Identifier: Apache-2.0

internal import Console
internal import Glibc
internal import Simulation

/// `quadrat-simulate network`: thousands of complete nodes on virtual links.
enum NetworkCommand {
    static let verb = Verb(
        "network", "thousands of complete nodes on virtual links",
        discussion: """
            Every node is the product's own, with its keys, handshakes and disk. A fifth of the \
            storage nodes lie, withhold or are silent, and pass no gossip on; some cannot be \
            dialled, nodes leave and come back, and the network may be parted. Exit status 3 when a \
            header or a verdict that should have come in a block time did not, or a verdict is \
            wrong.
            """,
        options: [
            Option("storage", .integer("N", 5...2_000), "storage nodes", fallback: "100"),
            Option("light", .integer("N", 1...20_000), "light nodes", fallback: "900"),
            Option(
                "adversaries", .integer("PERMILLE", 0...900), "storage nodes that misbehave",
                fallback: "200"),
            Option(
                "churn", .integer("PERMILLE", 0...1_000), "nodes that leave a minute",
                fallback: "100"),
            Option(
                "behind", .integer("PERMILLE", 0...900), "storage nodes that cannot be dialled",
                fallback: "200"),
            Option("blocks", .integer("N", 1...1_000), "blocks that are watched", fallback: "10"),
            Option(
                "block-ms", .integer("MS", 500...60_000), "from block to block",
                fallback: "6000"),
            Option(
                "parted-ms", .integer("MS", 0...600_000), "how long the network is parted",
                fallback: "0"),
            Option(
                "blob-bytes", .integer("BYTES", 1...1_000_000), "a blob a block",
                fallback: "4000"),
            Option(
                "withhold", .text("none|whole|minimal"), "what is hidden of some blocks",
                fallback: "none"),
            Option(
                "every", .integer("N", 1...100), "those whose heights this divides", fallback: "3"),
            Option(
                "settle-ms", .integer("MS", 1_000...600_000), "before the first watched block",
                fallback: "60000"),
            Option(
                "seed", .integer("N", 0...Int64.max), "where every draw comes from",
                fallback: "1"),
            Option("json", .flag, "for machines"),
        ],
        examples: ["network", "network --light 9500 --storage 500 --blocks 5"],
        action: { call throws(CommandFault) in
            let plan = try plan(call)
            let clock = ContinuousClock()
            let began = clock.now
            do {
                var scenario = try NetworkScenario(plan)
                let report = scenario.run { call.terminal.note($0) }
                report.unreachedLines.prefix(100).forEach(call.terminal.note)
                report.lateLines.prefix(20).forEach(call.terminal.note)
                tell(report, wallSeconds: (clock.now - began) / .seconds(1), call)
                return report.holds ? .done : .untrue
            } catch {
                throw .failed("\(error)")
            }
        })

    private static func plan(_ call: Invocation) throws(CommandFault) -> NetworkScenario.Plan {
        func number(_ name: String) throws(CommandFault) -> Int {
            Int(try call.integer(name) ?? 0)
        }
        var plan = NetworkScenario.Plan()
        plan.storage = try number("storage")
        plan.light = try number("light")
        plan.adversariesPerMille = try number("adversaries")
        plan.churnPerMille = try number("churn")
        plan.translatedPerMille = try number("behind")
        plan.blocks = try number("blocks")
        plan.blockMilliseconds = UInt64(try number("block-ms"))
        plan.partedMilliseconds = UInt64(try number("parted-ms"))
        plan.blobBytes = try number("blob-bytes")
        plan.withheldEvery = UInt64(try number("every"))
        plan.settlingMilliseconds = UInt64(try number("settle-ms"))
        plan.seed = UInt64(try number("seed"))
        let text = call.text("withhold") ?? "none"
        guard let withholding = NetworkScenario.Withholding(rawValue: text) else {
            throw .usage("--withhold is '\(text)'", hint: "it is none, whole or minimal")
        }
        plan.withholding = withholding
        return plan
    }

    private static func tell(_ report: NetworkReport, wallSeconds: Double, _ call: Invocation) {
        let figures =
            [
                ("storage", "\(report.plan.storage)"), ("light", "\(report.plan.light)"),
                ("seed", "\(report.plan.seed)"),
            ] + report.figures.map { ($0.name, $0.value) }
            + [
                ("wallSeconds", "\((wallSeconds * 10).rounded() / 10)"),
                ("processorSeconds", "\(clock() / Int(CLOCKS_PER_SEC))"),
                ("holds", "\(report.holds)"),
            ]
        if call.flag("json") {
            let text = figures.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ")
            call.terminal.print("{\(text)}")
        } else {
            for (name, value) in figures { call.terminal.print("\(name)\t\(value)") }
        }
    }
}
