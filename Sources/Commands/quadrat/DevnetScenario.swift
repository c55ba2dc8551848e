// SPDX-License-Identifier: Apache-2.0

internal import Console

/// What a devnet can be asked to show instead of its usual story; it ends by itself.
enum DevnetScenario: String, CaseIterable {
    /// Storage nodes lie and keep data back, then the validator encodes wrongly.
    case liars
    /// One of several validators signs twice and is slashed.
    case doubleSign = "double-sign"

    /// Shows a scenario; throws when something that it requires does not hold.
    static func run(_ name: String, _ call: Invocation) throws(CommandFault) {
        guard let scenario = DevnetScenario(rawValue: name) else {
            throw .usage(
                "no such --scenario '\(name)'",
                hint: "it is " + allCases.map(\.rawValue).joined(separator: " or "))
        }
        for option in ["file", "celestia-block", "misbehave"] where call.text(option) != nil {
            throw .usage(
                "--\(option) has no place in a scenario", hint: "leave out one of the two")
        }
        if call.flag("no-story") {
            throw .usage("--no-story has no place in a scenario", hint: "leave out one of the two")
        }
        switch scenario {
        case .liars: try runLiars(call)
        case .doubleSign: try runDoubleSign(call)
        }
    }

    private static func runLiars(_ call: Invocation) throws(CommandFault) {
        let cast = DevnetLiars.Cast(
            storageCount: Int(try call.integer("storage-nodes") ?? 7),
            lightCount: Int(try call.integer("light-nodes") ?? 30))
        let home = try DevnetCommand.home(call)
        let port = UInt16(try call.integer("rpc-port") ?? 0)
        Interruption.watch()
        let network = try DevnetNetwork(
            home: home, storageCount: cast.storageCount, lightCount: cast.lightCount,
            rpcPort: port)
        defer { network.stopAll() }
        var findings = DevnetFindings(call.terminal, isJSON: call.flag("json"))
        do throws(CommandFault) {
            var story = DevnetLiars(network, cast, findings)
            defer { findings = story.findings }
            try story.tell()
        } catch {
            findings.broke(error.message)
        }
        findings.end(liars.rawValue)
        guard findings.hold else {
            throw .failed("it does not hold: \(findings.failures)", hint: "logs: \(home)/logs")
        }
    }

    private static func runDoubleSign(_ call: Invocation) throws(CommandFault) {
        let plan = DevnetDoubleSigner.plan(
            storageCount: Int(try call.integer("storage-nodes") ?? 2),
            lightCount: Int(try call.integer("light-nodes") ?? 1))
        let home = try DevnetCommand.home(call)
        let port = UInt16(try call.integer("rpc-port") ?? 0)
        Interruption.watch()
        let network = try DevnetNetwork(
            home: home, validatorCount: plan.validatorCount, storageCount: plan.storageCount,
            lightCount: plan.lightCount, rpcPort: port)
        defer { network.stopAll() }
        var findings = DevnetFindings(call.terminal, isJSON: call.flag("json"))
        do throws(CommandFault) {
            var story = try DevnetDoubleSigner(network, findings)
            defer { findings = story.findings }
            try story.tell(plan)
        } catch {
            findings.broke(error.message)
        }
        findings.end(doubleSign.rawValue)
        guard findings.hold else {
            throw .failed("it does not hold: \(findings.failures)", hint: "logs: \(home)/logs")
        }
    }
}
