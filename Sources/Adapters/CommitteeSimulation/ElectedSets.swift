// SPDX-License-Identifier: Apache-2.0

internal import Chain

/// Who is a member in which epoch, with how much power, and who of them is faulty.
struct ElectedSets {
    let keys: [ValidatorKey]
    let faulty: Set<Int>
    private let scenario: CommitteeScenario
    private var sets: [ValidatorSet] = []
    private var draw: Draw

    init(_ scenario: CommitteeScenario) {
        self.scenario = scenario
        draw = Draw(seed: Draw.mix(scenario.seed &+ 2))
        let count = scenario.memberCount
        keys = (0..<count).map { MockSignature.key(of: $0, seed: scenario.seed) }
        let share = scenario.isBroken ? (count + 2) / 3 : (count - 1) / 3
        let faultyCount = scenario.misconduct == nil ? 0 : share
        faulty = Set(draw.shuffled(count).prefix(faultyCount))
    }

    /// The set of an epoch; the faulty have less than a third, or with a broken committee at least.
    mutating func set(of epoch: UInt64) -> ValidatorSet {
        while UInt64(sets.count) <= epoch { sets.append(elect()) }
        return sets[Int(epoch)]
    }

    private mutating func elect() -> ValidatorSet {
        var powers = keys.indices.map { _ in scenario.isWeighted ? 1 + draw.next(below: 4) : 1 }
        let weight = faulty.reduce(0) { $0 + powers[$1] }
        if !scenario.isBroken, 3 * weight >= powers.reduce(0, +) {
            for member in faulty { powers[member] = 1 }
        }
        if scenario.isBroken { powers = keys.map { _ in 1 } }
        do {
            return try ValidatorSet(
                zip(keys, powers).map { Validator(key: $0, votingPower: Int64($1)) })
        } catch {
            preconditionFailure("members with power are a set: \(error)")
        }
    }
}
