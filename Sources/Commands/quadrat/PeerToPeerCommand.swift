// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Console
internal import Peering
internal import RPC

/// `quadrat p2p`: the peers of a running node.
enum PeerToPeerCommand {
    static let verb = Verb(
        "p2p", "see and rule the peers of a running node", verbs: [peers, block, unblock, stats])

    private static let subject = Positional(
        "PEER", "a peer id, an IP address, or a subnet such as 192.0.2.0/24")

    private static let peers = Verb(
        "peers", "list the peers that are connected",
        discussion: "Columns: peer id, direction, protocols that it serves, address, agent.",
        options: NodeConnection.options, examples: ["p2p peers", "p2p peers --json"],
        action: { call throws(CommandFault) in
            let table = try ask("p2p.PeerTable", call)
            if call.flag("json") {
                call.terminal.print(json: { writer in
                    writer.array(table.elements ?? []) { write($1, to: &$0) }
                })
                return .done
            }
            for peer in table.elements ?? [] {
                let words = [
                    text(peer, "id"), text(peer, "direction"),
                    "\(count(peer, "protocols"))", text(peer, "address"), text(peer, "agent"),
                ]
                call.terminal.print(words.joined(separator: "  "))
            }
            return .done
        })

    private static let block = Verb(
        "block", "refuse a peer, an address or a subnet, and hang up on it",
        discussion: "The block holds until 'p2p unblock', also when the node starts again.",
        positionals: [subject], options: NodeConnection.options,
        examples: ["p2p block 12D3KooW…", "p2p block 192.0.2.0/24"],
        action: { call throws(CommandFault) in
            try gate(call, peer: "p2p.BlockPeer", network: "p2p.BlockSubnet", "blocked")
        })

    private static let unblock = Verb(
        "unblock", "let a peer, an address or a subnet in again",
        positionals: [subject], options: NodeConnection.options,
        examples: ["p2p unblock 192.0.2.0/24"],
        action: { call throws(CommandFault) in
            try gate(call, peer: "p2p.UnblockPeer", network: "p2p.UnblockSubnet", "unblocked")
        })

    private static let stats = Verb(
        "stats", "show what connections take", options: NodeConnection.options,
        examples: ["p2p stats --json"],
        action: { call throws(CommandFault) in
            let statistics = try ask("p2p.Statistics", call)
            if call.flag("json") {
                call.terminal.print(json: { write(statistics, to: &$0) })
                return .done
            }
            func number(_ name: String) -> Int { count(statistics, name) }
            let lines = [
                "connections  \(number("connections_in")) in, \(number("connections_out")) out",
                "streams      \(number("streams_in")) in, \(number("streams_out")) out",
                "memory       \(number("memory_bytes")) of \(number("memory_limit_bytes")) bytes",
                "traffic      \(number("bytes_in")) bytes in, \(number("bytes_out")) bytes out",
                "known        \(number("known_peers")) peers, "
                    + "\(number("table_servers")) servers in the table, "
                    + "\(number("provider_records")) provider records",
                "blocked      \(number("blocked_peers")) peers, "
                    + "\(number("blocked_networks")) networks",
            ]
            for line in lines { call.terminal.print(line) }
            return .done
        })

    private static func gate(
        _ call: Invocation, peer: String, network: String, _ done: String
    ) throws(CommandFault) -> ExitCode {
        let subject = call.positional("PEER")
        let method = AddressBlock(subject) == nil ? peer : network
        if method == peer {
            do throws(DecodeFault) {
                _ = try PeerIdentifier(subject)
            } catch {
                throw .usage(
                    "'\(subject)' is no peer id, IP address or subnet",
                    hint: "give 12D3KooW…, 192.0.2.1 or 192.0.2.0/24")
            }
        }
        _ = try ask(method, call) { $0.string(subject) }
        if call.flag("json") {
            call.terminal.print(json: { writer in writer.object { $0.member(done, subject) } })
        } else {
            call.terminal.print("\(done) \(subject)")
        }
        return .done
    }

    private static func ask(
        _ method: String, _ call: Invocation,
        _ write: (inout JSONWriter) -> Void = { _ in }
    ) throws(CommandFault) -> JSONNode {
        let node = try NodeConnection.open(call)
        do throws(RPCClientFault) {
            return try node.call(method, write)
        } catch {
            throw CommandFault(error)
        }
    }

    /// The members of an answer as they came, whose values are texts, numbers or Booleans.
    private static func write(_ node: JSONNode, to writer: inout JSONWriter) {
        guard case .object(let members) = node else { return writer.null() }
        writer.object { writer in
            for member in members {
                let name = member.name.text
                if let text = member.value.text {
                    writer.member(name, text)
                } else if let number = member.value.integer(Int64.self) {
                    writer.member(name, number)
                } else if let isTrue = member.value.boolean {
                    writer.member(name, isTrue)
                }
            }
        }
    }

    private static func text(_ node: JSONNode, _ name: String) -> String {
        node.member(name)?.text ?? ""
    }

    private static func count(_ node: JSONNode, _ name: String) -> Int {
        node.member(name)?.integer(Int.self) ?? 0
    }
}
