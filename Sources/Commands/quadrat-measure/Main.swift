// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Benchmarks with yardsticks of the same run.
///
/// `quadrat-measure [--only FAMILY] [--json]`: medians of processor time per thread, and for each
/// figure the floor that the machine itself sets, measured beside it. `quadrat-measure committee`
/// starts whole validators instead; see `CommitteeCommand`.
@main
struct Main {
    /// Memory comes first: what other families leave behind would count.
    private static let families: [(name: String, run: @Sendable (Yardsticks) -> [Measurement])] = [
        ("memory", MemoryFamily.peak), ("row", RowFamily.encode), ("few", RowFamily.few),
        ("square", SquareFamily.extendAndCommit), ("repair", SquareFamily.repair),
        ("sidecar", SidecarFamily.sidecar), ("fraud", SidecarFamily.fraud),
        ("commitment", ProofFamily.commitment), ("sample", ProofFamily.sample),
        ("serve", ServeFamily.samples), ("state", StateFamily.tree),
        ("ledger", LedgerFamily.block), ("ledger-store", LedgerStoreFamily.store),
        ("light", LightFamily.traffic), ("light-memory", LightMemoryFamily.day),
    ]

    static func main() {
        var arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "committee" { return committee(arguments.dropFirst()) }
        var isJSON = false
        var only: String?
        while let argument = arguments.popFirst() {
            switch argument {
            case "--json": isJSON = true
            case "--only": only = arguments.popFirst()
            default: refuse("unknown argument \(argument)")
            }
        }
        let chosen = families.filter { only == nil || $0.name == only }
        guard !chosen.isEmpty else { refuse("no family \(only ?? "")") }
        report(chosen.map(\.run), isJSON: isJSON)
    }

    private static func committee(_ words: ArraySlice<String>) {
        guard let plan = CommitteePlan(words) else {
            FileHandle.standardError.write(Data("\(CommitteePlan.usage)\n".utf8))
            exit(2)
        }
        do {
            try CommitteeCommand.run(plan)
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    private static func report(
        _ families: [(Yardsticks) -> [Measurement]], isJSON: Bool
    ) {
        if !isJSON {
            print(
                "machine: \(machine); input: squares of \(Share512.words); medians of thread time")
        }
        let yardsticks = Yardsticks()
        var all = yardsticks.measurements
        if !isJSON { all.forEach { print($0.line) } }
        for family in families {
            let measurements = family(yardsticks)
            all += measurements
            if !isJSON { measurements.forEach { print($0.line) } }
        }
        if isJSON { print("[\n\(all.map(\.json).joined(separator: ",\n"))\n]") }
    }

    /// The processor's name, and how many there are.
    private static var machine: String {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        let name = line?.split(separator: ":").last.map(String.init) ?? " unknown"
        let cores = ProcessInfo.processInfo.activeProcessorCount
        return "\(name.trimmingCharacters(in: .whitespaces)), \(cores) cores"
    }

    private static func refuse(_ reason: String) -> Never {
        let names = families.map(\.name).joined(separator: "|")
        FileHandle.standardError.write(
            Data("\(reason)\nusage: quadrat-measure [--only \(names)] [--json]\n".utf8))
        exit(2)
    }
}

/// What the squares are made of.
private enum Share512 {
    static let words = "512-byte shares, random bytes, a namespace every 8 shares"
}
