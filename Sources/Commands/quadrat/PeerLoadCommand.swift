// SPDX-License-Identifier: Apache-2.0

internal import Console
internal import EventLoop
internal import FoundationEssentials
internal import Glibc
internal import LiveHost
internal import Peering
internal import RPC

/// `quadrat peer-load`: many peers of one node, each with a connection, asking for samples.
enum PeerLoadCommand {
    static let verb = Verb(
        "peer-load", "ask a node for samples from many peers at once",
        discussion: "Prints what came of it, and with --pid what it cost the node in processor "
            + "time and memory.",
        options: [
            Option("dial", .text("MULTIADDR"), "the node that is asked"),
            Option("network", .text("ID"), "the network's id", fallback: "quadrat-devnet"),
            Option("connections", .integer("N", 1...9_000), "peers", fallback: "2000"),
            Option("rate", .integer("N", 1...1_000_000), "questions a second", fallback: "4000"),
            Option("seconds", .integer("N", 1...3_600), "how long", fallback: "10"),
            Option("height", .integer("N", 1...Int64.max), "the block", fallback: "1"),
            Option("width", .integer("N", 2...1_024), "its extended side"),
            Option("pid", .integer("PID", 1...Int64(Int32.max)), "the node's process"),
            StandardOptions.json,
        ],
        isHidden: true,
        action: { call throws(CommandFault) in
            do {
                return try run(call)
            } catch let fault as CommandFault {
                throw fault
            } catch {
                throw .failed("\(error)")
            }
        })

    private static func run(_ call: Invocation) throws -> ExitCode {
        guard let width = try call.integer("width") else {
            throw CommandFault.usage("--width is missing", hint: "it is the extended square's side")
        }
        let pid = try call.integer("pid")
        let plan = PeerLoad.Plan(
            address: try Multiaddress(try call.required("dial")),
            network: try call.required("network"),
            connections: Int(try call.integer("connections") ?? 0),
            rate: Int(try call.integer("rate") ?? 0),
            seconds: Int(try call.integer("seconds") ?? 0),
            height: UInt64(try call.integer("height") ?? 1), width: Int(width))
        let loop = try EventLoop()
        let load = try PeerLoad(plan, on: loop)
        let before = pid.map { ProcessCost(pid: $0) }
        guard load.connect() else { throw CommandFault.failed("not all peers were connected") }
        let connected = pid.map { ProcessCost(pid: $0) }
        let outcome = load.ask()
        let after = pid.map { ProcessCost(pid: $0) }
        load.close()
        report(call, plan, outcome, [before, connected, after].compactMap { $0 })
        return outcome.answered == outcome.asked && outcome.lost == 0 ? .done : .untrue
    }

    private static func report(
        _ call: Invocation, _ plan: PeerLoad.Plan, _ outcome: PeerLoad.Outcome,
        _ costs: [ProcessCost]
    ) {
        func time(_ share: Int) -> UInt64 {
            guard let last = outcome.microseconds.last else { return 0 }
            let index = outcome.microseconds.count * share / 1_000
            return index < outcome.microseconds.count ? outcome.microseconds[index] : last
        }
        var fields: [(String, String)] = [
            ("connections", "\(outcome.connected)"),
            ("connectMilliseconds", "\(outcome.connectingNanoseconds / 1_000_000)"),
            ("asked", "\(outcome.asked)"), ("answered", "\(outcome.answered)"),
            ("overloaded", "\(outcome.overloaded)"), ("failed", "\(outcome.failed)"),
            ("lost", "\(outcome.lost)"),
            ("answerBytes", "\(outcome.bytes / max(1, outcome.answered))"),
            ("p50Microseconds", "\(time(500))"), ("p99Microseconds", "\(time(990))"),
            ("p999Microseconds", "\(time(999))"), ("maxMicroseconds", "\(time(1_000))"),
        ]
        if costs.count == 3 {
            let handshakes = costs[1].milliseconds - costs[0].milliseconds
            let serving = costs[2].milliseconds - costs[1].milliseconds
            fields += [
                ("nodeMicrosecondsAHandshake", "\(handshakes * 1_000 / plan.connections)"),
                (
                    "nodeBytesAConnection",
                    "\((costs[1].residentBytes - costs[0].residentBytes) / plan.connections)"
                ),
                ("nodeMicrosecondsAnAnswer", "\(serving * 1_000 / max(1, outcome.answered))"),
                ("nodeResidentBytes", "\(costs[2].residentBytes)"),
            ]
        }
        if call.flag("json") {
            let text = fields.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ")
            call.terminal.print("{\(text)}")
        } else {
            for (name, value) in fields { call.terminal.print("\(name)\t\(value)") }
        }
    }
}

/// What a process has cost so far, as the system tells it.
private struct ProcessCost {
    /// Processor time, in milliseconds.
    let milliseconds: Int
    /// Memory in use.
    let residentBytes: Int

    init(pid: Int64) {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
        let fields = text.split(separator: ")").last?.split(separator: " ").map(String.init) ?? []
        let ticks = fields.count > 21 ? (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) : 0
        milliseconds = ticks * 1_000 / max(1, sysconf(Int32(_SC_CLK_TCK)))
        residentBytes = (fields.count > 21 ? Int(fields[21]) ?? 0 : 0) * 4_096
    }
}
