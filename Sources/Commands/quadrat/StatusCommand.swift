// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import RPC

/// `quadrat status`: how a node is.
enum StatusCommand {
    static let verb = Verb(
        "status", "ask a node how it is",
        discussion: "Exit code 4 says that it does not answer.",
        options: NodeConnection.options,
        action: { call throws(CommandFault) in
            let node = try NodeConnection.open(call)
            let status: Status
            do throws(RPCClientFault) {
                status = try Status(node)
            } catch {
                throw CommandFault(error)
            }
            if call.flag("json") {
                call.terminal.print(json: { status.write(to: &$0) })
            } else {
                for line in status.lines { call.terminal.print(line) }
            }
            return .done
        })

    private struct Status {
        let isReady: Bool
        let head: ExtendedHeader
        let networkHeight: UInt64
        /// Up to where blocks were sampled; nil for nodes that do not sample.
        let sampledHeight: UInt64?
        let isCaughtUp: Bool?

        init(_ node: RPCClient) throws(RPCClientFault) {
            isReady = try node.call("node.Ready").boolean ?? false
            head = try node.localHead()
            let synchronization = try node.call("header.SyncState")
            networkHeight =
                synchronization.member("to_height")?.integer(UInt64.self) ?? head.height.value
            let sampling: JSONNode?
            do throws(RPCClientFault) {
                sampling = try node.call("das.SamplingStats")
            } catch {
                guard case .error = error else { throw error }
                sampling = nil
            }
            sampledHeight = sampling?.member("head_of_sampled_chain")?.integer(UInt64.self)
            isCaughtUp = sampling?.member("catch_up_done")?.boolean
        }

        var lines: [String] {
            var lines = [
                "chain     \(head.header.chainID)",
                "ready     \(isReady ? "yes" : "no")",
                "head      \(head.height)  \(head.time)",
                "network   \(max(networkHeight, head.height.value))",
            ]
            if let sampledHeight {
                let end = isCaughtUp == true ? "caught up" : "catching up"
                lines.append("sampled   \(sampledHeight)  \(end)")
            }
            return lines
        }

        func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.member("chain_id", head.header.chainID)
                writer.member("ready", isReady)
                writer.member("head", head.height.value)
                writer.member("head_hash", hex: head.hash.array)
                writer.member("time", head.time.description)
                writer.member("network_head", max(networkHeight, head.height.value))
                if let sampledHeight { writer.member("sampled_head", sampledHeight) }
                if let isCaughtUp { writer.member("caught_up", isCaughtUp) }
            }
        }
    }
}
