// SPDX-License-Identifier: Apache-2.0

internal import Machinery

/// Nodes that leave without a word and come back on their disks, at a steady rate.
///
/// The block maker and the storage nodes that everybody knows stay.
struct Churn {
    /// The longest that somebody stays away, in milliseconds.
    private static let awayMilliseconds = 15_000

    private let plan: NetworkScenario.Plan
    private var draw: SeededGenerator
    private var left = 0
    private var away: [(node: World.NodeIndex, back: Instant)] = []

    init(_ plan: NetworkScenario.Plan, draw: SeededGenerator) {
        self.plan = plan
        self.draw = draw
    }

    /// Lets those come whose time it is, and as many go as the rate has it.
    mutating func turn(
        _ world: inout World, since beginning: Instant, isLeaving: Bool,
        _ report: inout NetworkReport
    ) {
        for (node, back) in away where back <= world.now {
            world.start(node)
            report.cameBack(node, at: world.now)
        }
        away.removeAll { $0.back <= world.now }
        guard isLeaving else { return }
        let first = 1 + NetworkScenario.doors
        let last = plan.storage + plan.light
        let milliseconds = Int(world.now.milliseconds(since: beginning))
        let wanted = milliseconds * (last - first + 1) * plan.churnPerMille / 60_000_000
        while left < wanted {
            left += 1
            let node = first + draw.next(below: last - first + 1)
            guard world.isRunning(node) else { continue }
            world.crash(node)
            report.left(node, at: world.now)
            away.append(
                (
                    node,
                    world.now.advanced(
                        byMilliseconds: UInt64(1 + draw.next(below: Self.awayMilliseconds)))
                ))
        }
    }
}
