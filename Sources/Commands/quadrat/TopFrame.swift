// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Console
package import RPC

/// One picture of a node, cut to the size of a screen: what `top` draws.
package struct TopFrame {
    /// The fewest columns and rows that are drawn for.
    package static let columnsMin = 40
    package static let rowsMin = 10

    private let report: NodeReport
    private let blocks: [JSONNode]
    private let rate: UInt64?

    /// Takes the pages of a node, and how many blocks it went on in a minute, where that is known.
    package init(status: JSONNode, sampling: JSONNode, blocksPerMinute: UInt64? = nil) {
        report = NodeReport(status)
        blocks = sampling.elements ?? []
        rate = blocksPerMinute
    }

    /// The newest height, to compute the rate from.
    package var height: UInt64 { report.height }

    /// The lines for a screen of that size, none longer than it is wide.
    package func lines(columns: Int, rows: Int) -> [String] {
        let columns = max(columns, Self.columnsMin)
        let rows = max(rows, Self.rowsMin)
        var lines = [
            "quadrat \(report.kind) on \(report.chain), up "
                + NodeReport.duration(report.upSeconds),
            state,
            bar("height", report.height, of: max(report.height, report.networkHeight), columns),
        ]
        if report.isSampling {
            lines.append(bar("sampled", report.sampledHead, of: report.height, columns))
        }
        lines.append(
            "peers \(report.peers)   squares \(report.squares)"
                + (rate.map { "   \($0) blocks a minute" } ?? ""))
        if let disk = report.disk {
            lines.append(
                "disk \(NodeReport.size(disk.used)) used, \(NodeReport.size(disk.free)) free")
        }
        lines.append("")
        lines.append("  HEIGHT  STATE      SHARES  PEERS  CONFIDENCE")
        lines += blocks.reversed().prefix(max(0, rows - lines.count - 1)).map(line)
        return lines.prefix(rows).map { String(Self.clean($0).prefix(columns)) }
    }

    private var state: String {
        if let fraud = report.fraud { return "FRAUD PROVEN: \(fraud)" }
        if report.isReady { return "ready" }
        let reasons = report.obstacles.map { "\($0.part): \($0.reason)" }
        return "not ready: " + (reasons.isEmpty ? "starting" : reasons.joined(separator: "; "))
    }

    /// `height  [####····] 12 of 20`, as wide as the screen allows.
    private func bar(_ name: String, _ done: UInt64, of total: UInt64, _ columns: Int) -> String {
        let text = " \(done) of \(total)"
        let cells = max(4, min(40, columns - 11 - text.count))
        // In full width, since the numbers are whatever the page says.
        let part = min(done, total).multipliedFullWidth(by: UInt64(cells))
        let filled = total == 0 ? 0 : Int(total.dividingFullWidth(part).quotient)
        return Self.padded(name, 9) + "[" + String(repeating: "#", count: filled)
            + String(repeating: "·", count: cells - filled) + "]" + text
    }

    private func line(_ block: JSONNode) -> String {
        let height = block.member("height")?.integer(UInt64.self) ?? 0
        let wanted = block.member("wanted")?.integer(Int.self) ?? 0
        let came = block.member("came")?.integer(Int.self) ?? 0
        let peers = Set((block.member("peers")?.elements ?? []).compactMap(\.text)).count
        let parts = block.member("confidence_ppm")?.integer(Int.self) ?? 0
        let state = Self.clean(block.member("state")?.text ?? "?")
        let height8 = String(repeating: " ", count: max(0, 8 - "\(height)".count)) + "\(height)"
        return height8 + "  " + Self.padded(state, 11) + Self.padded("\(came)/\(wanted)", 8)
            + Self.padded("\(peers)", 7) + percent(parts)
    }

    private func percent(_ parts: Int) -> String {
        let thousandths = max(0, min(parts, 1_000_000)) / 10
        let rest = String(thousandths % 1_000)
        return "\(thousandths / 1_000).\(String(repeating: "0", count: 3 - rest.count))\(rest) %"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// A node's words without anything that a terminal would take for a command.
    static func clean(_ text: String) -> String {
        String(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f }.prefix(200))
    }
}
