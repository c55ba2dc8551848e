// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Who is absent, and what follows.
///
/// Specified in Protocol/22-slashing.md#downtime.
extension StakingState {
    /// Bits of one part of a validator's missed blocks.
    static var missesPerPart: UInt64 { 250 }

    /// Notes whether each member voted for a height whose votes can no longer be included.
    mutating func noteMisses(height: UInt64) throws(StakingFault) {
        guard let block = try block(at: height), let committee = try committee(of: block.epoch)
        else { return }
        let place = height % StakingRules.missWindow
        for (seat, member) in committee.members.enumerated() {
            try noteMiss(of: member.operatorAddress, at: place, !block.hasVoted(seat))
        }
    }

    private mutating func noteMiss(
        of name: Bytes20, at place: UInt64, _ isMissed: Bool
    ) throws(StakingFault) {
        let key = StakingKey.misses(name, part: UInt8(place / Self.missesPerPart))
        let bit = Int(place % Self.missesPerPart)
        var bits = store.value(of: key) ?? [UInt8](repeating: 0, count: 32)
        guard bits.count == 32 else { throw .state("missed blocks of another size") }
        let mask: UInt8 = 0x80 >> UInt8(bit % 8)
        guard (bits[bit / 8] & mask != 0) != isMissed else { return }
        bits[bit / 8] ^= mask
        store.set(key, to: bits)
        var duty = try duty(of: name)
        if isMissed { duty.missed += 1 } else { duty.missed -= min(1, duty.missed) }
        save(duty, StakingKey.duty(name))
    }

    /// Forgets what a validator has missed: it is jailed, or takes a seat anew.
    mutating func forgetMisses(of name: Bytes20) throws(StakingFault) {
        for part in 0..<UInt8(StakingRules.missWindow / Self.missesPerPart) {
            store.remove(StakingKey.misses(name, part: part))
        }
        guard var duty: DutyRecord = try load(StakingKey.duty(name)), duty.missed > 0 else {
            return
        }
        duty.missed = 0
        save(duty, StakingKey.duty(name))
    }

    /// Counts presence and audits of the epoch that ends into everybody's record.
    mutating func scoreDuties(
        _ tally: EpochTally, _ witness: some StakingWitness
    ) throws(StakingFault) {
        let clock = try clock()
        guard let committee = try committee(of: clock.epoch) else { return }
        let isHealthy =
            clock.time - min(clock.time, clock.epochStartTime)
            <= StakingRules.healthyMilliseconds
        for member in committee.members {
            let name = member.operatorAddress
            var duty = try duty(of: name)
            if let line = tally.line(of: name), line.heights > 0 {
                if line.voted * 2 >= line.heights {
                    let fall =
                        StakingRules.inactivityFall
                        + (isHealthy ? StakingRules.inactivityHealing : 0)
                    duty.inactivity -= min(duty.inactivity, fall)
                } else {
                    duty.inactivity = min(
                        StakingRules.inactivityMax,
                        duty.inactivity + StakingRules.inactivityRise)
                }
            }
            let (passed, drawn) = try auditResult(of: name, witness)
            if drawn > 0 {
                let result = try exact(try Decimal18(passed, over: drawn, .down))
                let memory = UInt128(StakingRules.auditMemory)
                duty.auditScore = Decimal18(
                    raw: (duty.auditScore.raw * (memory - 1) + result.raw) / memory)
            }
            duty.lowEpochs =
                duty.auditScore < StakingRules.auditScoreMin
                ? min(duty.lowEpochs, .max - 1) + 1 : 0
            duty.seatedIn = clock.epoch + 1
            save(duty, StakingKey.duty(name))
        }
    }

    /// Jails those who missed too much or failed too many audits, unless that were too many at once.
    mutating func jailAbsent() throws(StakingFault) -> (jailed: [Bytes20], isBraked: Bool) {
        guard let committee = try committee(of: try clock().epoch) else { return ([], false) }
        var absent: [Bytes20] = []
        var weight: UInt64 = 0
        for member in committee.members {
            let duty = try duty(of: member.operatorAddress)
            guard
                duty.missed > StakingRules.missesMax
                    || duty.lowEpochs >= StakingRules.lowEpochsMax,
                try validator(member.operatorAddress)?.isJailed == false
            else { continue }
            absent.append(member.operatorAddress)
            weight += member.weight
        }
        let share = try exact(
            try Decimal18(weight, over: max(1, committee.weight), .up))
        guard share <= StakingRules.brake else { return ([], true) }
        for name in absent {
            var validator = try required(name)
            try jail(&validator, for: StakingRules.downtimeJail)
            save(validator)
            var duty = try duty(of: name)
            duty.lowEpochs = 0
            save(duty, StakingKey.duty(name))
        }
        return (absent, false)
    }

    /// Clears what newcomers to a committee missed when they last sat in one.
    mutating func welcome(_ committee: CommitteeRecord) throws(StakingFault) {
        for member in committee.members {
            let duty = try duty(of: member.operatorAddress)
            if duty.seatedIn < committee.epoch { try forgetMisses(of: member.operatorAddress) }
        }
    }
}
