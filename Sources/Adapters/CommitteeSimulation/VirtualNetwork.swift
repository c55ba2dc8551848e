// SPDX-License-Identifier: Apache-2.0

/// When a message between two members arrives, if it does.
struct VirtualNetwork {
    private let scenario: CommitteeScenario
    private var draw: Draw
    private var groups: [Int]
    /// Members that are cut off from all others, by whoever watches the schedule.
    var cutOff: Set<Int> = []

    init(_ scenario: CommitteeScenario, draw: Draw) {
        self.scenario = scenario
        self.draw = draw
        // Second instances of keys have numbers behind the members'.
        groups = [Int](repeating: 0, count: 2 * scenario.memberCount)
    }

    /// Draws who hears whom anew.
    mutating func partition() {
        for member in groups.indices { groups[member] = draw.index(below: 3) == 0 ? 1 : 0 }
    }

    /// How long from now each copy takes; none when it is lost.
    mutating func delays(from sender: Int, to receiver: Int, at now: UInt64) -> [UInt64] {
        if sender == receiver { return [] }
        if now < scenario.settlesAt { return troubledDelays(from: sender, to: receiver) }
        if draw.chance(perMille: scenario.lossAfter) { return [] }
        return draw.chance(perMille: scenario.duplicates) ? [delay(), delay()] : [delay()]
    }

    private mutating func troubledDelays(from sender: Int, to receiver: Int) -> [UInt64] {
        if draw.chance(perMille: scenario.lossBefore) { return [] }
        if cutOff.contains(sender) || cutOff.contains(receiver) { return [] }
        if scenario.hasPartitions, groups[sender] != groups[receiver],
            draw.chance(perMille: 950)
        {
            return []
        }
        var delay = delay()
        if draw.index(below: 4) == 0 { delay += draw.next(below: 2_000_000) }
        return draw.chance(perMille: scenario.duplicates) ? [delay, delay + self.delay()] : [delay]
    }

    private mutating func delay() -> UInt64 {
        scenario.delayMin + draw.next(below: scenario.delayMax - scenario.delayMin + 1)
    }
}
