// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Demands to show data, and what becomes of those who do not.
///
/// Specified in Protocol/22-slashing.md#challenges.
extension StakingState {
    /// The bond of the next challenge: it doubles with each eight that are open.
    public func challengeBond() throws(StakingFault) -> UInt64 {
        let doublings = try totals().challengesOpen / StakingRules.challengesPerDoubling
        return StakingRules.challengeBond << doublings
    }

    mutating func challenge(
        _ request: ChallengeRequest, _ witness: some StakingWitness
    ) throws(StakingFault) {
        let clock = try clock()
        guard try totals().challengesOpen < StakingRules.challengesMax else {
            throw .challenge("there are as many open as there may be")
        }
        let bond = try challengeBond()
        guard request.bond >= bond else { throw .challenge("the bond is \(bond)") }
        guard let block = try block(at: request.height),
            block.time + StakingRules.challengeWindow >= clock.time,
            let committee = try committee(of: block.epoch)
        else { throw .challenge("the block is not within the window") }
        guard request.row < block.width, !request.columns.isEmpty,
            request.columns.allSatisfy({ $0 < block.width }),
            zip(request.columns, request.columns.dropFirst()).allSatisfy(<)
        else { throw .challenge("the square has no such shares, or they do not rise") }
        var targets: [Challenge.Target] = []
        let holders = witness.holders(
            ofRow: Int(request.row), width: Int(block.width), height: request.height,
            parentHash: parentHash(of: request.height), committee: committee)
        for place in holders where block.hasVoted(place) {
            let name = committee.members[place].operatorAddress
            targets.append(
                Challenge.Target(
                    operatorAddress: name, hasAnswered: false,
                    isExcused: try isReported(request.height, by: name, clock), heights: 0,
                    voted: 0))
        }
        guard !targets.isEmpty else { throw .challenge("nobody who holds the row voted for it") }
        try checkBalance(of: request.challenger, bond)
        try take(bond, from: request.challenger, to: \.bonds)
        let price = min(
            StakingRules.challengeBond / StakingRules.answerParts, bond / UInt64(targets.count))
        var totals = try totals()
        let id = totals.challengesOpened
        totals.challengesOpened += 1
        totals.challengesOpen += 1
        save(totals, StakingKey.totals)
        save(
            Challenge(
                challenger: request.challenger, bond: bond, answerPrice: price,
                height: request.height, row: request.row, epoch: clock.epoch, time: clock.time,
                columns: request.columns, targets: targets), StakingKey.challenge(id))
    }

    /// Takes in the shares that a challenge asks for; they are paid for at once.
    mutating func answerChallenge(
        _ id: UInt64, by name: Bytes20, _ cells: [AuditedCell]
    ) throws(StakingFault) {
        guard var challenge = try challenge(id) else { throw .challenge("it is not open") }
        guard let place = challenge.targets.firstIndex(where: { $0.operatorAddress == name }),
            !challenge.targets[place].hasAnswered
        else { throw .challenge("no answer is asked of this validator") }
        guard let block = try block(at: challenge.height) else {
            throw .challenge("the block is not within the window")
        }
        guard cells.count == challenge.columns.count,
            zip(cells, challenge.columns).allSatisfy({ cell, column in
                cell.stands(in: block, row: Int(challenge.row), column: Int(column))
            })
        else { throw .challenge("not the shares that were asked for") }
        challenge.targets[place].hasAnswered = true
        save(challenge, StakingKey.challenge(id))
        try pay(challenge.answerPrice, from: \.bonds, to: name)
    }

    /// Counts the epoch that ends into open challenges, and judges those whose time is over.
    mutating func judgeChallenges(_ tally: EpochTally) throws(StakingFault) {
        let epoch = try clock().epoch
        for entry in store.entries(prefix: StakingKey.challenges) {
            var challenge: Challenge = try read(entry.value)
            guard challenge.epoch < epoch else { continue }
            for place in challenge.targets.indices {
                let line = tally.line(of: challenge.targets[place].operatorAddress)
                challenge.targets[place].heights += UInt32(clamping: line?.heights ?? 0)
                challenge.targets[place].voted += UInt32(clamping: line?.voted ?? 0)
            }
            if epoch < challenge.epoch + StakingRules.challengeEpochs {
                save(challenge, entry.key)
            } else {
                store.remove(entry.key)
                try judge(challenge)
            }
        }
    }

    private mutating func judge(_ challenge: Challenge) throws(StakingFault) {
        let answered = UInt64(challenge.targets.count { $0.hasAnswered })
        let rest = challenge.bond - answered * challenge.answerPrice
        if answered < challenge.targets.count {
            try pay(rest, from: \.bonds, to: challenge.challenger)
        } else {
            try move(rest, from: \.bonds, to: \.pool)
        }
        var totals = try totals()
        totals.challengesOpen -= 1
        save(totals, StakingKey.totals)
        for target in challenge.targets where !target.hasAnswered && !target.isExcused {
            // Who was mostly away is a case of downtime.
            guard target.heights > 0, target.voted >= target.heights / 2 + target.heights % 2
            else { continue }
            guard var validator = try validator(target.operatorAddress) else { continue }
            try jail(&validator, for: StakingRules.withholdingJail)
            save(validator)
            if UInt64(target.voted) * 10 >= UInt64(target.heights) * 9 {
                try slashWithholding(target.operatorAddress, challenge)
            }
        }
    }

    private mutating func slashWithholding(
        _ name: Bytes20, _ challenge: Challenge
    ) throws(StakingFault) {
        let key = StakingKey.fault(challenge.epoch, name, SlashClass.withholding.rawValue)
        guard store.value(of: key) == nil else { return }
        let now = try clock().time
        var before = 0
        for entry in store.entries(prefix: StakingKey.faults)
        where entry.key.last == SlashClass.withholding.rawValue
            && entry.key[9..<29] == name.array[...]
        {
            let fault: FaultRecord = try read(entry.value)
            if fault.time + StakingRules.withholdingMemory > now { before += 1 }
        }
        let fractions = StakingRules.withholdingFractions
        let fraction = fractions[min(before, fractions.count - 1)]
        save(
            FaultRecord(
                height: challenge.height, share: .zero, isHalved: false, taken: fraction,
                isDone: true, reporter: challenge.challenger, evidence: Bytes32(), time: now),
            key)
        try slash(name, fraction, since: challenge.epoch, reporter: challenge.challenger)
    }
}
