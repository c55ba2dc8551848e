// SPDX-License-Identifier: Apache-2.0

internal import Chain
private import DataSquare
internal import Machinery
internal import Roles

/// What came of a large simulated network: who learned of each block, and what they concluded.
///
/// A light node counts for a block when it has run for a block time before it and runs for one after
/// it, and the block was made while the network was whole and had been for a block time: the rest
/// is what no protocol can promise.
package struct NetworkReport: Sendable {
    /// One watched block.
    struct Block {
        let height: UInt64
        let made: Instant
        /// Milliseconds from the making until a light node had the header; nil when it never did.
        var heard: [UInt64?]
        /// The same for storage nodes, who have it by gossip.
        var gossiped: [UInt64?]
        /// Milliseconds until its first verdict, and what it was.
        var verdicts: [(milliseconds: UInt64, isAvailable: Bool)?]
    }

    /// What was run.
    package let plan: NetworkScenario.Plan
    /// How long the story was, in milliseconds of its own time.
    package private(set) var virtualMilliseconds: UInt64 = 0
    private(set) var blocks: [Block] = []
    /// The extended side of the watched blocks' squares: that of the last, all being alike.
    private var width = 2
    private var restarts: [(light: Int, at: Instant)] = []
    private var unwhole: (from: Instant, to: Instant)?
    /// Storage nodes' squares stored.
    package private(set) var squaresStored = 0
    /// Times an honest node penalised somebody.
    package private(set) var penalties = 0

    private let honestStorage: Int

    init(_ plan: NetworkScenario.Plan, honestStorage: Int) {
        self.plan = plan
        self.honestStorage = honestStorage
    }

    mutating func made(_ height: UInt64, at now: Instant) {
        guard blocks.count < plan.blocks else { return }
        blocks.append(
            Block(
                height: height, made: now, heard: Array(repeating: nil, count: plan.light),
                gossiped: Array(repeating: nil, count: plan.storage),
                verdicts: Array(repeating: nil, count: plan.light)))
    }

    mutating func restarted(_ node: Int, at now: Instant) {
        restarts.append((node - plan.storage - 1, now))
    }

    mutating func parted(at now: Instant) {
        unwhole = (now, Instant(nanoseconds: .max))
    }

    mutating func healed(at now: Instant) {
        unwhole?.to = now
    }

    mutating func end(virtualMilliseconds: UInt64) {
        self.virtualMilliseconds = virtualMilliseconds
    }

    mutating func observed(
        _ observation: Observation, of node: Int, isLight: Bool, at now: Instant
    ) {
        switch observation {
        case .squareStored: squaresStored += 1
        case .penalized: penalties += 1
        case .head(let header) where !isLight && node > 0:
            for index in blocks.indices
            where blocks[index].height <= header.height.value
                && blocks[index].gossiped[node - 1] == nil
            {
                blocks[index].gossiped[node - 1] = now.milliseconds(since: blocks[index].made)
            }
        case .head(let header) where isLight:
            let light = node - plan.storage - 1
            width = max(width, header.width)
            // Who has a header has, or can have, those below it.
            for index in blocks.indices
            where blocks[index].height <= header.height.value && blocks[index].heard[light] == nil {
                blocks[index].heard[light] = now.milliseconds(since: blocks[index].made)
            }
        case .sampled(let height, let isAvailable, _) where isLight:
            guard let index = blocks.firstIndex(where: { $0.height == height }) else { return }
            let light = node - plan.storage - 1
            if blocks[index].verdicts[light] == nil {
                blocks[index].verdicts[light] = (
                    now.milliseconds(since: blocks[index].made), isAvailable
                )
            }
        default: break
        }
    }

    // MARK: Figures

    /// One (light node, block) pair that counts.
    private func counted() -> [(block: Int, light: Int)] {
        let span = plan.blockMilliseconds
        var excluded: Set<Int> = []
        for (index, block) in blocks.enumerated() {
            let from = block.made.advanced(byMilliseconds: span)
            for restart in restarts
            where restart.at.advanced(byMilliseconds: span) >= block.made && restart.at <= from {
                excluded.insert(index * plan.light + restart.light)
            }
        }
        var pairs: [(Int, Int)] = []
        for (index, block) in blocks.enumerated() {
            if let unwhole, block.made.advanced(byMilliseconds: span) >= unwhole.from,
                block.made <= unwhole.to.advanced(byMilliseconds: span)
            {
                continue
            }
            for light in 0..<plan.light where !excluded.contains(index * plan.light + light) {
                pairs.append((index, light))
            }
        }
        return pairs
    }

    /// Whether a block's data was kept back.
    private func isWithheld(_ block: Int) -> Bool {
        plan.withholding != .none
            && blocks[block].height % NetworkScenario.Withholding.everyHeight == 0
    }

    /// What came of the pairs of some blocks.
    private struct Tally {
        var pairs = 0
        var heard = 0
        var inTime = 0
        var available = 0
        var withheld = 0
        var headerTimes: [UInt64] = []
        var verdictTimes: [UInt64] = []
    }

    private func tally(_ isCounted: (Int) -> Bool) -> Tally {
        var tally = Tally()
        for (block, light) in counted() where isCounted(block) {
            tally.pairs += 1
            if let time = blocks[block].heard[light] {
                if time <= plan.blockMilliseconds { tally.heard += 1 }
                tally.headerTimes.append(time)
            }
            guard let verdict = blocks[block].verdicts[light] else { continue }
            if verdict.milliseconds <= plan.blockMilliseconds { tally.inTime += 1 }
            if verdict.isAvailable { tally.available += 1 } else { tally.withheld += 1 }
            tally.verdictTimes.append(verdict.milliseconds)
        }
        tally.headerTimes.sort()
        tally.verdictTimes.sort()
        return tally
    }

    /// The figures, as names and values.
    package var figures: [(name: String, value: String)] {
        let whole = tally { !isWithheld($0) }
        var figures = [
            ("blocks", "\(blocks.count)"), ("pairs", "\(whole.pairs)"),
            ("headersInABlockTime", "\(whole.heard)"),
            ("headerP50Milliseconds", "\(Self.at(500, whole.headerTimes))"),
            ("headerP999Milliseconds", "\(Self.at(999, whole.headerTimes))"),
            ("verdictsInABlockTime", "\(whole.inTime)"), ("available", "\(whole.available)"),
            ("falselyWithheld", "\(whole.withheld)"),
            ("withoutVerdict", "\(whole.pairs - whole.available - whole.withheld)"),
            ("verdictP50Milliseconds", "\(Self.at(500, whole.verdictTimes))"),
            ("verdictP999Milliseconds", "\(Self.at(999, whole.verdictTimes))"),
            ("restarts", "\(restarts.count)"), ("squaresStored", "\(squaresStored)"),
            ("penalties", "\(penalties)"), ("virtualMilliseconds", "\(virtualMilliseconds)"),
        ]
        let gossiped = blocks.flatMap { $0.gossiped }.compactMap { $0 }.sorted()
        figures += [
            ("storagePairs", "\(blocks.count * honestStorage)"), ("gossiped", "\(gossiped.count)"),
            ("gossipP50Milliseconds", "\(Self.at(500, gossiped))"),
            ("gossipP999Milliseconds", "\(Self.at(999, gossiped))"),
        ]
        guard plan.withholding != .none else { return figures }
        let kept = tally(isWithheld)
        figures += [
            ("withheldPairs", "\(kept.pairs)"), ("withheldSeen", "\(kept.withheld)"),
            ("withheldMissed", "\(kept.available)"),
            ("withheldWithoutVerdict", "\(kept.pairs - kept.available - kept.withheld)"),
            ("missRateByTheLaw", "\(missRateByTheLaw)"),
        ]
        return figures
    }

    /// The probability that distinct random samples of the widest watched square miss the smallest
    /// hole; squares of one width are what the plan makes.
    private var missRateByTheLaw: Double {
        let samples = min(16, width * width)
        return 1 - Double(SamplingConfidence.partsPerMillion(width: width, samples: samples)) / 1e6
    }

    /// Whether what must hold held: of blocks that are there, all is heard and found in time; of
    /// those that are not, nobody says that they are, but for the law's chance where the hole is
    /// the smallest.
    package var holds: Bool {
        let whole = tally { !isWithheld($0) }
        let gossiped = blocks.reduce(0) {
            $0 + $1.gossiped.count { ($0 ?? .max) <= plan.blockMilliseconds }
        }
        guard whole.pairs > 0, gossiped * 1_000 >= blocks.count * honestStorage * 999,
            whole.heard * 1_000 >= whole.pairs * 999,
            whole.inTime == whole.pairs, whole.withheld == 0
        else { return false }
        let kept = tally(isWithheld)
        switch plan.withholding {
        case .none: return true
        case .whole: return kept.pairs > 0 && kept.withheld == kept.pairs
        case .minimal:
            let law = missRateByTheLaw
            let deviation = (law * (1 - law) / Double(max(1, kept.pairs))).squareRoot()
            let missed = Double(kept.available) / Double(max(1, kept.pairs))
            return kept.pairs > 0 && kept.available + kept.withheld == kept.pairs
                && abs(missed - law) <= 3 * deviation
        }
    }

    private static func at(_ share: Int, _ times: [UInt64]) -> UInt64 {
        times.isEmpty ? 0 : times[min(times.count - 1, times.count * share / 1_000)]
    }
}
