// SPDX-License-Identifier: Apache-2.0

internal import Console
internal import RPC

/// `quadrat status`: how a node is.
enum StatusCommand {
    static let verb = Verb(
        "status", "ask a node how it is",
        discussion: """
            Kind, height, peers, sampling, disk, and what is in the way of its work. It needs no \
            token. Exit code 4 says that the node does not answer; with --ready, exit code 1 says \
            that it is not ready.
            """,
        options: NodeConnection.options + [
            Option("ready", .flag, "fail unless the node is ready")
        ],
        action: { call throws(CommandFault) in
            let node = try NodeConnection.open(call)
            let report: NodeReport
            do throws(RPCClientFault) {
                report = try NodeReport.fetch(node)
            } catch {
                throw CommandFault(error)
            }
            if call.flag("json") {
                call.terminal.print(json: { $0.copy(report.page) })
            } else {
                for line in report.lines { call.terminal.print(TopFrame.clean(line)) }
            }
            guard report.isReady || !call.flag("ready") else {
                let reasons = report.obstacles.map { "\($0.part): \($0.reason)" }
                throw .failed("the node is not ready (\(reasons.joined(separator: "; ")))")
            }
            return .done
        })
}
