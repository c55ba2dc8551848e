// SPDX-License-Identifier: Apache-2.0

internal import Chain
internal import Machinery
internal import Roles

/// What came of a large simulated network: who learned of each block, and what they concluded.
///
/// Time counts from a block's making, or from the moment when the network was whole again (GST)
/// where it was made while it was not. A node counts for a block when it has run for a block time
/// before that and runs for one after it: the rest is what no protocol can promise.
package struct NetworkReport: Sendable {
    /// One watched block.
    struct Block {
        let height: UInt64
        let made: Instant
        /// The side of its extended square.
        let width: Int
        /// When a light node had the header.
        var heard: [Instant?]
        /// When a storage node accepted the header from gossip.
        var gossiped: [Instant?]
        /// A light node's first verdict.
        var verdicts: [(at: Instant, isAvailable: Bool)?]
    }

    /// A node was not there.
    struct Absence {
        let node: Int
        let from: Instant
        var to = Instant(nanoseconds: .max)
    }

    /// What was run.
    package let plan: NetworkScenario.Plan
    /// How long the watched part of the story was, in milliseconds of its own time.
    package private(set) var virtualMilliseconds: UInt64 = 0
    private(set) var blocks: [Block] = []
    /// The newest block's height.
    private var height: UInt64 = 0
    private(set) var absences: [Absence] = []
    /// When the network was parted.
    private(set) var parted: (from: Instant, to: Instant)?
    /// Squares that storage nodes stored.
    private(set) var squaresStored = 0
    /// Times an honest node penalised somebody.
    private(set) var penalties = 0
    /// How many connections nodes have at the end, fewest first.
    private(set) var connections: (storage: [Int], light: [Int]) = ([], [])
    /// Blobs that did not get into a block.
    private(set) var blobsRefused = 0
    /// Storage nodes that do as they should, in order.
    let honestStorage: [Int]

    init(_ plan: NetworkScenario.Plan, honestStorage: [Int]) {
        self.plan = plan
        self.honestStorage = honestStorage
    }

    mutating func made(_ header: ChainHeader, at now: Instant) {
        height = header.height.value
        guard blocks.count < plan.blocks else { return }
        blocks.append(
            Block(
                height: header.height.value, made: now, width: header.width,
                heard: Array(repeating: nil, count: plan.light),
                gossiped: Array(repeating: nil, count: plan.storage),
                verdicts: Array(repeating: nil, count: plan.light)))
    }

    mutating func left(_ node: Int, at now: Instant) {
        absences.append(Absence(node: node, from: now))
    }

    mutating func cameBack(_ node: Int, at now: Instant) {
        guard let index = absences.lastIndex(where: { $0.node == node }) else { return }
        absences[index].to = now
    }

    mutating func parted(at now: Instant) {
        parted = (now, Instant(nanoseconds: .max))
    }

    mutating func healed(at now: Instant) {
        parted?.to = now
    }

    /// How many connections storage nodes and light nodes have at the end, in the order of the nodes.
    mutating func connected(_ counts: [Int]) {
        connections = (
            storage: counts[..<plan.storage].sorted(), light: counts[plan.storage...].sorted()
        )
    }

    mutating func blobRefused() { blobsRefused += 1 }

    mutating func end(virtualMilliseconds: UInt64) {
        self.virtualMilliseconds = virtualMilliseconds
    }

    mutating func observed(
        _ observation: Observation, of node: Int, isLight: Bool, at now: Instant
    ) {
        switch observation {
        case .squareStored: squaresStored += 1
        case .penalized: penalties += 1
        case .counted("gossip.headers", _) where !isLight && node > 0:
            // Blocks are further apart than gossip takes: it is the newest one's.
            guard let last = blocks.indices.last, blocks[last].height == height,
                blocks[last].gossiped[node - 1] == nil
            else { return }
            blocks[last].gossiped[node - 1] = now
        case .head(let header) where isLight:
            let light = node - plan.storage - 1
            // Who has a header has, or can have, those below it.
            for index in blocks.indices
            where blocks[index].height <= header.height.value && blocks[index].heard[light] == nil {
                blocks[index].heard[light] = now
            }
        case .sampled(let height, let isAvailable, _) where isLight:
            guard let index = blocks.firstIndex(where: { $0.height == height }) else { return }
            let light = node - plan.storage - 1
            if blocks[index].verdicts[light] == nil {
                blocks[index].verdicts[light] = (now, isAvailable)
            }
        default: break
        }
    }

    // MARK: What counts

    /// From when a block's time counts: its making, or GST where the network was parted then or
    /// within a block time.
    func beginning(of block: Block) -> Instant {
        guard let parted, touchesPartition(block) else { return block.made }
        return max(block.made, parted.to)
    }

    /// Whether a block was made while the network was parted, or too soon before to reach everybody.
    func touchesPartition(_ block: Block) -> Bool {
        guard let parted else { return false }
        return block.made <= parted.to
            && block.made.advanced(byMilliseconds: plan.blockMilliseconds) >= parted.from
    }

    /// Whether a node was there around a moment: a block time before it and a block time after it.
    func present(_ node: Int, around moment: Instant) -> Bool {
        let span = plan.blockMilliseconds
        return !absences.contains {
            $0.node == node && $0.from <= moment.advanced(byMilliseconds: span)
                && ($0.to == Instant(nanoseconds: .max)
                    || $0.to.advanced(byMilliseconds: span) >= moment)
        }
    }

    /// Whether a block's data was kept back.
    func isWithheld(_ block: Block) -> Bool {
        plan.withholding != .none && block.height % plan.withheldEvery == 0
    }
}
