// SPDX-License-Identifier: Apache-2.0

internal import Agreement
internal import Bytes
internal import Chain

/// Watches a simulated committee for what must never happen; numbers as in the protocol's chapter.
struct InvariantChecker {
    private static let violationsMax = 8

    private let scenario: CommitteeScenario
    var faulty: Set<Int> = []
    private(set) var violations: [String] = []

    /// The final chain, as anybody honest has told it.
    private var chain: [UInt64: BlockReference] = [:]
    private(set) var isForked = false
    /// Faulty members that the log of some honest one convicts.
    private var convicted: Set<Int> = []
    private var said: [SaidKey: [Statement]] = [:]
    /// Statements of faulty members that reached somebody honest, where there may be forks.
    private var heard: [SaidKey: [Statement]] = [:]

    private(set) var heightSettled: UInt64 = 0
    private var deltaSettled: UInt64 = 0
    private var firstFinality: UInt64?
    private var finalities: [UInt64] = []
    private var commits: Set<UInt64> = []
    /// The state after each height, as whoever came there first had it.
    private var states: [UInt64: Bytes32] = [:]
    private var stakeEffects = 0
    private var evidenceCount = 0
    private var penalties = 0
    private var mostViews = 0

    private struct SaidKey: Hashable {
        let member: Int
        let epoch: Epoch
        let view: View
    }

    init(_ scenario: CommitteeScenario) {
        self.scenario = scenario
    }

    mutating func violate(_ text: String) {
        if violations.count < Self.violationsMax { violations.append(text) }
    }

    /// From now on the network behaves.
    mutating func settled(height: UInt64, delta: UInt64) {
        heightSettled = height
        deltaSettled = delta
    }

    /// I1 and I2: one chain, of which everybody has told a part.
    mutating func finalized(
        _ finality: Finality, by member: CommitteeMember, _ blocks: MockBlocks, now: UInt64
    ) {
        guard let tip = finality.blocks.last, !member.isFaulty else { return }
        for block in blocks.ancestors(of: tip, above: member.finalHeight) + [tip] {
            if let other = chain[block.height.value], other != block {
                isForked = true
                if !scenario.isBroken { violate("I1: \(block) and \(other) are both final") }
            }
            chain[block.height.value] = block
            checkTime(of: block, blocks, now: now)
        }
        for (one, two) in zip(finality.blocks, finality.blocks.dropFirst())
        where two.height != one.height.next {
            violate("I2: \(two) was told after \(one)")
        }
        if let entry = blocks.entries[tip.hash] {
            finalities.append(now - entry.proposedAt)
            if entry.proposedAt >= scenario.settlesAt, firstFinality == nil {
                firstFinality = now - scenario.settlesAt
            }
        }
        commits.insert(tip.height.value)
    }

    /// I18: time goes on from block to block, and not ahead of the clocks.
    private mutating func checkTime(of block: BlockReference, _ blocks: MockBlocks, now: UInt64) {
        guard let header = blocks.entries[block.hash]?.header, !scenario.isBroken else { return }
        let parent = header.lastBlockID.hash.flatMap { blocks.entries[$0]?.header }
        if let parent, parent.time >= header.time {
            violate("I18: \(block) is no later than its parent")
        }
        let drift = UInt64(ProposalRules.driftMilliseconds) * 1_000
        if header.time > CommitteeWorld.timestamp(now + drift) {
            violate("I18: \(block) is of the future")
        }
    }

    /// A height got a commit of its own, which must be of the final block.
    mutating func committed(_ certificate: QuorumCertificate, by member: CommitteeMember) {
        guard let block = certificate.statement.block, !member.isFaulty else { return }
        commits.insert(block.height.value)
        if let known = chain[block.height.value], known != block, !scenario.isBroken {
            violate("I3: the commit of \(block) is not of the final \(known)")
        }
    }

    /// I9: all coins are somewhere; I17: everybody has the same state at the same height.
    mutating func check(
        _ stakes: StakeReplica, of member: CommitteeMember, after block: BlockReference
    ) {
        let digest = stakes.digest
        guard let known = states[block.height.value] else {
            states[block.height.value] = digest
            stakeEffects = stakes.effects
            if let contradiction = stakes.contradiction {
                violate("I9: after \(block): \(contradiction)")
            }
            return
        }
        if known != digest {
            violate("I17: member \(member.index) has another state after \(block)")
        }
    }

    /// I3: when an epoch ends, every height of it has a commit.
    mutating func epochEnded(before start: EpochStart, by member: CommitteeMember) {
        guard !member.isFaulty, let last = start.base.block?.height.value else { return }
        for height in (last - min(last, scenario.epochLength) + 1)...last
        where !commits.contains(height) {
            violate("I3: member \(member.index) left an epoch without a commit of \(height)")
        }
    }

    /// I4: nobody honest is accused, or loses a connection to somebody honest.
    mutating func check(
        _ evidence: SlashingEvidence, places: [Bytes20: Int], by member: CommitteeMember
    ) {
        guard let accused = places[evidence.address], !member.isFaulty else { return }
        evidenceCount += 1
        let told = ToldFault(
            place: evidence.first.place, epoch: evidence.first.statement.epoch,
            fault: evidence.fault)
        if !member.told.insert(told).inserted {
            violate("I10: member \(member.index) told twice of \(evidence.fault) of \(accused)")
        }
        if faulty.contains(accused) {
            convicted.insert(accused)
        } else {
            violate("I4: member \(accused) is accused of \(evidence.fault)")
        }
    }

    mutating func penalised(
        _ other: Int, _ offence: AgreementOffence, by member: CommitteeMember, now: UInt64
    ) {
        guard !member.isFaulty else { return }
        penalties += 1
        if !faulty.contains(other) {
            violate("I4: member \(member.index) penalised \(other) for \(offence) at \(now) µs")
        }
    }

    /// The signer had to refuse what an honest machine asked for: its memory and its log differ.
    mutating func refused(
        _ intent: SigningIntent, _ earlier: SignedStatement, by member: CommitteeMember
    ) {
        guard !member.isFaulty else { return }
        violate("I6: member \(member.index) asked to sign \(intent) after \(earlier.statement)")
    }

    /// I4, I6 and I7 on everything that an honest member sends of its own.
    mutating func check(
        _ message: AgreementMessage, sentBy member: CommitteeMember, _ blocks: MockBlocks
    ) {
        switch message {
        case .vote(let vote): check(vote, sentBy: member, blocks)
        case .standstill(let standstill):
            for vote in standstill.votes { check(vote, sentBy: member, blocks) }
        case .proposal(let proposal) where proposal.header.proposerAddress == member.address:
            note(proposal.statement, of: member)
        default: break
        }
    }

    private mutating func check(
        _ vote: SignedStatement, sentBy member: CommitteeMember, _ blocks: MockBlocks
    ) {
        guard note(vote.statement, of: member) else { return }
        if !member.log.contains(.said(vote)) {
            violate("I6: member \(member.index) sent \(vote.statement), which is not in its log")
        }
        guard let block = vote.statement.block else { return }
        let ancestors = blocks.ancestors(of: block, above: member.finalHeight)
        switch vote.statement.kind {
        case .finalize, .commit:
            for one in ancestors + [block]
            where !member.passed.contains(one.hash) || !blocks.isAvailable(one.hash) {
                violate("I7: member \(member.index) vouched for \(one) of \(vote.statement)")
            }
        case .notarize:
            if !member.rowsHeld.contains(block.hash), !member.passed.contains(block.hash) {
                violate("I7: member \(member.index) notarized \(block) without its rows")
            }
            for one in ancestors where !member.passed.contains(one.hash) {
                violate("I7: member \(member.index) notarized \(block) before \(one) passed")
            }
        case .propose, .nullify: break
        }
    }

    /// Remembers what an honest member said; returns whether it is new.
    @discardableResult
    private mutating func note(_ statement: Statement, of member: CommitteeMember) -> Bool {
        let key = SaidKey(member: member.index, epoch: statement.epoch, view: statement.view)
        let earlier = said[key] ?? []
        if earlier.contains(statement) { return false }
        for other in earlier {
            if let fault = other.fault(with: statement) {
                violate("I4: member \(member.index) said \(other) and \(statement): \(fault)")
            }
        }
        said[key] = earlier + [statement]
        return true
    }

    /// I5: what reached the honest convicts, when there is a fork.
    mutating func heard(_ statement: Statement, of member: Int) {
        guard scenario.isBroken, faulty.contains(member), !convicted.contains(member) else {
            return
        }
        let key = SaidKey(member: member, epoch: statement.epoch, view: statement.view)
        let earlier = heard[key] ?? []
        if earlier.contains(statement) { return }
        if earlier.contains(where: { $0.fault(with: statement) != nil }) {
            convicted.insert(member)
        }
        heard[key] = earlier + [statement]
    }

    /// I15: nothing grows beyond its limit.
    mutating func check(_ load: AgreementLoad, of member: Int) {
        mostViews = max(mostViews, load.views)
        let views = Int(AgreementLimits.openViewsMax + AgreementLimits.finalViewsKept) + 2
        if load.views > views || load.checks > AgreementLimits.checksMax
            || load.talliedViews > Int(AgreementLimits.talliedViewsMax) + 2
            || load.questions > AgreementLimits.questionsMax
            || load.blocks > 3 * load.views + Int(scenario.epochLength)
            || load.openCommits
                > Int(scenario.epochLength + AgreementLimits.commitsAheadMax)
        {
            violate("I15: member \(member) keeps \(load)")
        }
    }

    /// I5 and I16, at the end.
    mutating func finish(_ members: [CommitteeMember], now: UInt64, isDone: Bool) {
        if isForked {
            let weight = convicted.count
            if 3 * weight < scenario.memberCount {
                violate("I5: a fork convicts only \(weight) of \(scenario.memberCount)")
            }
        }
        guard !scenario.isBroken, violations.isEmpty else { return }
        if let firstFinality {
            if firstFinality > scenario.finalityDeltaMax * networkDelta {
                violate("I16: finality came \(firstFinality) µs after the network settled")
            }
        } else {
            violate("I16: nothing became final after the network settled")
        }
        if !isDone {
            let heights = members.map { "\($0.finalHeight)\($0.isFaulty ? "!" : "")" }
            violate("I16: heights \(heights.joined(separator: " ")) at \(now) µs")
        }
    }

    /// Δ as the network has it: what a node waits before it has measured, or the greatest delay.
    private var networkDelta: UInt64 {
        max(scenario.delayMax, AgreementLimits.deltaMilliseconds * 1_000)
    }

    func report(
        trace: UInt64, events: Int, microseconds: UInt64, boundaries: UInt64, recordsLost: Int
    ) -> CommitteeReport {
        CommitteeReport(
            trace: trace, violations: violations, isForked: isForked,
            convicted: convicted.count, events: events, microseconds: microseconds,
            finalHeight: chain.keys.max() ?? 0, commits: commits.count,
            firstFinality: scenario.settlesAt > 0 ? firstFinality : nil,
            networkDelta: networkDelta,
            deltaSettled: deltaSettled / 1_000,
            finalities: finalities, evidence: evidenceCount, penalties: penalties,
            stakeEffects: stakeEffects, mostViews: mostViews, boundaries: boundaries,
            recordsLost: recordsLost)
    }
}
