// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Bytes
internal import Chain
internal import Machinery

/// A whole committee in virtual time: members, a network that troubles them, and a watcher.
///
/// Everything follows from the scenario; two runs of one scenario are the same to the last message,
/// which the trace shows.
package final class CommitteeWorld {
    enum Event {
        case deliver(AgreementMessage, from: Int, to: Int)
        case woke(Int, life: Int)
        case synced(Int, life: Int, SigningIntent, SignedStatement)
        case kept(Int, life: Int, QuorumCertificate)
        case rows(Int, life: Int, Proposal)
        case followed(Int, life: Int, [BlockReference])
        case headerFollowed(Int, life: Int, BlockReference)
        case gate(Int, life: Int, BlockReference)
        case crash
        case blackout
        case restart(Int)
        case partition
        case cut
        case settle
        /// What the first instance of a key has kept is copied for the second.
        case copyDisk(Int)
    }

    /// Virtual time begins here, in nanoseconds since 1970.
    static let origin: UInt64 = 1_700_000_000_000_000_000

    let scenario: CommitteeScenario
    var draw: Draw
    var queue = VirtualQueue<Event>()
    var now: UInt64 = 0
    var network: VirtualNetwork
    var blocks = MockBlocks()
    var members: [CommitteeMember] = []
    var places: [Bytes20: Int] = [:]
    /// Second instances of keys.
    var doubles: [Int: Int] = [:]
    var sets: ElectedSets
    var checker: InvariantChecker
    /// Views that faulty leaders kept to a few.
    var favoured: Set<Favour> = []
    var trace: UInt64 = 0
    var eventCount = 0
    /// How many things honest members were to do.
    var boundaries: UInt64 = 0
    var recordsLost = 0
    private var hasSettled = false

    /// Builds a world; nothing has happened in it yet.
    package init(_ scenario: CommitteeScenario) {
        self.scenario = scenario
        draw = Draw(seed: Draw.mix(scenario.seed))
        network = VirtualNetwork(scenario, draw: Draw(seed: Draw.mix(scenario.seed &+ 1)))
        sets = ElectedSets(scenario)
        checker = InvariantChecker(scenario)
        let start = EpochStart(
            genesis: Self.timestamp(0), validatorSet: sets.set(of: 0), seed: Bytes32(repeating: 7))
        for (index, key) in sets.keys.enumerated() {
            let member = CommitteeMember(
                index: index, identity: index, key: key, isFaulty: sets.faulty.contains(index),
                epoch: start)
            members.append(member)
            places[member.address] = index
        }
        if scenario.misconduct?.isDoubled ?? false { doubleKeys(start) }
        checker.faulty = sets.faulty
        for member in members where member.index == member.identity || scenario.misconduct == .twins
        {
            begin(member)
        }
        if scenario.settlesAt > 0 {
            if scenario.hasPartitions { queue.add(.partition, at: 500_000) }
            if scenario.hasCrashes || scenario.misconduct == .crashLoop {
                queue.add(.crash, at: 300_000)
            }
            if scenario.hasBlackouts { queue.add(.blackout, at: 400_000) }
            if scenario.cutsLeaders { queue.add(.cut, at: 50_000) }
            queue.add(.settle, at: scenario.settlesAt)
        }
        hasSettled = scenario.settlesAt == 0
    }

    static func timestamp(_ microseconds: UInt64) -> Timestamp {
        Timestamp(nanosecondsSince1970: origin + microseconds * 1_000)
    }

    var instant: Instant { Instant(nanoseconds: Self.origin + now * 1_000) }

    /// Runs to the end and tells what came of it.
    package func run() -> CommitteeReport {
        while let (due, event) = queue.next(), due <= scenario.endsAt {
            precondition(due >= now, "time goes on")
            now = due
            eventCount += 1
            perform(event)
            if checker.isForked { break }
            if hasSettled, isDone || !checker.violations.isEmpty { break }
        }
        checker.finish(members, now: now, isDone: isDone)
        return checker.report(
            trace: trace, events: eventCount, microseconds: now, boundaries: boundaries,
            recordsLost: recordsLost)
    }

    /// The second instances of the faulty keys, behind all members.
    private func doubleKeys(_ start: EpochStart) {
        for identity in sets.faulty.sorted() {
            let second = CommitteeMember(
                index: members.count, identity: identity, key: sets.keys[identity], isFaulty: true,
                epoch: start)
            members.append(second)
            doubles[identity] = second.index
            if scenario.misconduct == .clonedKey {
                let copied = 300_000 + draw.next(below: 1_500_000)
                queue.add(.copyDisk(second.index), at: copied)
                queue.add(.restart(second.index), at: copied + draw.next(below: 800_000))
            }
        }
    }

    /// Who has a key: one member, or two instances of a faulty one.
    func hosts(of identity: Int) -> [CommitteeMember] {
        [members[identity]] + (doubles[identity].map { [members[$0]] } ?? [])
    }

    /// Where each member stands, a line each.
    package var standings: [String] {
        members.map { member in
            "\(member.index)\(member.isFaulty ? "!" : "") \(member.machine?.standing ?? "down")"
        }
    }

    private var isDone: Bool {
        members.allSatisfy {
            $0.isFaulty || $0.finalHeight >= checker.heightSettled + scenario.heightsAfter
        }
    }

    /// From now on nobody honest crashes and nothing is held up.
    private func settleNetwork() {
        hasSettled = true
        for member in members where member.machine == nil && member.index == member.identity {
            begin(member)
        }
        network.cutOff = []
        let honest = members.filter { !$0.isFaulty }
        checker.settled(
            height: honest.map(\.finalHeight).max() ?? 0,
            delta: honest.compactMap { $0.machine?.delta }.max() ?? 0)
    }

    private func perform(_ event: Event) {
        note(event)
        switch event {
        case .deliver(let message, let sender, let receiver):
            let member = members[receiver]
            guard member.machine != nil, !member.banned.contains(members[sender].identity)
            else { return }
            if member.isFaulty { misbehave(member, hearing: message) } else { overhear(message) }
            tell(member, .received(message, from: members[sender].address))
        case .woke(let index, let life):
            if members[index].incarnation == life { tell(members[index], .woke) }
        case .synced(let index, let life, let intent, let signed):
            guard members[index].incarnation == life else { return }
            members[index].sync(scenario.mutant)
            if scenario.mutant == .sentBeforeSynced { return }
            tell(
                members[index],
                .signed(intent, timestamp: signed.timestamp, signature: signed.signature))
        case .kept(let index, let life, let certificate):
            if members[index].incarnation == life { members[index].open.append(certificate) }
        case .rows(let index, let life, let proposal):
            guard members[index].incarnation == life else { return }
            members[index].rowsHeld.insert(proposal.block.hash)
            members[index].proposals.append(proposal)
            tell(members[index], .rowsHeld(proposal.block))
        case .followed(let index, let life, let blocks):
            if members[index].incarnation == life { tell(members[index], .followed(blocks)) }
        case .headerFollowed(let index, let life, let block):
            guard members[index].incarnation == life,
                let time = blocks.entries[block.hash]?.header.time
            else { return }
            tell(members[index], .headerFollowed(block, time))
        case .gate(let index, let life, let block):
            if members[index].incarnation == life { finishGate(members[index], block) }
        case .crash: crashSomebody()
        case .blackout: crashEverybody()
        case .restart(let index):
            if members[index].machine == nil { begin(members[index]) }
        case .partition:
            guard now < scenario.settlesAt else { return }
            network.partition()
            queue.add(.partition, at: now + 300_000 + draw.next(below: 1_000_000))
        case .cut: cutLeader()
        case .settle: settleNetwork()
        case .copyDisk(let index):
            members[index].copyDisk(of: members[members[index].identity])
        }
    }

    /// Gives a member's machine an event, and does what it asks for.
    func tell(_ member: CommitteeMember, _ event: AgreementMachine.Event) {
        var pending = [event]
        var next = 0
        while next < pending.count, member.machine != nil {
            var effects: [AgreementMachine.Effect] = []
            member.machine?.handle(pending[next], at: instant, into: &effects)
            next += 1
            for effect in effects {
                if !member.isFaulty, isCrashDue() { return crash(member) }
                if let answer = perform(effect, of: member) { pending += answer }
            }
        }
        if eventCount % 64 == 0, let load = member.machine?.load {
            checker.check(load, of: member.index)
        }
    }

    /// Counts one more thing that somebody honest is to do; whether it crashes before it.
    private func isCrashDue() -> Bool {
        boundaries += 1
        return boundaries == scenario.crashesAt
    }

    /// What reached somebody honest can be held against its author.
    private func overhear(_ message: AgreementMessage) {
        guard scenario.isBroken else { return }
        let statements: [SignedStatement] =
            switch message {
            case .vote(let vote): [vote]
            case .certificate(let certificate): certificate.statements
            case .standstill(let standstill):
                standstill.votes + standstill.certificates.flatMap(\.statements)
            default: []
            }
        for signed in statements {
            let set = sets.set(of: signed.statement.epoch.value)
            guard signed.place < set.count,
                let member = places[set.validators[signed.place].address],
                MockSignature.holds(
                    signed, by: set.validators[signed.place].key, seed: scenario.seed)
            else { continue }
            checker.heard(signed.statement, of: member)
        }
    }

    /// Every event leaves its mark on the trace.
    private func note(_ event: Event) {
        let words: (UInt64, UInt64) =
            switch event {
            case .deliver(let message, let sender, let receiver):
                (1 << 32 | UInt64(sender) << 16 | UInt64(receiver), Self.word(message))
            case .woke(let member, _): (2 << 32 | UInt64(member), 0)
            case .synced(let member, _, _, let signed):
                (3 << 32 | UInt64(member), MockSignature.word(signed))
            case .rows(let member, _, let proposal):
                (4 << 32 | UInt64(member), MockSignature.word(proposal.block.hash))
            case .gate(let member, _, let block), .headerFollowed(let member, _, let block):
                (4 << 32 | UInt64(member), MockSignature.word(block.hash))
            case .followed(let member, _, let blocks):
                (8 << 32 | UInt64(member), UInt64(blocks.count))
            case .kept(let member, _, let certificate):
                (7 << 32 | UInt64(member), certificate.statement.view.value)
            case .crash, .blackout, .partition, .cut, .settle, .copyDisk: (5 << 32, 0)
            case .restart(let member): (6 << 32 | UInt64(member), 0)
            }
        trace = Draw.mix(Draw.mix(trace ^ now) ^ words.0) ^ Draw.mix(words.1)
    }

    private static func word(_ message: AgreementMessage) -> UInt64 {
        switch message {
        case .vote(let vote): MockSignature.word(vote)
        case .proposal(let proposal): MockSignature.word(proposal.block.hash) ^ proposal.view.value
        case .certificate(let certificate):
            certificate.statement.view.value << 8 | UInt64(certificate.signatures.count)
        case .standstill(let standstill):
            standstill.view.value << 16 | UInt64(standstill.votes.count)
        case .question, .greeting: 9
        }
    }
}
