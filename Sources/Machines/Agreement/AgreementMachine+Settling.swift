// SPDX-License-Identifier: Apache-2.0

internal import Chain
internal import Machinery

/// From one view to the next (R1), and what time does to one that stands (R6, R10).
extension AgreementMachine {
    /// Follows every certificate that leads on, then does what the present view asks for.
    mutating func settle(at now: Instant, into effects: inout [Effect]) {
        guard !isWaitingForSet else { return }
        while target > view {
            let isAllowed = target.value - finalView.value <= AgreementLimits.openViewsMax
            guard isAllowed else { break }
            enter(target, at: now, into: &effects)
        }
        proposeIfLeading(at: now, into: &effects)
        voteIfReady(at: now, into: &effects)
    }

    private mutating func enter(_ next: View, at now: Instant, into effects: inout [Effect]) {
        endView()
        view = next
        highestHeld = max(highestHeld, next)
        building = nil
        unsigned = nil
        let isSkipped = committee.leader(of: next).map { activity.isSkipped($0) } ?? false
        timer.enter(at: now, isSkipped: isSkipped && committee.ownPlace != nil)
        stragglers.renew()
        forgetTallies()
        followCertificates(of: next, into: &effects)
        if let proposal = views[next]?.proposal {
            timer.proposed(at: now)
            takeUp(proposal, into: &effects)
        }
        if views[next]?.isRefused == true { nullifyIfFree(next, into: &effects) }
    }

    /// Counts the view that ends for its leader and for the timer.
    private mutating func endView() {
        guard view != .base, let leader = committee.leader(of: view) else { return }
        let record = views[view]
        let isLeft = record?.nullification != nil || record?.own.isNullified ?? false
        if isLeft, configuration.mutant != .backOffOmitted { timer.nullified() }
        guard let tallies = record?.tallies else { return }
        guard record?.proposed.isEmpty ?? true, !tallies.hasVote(of: leader) else {
            return activity.saw(leader)
        }
        var active: Int64 = 0
        for place in committee.set.validators.indices where tallies.hasVote(of: place) {
            active += committee.power(of: place)
        }
        if active >= committee.quorum { activity.missedTurn(of: leader) }
    }

    /// What is held of a view already may lead beyond it.
    mutating func followCertificates(of view: View, into effects: inout [Effect]) {
        guard let record = views[view] else { return }
        if record.nullification != nil { target = max(target, view.next) }
        guard let block = record.notarization?.statement.block else { return }
        if block == final.block { target = max(target, view.next) }
        if let certified = blocks[block.hash]?.certified {
            finalizeIfFree(certified, in: view, into: &effects)
            target = max(target, view.next)
        }
    }

    private mutating func forgetTallies() {
        guard view.value > AgreementLimits.talliedViewsMax,
            let old = View(view.value - AgreementLimits.talliedViewsMax)
        else { return }
        views[old]?.tallies = nil
    }

    /// Whether single votes of a view are kept.
    func isTallied(_ view: View) -> Bool {
        view >= lowestHeld && view <= self.view.next
            && view.value + AgreementLimits.talliedViewsMax > self.view.value
    }

    /// Gives up what is due.
    mutating func expire(at now: Instant, into effects: inout [Effect]) {
        if let due = timer.leaderDeadline, due <= now {
            timer.leaderGaveUp()
            nullifyIfFree(view, into: &effects)
        }
        if let due = timer.advanceDeadline, due <= now {
            timer.gaveUp()
            nullifyIfFree(view, into: &effects)
        }
        if let due = timer.retryAt, due <= now {
            timer.retried(at: now)
            stragglers.renew()
            if view != .base, configuration.mutant != .standstillOmitted {
                effects.append(.broadcast(.standstill(standstill())))
            }
        }
        askAgain(at: now, into: &effects)
    }
}
