// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Bytes
internal import Chain

/// Crashes, and an adversary that cuts off whoever leads.
extension CommitteeWorld {
    /// Stops somebody who runs: an honest member until the network settles, a crash-looper always.
    func crashSomebody() {
        let isEarly = now < scenario.settlesAt && scenario.hasCrashes
        let isLooping = scenario.misconduct == .crashLoop
        guard isEarly || isLooping else { return }
        let candidates = members.filter {
            $0.machine != nil && ($0.isFaulty ? isLooping : isEarly)
        }
        if !candidates.isEmpty {
            let member = candidates[draw.index(below: candidates.count)]
            crash(member)
        }
        queue.add(.crash, at: now + 100_000 + draw.next(below: 700_000))
    }

    /// Stops all honest members at once, in the middle of what they do.
    func crashEverybody() {
        guard now < scenario.settlesAt else { return }
        for member in members where !member.isFaulty && member.machine != nil { crash(member) }
        queue.add(.blackout, at: now + 300_000 + draw.next(below: 900_000))
    }

    /// Stops a member where it stands; what it wrote last may be lost or torn.
    func crash(_ member: CommitteeMember) {
        member.machine = nil
        member.incarnation += 1
        let remains = SignerDisk.crash(member.tail, &draw)
        recordsLost += member.tail.count - remains.records.count
        member.tail = []
        let mutant = member.isFaulty ? nil : scenario.mutant
        if mutant == .logAbsent || (mutant == .tornEmptiesLog && remains.isTorn) {
            member.log = []
        } else {
            for record in remains.records { member.keep(record, mutant) }
        }
        if mutant == .certificatesVolatile { member.open = [] }
        let rest = draw.next(below: member.isFaulty ? 400_000 : 1_500_000)
        queue.add(.restart(member.index), at: now + rest)
    }

    /// Cuts off the leader of the highest view that anybody is in, and of the next.
    func cutLeader() {
        guard now < scenario.settlesAt else { return }
        network.cutOff = []
        let machines = members.compactMap(\.machine)
        if let most = machines.max(by: { ($0.epoch, $0.view) < ($1.epoch, $1.view) }),
            let start = members.first(where: { $0.machine?.epoch == most.epoch })?.epoch
        {
            var schedule = LeaderSchedule(start.validatorSet, seed: start.seed)
            for view in [most.view, most.view.next] {
                guard let place = schedule.leader(of: view),
                    let index = places[start.validatorSet.validators[place].address]
                else { continue }
                network.cutOff.insert(index)
            }
        }
        queue.add(.cut, at: now + 50_000)
    }
}
