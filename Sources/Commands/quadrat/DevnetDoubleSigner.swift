// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Chain
internal import Console
internal import Glibc
internal import Ledger
internal import RPC

/// The scenario `double-sign`: one of four validators finalizes two blocks of one view; the others find
/// out, a block tells of it, and it costs a part of the stake.
struct DevnetDoubleSigner {
    /// From which height on the fourth validator votes twice.
    static let height: UInt64 = 8
    static let validatorCount = 4
    /// How long the others have to find out and to tell of it, in milliseconds.
    private static let milliseconds = 90_000
    /// The part of a stake that a lone fault costs at once: one of so many, rounded up.
    private static let partsPerFault: UInt64 = 200

    /// What a node says of coins and faults.
    private struct Report {
        let page: JSONNode
        let height, supply, bonded, burned: UInt64
        let slashed: [JSONNode]

        init(_ page: JSONNode) throws(CommandFault) {
            func number(_ name: String) -> UInt64? {
                page.member(name)?.text.flatMap { UInt64($0) }
            }
            guard let height = number("height"), let supply = number("supply"),
                let bonded = number("bonded"), let burned = number("burned")
            else { throw .failed("a validator says nothing of coins") }
            self.page = page
            (self.height, self.supply, self.bonded, self.burned) =
                (height, supply, bonded, burned)
            slashed = page.member("slashed")?.elements ?? []
        }

        /// What is staked with each validator, by its operator, and whether it is jailed.
        var stakes: [String: (tokens: UInt64, isJailed: Bool)] {
            var stakes: [String: (tokens: UInt64, isJailed: Bool)] = [:]
            for stake in page.member("validators")?.elements ?? [] {
                guard let name = stake.member("operator")?.text,
                    let tokens = stake.member("tokens")?.text.flatMap({ UInt64($0) })
                else { continue }
                stakes[name] = (tokens, stake.member("jailed")?.boolean ?? false)
            }
            return stakes
        }
    }

    let network: DevnetNetwork
    var findings: DevnetFindings
    private let guilty: String

    init(_ network: DevnetNetwork, _ findings: DevnetFindings) throws(CommandFault) {
        self.network = network
        self.findings = findings
        guard let staking = network.genesis.staking,
            staking.validators.count == Self.validatorCount
        else { throw .failed("the network was made for another story") }
        guilty = Bech32.encode(
            prefix: network.genesis.addressPrefix + "valoper",
            staking.validators[Self.validatorCount - 1].operatorAddress.array)
    }

    /// What the nodes are told.
    static func plan(storageCount: Int, lightCount: Int) -> DevnetPlan {
        var plan = DevnetPlan(
            validatorCount: validatorCount, storageCount: storageCount, lightCount: lightCount)
        plan.heartbeatMilliseconds = 500
        plan.misbehave = "double-sign@\(height)"
        plan.misbehavingValidator = validatorCount
        return plan
    }

    /// Shows all of it; throws when it cannot go on.
    mutating func tell(_ plan: DevnetPlan) throws(CommandFault) {
        findings.step(
            "starting \(Self.validatorCount) validators under \(network.home); the last one will "
                + "sign twice at height \(Self.height)")
        try network.start(plan)
        let before = try report(of: network.validators[0])
        tell(before, "before")
        findings.require(
            "nobody is slashed at first", before.slashed.isEmpty, "height \(before.height)")
        findings.step("waiting for the others to find out")
        let reports = try found()
        let after = reports[0]
        tell(after, "after")
        try judge(before, after, reports)
        try show(after)
        let head = after.height
        let later = try wait { report in report.height > head + 4 }
        findings.require(
            "blocks go on", later.height > head + 4, "from \(head) to \(later.height)")
    }

    private func tell(_ report: Report, _ when: String) {
        let denom = report.page.member("denom")?.text ?? ""
        findings.say(
            "\(when): height \(report.height), supply \(report.supply) \(denom), staked "
                + "\(report.bonded), with the last validator "
                + "\(report.stakes[guilty]?.tokens ?? 0), burned \(report.burned)")
    }

    private mutating func judge(
        _ before: Report, _ after: Report, _ reports: [Report]
    ) throws(CommandFault) {
        let entries = reports.compactMap(\.slashed.first)
        let ids = Set(entries.compactMap { $0.member("id")?.text })
        findings.require(
            "all honest validators know of one fault",
            entries.count == reports.count && ids.count == 1
                && reports.allSatisfy { $0.slashed.count == 1 }, ids.sorted().joined())
        guard let entry = after.slashed.first else { return }
        findings.require(
            "it is a vote of the last validator against another of its own",
            // Its notarization of the true block contradicts the false finalization, too.
            ["E2", "E4"].contains(entry.member("kind")?.text)
                && entry.member("operator")?.text == guilty
                && entry.member("statements")?.elements?.count == 2,
            entry.member("fault")?.text ?? "")
        let stake = before.stakes[guilty]?.tokens ?? 0
        let left = after.stakes[guilty]?.tokens ?? 0
        let due = (stake + Self.partsPerFault - 1) / Self.partsPerFault
        findings.require(
            "it costs a half percent of the stake", stake - min(stake, left) == due,
            "\(stake) to \(left)")
        findings.require(
            "the validator is jailed", after.stakes[guilty]?.isJailed == true, guilty)
        let others = before.stakes.keys.filter { $0 != guilty }
        findings.require(
            "nobody else loses anything",
            others.count == Self.validatorCount - 1
                && others.allSatisfy {
                    before.stakes[$0]?.tokens == after.stakes[$0]?.tokens
                        && after.stakes[$0]?.isJailed == false
                }, "\(others.count) others")
        findings.require(
            "what was burned is gone from the supply, to the unit",
            before.supply - min(before.supply, after.supply) == after.burned - before.burned
                && after.burned > before.burned && before.bonded - after.bonded == due,
            "\(before.supply) to \(after.supply), burned \(after.burned - before.burned)")
        findings.measured("slashed", Int(clamping: due))
        findings.measured("found_height", Int(after.height))
    }

    /// `quadrat evidence show` tells the same to a person.
    private mutating func show(_ report: Report) throws(CommandFault) {
        guard let id = report.slashed.first?.member("id")?.text else { return }
        findings.step("quadrat evidence show \(id.prefix(16))")
        let log = network.home + "/logs/evidence.txt"
        unlink(log)
        let process = try ChildProcess(
            "evidence",
            arguments: ["evidence", "show", id, "--node", network.validators[0].rpcURL], log: log)
        for _ in 0..<Self.milliseconds / 20 where process.isRunning {
            try Interruption.sleep(milliseconds: 20)
        }
        let text = String(
            decoding: try UserFiles.readIfPresent(log, limit: 65_536) ?? [], as: UTF8.self)
        for line in text.split(separator: "\n") { findings.say(String(line)) }
        findings.require(
            "evidence show tells both statements, their signatures and the price",
            ["evidence   \(id)", "first      ", "second     finalize", "by       ", "taken      "]
                .allSatisfy { text.contains($0) }, "\(text.utf8.count) bytes")
    }

    // MARK: Asking

    private func report(of node: DevnetNetwork.Node) throws(CommandFault) -> Report {
        try Report(
            try node.asked { rpc throws(RPCClientFault) in try rpc.slashings() })
    }

    /// What the honest validators say once all of them know.
    private func found() throws(CommandFault) -> [Report] {
        var reports: [Report] = []
        for _ in 0..<Self.milliseconds / 200 {
            reports = []
            for node in network.validators.dropLast() { reports.append(try report(of: node)) }
            if reports.allSatisfy({ !$0.slashed.isEmpty }) { return reports }
            try Interruption.sleep(milliseconds: 200)
        }
        return reports
    }

    private func wait(
        _ isDone: (Report) -> Bool
    ) throws(CommandFault) -> Report {
        var last = try report(of: network.validators[0])
        for _ in 0..<Self.milliseconds / 200 where !isDone(last) {
            try Interruption.sleep(milliseconds: 200)
            last = try report(of: network.validators[0])
        }
        return last
    }
}
