// SPDX-License-Identifier: Apache-2.0

private import DataSquare
internal import Machinery

/// A report's figures, and whether they are what they must be.
extension NetworkReport {
    /// What came of the pairs of light node and block that count, of some blocks.
    private struct Tally {
        var pairs = 0
        var heard = 0
        var inTime = 0
        var available = 0
        var withheld = 0
        var headerTimes: [UInt64] = []
        var verdictTimes: [UInt64] = []
    }

    private func tally(_ isCounted: (Block) -> Bool) -> Tally {
        var tally = Tally()
        for block in blocks where isCounted(block) {
            let beginning = beginning(of: block)
            let end = beginning.advanced(byMilliseconds: plan.blockMilliseconds)
            for light in 0..<plan.light where present(plan.storage + 1 + light, around: beginning) {
                tally.pairs += 1
                if let heard = block.heard[light] {
                    if heard <= end { tally.heard += 1 }
                    tally.headerTimes.append(heard.milliseconds(since: min(heard, beginning)))
                }
                guard let verdict = block.verdicts[light] else { continue }
                if verdict.at <= end { tally.inTime += 1 }
                if verdict.isAvailable { tally.available += 1 } else { tally.withheld += 1 }
                tally.verdictTimes.append(
                    verdict.at.milliseconds(since: min(verdict.at, beginning)))
            }
        }
        tally.headerTimes.sort()
        tally.verdictTimes.sort()
        return tally
    }

    /// How gossip brought headers to honest storage nodes, while the network was whole.
    private func gossip() -> (pairs: Int, inTime: Int, times: [UInt64]) {
        var pairs = 0
        var times: [UInt64] = []
        for block in blocks where !touchesPartition(block) {
            for node in honestStorage where present(node, around: block.made) {
                pairs += 1
                if let at = block.gossiped[node - 1] {
                    times.append(at.milliseconds(since: min(at, block.made)))
                }
            }
        }
        times.sort()
        return (pairs, times.count { $0 <= plan.blockMilliseconds }, times)
    }

    /// The figures, as names and values.
    package var figures: [(name: String, value: String)] {
        let whole = tally { !isWithheld($0) }
        let gossip = gossip()
        var figures: [(name: String, value: String)] = [
            ("blocks", "\(blocks.count)"),
            ("width", "\(blocks.map(\.width).max() ?? 0)"),
            ("blobsRefused", "\(blobsRefused)"),
            ("absences", "\(absences.count)"), ("squaresStored", "\(squaresStored)"),
            ("penalties", "\(penalties)"), ("virtualMilliseconds", "\(virtualMilliseconds)"),
            ("storageConnections", Self.spread(connections.storage)),
            ("lightConnections", Self.spread(connections.light)),
            ("gossipPairs", "\(gossip.pairs)"), ("gossipedInABlockTime", "\(gossip.inTime)"),
        ]
        figures += Self.times("gossip", gossip.times)
        figures += [("pairs", "\(whole.pairs)"), ("headersInABlockTime", "\(whole.heard)")]
        figures += Self.times("header", whole.headerTimes)
        figures += [
            ("verdictsInABlockTime", "\(whole.inTime)"), ("available", "\(whole.available)"),
            ("falselyWithheld", "\(whole.withheld)"),
            ("withoutVerdict", "\(whole.pairs - whole.available - whole.withheld)"),
        ]
        figures += Self.times("verdict", whole.verdictTimes)
        if plan.partedMilliseconds > 0 {
            let parted = tally { !isWithheld($0) && touchesPartition($0) }
            figures += [
                ("partedPairs", "\(parted.pairs)"),
                ("partedVerdictsInABlockTime", "\(parted.inTime)"),
            ]
            figures += Self.times("partedVerdict", parted.verdictTimes)
        }
        guard plan.withholding != .none else { return figures }
        let kept = tally(isWithheld)
        figures += [
            ("withheldPairs", "\(kept.pairs)"), ("withheldSeen", "\(kept.withheld)"),
            ("withheldMissed", "\(kept.available)"),
            ("withheldWithoutVerdict", "\(kept.pairs - kept.available - kept.withheld)"),
            ("missedByTheLaw", "\(law.missed)"), ("missedDeviation", "\(law.deviation)"),
        ]
        return figures
    }

    /// The pairs that had to be in time and were not, each with what is known of it.
    package var lateLines: [String] {
        var lines: [String] = []
        for block in blocks where !isWithheld(block) {
            let beginning = beginning(of: block)
            let end = beginning.advanced(byMilliseconds: plan.blockMilliseconds)
            for light in 0..<plan.light {
                let node = plan.storage + 1 + light
                guard present(node, around: beginning) else { continue }
                let verdict = block.verdicts[light]
                if let verdict, verdict.at <= end, verdict.isAvailable { continue }
                func since(_ moment: Instant?) -> String {
                    moment.map { "\($0.milliseconds(since: min($0, beginning))) ms" } ?? "never"
                }
                let back = absences.last { $0.node == node && $0.to <= beginning }?.to
                lines.append(
                    "late: node \(node), height \(block.height), header \(since(block.heard[light]))"
                        + ", verdict \(since(verdict?.at)) "
                        + "\(verdict.map { $0.isAvailable ? "available" : "withheld" } ?? "")"
                        + (back.map { ", back for \(beginning.milliseconds(since: $0)) ms" } ?? ""))
            }
        }
        return lines
    }

    /// The honest storage nodes that gossip did not bring every header, with how many it did not.
    package var unreachedLines: [String] {
        honestStorage.compactMap { node in
            let missed = blocks.count {
                !touchesPartition($0) && present(node, around: $0.made)
                    && $0.gossiped[node - 1] == nil
            }
            return missed > 0 ? "storage node \(node) had \(missed) headers not by gossip" : nil
        }
    }

    /// How many would miss what is withheld if places are drawn as they must be, and the standard
    /// deviation of that.
    private var law: (missed: Double, deviation: Double) {
        guard plan.withholding == .minimal else { return (0, 0) }
        var missed = 0.0
        var variance = 0.0
        for block in blocks where isWithheld(block) {
            let samples = min(16, block.width * block.width)
            let found = SamplingConfidence.partsPerMillion(width: block.width, samples: samples)
            let rate = 1 - Double(found) / 1e6
            let pairs = Double(tally { $0.height == block.height }.pairs)
            missed += rate * pairs
            variance += rate * (1 - rate) * pairs
        }
        return (missed, variance.squareRoot())
    }

    /// Whether what must hold held: of blocks that are there, all is heard and found in time; of
    /// those that are not, nobody says that they are, but for the law's chance where the hole is
    /// the smallest.
    package var holds: Bool {
        let whole = tally { !isWithheld($0) }
        let gossip = gossip()
        guard blocks.count == plan.blocks, blobsRefused == 0, blocks.allSatisfy({ $0.width > 2 }),
            whole.pairs > 0,
            gossip.inTime * 1_000 >= gossip.pairs * 999,
            whole.heard * 1_000 >= whole.pairs * 999,
            whole.inTime == whole.pairs, whole.withheld == 0
        else { return false }
        if plan.withholding == .none { return true }
        let kept = tally(isWithheld)
        let law = law
        return kept.pairs > 0 && kept.available + kept.withheld == kept.pairs
            && abs(Double(kept.available) - law.missed) <= 3 * law.deviation
    }

    /// The fewest, the middle and the most.
    private static func spread(_ counts: [Int]) -> String {
        guard let least = counts.first, let most = counts.last else { return "[]" }
        return "[\(least), \(counts[counts.count / 2]), \(most)]"
    }

    private static func times(_ name: String, _ times: [UInt64]) -> [(name: String, value: String)]
    {
        func at(_ share: Int) -> UInt64 {
            times.isEmpty ? 0 : times[min(times.count - 1, times.count * share / 1_000)]
        }
        return [
            ("\(name)P50Milliseconds", "\(at(500))"), ("\(name)P999Milliseconds", "\(at(999))"),
            ("\(name)MostMilliseconds", "\(at(1_000))"),
        ]
    }
}
