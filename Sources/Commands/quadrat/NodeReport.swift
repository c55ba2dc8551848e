// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Console
internal import RPC

/// What a node's `/status` page says, as `status` and `top` show it.
struct NodeReport {
    let kind: String
    let chain: String
    let upSeconds: UInt64
    let isReady: Bool
    /// What is in the way: a part and why.
    let obstacles: [(part: String, reason: String)]
    let height: UInt64
    let networkHeight: UInt64
    let isSynchronized: Bool
    let peers: Int
    let isSampling: Bool
    let sampledHead: UInt64
    let samplingNow: Int
    let isCaughtUp: Bool
    let squares: UInt64
    /// Bytes used by the node, free, and in all.
    let disk: (used: UInt64, free: UInt64, total: UInt64)?
    /// A block that is proven to break the rules.
    let fraud: String?
    /// The page as it came.
    let page: JSONNode

    /// Asks a node.
    static func fetch(_ node: RPCClient) throws(RPCClientFault) -> NodeReport {
        let bytes = try node.page("/status")
        do throws(DecodeFault) {
            return NodeReport(try JSONParser.parse(bytes))
        } catch {
            throw .answer(status: 200, "\(error)")
        }
    }

    /// Reads a page; what it lacks is shown as nothing.
    init(_ page: JSONNode) {
        self.page = page
        kind = page.member("kind")?.text ?? page.member("type")?.text ?? "?"
        chain = page.member("chain_id")?.text ?? "?"
        upSeconds = Self.count(page, "uptime_seconds")
        isReady = page.member("ready")?.boolean ?? false
        obstacles = (page.member("obstacles")?.elements ?? []).map {
            ($0.member("part")?.text ?? "?", $0.member("reason")?.text ?? "?")
        }
        height = Self.count(page, "local_height")
        networkHeight = Self.count(page, "network_height")
        isSynchronized = page.member("synchronized")?.boolean ?? false
        peers = page.member("peers")?.integer(Int.self) ?? 0
        let sampling = page.member("sampling")
        isSampling = sampling?.member("running")?.boolean ?? false
        sampledHead = Self.count(sampling, "head")
        samplingNow = sampling?.member("now")?.integer(Int.self) ?? 0
        isCaughtUp = sampling?.member("caught_up")?.boolean ?? false
        squares = Self.count(page, "squares")
        disk = page.member("disk").map {
            (
                Self.count($0, "used_bytes"), Self.count($0, "free_bytes"),
                Self.count($0, "total_bytes")
            )
        }
        fraud = page.member("fraud").map {
            "block \(Self.count($0, "height")): \($0.member("reason")?.text ?? "?")"
        }
    }

    private static func count(_ value: JSONNode?, _ name: String) -> UInt64 {
        value?.member(name)?.integer(UInt64.self) ?? 0
    }

    /// A line for each matter.
    var lines: [String] {
        var lines = [
            "kind      \(kind)",
            "chain     \(chain)",
            "up        \(Self.duration(upSeconds))",
            "ready     \(isReady ? "yes" : "no")",
        ]
        lines += obstacles.map { "          \($0.part): \($0.reason)" }
        lines += [
            "height    \(height) of \(max(height, networkHeight))"
                + (isSynchronized ? "" : ", synchronizing"),
            "peers     \(peers)",
        ]
        if isSampling {
            let end = isCaughtUp ? "caught up" : "\(samplingNow) blocks under way"
            lines.append("sampled   \(sampledHead), \(end)")
        }
        lines.append("squares   \(squares)")
        if let disk {
            lines.append(
                "disk      \(Self.size(disk.used)) used, \(Self.size(disk.free)) free of "
                    + Self.size(disk.total))
        }
        lines.append("fraud     \(fraud ?? "none")")
        return lines
    }

    /// Bytes as a person reads them, in thousands.
    static func size(_ bytes: UInt64) -> String {
        var value = bytes
        var rest: UInt64 = 0
        for unit in ["B", "kB", "MB", "GB", "TB"] {
            if value < 1_000 || unit == "TB" {
                return unit == "B" || value >= 100 ? "\(value) \(unit)" : "\(value).\(rest) \(unit)"
            }
            rest = value % 1_000 / 100
            value /= 1_000
        }
        return "\(bytes) B"
    }

    /// Seconds as a person reads them: the two largest units.
    static func duration(_ seconds: UInt64) -> String {
        let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24)
        let (minutes, rest) = (seconds / 60 % 60, seconds % 60)
        if days > 0 { return "\(days) d \(hours) h" }
        if hours > 0 { return "\(hours) h \(minutes) min" }
        if minutes > 0 { return "\(minutes) min \(rest) s" }
        return "\(rest) s"
    }
}
