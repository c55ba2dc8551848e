// SPDX-License-Identifier: Apache-2.0

package import Bytes
package import Chain
package import Machinery

/// How a committee agrees on one block after another: Simplex, weighted by stake.
///
/// A view has one leader and ends with a notarized block that this node has found available, or with
/// a quorum's word that it passes without one. A block is final when a quorum that found it
/// available says so. The machine signs nothing and verifies no signature: it asks its host for both
/// and goes on when the answer comes, so that a statement is durable before anybody sees it.
/// Specified in Protocol/20-agreement.md.
package struct AgreementMachine: Machine {
    /// What can happen to a member.
    package enum Event: Sendable {
        /// The node starts; comes first and once.
        case began
        /// A member, known by its greeting, sent a message.
        case received(AgreementMessage, from: Bytes20)
        /// The signer made an intent durable and signed it.
        case signed(SigningIntent, timestamp: Timestamp, signature: Bytes64)
        /// The signer will not: by its log it would break a rule.
        case signingRefused(SigningIntent)
        /// Which claims of a batch hold.
        case verified(UInt64, [Bool])
        /// The block that was asked for, or nil when there can be none.
        case built(Epoch, View, BuiltBlock?)
        /// The first rows of a block are here and hold.
        case rowsHeld(BlockReference)
        /// The whole square of a block was verified, and its transactions.
        case certified(CertifiedAvailable)
        /// A block is wrong for good: its rows, its square or its state.
        case refused(BlockReference)
        /// Final blocks came that this node had not seen; what it follows the chain by vouches for them.
        case followed([BlockReference])
        /// The header of a final block came by the same way; what is built on it needs its time.
        case headerFollowed(BlockReference, Timestamp)
        /// The finalization of an epoch's last block came by the same way, with the block's time.
        ///
        /// Whoever is no member hears of it in no other way.
        case epochEnded(QuorumCertificate, Timestamp)
        /// The members of a coming epoch are known.
        case epochSet(Epoch, ValidatorSet)
        /// A moment asked for earlier has come.
        case woke
    }

    /// What the host must do.
    package enum Effect: Sendable {
        /// Make this durable, sign it, and send `Event.signed`; or refuse.
        case sign(SigningIntent)
        /// Make this durable before anything that is to be signed after it.
        case keep(QuorumCertificate)
        /// Verify these signatures and send `Event.verified`.
        case verify(UInt64, [SignatureClaim])
        /// Send to every member.
        case broadcast(AgreementMessage)
        /// Send to one member.
        case send(AgreementMessage, to: Bytes20)
        /// Build a block and send `Event.built`.
        case buildBlock(BlockRequest)
        /// Take in the first rows of a block and send `Event.rowsHeld` or `Event.refused`.
        case awaitRows(Proposal)
        /// Verify a block whole and send `Event.certified` or `Event.refused`.
        case startCertify(Proposal)
        /// Verify a final block whole that has no commit yet, as soon as it is stored.
        case recertify(BlockReference)
        /// A quorum found a block valid; it is not final.
        case notarized(BlockReference, View)
        /// Blocks are final.
        case finalized(Finality)
        /// A final block has a commit of its own.
        case committed(QuorumCertificate, ValidatorSet)
        /// Another committee decides from here on.
        case epochBegan(EpochStart)
        /// Send a member the certificate of a final height, if there is one.
        case serveCommit(Height, to: Bytes20)
        /// A member broke a rule that two of its signatures show.
        case evidence(SlashingEvidence)
        /// A member lied; end its connection.
        case penalise(Bytes20, AgreementOffence)
        /// Send `Event.woke` at this moment.
        case wake(at: Instant)
    }

    let configuration: AgreementConfiguration
    var committee: Committee
    var laterSets: [(epoch: Epoch, set: ValidatorSet)] = []
    /// The present view.
    package internal(set) var view = View.base
    /// Where certificates lead that have not been followed yet.
    var target = View.first
    var views: [View: ViewRecord] = [:]
    var lowestHeld = View.first
    var highestHeld = View.base
    var blocks: [Bytes32: BlockRecord] = [:]
    /// The last final block, and the view of its certificate.
    package internal(set) var final: ChainPoint
    var finalView = View.base
    /// The newest block of the chain that the host told of, with its time.
    var followed: (block: BlockReference, time: Timestamp)?
    var commits: CommitBook
    /// Final heights of the last few for which this node voted late.
    var lateVotes: Set<UInt64> = []
    var timer: ViewTimer
    var activity: LeaderActivity
    var checks = CheckQueue()
    var evidence = EvidenceCollector()
    var stragglers = StragglerBook()
    /// The block under construction, and the proposal that waits for its signature.
    var building: BlockRequest?
    var unsigned: Proposal?
    var isWaitingForSet = false
    private var lastWake: Instant?

    /// A member, or a node that only follows, as it starts.
    package init(_ configuration: AgreementConfiguration, _ start: AgreementStart) {
        self.configuration = configuration
        committee = Committee(
            start.epoch, own: configuration.ownAddress, mutant: configuration.mutant)
        final = start.final ?? start.epoch.base
        timer = ViewTimer(
            encodeMilliseconds: configuration.encodeMilliseconds,
            idleMilliseconds: configuration.idleMilliseconds)
        activity = LeaderActivity(memberCount: committee.set.count)
        commits = CommitBook(
            base: start.epoch.base.block?.height ?? Height(0), memberCount: committee.set.count)
        restore(start)
    }

    package mutating func handle(_ event: Event, at now: Instant, into effects: inout [Effect]) {
        switch event {
        case .began: begin(at: now, into: &effects)
        case .received(let message, let sender):
            receive(message, from: sender, at: now, into: &effects)
        case .signed(let intent, let timestamp, let signature):
            finishSigning(intent, timestamp, signature, at: now, into: &effects)
        case .signingRefused(let intent):
            if intent.statement.kind == .propose { unsigned = nil }
        case .verified(let id, let holds): finishCheck(id, holds, at: now, into: &effects)
        case .built(let epoch, let view, let block):
            finishBuilding(epoch, view, block, into: &effects)
        case .rowsHeld(let block): blocks[block.hash]?.hasRows = true
        case .certified(let certified): passGate(certified, into: &effects)
        case .refused(let block): refuse(block, into: &effects)
        case .followed(let blocks): follow(blocks, into: &effects)
        case .headerFollowed(let block, let time): learnTime(time, of: block)
        case .epochEnded(let certificate, let time):
            followEnd(certificate, time, at: now, into: &effects)
        case .epochSet(let epoch, let set): learn(set, of: epoch, at: now, into: &effects)
        case .woke:
            lastWake = nil
            expire(at: now, into: &effects)
        }
        settle(at: now, into: &effects)
        askForWake(into: &effects)
    }

    /// Takes up what was kept over a restart.
    private mutating func restore(_ start: AgreementStart) {
        if let block = final.block, start.final != nil {
            finalView = final.certificate?.statement.view ?? .base
            commits.raise(to: block.height)
            let open = Set(start.openCommits.map(\.height))
            var height = Height(commits.lowestOpen)
            while height <= block.height {
                if !open.contains(height) { commits.close(height) }
                height = height.next
            }
            for block in start.openCommits { commits[block.height].block = block }
        }
        if let end = committee.base.certificate { stragglers.ended(by: end, nil) }
        target = finalView.next
        lowestHeld = target
        for signed in start.said
        where signed.statement.epoch == committee.epoch && configuration.mutant != .saidForgotten {
            if signed.statement.kind == .commit, let block = signed.statement.block {
                guard commits.isOpen(block.height) else { continue }
                commits[block.height].isAsked = true
                commits[block.height].own = signed
                let power = committee.power(of: signed.place)
                _ = commits[block.height].tally.add(signed, power: power, isVerified: true)
            } else if signed.statement.view > finalView {
                record(signed.statement.view) { view in
                    view.own.note(signed.statement)
                    view.own.signed.append(signed)
                }
                target = max(target, signed.statement.view)
            }
        }
        for certificate in start.certificates
        where certificate.statement.epoch == committee.epoch
            && certificate.statement.view > finalView
        {
            let view = certificate.statement.view
            record(view) { $0[certificate.statement.kind] = certificate }
            if certificate.statement.kind == .nullify { target = max(target, view.next) }
        }
        for proposal in start.proposals where proposal.epoch == committee.epoch {
            blocks[proposal.block.hash] = BlockRecord(proposal: proposal, hasRows: true)
        }
    }

    private mutating func begin(at now: Instant, into effects: inout [Effect]) {
        precondition(view == .base, "a machine begins once")
        let isFresh = highestHeld == .base && final.block == committee.base.block
        if let end = final.certificate, final.block?.height == lastHeight {
            return endEpoch(by: end, at: now, into: &effects)
        }
        settle(at: now, into: &effects)
        for view in held {
            recountOwn(view, into: &effects)
            resume(view, at: now, into: &effects)
        }
        resumeCommits(into: &effects)
        if !commits.open(limit: 1).isEmpty { stragglers.commitsDue = now + timer.retry }
        guard !isFresh else { return }
        effects.append(.broadcast(.standstill(standstill())))
    }

    /// What this node said counts among the votes that it hears.
    private mutating func recountOwn(_ view: View, into effects: inout [Effect]) {
        for signed in views[view]?.own.signed ?? [] where signed.statement.kind != .propose {
            observe(signed, isVerified: true, into: &effects)
        }
    }

    /// The views of which something may be held, lowest first.
    var held: [View] {
        guard lowestHeld <= highestHeld else { return [] }
        return (lowestHeld.value...highestHeld.value).compactMap { View($0) }
            .filter { views[$0] != nil }
    }

    /// Changes what is known of a view.
    mutating func record(_ view: View, _ change: (inout ViewRecord) -> Void) {
        highestHeld = max(highestHeld, view)
        change(&views[view, default: ViewRecord()])
    }

    private mutating func askForWake(into effects: inout [Effect]) {
        let next = [
            timer.leaderDeadline, timer.advanceDeadline, timer.retryAt, stragglers.nextDue,
        ].compactMap { $0 }.min()
        guard let next, next != lastWake else { return }
        lastWake = next
        effects.append(.wake(at: next))
    }
}
