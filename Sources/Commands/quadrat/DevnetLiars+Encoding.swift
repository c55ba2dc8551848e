// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import DataSquare
internal import RPC

/// The second part: the validator encodes a block wrongly.
extension DevnetLiars {
    /// How long all have to refuse the wrong block, in milliseconds.
    private static let refusalMilliseconds = 60_000

    /// Waits for the block that the validator encodes wrongly, posting to hasten it, and requires that
    /// everybody else finds out.
    mutating func encodeWrongly() throws(CommandFault) {
        let wrong = Self.wrongHeight
        findings.step("the validator encodes wrongly from block \(wrong) on")
        let early = try height()
        findings.require(
            "all that was before it ended in time", early < wrong, "the chain is at \(early)")
        while try height() < Self.postedHeightMax { try post() }
        while try height() < wrong {
            try Interruption.sleep(milliseconds: Self.lookMilliseconds)
        }
        let header = try wrongHeader(wrong)
        let late = try watchRefusals(of: wrong, by: honest + network.light)
        try tellTimes(wrong, header)
        for (kind, nodes) in [("storage", honest), ("light", network.light)] {
            try requireRefusals(of: wrong, header, by: nodes, kind, late: late)
        }
    }

    /// Looks until all refuse a block, or the time is over; gives the names of those that do not.
    private func watchRefusals(
        of height: UInt64, by nodes: [DevnetNetwork.Node]
    ) throws(CommandFault) -> [String] {
        let watch = try Stopwatch()
        var waiting = nodes
        while true {
            var late: [DevnetNetwork.Node] = []
            for node in waiting {
                let refused = try node.refusedHeight()
                if refused != height { late.append(node) }
            }
            waiting = late
            let isOver = try watch.milliseconds() >= Self.refusalMilliseconds
            if waiting.isEmpty || isOver {
                return waiting.map(\.name)
            }
            try Interruption.sleep(milliseconds: Self.lookMilliseconds)
        }
    }

    /// The header of the wrong block, from the only one that follows it.
    private func wrongHeader(_ height: UInt64) throws(CommandFault) -> ExtendedHeader {
        guard let validator = network.validator else { throw .failed("there is no validator") }
        return try validator.asked { rpc throws(RPCClientFault) in try rpc.header(height) }
    }

    /// When who found out, by the clocks of this machine, from the nodes' own logs.
    private mutating func tellTimes(
        _ height: UInt64, _ header: ExtendedHeader
    ) throws(CommandFault) {
        var alarms: [Int] = []
        var refusals: [(name: String, milliseconds: Int)] = []
        for node in network.storage + network.light {
            for line in try DevnetLogLine.read(network.log(of: node.name)) {
                let milliseconds = line.time.milliseconds(since: header.time)
                switch line.event {
                case "sidecar.alarm" where milliseconds >= 0: alarms.append(milliseconds)
                case "chain.fraud":
                    refusals.append((node.name, milliseconds))
                default: break
                }
            }
        }
        refusals.sort { $0.milliseconds < $1.milliseconds }
        findings.say(
            alarms.min().map { "first alarm by a sidecar \(Stopwatch.seconds($0)) after the block" }
                ?? "no alarm by a sidecar")
        guard let first = refusals.first, let last = refusals.last else { return }
        findings.measured("first_proof_ms", first.milliseconds)
        findings.measured("last_refusal_ms", last.milliseconds)
        findings.measured("refusals", refusals.count)
        findings.say(
            "first proof \(Stopwatch.seconds(first.milliseconds)) after the block, by \(first.name)"
        )
        findings.say(
            "last refusal \(Stopwatch.seconds(last.milliseconds)) after it, by \(last.name); "
                + "\(refusals.count) of \(network.storage.count + network.light.count) nodes, "
                + "counting those that lie")
    }

    /// The block is refused in every way in which a node can say so.
    private mutating func requireRefusals(
        of height: UInt64, _ header: ExtendedHeader, by nodes: [DevnetNetwork.Node],
        _ kind: String, late: [String]
    ) throws(CommandFault) {
        var metric = 0
        var proofs = 0
        var unready = 0
        var below = 0
        for node in nodes {
            if try node.metrics()["quadrat_refused_height"] == Int(height) { metric += 1 }
            let isProven = try node.proofsOfFraud().contains {
                $0.height == height && $0.headerHash == header.hash.array
            }
            if isProven { proofs += 1 }
            if try !node.isReady() { unready += 1 }
            let head = try node.asked { rpc throws(RPCClientFault) in try rpc.localHead() }
            if head.height.value == height - 1 { below += 1 }
        }
        let count = nodes.count
        let missing = late.filter { $0.hasPrefix(kind) }
        findings.require(
            "every honest \(kind) node refuses block \(height)",
            missing.isEmpty && [metric, proofs, unready].allSatisfy { $0 == count },
            "quadrat_refused_height \(metric), fraud.Get \(proofs), /readyz \(unready) of \(count)"
                + (missing.isEmpty ? "" : "; not " + missing.joined(separator: " ")))
        findings.require(
            "all of them stay at block \(height - 1)", below == count, "\(below) of \(count)")
    }
}
