// SPDX-License-Identifier: Apache-2.0

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
        /// Milliseconds until its first verdict, and what it was.
        var verdicts: [(milliseconds: UInt64, isAvailable: Bool)?]
    }

    /// What was run.
    package let plan: NetworkScenario.Plan
    /// How long the story was, in milliseconds of its own time.
    package private(set) var virtualMilliseconds: UInt64 = 0
    private(set) var blocks: [Block] = []
    private var restarts: [(light: Int, at: Instant)] = []
    private var unwhole: (from: Instant, to: Instant)?
    /// Storage nodes' squares stored.
    package private(set) var squaresStored = 0
    /// Times an honest node penalised somebody.
    package private(set) var penalties = 0

    init(_ plan: NetworkScenario.Plan) {
        self.plan = plan
    }

    mutating func made(_ height: UInt64, at now: Instant) {
        guard blocks.count < plan.blocks else { return }
        blocks.append(
            Block(
                height: height, made: now, heard: Array(repeating: nil, count: plan.light),
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
        case .head(let header) where isLight:
            let light = node - plan.storage - 1
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

    /// The figures, as names and values.
    package var figures: [(name: String, value: String)] {
        let pairs = counted()
        var heard = 0
        var inTime = 0
        var available = 0
        var withheld = 0
        var verdictTimes: [UInt64] = []
        var headerTimes: [UInt64] = []
        for (block, light) in pairs {
            if let time = blocks[block].heard[light] {
                if time <= plan.blockMilliseconds { heard += 1 }
                headerTimes.append(time)
            }
            guard let verdict = blocks[block].verdicts[light] else { continue }
            if verdict.milliseconds <= plan.blockMilliseconds { inTime += 1 }
            if verdict.isAvailable { available += 1 } else { withheld += 1 }
            verdictTimes.append(verdict.milliseconds)
        }
        headerTimes.sort()
        verdictTimes.sort()
        return [
            ("blocks", "\(blocks.count)"), ("pairsCounted", "\(pairs.count)"),
            ("headersInABlockTime", "\(heard)"),
            ("headerP50Milliseconds", "\(Self.at(500, headerTimes))"),
            ("headerP999Milliseconds", "\(Self.at(999, headerTimes))"),
            ("verdictsInABlockTime", "\(inTime)"), ("available", "\(available)"),
            ("withheld", "\(withheld)"),
            ("withoutVerdict", "\(pairs.count - available - withheld)"),
            ("verdictP50Milliseconds", "\(Self.at(500, verdictTimes))"),
            ("verdictP999Milliseconds", "\(Self.at(999, verdictTimes))"),
            ("restarts", "\(restarts.count)"), ("squaresStored", "\(squaresStored)"),
            ("penalties", "\(penalties)"),
            ("virtualMilliseconds", "\(virtualMilliseconds)"),
        ]
    }

    /// Whether what must hold held, of the blocks that nobody withheld.
    package var holds: Bool {
        let pairs = counted()
        let heard = pairs.count { pair in
            blocks[pair.block].heard[pair.light].map { $0 <= plan.blockMilliseconds } ?? false
        }
        let inTime = pairs.count { pair in
            blocks[pair.block].verdicts[pair.light].map {
                $0.milliseconds <= plan.blockMilliseconds && $0.isAvailable
            } ?? false
        }
        let isFalse = pairs.contains { blocks[$0.block].verdicts[$0.light]?.isAvailable == false }
        return !pairs.isEmpty && heard * 1_000 >= pairs.count * 999 && inTime == pairs.count
            && !isFalse
    }

    private static func at(_ share: Int, _ times: [UInt64]) -> UInt64 {
        times.isEmpty ? 0 : times[min(times.count - 1, times.count * share / 1_000)]
    }
}
