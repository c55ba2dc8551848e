// SPDX-License-Identifier: Apache-2.0

/// What may go wrong between the nodes of a simulated world.
package struct Faults: Sendable {
    /// How long bytes take from node to node.
    package var latencyMilliseconds: ClosedRange<Int> = 1...40
    /// Pairs of nodes that cannot reach each other.
    package private(set) var cuts: [(World.NodeIndex, World.NodeIndex)] = []

    /// Nodes that nobody can connect to: those behind a translating router.
    package var unreachable: Set<World.NodeIndex> = []
    private var groups: [Int] = []

    /// Nothing goes wrong.
    package init() {}

    /// Lets nothing pass between two nodes.
    package mutating func cut(_ one: World.NodeIndex, _ other: World.NodeIndex) {
        cuts.append((one, other))
    }

    /// Lets everything pass again.
    package mutating func heal() {
        cuts = []
        groups = []
    }

    /// Parts the network into groups, a number for each node.
    mutating func part(_ groups: [Int]) {
        self.groups = groups
    }

    func isUnreachable(_ node: World.NodeIndex) -> Bool {
        unreachable.contains(node)
    }

    func isCut(_ one: World.NodeIndex, _ other: World.NodeIndex) -> Bool {
        if !groups.isEmpty, groups[one] != groups[other] { return true }
        return cuts.contains { ($0.0 == one && $0.1 == other) || ($0.0 == other && $0.1 == one) }
    }
}
