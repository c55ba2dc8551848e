// SPDX-License-Identifier: Apache-2.0

internal import Console
internal import RPC

/// `quadrat evidence`: what validators were caught at, and what it cost them.
enum EvidenceCommand {
    static let verb = Verb(
        "evidence", "show faults of validators and what they cost",
        discussion: """
            Nodes that execute blocks know of faults: ask a validator's node. What waits is known \
            to it alone; what was slashed stands in the chain.
            """,
        verbs: [list, show])

    private static let list = Verb(
        "list", "list what is known", options: NodeConnection.options,
        action: { call throws(CommandFault) in
            let report = try fetch(call)
            if call.flag("json") {
                call.terminal.print(json: { $0.copy(report) })
                return .done
            }
            for (name, state) in [("pending", "waits"), ("slashed", "slashed")] {
                for entry in report.member(name)?.elements ?? [] {
                    let coins = entry.member("coins")?.text.map { "  \($0) taken" } ?? ""
                    let fields = ["id", "kind", "validator", "height"].map {
                        entry.member($0)?.text ?? "-"
                    }
                    call.terminal.print(
                        "\(fields[0].prefix(16))  \(fields[1])  \(fields[2])  "
                            + "height \(fields[3])  \(state)\(coins)")
                }
            }
            return .done
        })

    private static let show = Verb(
        "show", "show one with both statements",
        positionals: [Positional("ID", "which one: its id, or how that begins")],
        options: NodeConnection.options,
        action: { call throws(CommandFault) in
            let report = try fetch(call)
            let name = call.positional("ID").lowercased()
            let all = ["slashed", "pending"].flatMap { report.member($0)?.elements ?? [] }
            let found = all.filter { $0.member("id")?.text?.hasPrefix(name) == true }
            guard let entry = found.first, !name.isEmpty else {
                throw .failed("the node knows no evidence \(name)", hint: "see 'evidence list'")
            }
            guard found.count == 1 else {
                throw .usage("\(found.count) begin with \(name)", hint: "give more digits")
            }
            if call.flag("json") {
                call.terminal.print(json: { $0.copy(entry) })
            } else {
                for line in lines(entry, denom: report.member("denom")?.text ?? "") {
                    call.terminal.print(line)
                }
            }
            return .done
        })

    private static func fetch(_ call: Invocation) throws(CommandFault) -> JSONNode {
        let node = try NodeConnection.open(call)
        do throws(RPCClientFault) {
            return try node.slashings()
        } catch {
            throw CommandFault(error)
        }
    }

    /// One piece of evidence, for a person.
    static func lines(_ entry: JSONNode, denom: String) -> [String] {
        func text(_ name: String) -> String { entry.member(name)?.text ?? "" }
        var lines = [
            "evidence   \(text("id"))", "kind       \(text("kind")) \(text("fault"))",
            "validator  \(text("validator"))",
            "at         height \(text("height")), epoch \(text("epoch")), view \(text("view"))",
        ]
        for (number, statement) in (entry.member("statements")?.elements ?? []).enumerated() {
            func text(_ name: String) -> String { statement.member(name)?.text ?? "" }
            let name = number == 0 ? "first " : "second"
            lines.append("\(name)     \(text("kind")) \(text("block"))")
            if !text("time").isEmpty { lines.append("  signed   \(text("time"))") }
            lines.append("  by       \(text("signature"))")
        }
        guard entry.member("coins") != nil else { return lines + ["told       not yet"] }
        let isDone = entry.member("settled")?.boolean == true
        lines += [
            "operator   \(text("operator"))", "included   in block \(text("included"))",
            "reporter   \(text("reporter"))",
            "taken      \(text("coins")) \(denom) at once; \(text("fraction")) of the stake so far"
                + (isDone ? "" : ", the rest follows when it is known how many did the same"),
        ]
        return lines
    }
}
